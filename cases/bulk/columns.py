"""What the columns of a table of answers are called, the same for reading and for writing."""

from collections.abc import Mapping
from dataclasses import dataclass

from standards.document import Document, Question

REFERENCE, SAMPLE, EXCLUDED = "reference", "sample", "excluded"
VALUE, REASON, NOTE, ASKED_BECAUSE, SOURCE, AT_INTERVIEW = (
    "value",
    "reason",
    "note",
    "asked_because",
    "source",
    "at_interview",
)
PARTS = (VALUE, REASON, NOTE, ASKED_BECAUSE, SOURCE, AT_INTERVIEW)
# Columns of Annex 2's table of cases that say nothing of answers; what is known beforehand of a case stands there too.
NOT_READ = ("inspection", "sequence", "invented_answers", "disposal", "status", "counted", EXCLUDED)
# That table has a word where the text of an answer would stand.
WITHOUT_TEXTS = "counted"


@dataclass(frozen=True)
class Place:
    """What a column holds: one part of what is given to one question."""

    question: str
    part: str


def questions_of_all(document: Document) -> dict[str, Question]:
    """Return every question of the document's cases by code, in its order; those of several samples once."""
    return {
        code: question
        for domain in document.domains
        if domain.sample
        for code, question in document.questions(domain.sample).items()
    }


def parts_of(question: Question) -> tuple[str, ...]:
    """Return the parts that may be given to a question."""
    if question.role == "key_question":
        return PARTS
    if question.kind == "rated":
        return tuple(part for part in PARTS if part != ASKED_BECAUSE)
    return VALUE, NOTE, SOURCE, AT_INTERVIEW


def names_of(document: Document) -> dict[Place, str]:
    """Return the name of every column there can be, in order: questions by their codes, then "2.1.1.reason" and the like.

    A name that is taken already, without regard to case, has a number behind it.
    """
    questions = questions_of_all(document)
    places = [Place(code, VALUE) for code in questions]
    places += [Place(code, part) for code, question in questions.items() for part in parts_of(question)[1:]]
    taken = {REFERENCE, SAMPLE, EXCLUDED}
    names = {}
    for place in places:
        name = wanted = place.question if place.part == VALUE else f"{place.question}.{place.part}"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted} ({number})"
        taken.add(name.casefold())
        names[place] = name
    return names


def places_by_name(document: Document) -> Mapping[str, Place]:
    """Return what every column holds, by its name in small letters."""
    return {name.casefold(): place for place, name in names_of(document).items()}


def not_read(document: Document) -> frozenset[str]:
    """Return the names, in small letters, of columns that may be there and are not read."""
    return frozenset(NOT_READ) | {field.code.casefold() for field in document.profile}
