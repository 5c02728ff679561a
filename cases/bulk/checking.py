"""What a table of answers would change in the cases of an inspection: a dry run. Stores nothing.

An empty cell says nothing, so it changes nothing. What stands is taken as it is given, so that whoever holds the cases
finds what would be stored, and whoever does not finds what may be stored later.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from audit.export import shown
from cases.answers import Given, check_given
from cases.asked import applicability_of, asked_questions, holds
from cases.bulk.columns import (
    ASKED_BECAUSE,
    AT_INTERVIEW,
    NOTE,
    PARTS,
    REASON,
    REFERENCE,
    SAMPLE,
    SOURCE,
    VALUE,
    WITHOUT_TEXTS,
    Place,
    names_of,
    not_read,
    places_by_name,
    questions_of_all,
)
from cases.bulk.values import (
    CLEAR,
    NOT_ASKED,
    NOTHING,
    cut_at,
    mark_in,
    reader_of,
    same_text,
    source_in,
    text_in,
)
from cases.caseload.checking import Fault
from cases.caseload.columns import squeezed
from cases.caseload.reading import Table
from cases.models import Case, Source
from cases.pages import answer_in_words
from cases.policies import check_can_answer
from inspections.errors import Refused
from standards.document import NOT_APPLICABLE

LONGEST_SHOWN = 60
LABELS = {
    VALUE: "Answer",
    REASON: "Reason",
    NOTE: "Note",
    ASKED_BECAUSE: "Asked because",
    SOURCE: "Evidence from",
    AT_INTERVIEW: "To be asked at interview",
}
EMPTY = {VALUE: None, AT_INTERVIEW: False}


@dataclass(frozen=True)
class Standing:
    """What stands in a case for one question: every part of it, its version, who gave it and when."""

    content: Mapping[str, object]
    version: int
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Replaced:
    """A part of an answer that stands and differs from what the file says, both in words."""

    line: int
    case: Case
    question: str
    part: str
    stands: str
    given: str
    by: str
    at: datetime

    def __str__(self):
        part = "" if self.part == VALUE else f", {LABELS[self.part].lower()}"
        since = f"{self.by}, {timezone.localtime(self.at):%-d %B %Y, %H:%M}"
        return (
            f"line {self.line}, {self.case.reference}, {self.question}{part}: “{shortened(self.stands)}” stands ({since}), "
            f"and the file says “{shortened(self.given)}”."
        )


@dataclass(frozen=True)
class Turned:
    """An answer that stands and that a row of the file leaves as it is, but takes out of the figures or brings back.

    `asked` says whether the question would be asked then, `because` which fact or key question of the row decides it.
    """

    line: int
    case: Case
    question: str
    asked: bool
    because: str
    stands: str
    by: str
    at: datetime

    def __str__(self):
        since = f"{self.by}, {timezone.localtime(self.at):%-d %B %Y, %H:%M}"
        turns = "would be asked again" if self.asked else "would no longer be asked"
        return (
            f"line {self.line}, {self.case.reference}, {self.question}: “{shortened(self.stands)}” stands ({since}), and the "
            f"question {turns}, because of {self.because}."
        )


@dataclass(frozen=True)
class Changes:
    """What one row changes in its case. `digest` is that of the row: the same row has the same one."""

    case: Case
    line: int
    digest: str
    given: tuple[Given, ...]


@dataclass
class Checked:
    """What was found in a table.

    `new` counts answers where nothing is overwritten, `replaced` lists what is, `unchanged` counts those that stand as
    the file says. `turned` lists answers that stay as they are, and leave the figures or come back. `unread` are names of columns that were not read. Where there are `faults` nothing may be stored.
    """

    rows: int
    changes: list[Changes] = field(default_factory=list)
    replaced: list[Replaced] = field(default_factory=list)
    turned: list[Turned] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    new: int = 0
    unchanged: int = 0

    @property
    def changed(self):
        """How many answers that stand would be replaced."""
        return len({(held.case.pk, held.question) for held in self.replaced})

    @property
    def left_out(self):
        """The answers that stand and would no longer be asked."""
        return [held for held in self.turned if not held.asked]

    @property
    def asked_again(self):
        """The answers that stand and would be asked again."""
        return [held for held in self.turned if held.asked]

    @property
    def cases(self):
        """How many cases would change."""
        return len(self.changes)


class _Wrong(Exception):
    """A cell does not fit. The text is the reason."""


def check_answers(table: Table, inspection, cases: Iterable[Case], standing: Mapping, *, own: bool = False) -> Checked:
    """Return what a table would change in `cases`; with `own` these are only those of the person who asks.

    `standing` has a `Standing` for every question of each case, by the case's key.
    """
    checked = Checked(len(table.rows), notes=list(table.notes))
    columns = _Columns(table, inspection.document, checked)
    if columns.reference is None:
        checked.faults.append(
            Fault(table.header_line, REFERENCE, "", "This column is missing: it says which case it is.")
        )
        return checked
    by_reference = {case.reference: case for case in cases}
    loosely = {}
    for reference in by_reference:
        loosely.setdefault(reference.strip().casefold(), []).append(reference)
    seen: dict[int, int] = {}
    for line, cells in table.rows:
        row = _Row(table, columns, checked, line, cells)
        case = row.case(by_reference, loosely, seen, own=own)
        if case:
            row.check(inspection, case, standing[case.pk])
    return checked


class _Columns:
    """Which column of a table is what."""

    def __init__(self, table, document, checked):
        questions, known, left_out = questions_of_all(document), places_by_name(document), not_read(document)
        self.names = names_of(document)
        self.reference = self.sample = None
        self.read = []
        first = {}
        header = [name.casefold() for name in table.header]
        filled = set()
        if "" in header:
            filled = {place for _, cells in table.rows for place, cell in enumerate(cells) if cell.strip()}
        # Annex 2's table of cases says "given" of a text, and of a fact that nobody answered what the disposal settles.
        self.of_annex = WITHOUT_TEXTS in header
        for place, name in enumerate(header):
            if name and name in first and name not in left_out:
                reason = "This column is there already. Keep one of the two."
                checked.faults.append(Fault(table.header_line, shortened(table.header[place]), "", reason))
                continue
            first[name] = place
            if name == REFERENCE:
                self.reference = place
            elif name == SAMPLE:
                self.sample = place
            elif name in known:
                held = known[name]
                question = questions[held.question]
                if self.of_annex and question.kind == "text" and held.part == VALUE:
                    checked.unread.append(table.header[place])
                else:
                    self.read.append((place, held, _reader(question, held.part)))
            elif name in left_out:
                checked.unread.append(table.header[place])
            elif name or place in filled:
                reason = (
                    "There is no such column in these standards. Name a question by its code, such as 2.1.1, or 2.1.1.reason "
                    "for the reason; or take the column out."
                )
                shown_name = shortened(table.header[place]) or f"column {place + 1}"
                checked.faults.append(Fault(table.header_line, shown_name, "", reason))


def _reader(question, part):
    if part == VALUE:
        return reader_of(question)
    return {SOURCE: source_in, AT_INTERVIEW: mark_in}.get(part, text_in)


class _Row:
    """One row of a table."""

    def __init__(self, table, columns, checked, line, cells):
        self.table, self.columns, self.checked, self.line, self.cells = table, columns, checked, line, cells

    def fault(self, column, value, reason):
        self.checked.faults.append(Fault(self.line, column, shortened(value), reason))

    def fault_at(self, place, reason):
        self.fault(self.table.header[place], self.cell(place), reason)

    def cell(self, place):
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def case(self, by_reference, loosely, seen, *, own):
        """Return the case that the row is about, or None with a fault."""
        width = len(self.table.header)
        if any(cell.strip() for cell in self.cells[width:]):
            self.fault("the whole row", "", f"There are more values here than the {width} columns.")
            return None
        place = self.columns.reference
        reference = text_in(self.cell(place)).strip()
        if not reference:
            self.fault_at(place, "The reference is missing.")
            return None
        alike = loosely.get(reference.casefold(), [])
        case = by_reference.get(reference) or (by_reference[alike[0]] if len(alike) == 1 else None)
        if case is None:
            of_yours = " that is given to you" if own else ""
            self.fault_at(place, f"There is no case{of_yours} of this reference in the inspection.")
            return None
        first = seen.setdefault(case.pk, self.line)
        if first != self.line:
            self.fault_at(place, f"This case is on line {first} already. Keep one row for each case.")
            return None
        return case

    def check(self, inspection, case, standing):
        """Add what the row changes to what was found, or what is wrong with it."""
        before = len(self.checked.faults)
        self._check_sample(inspection, case)
        questions = case.questions
        said = self._said(inspection, case, questions, standing)
        given, contents = [], {code: held.content for code, held in standing.items()}
        for code, parts in said.items():
            was = standing[code]
            content = _merged(was.content, {part: value for part, (_, value) in parts.items()})
            if _same(content, was.content):
                self.checked.unchanged += 1
                continue
            held = Given(question=code, base=was.version, **content)
            if self._fits(questions[code], held, parts, was.content):
                given.append(held)
                contents[code] = content
                replaced = list(self._replaced(case, questions[code], was, content))
                self.checked.replaced += replaced
                self.checked.new += not replaced
        if given:
            self._check_asked(inspection, case, questions, given, contents, standing, said)
            self._check_open(case)
        if given and len(self.checked.faults) == before:
            self.checked.changes.append(Changes(case, self.line, self._digest(), tuple(given)))

    def _check_sample(self, inspection, case):
        place = self.columns.sample
        text = self.cell(place).strip()
        label = inspection.document.sample(case.sample).label
        if text and squeezed(text) not in (squeezed(case.sample), squeezed(label)):
            self.fault_at(place, f"Case {case.reference} is one of the {label} cases. Look whether this is its row.")

    def _said(self, inspection, case, questions, standing):
        """Return what the row says, as {question: {part: (place, value)}}; what cannot be read is a fault."""
        said, wrong = {}, set()
        for place, held, reader in self.columns.read:
            text = self.cell(place)
            word = text.strip().casefold()
            if not word or word == NOT_ASKED:
                continue
            question = questions.get(held.question)
            if held.part == VALUE and word in NOTHING and not (question and question.kind == "text"):
                continue
            if question is None:
                label = inspection.document.sample(case.sample).label
                self.fault_at(place, f"Question {held.question} is not asked of {label} cases. Leave this empty.")
                continue
            try:
                value = self._value(held, text, word, reader, standing)
            except (Refused, _Wrong) as refusal:
                self.fault_at(place, str(refusal))
                wrong.add(held.question)
                continue
            if not self._settled(inspection, case, question, value, standing):
                said.setdefault(held.question, {})[held.part] = (place, value)
        return {code: parts for code, parts in said.items() if code not in wrong}

    def _settled(self, inspection, case, question, value, standing):
        """Return whether the table of cases says of a fact what the disposal settles, and nobody answered it."""
        if not self.columns.of_annex or question.kind != "fact" or standing[question.code].content[VALUE] is not None:
            return False
        settled = holds(inspection.document, question.code, None, case.disposal)
        return settled is not None and value == str(settled).lower()

    def _value(self, held, text, word, reader, standing):
        if word == CLEAR:
            return EMPTY.get(held.part, "")
        value = reader(text)
        if isinstance(value, str) and (begun := cut_at(value)) is not None:
            stands = standing[held.question].content[held.part] or ""
            if shown(stands).startswith(begun):
                return stands
            raise _Wrong(
                "This text was cut, since a cell of Excel takes no more. Send the table as CSV or .ods instead."
            )
        return value

    def _fits(self, question, given, parts, was):
        """Return whether an answer fits its question; else it is a fault. `was` is what stands."""
        # A reason that is awaited already may go on being awaited, so that a note can be added meanwhile.
        awaits = was[VALUE] == NOT_APPLICABLE and not was[REASON]
        part, why = VALUE, ""
        if given.reason and given.value != NOT_APPLICABLE:
            part, why = REASON, "A reason only goes with “not applicable”."
        elif question.role == "key_question" and given.value == NOT_APPLICABLE and not given.reason and not awaits:
            why = f"Say why {question.code} is not applicable, in the column {self._column(question.code, REASON)}."
        else:
            try:
                check_given(question, given)
            except Refused as refusal:
                part, why = next(iter(parts)), str(refusal)
        if why:
            place, _ = parts.get(part, (None, None))
            self.fault(self._column(question.code, part), self.cell(place), why)
        return not why

    def _column(self, question, part):
        return self.columns.names[Place(question, part)]

    def _replaced(self, case, question, was, content):
        for part in PARTS:
            before, after = was.content[part], content[part]
            if before in (None, "", False) or _same_part(before, after):
                continue
            if part == REASON and was.content[VALUE] != content[VALUE]:
                continue  # it goes with its answer
            words = [_in_words(case, question, part, held) for held in (before, after)]
            yield Replaced(self.line, case, question.code, part, *words, was.by, was.at)

    def _check_asked(self, inspection, case, questions, given, contents, standing, said):
        """What the facts leave out takes no new answer; the facts of this row come first."""

        def asked_with(contents):
            return asked_questions(
                inspection.document,
                inspection.applicability,
                case.sample,
                {code: held[VALUE] for code, held in contents.items() if questions[code].kind == "fact"},
                {code: held[ASKED_BECAUSE] for code, held in contents.items() if held[ASKED_BECAUSE]},
                case.disposal,
            )

        asked = asked_with(contents)
        if any(
            questions[held.question].kind == "fact"
            or held.asked_because != standing[held.question].content[ASKED_BECAUSE]
            for held in given
        ):
            before = asked_with({code: held.content for code, held in standing.items()})
            self._turn(inspection, case, questions, contents, standing, before ^ asked, asked)
        for held in given:
            question = questions[held.question]
            stood = standing[held.question].content[VALUE]
            hidden = question.kind == "rated" and held.question not in asked
            if hidden and held.value is not None and held.value != stood:
                place, _ = said[held.question].get(VALUE, (None, None))
                reason = self._column(question.key_question, ASKED_BECAUSE)
                self.fault(
                    self._column(held.question, VALUE),
                    self.cell(place),
                    f"Question {held.question} is not asked in this case, because of its facts. To ask it anyway, give the "
                    f"reason in the column {reason}.",
                )

    def _turn(self, inspection, case, questions, contents, standing, turned, asked):
        """Add the answers that stay as they stand, and that are asked no more or again."""
        for code, question in questions.items():
            was = standing[code]
            value = was.content[VALUE]
            if code not in turned or value is None or contents[code][VALUE] != value:
                continue
            because = question.key_question
            if bool(standing[because].content[ASKED_BECAUSE]) == bool(contents[because][ASKED_BECAUSE]):
                key_question = inspection.document.key_questions[because]
                because = applicability_of(inspection.document, inspection.applicability, key_question).fact
            words = answer_in_words(case, question, value)
            self.checked.turned.append(Turned(self.line, case, code, code in asked, because, words, was.by, was.at))

    def _check_open(self, case):
        try:
            check_can_answer(case)
        except Refused as refusal:
            self.fault_at(self.columns.reference, str(refusal))

    def _digest(self):
        told = [
            [name, cell] for name, cell in zip(self.table.header, self.cells, strict=False) if name and cell.strip()
        ]
        return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()


def _merged(was, said):
    content = {**was, **said}
    if REASON not in said and content[VALUE] != NOT_APPLICABLE:
        content[REASON] = ""
    return content


def _same(one, other):
    return all(_same_part(one[part], other[part]) for part in PARTS)


def _same_part(one, other):
    return same_text(one, other) if isinstance(one, str) and isinstance(other, str) else one == other


def _in_words(case, question, part, value):
    if part == VALUE:
        return answer_in_words(case, question, value)
    if part == AT_INTERVIEW:
        return "Yes" if value else "No"
    return (dict(Source.choices)[value] if part == SOURCE and value else value) or "Nothing"


def shortened(text: str) -> str:
    """Return the beginning of a text, as a page or a line of a terminal can hold it."""
    text = shown(text)
    return text[:LONGEST_SHOWN] + ("…" if len(text) > LONGEST_SHOWN else "")
