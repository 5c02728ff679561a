"""The cases of an inspection as tables: evidence, under the service's pseudonymous references.

One row for each case and one column for each question, in the standards' order; what people wrote stands apart. Excluded
cases are there and say so. Who answered is left out, and so are the notebook and the appointments of a case.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cases.asked import holds
from cases.models import Answer, Case, Kind, Source
from inspections.models import Inspection
from ratings.exports.sheets import NOT_AVAILABLE, Column
from ratings.scoring import Tally
from ratings.tallies import rated_codes, state_of

STATES = ("yes", "no", "not_applicable", "not_asked", "unanswered")
GIVEN = "given"
UNANSWERED = "unanswered"
NONE_OF_THEM = "none"
YES_NO = "yes; no"
ROLES = {"key_question": "Key question", "prompt": "Prompt", "fact": "Fact of the case", "case_question": "Not rated"}

NOTE_COLUMNS = (
    Column("reference", meaning="The case: its reference in the sheet Cases."),
    Column("question", 22, meaning="The question: a column of the sheet Cases."),
    Column("answer", 40, meaning="The answer as in the sheet Cases; of a question that takes text, the text."),
    Column("reason", 50, meaning="Why the question does not apply."),
    Column("note", 60, meaning="The inspector's note on the answer."),
    Column("asked_because", 40, meaning="Why the question was asked although the facts of the case leave it out."),
    Column("source", 12, meaning=f"Where the evidence came from: {', '.join(Source.values)}."),
)


@dataclass(frozen=True)
class Given:
    """What stands in a case for one question."""

    kind: str
    value: str | None
    reason: str
    note: str
    asked: bool
    asked_because: str
    source: str
    at_interview: bool


class CaseAnswers:
    """The cases of one inspection with their answers, read once; two queries."""

    def __init__(self, inspection: Inspection):
        self.inspection, self.document = inspection, inspection.document
        self.cases = list(Case.objects.filter(inspection=inspection).order_by("sample", "reference", "pk"))
        self.given: dict[int, dict[str, Given]] = {case.pk: {} for case in self.cases}
        answers = Answer.objects.filter(case__inspection=inspection).values_list(
            "case", "question", "kind", "value", "reason", "note", "asked", "asked_because", "source", "at_interview"
        )
        for case, question, *held in answers:
            self.given[case][question] = Given(*held)

    @cached_property
    def questions(self):
        """Every question of the standards document by code, in its order; those of several samples once."""
        return {
            code: question
            for domain in self.document.domains
            if domain.sample
            for code, question in self.document.questions(domain.sample).items()
        }

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table of cases, each with what it means."""
        columns = [
            Column("reference", meaning="The service's pseudonymous reference of the case."),
            Column("sample", 14, meaning="The sample that the case is of.", values=_codes(self.document.samples)),
            Column("disposal", 38, meaning="The disposal.", values=_codes(self._disposals())),
            Column("status", meaning="How far the case is read.", values=_listed(Case.state.field.choices)),
            Column(
                "counted",
                10,
                meaning="Whether the case counts in the figures: no where it was excluded.",
                values=YES_NO,
            ),
            Column("excluded", 30, meaning="Why the case was excluded."),
        ]
        for field in self.document.profile:
            label, values = f"Known beforehand. {self.worded(field.label)}.", _codes(field.options)
            columns.append(Column(field.code, _width(field), NOT_AVAILABLE, label, values))
        for code, question in self.questions.items():
            text = f"{ROLES[question.role]}. {self.worded(question.text)}"
            columns.append(Column(code, _width(question), meaning=text, values=_values(question)))
        return _named_once(columns)

    def _disposals(self):
        return {held.code: held for sample in self.document.samples for held in sample.disposals}.values()

    def worded(self, text):
        """Return a text of the standards in the inspection's own terms."""
        return self.inspection.worded(text)

    def rows(self):
        """Yield the row of each case, in the order of `columns`; None for questions that its sample is not asked."""
        for case in self.cases:
            asked = self.document.questions(case.sample)
            yield [
                case.reference,
                case.sample,
                case.disposal,
                case.state,
                "no" if case.excluded_reason else "yes",
                case.excluded_reason,
                *(_profile(field, case.profile.get(field.code)) for field in self.document.profile),
                *(self.answer(case, question) if code in asked else None for code, question in self.questions.items()),
            ]

    def answer(self, case, question):
        """Return the answer of a case to a question, as its code."""
        given = self.given[case.pk].get(question.code)
        value = given.value if given else None
        if question.kind == "rated":
            if given is None:
                return UNANSWERED
            return state_of(self.document, question.code, given.asked, value, not given.reason)
        if question.kind == "fact":
            held = holds(self.document, question.code, value, case.disposal)
            return UNANSWERED if held is None else str(held).lower()
        if value is None:
            return UNANSWERED
        if question.kind == "choices":
            return "; ".join(json.loads(value)) or NONE_OF_THEM
        return GIVEN if question.kind == "text" else value

    def note_rows(self):
        """Yield a row for each answer that people wrote something about, in the order of `NOTE_COLUMNS`."""
        for case in self.cases:
            for code, question in self.document.questions(case.sample).items():
                given = self.given[case.pk].get(code)
                if given is None:
                    continue
                text = given.value if given.kind == Kind.TEXT else None
                if text or given.reason or given.note or given.asked_because:
                    yield [
                        case.reference,
                        code,
                        text or self.answer(case, question),
                        given.reason,
                        given.note,
                        given.asked_because,
                        given.source,
                    ]

    def tallies(self) -> dict[str, Tally]:
        """Return a `Tally` of the cases that count for every rated question, by code."""
        counts = {code: Counter() for code in rated_codes(self.document)}
        for case in self.cases:
            if not case.excluded_reason:
                for code, question in self.document.questions(case.sample).items():
                    if question.kind == "rated":
                        counts[code][self.answer(case, question)] += 1
        return {code: Tally(**{state: held[state] for state in STATES}) for code, held in counts.items()}


def _profile(field, value):
    if value in (None, "", []):
        return None
    if field.kind == "date":
        return date.fromisoformat(value)
    return "; ".join(value) if isinstance(value, list) else value


def _width(question):
    return {"rated": 16, "choice": 18, "choices": 24, "text": 20}.get(question.kind, 14)


def _values(question):
    if question.kind == "rated":
        return "; ".join(STATES)
    if question.kind == "fact":
        return f"true; false; {UNANSWERED} (not established)"
    if question.kind == "text":
        return f"{GIVEN} (see the sheet Notes on cases); {UNANSWERED}"
    several = f"; several are parted by semicolons; {NONE_OF_THEM}" if question.kind == "choices" else ""
    return f"{_codes(question.options)}; {UNANSWERED}{several}"


def _codes(options):
    return _listed((option.code, option.label) for option in options)


def _listed(pairs):
    return "; ".join(code if code == label.casefold() else f"{code} ({label})" for code, label in pairs)


def _named_once(columns):
    """Return the columns with a number behind names that others have already, as a document may use one for two things."""
    seen = Counter()
    named = []
    for column in columns:
        seen[column.name.casefold()] += 1
        number = seen[column.name.casefold()]
        named.append(replace(column, name=f"{column.name} ({number})") if number > 1 else column)
    return tuple(named)
