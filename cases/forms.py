"""The fields that show a page of the case form. What comes back from them is in `cases.posted`."""

import json
import uuid
from dataclasses import asdict

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from cases.errors import ReasonNeeded
from cases.models import Source
from cases.pages import answer_in_words, applies_hint, gated_by, not_asked
from cases.posted import (
    CONFLICTS,
    MINE,
    THEIRS,
    Content,
    ReasonWithoutChange,
    ReasonWithoutNotApplicable,
    Unsettled,
)
from cases.revisions import histories_on
from govuk import components, fields, layout
from standards.document import NOT_APPLICABLE

# Written out, since a page has it some thirty times. The hidden input says "no" for a box that is not ticked.
EVIDENCE = """<div class="eh-evidence">
<div class="govuk-form-group">
<label class="govuk-label" for="id_source-{code}">Where the evidence came from{of}</label>
<select class="govuk-select" id="id_source-{code}" name="source-{code}">{options}</select>
</div>
<div class="govuk-checkboxes govuk-checkboxes--small">
<div class="govuk-checkboxes__item">
<input type="hidden" name="at_interview-{code}" value="">
<input class="govuk-checkboxes__input" id="id_at_interview-{code}" name="at_interview-{code}" type="checkbox" value="true"{checked}>
<label class="govuk-label govuk-checkboxes__label" for="id_at_interview-{code}">Ask at interview{of}</label>
</div>
</div>
</div>"""


def text_area(label, *, rows):
    """Return a text field whose spaces and line breaks are kept."""
    return forms.CharField(required=False, label=label, strip=False, widget=forms.Textarea(attrs={"rows": rows}))


class OneAnswer(forms.RadioSelect):
    """Radios of which none is chosen while there is no answer, not even the one that clears it."""

    def format_value(self, value):
        """Return the chosen values."""
        return [] if value is None else super().format_value(value)


