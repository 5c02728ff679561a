"""Answers of many cases as a table, from which `cases.bulk.checking` reads them again unchanged."""

from collections.abc import Iterator, Mapping

from cases.bulk.columns import (
    AT_INTERVIEW,
    EXCLUDED,
    REASON,
    REFERENCE,
    SAMPLE,
    SOURCE,
    VALUE,
    Place,
    names_of,
    parts_of,
    questions_of_all,
)
from cases.bulk.values import NOT_ASKED, cell_of, value_cell
from standards.document import Document, Question


def places_used(document: Document, given: Mapping) -> list[Place]:
    """Return what the columns hold, in order: every question, and beside it what some case uses.

    `given` has, by the case's key and the question, values with the names of `cases.models.Answer`.
    """
    questions = questions_of_all(document)
    used = {
        Place(code, part)
        for answers in given.values()
        for code, answer in answers.items()
        if code in questions
        for part in parts_of(questions[code])[1:]
        if _cell(questions[code], part, answer)
    }
    return [
        place
        for code, question in questions.items()
        for place in (Place(code, part) for part in parts_of(question))
        if place.part == VALUE or place in used
    ]


def header_of(document: Document, places: list[Place], cases) -> list[str]:
    """Return the names of the columns: where a case is excluded, one says why. It is not read again."""
    names = names_of(document)
    return [REFERENCE, SAMPLE, *_excluded(cases), *(names[place] for place in places)]


def _excluded(cases):
    return [EXCLUDED] if any(case.excluded_reason for case in cases) else []


def rows_of(document: Document, places: list[Place], cases, given: Mapping) -> Iterator[list[str]]:
    """Yield the row of each case. What is not said, and what its sample is not asked, is ""."""
    questions = questions_of_all(document)
    says_excluded = bool(_excluded(cases))
    for case in cases:
        answers = given[case.pk]
        yield [
            cell_of(case.reference),
            case.sample,
            *([cell_of(case.excluded_reason)] if says_excluded else []),
            *(
                _cell(questions[place.question], place.part, answers[place.question])
                if place.question in answers
                else ""
                for place in places
            ),
        ]


def _cell(question: Question, part: str, answer) -> str:
    hidden = question.kind == "rated" and not answer.asked
    if part == VALUE:
        return NOT_ASKED if hidden else value_cell(question, answer.value)
    if part == AT_INTERVIEW:
        return "true" if answer.at_interview else ""
    if part == REASON and hidden:
        return ""
    text = getattr(answer, part)
    return text if part == SOURCE else cell_of(text)
