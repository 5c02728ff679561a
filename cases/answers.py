"""What may be stored as an answer, and what a save gives back. Pure values and checks."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from cases.errors import InvalidAnswer
from standards.document import NOT_APPLICABLE, Question

LONGEST_TEXT = 100_000
SOURCES = ("", "file", "interview", "both")


@dataclass(frozen=True)
class Given:
    """One change that somebody made to one question or fact, whole: what is left out is left empty.

    `value` is the stored form (None: cleared, or a note only). `base` is what the person saw when answering: a
    version number, or the id of the command of theirs that this one follows. `change_reason` says why, where a
    change needs saying. `source` and `at_interview` are as in `cases.models.Answer`; `given_at` and `offline_since` come
    from the clock of the person's device, where it tells.
    """

    question: str
    value: str | None = None
    reason: str = ""
    note: str = ""
    asked_because: str = ""
    change_reason: str = ""
    source: str = ""
    at_interview: bool = False
    given_at: datetime | None = None
    offline_since: datetime | None = None
    base: int | uuid.UUID = 0
    command_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Confirmation:
    """The proof that an answer is stored: only this makes a screen say "Saved".

    `asked` are the codes of the rated questions that were asked in the case then, where they were looked up.
    """

    command_id: uuid.UUID
    question: str
    version: int
    sequence: int
    saved_at: datetime
    asked: list[str] | None = field(default=None, compare=False)


def stored_value(question: Question, value: object) -> str | None:
    """Return the text that is stored for an answer of this question's kind, None for no answer.

    Facts take True and False as well as "true" and "false"; questions with several choices take a list of codes and
    store it as JSON in the document's order. Raises InvalidAnswer, naming what may be answered.
    """
    if value is None or value == "" or value == []:
        return None
    codes = [option.code for option in question.options]
    if question.kind == "text":
        if not isinstance(value, str):
            raise InvalidAnswer(f"Question {question.code} takes text.")
        check_text(question.code, "answer", value)
        return value
    if question.kind == "choices":
        if not isinstance(value, list) or any(choice not in codes for choice in value):
            raise InvalidAnswer(f"Question {question.code} takes any of {', '.join(codes)}, as a list.")
        return json.dumps([code for code in codes if code in value])
    if question.kind == "fact" and isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or value not in codes:
        raise InvalidAnswer(f"Question {question.code} takes one of {', '.join(codes)}.")
    return value


def shown_value(question: Question, value: str | None) -> str:
    """Return a stored value as people read it: the labels of its options, or the text; "Not answered" for None."""
    if value is None:
        return "Not answered"
    labels = {option.code: option.label for option in question.options}
    if question.kind == "text":
        return value
    if question.kind == "choices":
        return ", ".join(labels.get(code, code) for code in json.loads(value))
    return labels.get(value, value)


def check_text(code: str, what: str, text: str) -> None:
    """Raise InvalidAnswer when a text is too long or holds what a database cannot."""
    if len(text) > LONGEST_TEXT:
        raise InvalidAnswer(
            f"The {what} of {code} has {len(text):,} characters, and {LONGEST_TEXT:,} is the most that is kept. Shorten it."
        )
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidAnswer(f"The {what} of {code} holds a character that cannot be stored. Type it anew.")


def check_given(question: Question, given: Given) -> None:
    """Raise InvalidAnswer unless the parts of a change fit the question and one another. `given.value` is stored form."""
    value = given.value
    if value is not None and question.kind == "choices":
        try:
            value = json.loads(value)
        except ValueError:
            value = {}
    if stored_value(question, value) != given.value:
        raise InvalidAnswer(f"The answer to {question.code} is not in the form in which it is stored.")
    for what, text in (
        ("reason", given.reason),
        ("note", given.note),
        ("reason for asking", given.asked_because),
        ("reason for the change", given.change_reason),
    ):
        check_text(given.question, what, text)
    if given.source not in SOURCES:
        raise InvalidAnswer(
            f"The source of {given.question} is one of {', '.join(filter(None, SOURCES))}, or left out."
        )
    if given.reason and given.value != NOT_APPLICABLE:
        raise InvalidAnswer(f"Question {given.question} has a reason, which only goes with “not applicable”.")
    if given.asked_because and question.role != "key_question":
        raise InvalidAnswer(f"{given.question} is no key question, so a reason for asking it cannot be given.")
