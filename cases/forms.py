"""The case form: what was posted and what it changes, and the fields that show a page.

Every input is named part-question, such as "note-2.1.1.a". A hidden "version-2.1.1.a" says which version of the answer
the page showed, and one hidden "command" makes a form that is sent twice count once.
"""

import json
import uuid
from dataclasses import dataclass, replace

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from cases.answers import Given, stored_value
from cases.errors import CommandReused, InvalidAnswer, ReasonNeeded, StaleAnswer
from cases.models import AnswerRevision
from cases.pages import answer_in_words, applies_hint, gated_by, not_asked
from govuk import components, fields, layout
from standards.document import NOT_APPLICABLE, Question

PARTS = ("version", "answer", "reason", "note", "asked_because", "change_reason", "settle")
BESIDE = ("csrfmiddlewaretoken", "command", "return")
THEIRS, MINE = "theirs", "mine"


class MalformedForm(Exception):
    """What was posted is not a form of this page. The text is a sentence for the person who sent it."""


class ReasonWithoutNotApplicable(InvalidAnswer):
    """A reason for "not applicable" was typed beside another answer."""


class ReasonWithoutChange(InvalidAnswer):
    """A reason for a change was typed where nothing was changed."""


class Unsettled(InvalidAnswer):
    """Two people answered, and it was not said which answer stands. `current` is the other one."""

    def __init__(self, current):
        self.current = current
        super().__init__(f"Choose which answer to {current.question} should stand.")


