"""What was posted from a page of the case form, and what it changes.

Every input is named part-question, such as "note-2.1.1.a". A hidden "version-2.1.1.a" says which version of the answer
the page showed, and one hidden "command" makes a form that is sent twice count once.
"""

import uuid
from dataclasses import dataclass, replace

from cases.answers import Given, stored_value
from cases.errors import CommandReused, InvalidAnswer, StaleAnswer
from cases.models import AnswerRevision
from standards.document import NOT_APPLICABLE, Question

PARTS = ("version", "answer", "reason", "note", "asked_because", "source", "at_interview", "change_reason", "settle")
BESIDE = ("csrfmiddlewaretoken", "command", "return", "reply", "close_query")
NOTHING_DONE = "nothing_done"  # the button of pages whose work may not have been done at all
QUERY = "query"  # what was typed at a query, which is no answer (cases.views.queries)
THEIRS, MINE = "theirs", "mine"


class MalformedForm(Exception):
    """What was posted is not a form of this page. The text is a sentence for the person who sent it."""


class ReasonWithoutNotApplicable(InvalidAnswer):
    """A reason for "not applicable" was typed beside another answer."""


class ReasonWithoutChange(InvalidAnswer):
    """A reason for a change was typed where nothing was changed."""


class Unsettled(InvalidAnswer):
    """Two people answered, and it was not said which answer stands."""


# Somebody answered in the meantime: both answers are shown, and nothing is overwritten unasked.
CONFLICTS = (StaleAnswer, CommandReused, Unsettled)


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
            source=self.text("source", base.source),
            at_interview=bool(self.text("at_interview")) if "at_interview" in self.parts else base.at_interview,
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
        if name in BESIDE or part == QUERY or (name == NOTHING_DONE and page.standard.nothing_done):
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
