"""What stands in a cell of a table of answers, and what it says. Values in, new values out."""

import json
import re
from collections.abc import Callable

from audit.export import looks_like_formula, shown
from cases.answers import stored_value
from cases.caseload.columns import squeezed
from cases.errors import InvalidAnswer
from cases.models import Source
from standards.document import NOT_APPLICABLE, Question

CLEAR = "(clear)"
NOT_ASKED = "(not asked)"
# In Annex 2's table of cases these say that there is no answer to read.
NOTHING = frozenset({"not_asked", "unanswered"})
# How a long text ends in a cell of Excel, where the workbook goes on with it in a sheet of its own.
CUT = re.compile(r" \[goes on in the sheet Long texts, as text \d+\]$")
SHORT = {
    "rated": {"y": "yes", "n": "no", "na": NOT_APPLICABLE},
    "fact": {"y": "true", "n": "false"},
}
YES, NO = frozenset({"yes", "y", "true"}), frozenset({"no", "n", "false"})


def is_word(text: str) -> bool:
    """Return whether a text is one of the words that a cell may hold in place of an answer."""
    return text.strip().casefold() in (CLEAR, NOT_ASKED)


def cell_of(text: str) -> str:
    """Return a text as it stands in a cell, from which `text_in` reads it again.

    What a spreadsheet would run as a formula, and what is a word of the table itself, gets an apostrophe before it; so
    does a text that has one there already.
    """
    text = shown(text)
    return f"'{text}" if _is_marked(text) else text


def text_in(cell: str) -> str:
    """Return the text that a cell holds."""
    text = shown(cell)
    return text[1:] if text.startswith("'") and _is_marked(text) else text


def _is_marked(text: str) -> bool:
    bare = text.lstrip("'")
    return looks_like_formula(bare) or is_word(bare)


def same_text(one: str, other: str) -> bool:
    """Return whether two texts are one, however their lines end."""
    return one == other or shown(one) == shown(other)


def cut_at(text: str) -> str | None:
    """Return the beginning of a text that was cut for a cell of Excel; None where it was not cut."""
    found = CUT.search(text)
    return text[: found.start()] if found else None


def value_cell(question: Question, value: str | None) -> str:
    """Return a stored value as it stands in a cell: codes, parted by semicolons where there are several; or the text."""
    if value is None:
        return ""
    if question.kind == "choices":
        return "; ".join(json.loads(value))
    return cell_of(value) if question.kind == "text" else value


def reader_of(question: Question) -> Callable[[str], str | None]:
    """Return a function that gives the stored form of what a cell says, in codes or labels. It raises InvalidAnswer."""
    if question.kind == "text":
        return lambda cell: stored_value(question, text_in(cell))
    codes = {squeezed(option.label): option.code for option in question.options}
    codes |= {squeezed(option.code): option.code for option in question.options}
    codes |= SHORT.get(question.kind, {})

    def one(cell: str) -> str | None:
        try:
            return codes[squeezed(cell)]
        except KeyError:
            raise InvalidAnswer(_takes(question, "one of")) from None

    def several(cell: str) -> str | None:
        # A label may hold a semicolon itself.
        parts = [cell] if squeezed(cell) in codes else [part for part in cell.split(";") if part.strip()]
        chosen = [codes.get(squeezed(part)) for part in parts]
        if not chosen or None in chosen:
            raise InvalidAnswer(_takes(question, "any of"))
        return stored_value(question, chosen)

    return several if question.kind == "choices" else one


def _takes(question: Question, how: str) -> str:
    codes = ", ".join(option.code for option in question.options)
    several = ", parted by semicolons" if question.kind == "choices" else ""
    return f"Question {question.code} takes {how} {codes}{several}."


def source_in(cell: str) -> str:
    """Return the code of a source. Raises InvalidAnswer."""
    codes = {squeezed(label): code for code, label in Source.choices}
    codes |= {squeezed(code): code for code in Source.values}
    try:
        return codes[squeezed(cell)]
    except KeyError:
        raise InvalidAnswer(f"A source is one of {', '.join(Source.values)}.") from None


def mark_in(cell: str) -> bool:
    """Return whether something is marked. Raises InvalidAnswer."""
    said = squeezed(cell)
    if said in YES | NO:
        return said in YES
    raise InvalidAnswer("Write true or false.")