def as_kept(text):
    """Return a text as browsers send it back: line breaks alike, and nothing where there is only space."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.strip() else ""


@dataclass(frozen=True)
class Content:
    """What an answer holds."""

    value: str | None = None
    reason: str = ""
    note: str = ""
    asked_because: str = ""
    source: str = ""
    at_interview: bool = False

    @classmethod
    def of(cls, stored):
        """Return the content of an answer or of a revision, as the form shows it."""
        value = as_kept(stored.value) if stored.value else stored.value
        return cls(
            value,
            as_kept(stored.reason),
            as_kept(stored.note),
            as_kept(stored.asked_because),
            stored.source,
            stored.at_interview,
        )


@dataclass(frozen=True)
class Posted:
    """What was posted for one question: the version it was based on, and each part as it was typed."""

    question: Question
    version: int
    parts: dict

    def text(self, part, otherwise=""):
        """Return a part as it is kept; `otherwise` when it was not on the form."""
        return as_kept(self.parts[part]) if part in self.parts else otherwise

    def content(self, base):
        """Return what is to be stored: `base` with what was posted laid over it. Raises InvalidAnswer."""
        if self.question.kind == "choices":
            value = stored_value(self.question, self.parts.get("answer", []))
        elif "answer" not in self.parts:
            value = base.value
        else:
            value = stored_value(self.question, self.text("answer"))
        reason = self.text("reason", base.reason)
        if value != NOT_APPLICABLE and reason:
            if reason != base.reason:
                raise ReasonWithoutNotApplicable(
                    f"You said why {self.question.code} is not applicable, but did not choose “Not applicable”. Choose it, "
                    "or delete the reason."
                )
            reason = ""
        return replace(
            base,
            value=value,
            reason=reason,
            note=self.text("note", base.note),
            asked_because=self.text("asked_because", base.asked_because),
        )

    def changes(self, base):
        """Return whether anything was typed that `base` does not hold."""
        try:
            return self.content(base) != base or bool(self.text("change_reason"))
        except InvalidAnswer:
            return True

    def given(self, base, command):
        """Return the change that was made to `base` as a `Given`, or None when there is none. Raises InvalidAnswer."""
        content = self.content(base)
        change_reason = self.text("change_reason")
        if content == base:
            if change_reason:
                raise ReasonWithoutChange(
                    "You gave a reason for a change, but the answer is the same. Change the answer, or delete the reason."
                )
            return None
        return Given(
            question=self.question.code,
            value=content.value,
            reason=content.reason,
            note=content.note,
            asked_because=content.asked_because,
            source=content.source,
            at_interview=content.at_interview,
            change_reason=change_reason,
            base=self.version,
            command_id=uuid.uuid5(command, self.question.code),
        )


def read_post(post, page):
    """Return (command id, what was posted by question) of a form of this page. Raises MalformedForm."""
    questions = page.questions
    parts = {}
    for name in post:
        part, _, code = name.partition("-")
        if name in BESIDE:
            continue
        if part not in PARTS:
            raise MalformedForm(f"There is no field {name[:60]} on this page.")
        if code not in questions:
            raise MalformedForm(f"There is no question {code[:60]} on this page.")
        several = part == "answer" and questions[code].kind == "choices"
        parts.setdefault(code, {})[part] = post.getlist(name) if several else post[name]
    try:
        command = uuid.UUID(post.get("command", ""))
    except ValueError:
        raise MalformedForm("The id of the form is missing or is not a UUID.") from None
    return command, {code: Posted(questions[code], _version(code, held), held) for code, held in parts.items()}


def _version(code, parts):
    version = parts.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise MalformedForm(f"The version of question {code} is missing or is not a whole number.")
    return int(version)


def contents_at(case, posted, rows):
    """Return the content of each posted question at the version it was based on. Raises MalformedForm for one that never was."""
    found = {}
    older = {}
    for code, held in posted.items():
        if held.version == rows[code].version:
            found[code] = Content.of(rows[code])
        elif held.version == 0:
            found[code] = Content()
        else:
            older[code] = held.version
    if older:
        revisions = AnswerRevision.objects.filter(case=case, question__in=older, version__in=set(older.values()))
        found |= {
            revision.question: Content.of(revision)
            for revision in revisions
            if older[revision.question] == revision.version
        }
    for code, version in older.items():
        if code not in found:
            raise MalformedForm(f"Question {code} never had a version {version}.")
    return found


def in_saving_order(givens, questions, rows):
    """Return changes in the order of saving: what makes questions asked first, what hides them last.

    So an answer that is given together with a fact is stored before that fact hides its question.
    """

    def place(given):
        question, row = questions[given.question], rows[given.question]
        if question.role == "fact":
            return 2 if given.value == "false" else 0
        if question.role == "key_question" and given.asked_because != row.asked_because:
            return 0 if given.asked_because else 2
        return 1

    return sorted(givens, key=place)


def text_area(label, *, rows):
    """Return a text field whose spaces and line breaks are kept."""
    return forms.CharField(required=False, label=label, strip=False, widget=forms.Textarea(attrs={"rows": rows}))


class StandardForm(forms.Form):
    """One page of a case as fields: the answers as they stand, and over them what was typed but could not be saved.

    `typed` says by question what was posted and not saved, `refused` why; `closed` is a sentence where the case takes no
    answers at all.
    """

    def __init__(self, *, case, page, rows, user, typed=None, refused=None, closed=""):
        self.case, self.page, self.rows, self.user = case, page, rows, user
        self.typed, self.refused = typed or {}, refused or {}
        self.worded = case.inspection.worded
        self.command = uuid.uuid4()
        values = {}
        for question in page.questions.values():
            values |= self._values(question)
        super().__init__(data=values if self.refused or closed else None, initial=values)
        for question in page.questions.values():
            self.fields |= self._fields_of(question)
        if closed:
            self.add_error(None, closed)
        for code, refusal in self.refused.items():
            self.add_error(self._place_of(code, refusal), self._sentence(code, refusal))

    # What the template shows

    @property
    def hidden(self):
        """The hidden inputs, as (name, value): the form's id, and the version of each question that stands on it."""
        inputs = [("command", self.command)]
        for code in self.page.questions:
            if f"answer-{code}" in self.fields or f"asked_because-{code}" in self.fields:
                kept = code in self.typed and not self._conflict(code)
                inputs.append((f"version-{code}", self.typed[code].version if kept else self.rows[code].version))
            if f"settle-{code}" in self.fields:
                inputs.append((f"settle-{code}", ""))
        return inputs

    @property
    def facts(self):
        """The facts as HTML."""
        return [self.html(question) for question in self.page.facts]

    @property
    def parts(self):
        """The key questions with their prompts: as HTML where they are asked, else with what a page says instead."""
        return [
            {"key_question": part.key_question, "questions": [self.html(question) for question in part.questions]}
            if self._shows(part)
            else not_asked(self.case, part, self.rows) | {"ask_anyway": self._ask_anyway(part.key_question)}
            for part in self.page.parts
        ]

    @property
    def unrated(self):
        """The questions that are not rated, as HTML."""
        return [self.html(question) for question in self.page.unrated]

    @property
    def problems(self):
        """The items of the error summary."""
        return fields.summary_items(self)

    # Fields

    def _shows(self, part):
        """Whether a key question and its prompts are on the form: asked, or answered here when it ceased to be asked."""
        return self.rows[part.key_question.code].asked or any(
            set(self.typed[question.code].parts) - {"version", "asked_because"}
            for question in part.questions
            if question.code in self.typed
        )

    def _conflict(self, code):
        return isinstance(self.refused.get(code), (StaleAnswer, CommandReused, Unsettled))

    def _values(self, question):
        held = Content.of(self.rows[question.code])
        value = json.loads(held.value) if question.kind == "choices" and held.value else held.value
        values = {"answer": value, "reason": held.reason, "note": held.note, "asked_because": held.asked_because}
        if question.code in self.typed:
            values |= self.typed[question.code].parts
        return {f"{part}-{question.code}": held for part, held in values.items()}

    def _fields_of(self, question):
        code, row = question.code, self.rows[question.code]
        part = next((part for part in self.page.parts if question in part.questions), None)
        held = {}
        if question.role == "key_question" and (
            not row.asked or row.asked_because or self.initial[f"asked_because-{code}"]
        ):
            held["asked_because"] = text_area("Why are you asking it?", rows=2)
        if part is None or self._shows(part):
            held["answer"] = self._answer_field(question, row)
            if question.kind == "rated":
                held["reason"] = text_area("Why is it not applicable?", rows=2)
            if question.kind != "text" or row.note:
                held["note"] = text_area("Note", rows=3)
            if question.role == "fact" and (self._settled(question) or code in self.typed):
                held["change_reason"] = text_area("If you change this answer, why?", rows=2)
            if self._conflict(code):
                held["settle"] = forms.Field(
                    required=False,
                    label="Which answer should stand?",
                    widget=forms.RadioSelect(choices=[(THEIRS, f"{self._who(row)} answer"), (MINE, "My answer")]),
                )
        return {f"{name}-{code}": field for name, field in held.items()}

    def _answer_field(self, question, row):
        options = [(option.code, self.worded(option.label)) for option in question.options]
        label = self.worded(question.text)
        if question.kind == "text":
            return text_area(label, rows=5)
        if question.kind == "choices":
            return forms.Field(required=False, label=label, widget=forms.CheckboxSelectMultiple(choices=options))
        if row.value is not None:
            options.append(("", "Clear this answer"))
        return forms.Field(required=False, label=label, widget=forms.RadioSelect(choices=options))

    def _settled(self, fact):
        """Whether key questions that depend on this fact have been answered, so that changing it needs a reason."""
        return self.rows[fact.code].value is not None and any(
            self.rows[code].value is not None for code in gated_by(self.case, fact)
        )

    # Errors

    def _place_of(self, code, refusal):
        """Return the name of the field that a refusal is shown at."""
        if self._conflict(code):
            place = "settle"
        elif isinstance(refusal, ReasonNeeded):
            place = "change_reason" if self.page.questions[code].role == "fact" else "reason"
        elif isinstance(refusal, ReasonWithoutChange):
            place = "change_reason"
        elif isinstance(refusal, ReasonWithoutNotApplicable):
            place = "reason"
        else:
            place = "answer"
        return next(
            name for name in (f"{place}-{code}", f"answer-{code}", f"asked_because-{code}") if name in self.fields
        )

    def _sentence(self, code, refusal):
        if isinstance(refusal, (StaleAnswer, CommandReused)):
            row = self.rows[code]
            return (
                f"{row.answered_by.name if row.answered_by_id != self.user.pk else 'You'} changed {self._name(code)} at "
                f"{clock(row.answered_at)}, after you opened this page. Choose which answer should stand."
            )
        return str(refusal)

    def _name(self, code):
        question = self.page.questions[code]
        return code if question.kind == "rated" else f"“{self.worded(question.text)}”"

    def _who(self, row):
        return "The other" if row.answered_by_id == self.user.pk else f"{row.answered_by.name}’s"

    # HTML

    def html(self, question):
        """Return a question: its fieldset, what others answered meanwhile, its reasons and its note."""
        before, after = self._before(question), self._after(question)
        plural = "" if question.kind == "text" else "s"
        key = question.role == "key_question"
        title = {"html": self._title(question), "classes": f"govuk-{{}}--{'m' if key else 's'}"}
        params = {
            "formGroup": {
                "classes": "eh-question eh-question--key" if key else "eh-question",
                "attributes": {"id": f"question-{question.code}", "data-question": question.code},
                f"beforeInput{plural}": {"html": before} if before else None,
                f"afterInput{plural}": {"html": after} if after else None,
            },
        }
        if question.kind == "text":
            params["label"] = title | {"classes": title["classes"].format("label")}
        else:
            params["fieldset"] = {"legend": title | {"classes": title["classes"].format("fieldset__legend")}}
            params["classes"] = self._shape(question)
        if hint := self._hint(question):
            params["hint"] = {"text": hint}
        bound = self[f"answer-{question.code}"]
        if question.kind == "rated":
            bound.field.reveal = {NOT_APPLICABLE: self._reason(question)}
        return fields.render(bound, **params)

    def _title(self, question):
        text = self.worded(question.text)
        if question.kind != "rated":
            return format_html("{}", text)
        return format_html('<span class="eh-question__code">{}</span> {}', question.code, text)

    def _shape(self, question):
        """Return the classes of the choices: side by side where they are short."""
        if question.kind == "choices":
            return "govuk-checkboxes--small"
        short = sum(len(option.label) for option in question.options) <= 30
        return f"govuk-radios--small{' eh-answers' if short else ''}"

    def _hint(self, question):
        if question.kind == "rated":
            return applies_hint(self.case, question)
        return self.worded(question.guidance)

    def _reason(self, question):
        bound = self[f"reason-{question.code}"]
        hint = None
        if question.role == "key_question":
            hint = {"text": f"For example: {'; '.join(map(self.worded, self.case.document.not_applicable_reasons))}."}
        optional = "" if question.role == "key_question" else " (optional)"
        return fields.render(bound, label={"html": self._label(f"{bound.label}{optional}", question)}, hint=hint)

    def _label(self, text, question):
        return format_html('{}<span class="govuk-visually-hidden">: {}</span>', text, self._name(question.code))

    def _before(self, question):
        pieces = []
        if question.guidance and question.kind == "rated":
            pieces.append(layout.guidance(self.worded(question.guidance), "Guidance"))
        if self._conflict(question.code):
            row = self.rows[question.code]
            pieces.append(
                render_to_string(
                    "cases/parts/conflict.html",
                    {
                        "form": self,
                        "row": row,
                        "who": "You, in another window" if row.answered_by_id == self.user.pk else row.answered_by.name,
                        "answer": answer_in_words(self.case, question, row.value),
                        "settle": self[f"settle-{question.code}"],
                    },
                )
            )
        return self._wrapped("eh-question__before", pieces)

    def _after(self, question):
        code, row = question.code, self.rows[question.code]
        pieces = []
        if question.role == "key_question" and row.reason_awaited:
            pieces.append(
                format_html(
                    '<p class="govuk-body eh-question__awaited">{}</p>',
                    "Reason awaited: until it is given, this question counts as unanswered.",
                )
            )
        for name in ("change_reason", "asked_because"):
            if f"{name}-{code}" in self.fields:
                bound = self[f"{name}-{code}"]
                pieces.append(fields.render(bound, label={"html": self._label(bound.label, question)}))
        if f"note-{code}" in self.fields:
            pieces.append(self._note(question))
        return self._wrapped("eh-question__after", pieces)

    def _note(self, question):
        bound = self[f"note-{question.code}"]
        if question.role == "key_question":
            return fields.render(bound, label={"html": self._label("Evidence note", question)})
        return components.render(
            "details",
            {
                "summaryHtml": format_html(
                    '{}<span class="govuk-visually-hidden"> on {}</span>',
                    "Note" if bound.value() else "Add a note",
                    self._name(question.code),
                ),
                "html": fields.render(
                    bound, label={"html": self._label(bound.label, question), "classes": "govuk-visually-hidden"}
                ),
                "open": bool(bound.value() or bound.errors),
                "classes": "eh-question__note",
            },
        )

    def _wrapped(self, css_class, pieces):
        return format_html('<div class="{}">{}</div>', css_class, mark_safe("".join(pieces))) if pieces else ""  # noqa: S308

    def _ask_anyway(self, question):
        bound = self[f"asked_because-{question.code}"]
        return components.render(
            "details",
            {
                "summaryHtml": format_html(
                    'Ask it anyway<span class="govuk-visually-hidden">: {}</span>', question.code
                ),
                "html": fields.render(bound, label={"html": self._label(bound.label, question)}),
                "open": bool(bound.value() or bound.errors),
            },
        )


def clock(moment):
    """Return a moment as people read it, in local time."""
    return f"{timezone.localtime(moment):%H:%M on %-d %B %Y}"