class StandardForm(forms.Form):
    """One page of a case as fields: the answers as they stand, and over them what was typed but could not be saved.

    `typed` says by question what was posted and not saved, `refused` why; `closed` is a sentence where the case takes no
    answers at all; `queries` are the open ones by question, with the forms for replying.
    """

    def __init__(self, *, case, page, rows, user, typed=None, refused=None, closed="", queries=None):
        self.case, self.page, self.rows, self.user = case, page, rows, user
        self.typed, self.refused = typed or {}, refused or {}
        self.histories, self.queries = histories_on(case, page, rows), queries or {}
        self.worded = case.inspection.worded
        self.command = uuid.uuid4()
        self.parts_by_key_question = {part.key_question.code: part for part in page.parts}
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
            else not_asked(self.case, part, self.rows)
            | self._ask_anyway(part.key_question)
            | {"queries": self.queries.get(part.key_question.code, []), "within": True}
            for part in self.page.parts
        ]

    @property
    def unrated(self):
        """The questions that are not rated, as HTML."""
        return [self.html(question) for question in self.page.unrated]

    @property
    def problems(self):
        """The items of the error summary."""
        replies = [held["form"] for asked in self.queries.values() for held in asked if held["form"]]
        return [item for form in (self, *replies) for item in fields.summary_items(form)]

    # Fields

    def _shows(self, part):
        """Whether a key question and its prompts are on the form: asked, or answered here when it ceased to be asked."""
        return self.rows[part.key_question.code].asked or any(
            set(self.typed[question.code].parts) - {"version", "asked_because"}
            for question in part.questions
            if question.code in self.typed
        )

    def _conflict(self, code):
        """Whether somebody answered meanwhile, so that there are two answers to choose from."""
        return self.rows[code].version > 0 and isinstance(self.refused.get(code), CONFLICTS)

    def _values(self, question):
        held = Content.of(self.rows[question.code])
        value = json.loads(held.value) if question.kind == "choices" and held.value else held.value
        values = {
            "answer": value,
            "reason": held.reason,
            "note": held.note,
            "asked_because": held.asked_because,
            "source": held.source,
            "at_interview": held.at_interview,
        }
        if question.code in self.typed:
            # No box ticked sends nothing.
            none_ticked = {"answer": []} if question.kind == "choices" else {}
            values |= none_ticked | self.typed[question.code].parts
        return {f"{part}-{question.code}": held for part, held in values.items()}

    def _fields_of(self, question):
        code, row = question.code, self.rows[question.code]
        part = self.parts_by_key_question.get(question.key_question)
        held = {}
        if question.role == "key_question" and (
            not row.asked or row.asked_because or self.initial[f"asked_because-{code}"]
        ):
            held["asked_because"] = text_area("Why are you asking it?", rows=2)
        if part is None or self._shows(part):
            held["answer"] = self._answer_field(question)
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
                    widget=forms.RadioSelect(choices=[(THEIRS, f"{self._who(row)} answer"), (MINE, "My answer below")]),
                )
        return {f"{name}-{code}": field for name, field in held.items()}

    def _answer_field(self, question):
        options = [(option.code, self.worded(option.label)) for option in question.options]
        label = self.worded(question.text)
        if question.kind == "text":
            return text_area(label, rows=5)
        if question.kind == "choices":
            return forms.Field(required=False, label=label, widget=forms.CheckboxSelectMultiple(choices=options))
        # Out of sight until there is an answer: the stylesheet keeps its place, so that nothing moves when it comes.
        options.append(("", "Clear this answer"))
        return forms.Field(required=False, label=label, widget=OneAnswer(choices=options))

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
        if not self._conflict(code) or isinstance(refusal, Unsettled):
            return str(refusal)
        row = self.rows[code]
        return (
            f"{'You' if row.answered_by_id == self.user.pk else row.answered_by.name} changed {self._name(code)} at "
            f"{clock(row.answered_at)}, after you opened this page. Choose which answer should stand."
        )

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
        size = "m" if key else "s"
        params = {
            "formGroup": {
                "classes": "eh-question eh-question--key" if key else "eh-question",
                "attributes": self._attributes(question),
                f"beforeInput{plural}": {"html": before} if before else None,
                f"afterInput{plural}": {"html": after} if after else None,
            },
        }
        if question.kind == "text":
            params["label"] = {"html": self._title(question), "classes": f"govuk-label--{size}"}
        else:
            legend = {"html": self._title(question), "classes": f"govuk-fieldset__legend--{size}"}
            params |= {"fieldset": {"legend": legend}, "classes": self._shape(question)}
        if hint := self._hint(question):
            params["hint"] = {"text": hint}
        bound = self[f"answer-{question.code}"]
        if question.kind == "rated":
            bound.field.reveal = {NOT_APPLICABLE: self._reason(question)}
        return fields.render(bound, **params)

    def _attributes(self, question):
        """Return what scripts know a question by, and what a command must say again though no field holds it."""
        row = self.rows[question.code]
        return {
            "id": f"question-{question.code}",
            "data-question": question.code,
            "data-source": row.source,
            "data-at-interview": "true" if row.at_interview else "false",
        }

    def _title(self, question):
        text = self.worded(question.text)
        if question.kind != "rated":
            return conditional_escape(text)
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
        # Once the key question is answered, its prompts need a reason too.
        settled = question.role == "key_question" or self.rows[question.key_question].value is not None
        optional = "" if settled else " (optional)"
        return fields.render(bound, label={"html": self._label(f"{bound.label}{optional}", question)}, hint=hint)

    def _label(self, text, question):
        return format_html('{}<span class="govuk-visually-hidden">: {}</span>', text, self._name(question.code))

    def _before(self, question):
        asked = self.queries.get(question.code, [])
        pieces = [render_to_string("cases/parts/query_here.html", {"held": held, "within": True}) for held in asked]
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
        if code in self.histories:
            pieces.append(self.histories[code])
        return self._wrapped("eh-question__after", pieces)

    def _note(self, question):
        bound = self[f"note-{question.code}"]
        evidence = self._evidence(question)
        # Where two answers stand side by side, nothing of either is folded away.
        chosen = any(self.initial[f"{part}-{question.code}"] for part in ("source", "at_interview"))
        said = evidence and (chosen or self._conflict(question.code))
        if question.role == "key_question":
            note = fields.render(bound, label={"html": self._label("Evidence note", question)})
            return note + self._folded("Source and interview", question, evidence, is_open=bool(said))
        note = fields.render(
            bound, label={"html": self._label(bound.label, question), "classes": "govuk-visually-hidden"}
        )
        summary = "Note" if bound.value() or said else "Add a note"
        return self._folded(
            summary, question, format_html("{}{}", note, evidence), is_open=bool(bound.value() or bound.errors or said)
        )

    def _folded(self, summary, question, html, *, is_open):
        return components.render(
            "details",
            {
                "summaryHtml": format_html(
                    '{}<span class="govuk-visually-hidden"> on {}</span>', summary, self._name(question.code)
                ),
                "html": html,
                "open": is_open,
                "classes": "eh-question__note",
            },
        )

    def _evidence(self, question):
        """Return where the evidence came from and whether to ask at interview as fields; "" where nothing is judged."""
        if question.role == "case_question":
            return ""
        code = question.code
        chosen = self.initial[f"source-{code}"]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            [
                (value, mark_safe(" selected") if value == chosen else "", label)
                for value, label in (("", "Not said"), *Source.choices)
            ],
        )
        return format_html(
            EVIDENCE,
            code=code,
            options=options,
            checked=mark_safe(" checked") if self.initial[f"at_interview-{code}"] else "",
            of=format_html('<span class="govuk-visually-hidden">: {}</span>', self._name(code)),
        )

    def _wrapped(self, css_class, pieces):
        return format_html('<div class="{}">{}</div>', css_class, mark_safe("".join(pieces))) if pieces else ""  # noqa: S308

    def _ask_anyway(self, question):
        """Return the field for why a key question is asked in spite of the facts, and what its command must say again."""
        bound = self[f"asked_because-{question.code}"]
        field = components.render(
            "details",
            {
                "summaryHtml": format_html(
                    'Ask it anyway<span class="govuk-visually-hidden">: {}</span>', question.code
                ),
                "html": fields.render(bound, label={"html": self._label(bound.label, question)}),
                "open": bool(bound.value() or bound.errors),
            },
        )
        return {"ask_anyway": field, "content": json.dumps(asdict(Content.of(self.rows[question.code])))}


def clock(moment):
    """Return a moment as people read it, in local time."""
    return f"{timezone.localtime(moment):%H:%M on %-d %B %Y}"
