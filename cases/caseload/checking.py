"""What the rows of a caseload say: candidates for the sample, or faults with line, column, value and reason.

Values in, new values out. Values are codes or labels of the standards document, or the initials of a label where no other
has the same. A child with several disposals is one candidate, by the latest of them, unless every disposal is to be one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from cases.caseload.columns import CHILD, DISPOSAL, DISPOSAL_DATE, OWN_LABELS, REFERENCE, squeezed
from cases.caseload.identifiers import identifier_as_reference, identifier_in
from cases.caseload.reading import Table
from cases.sampling import NOT_CLASSIFIED, window
from standards.document import Document

LONGEST_REFERENCE = 60
LONGEST_TEXT = 200
NOT_SHOWN = "(not shown)"
UNCLASSIFIED = squeezed("not classified")
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y")
MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")


@dataclass(frozen=True)
class Fault:
    """What is wrong on one line of a file. `value` is what stands there, `NOT_SHOWN` where it may identify somebody."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}, “{self.value}”: {self.reason}"


@dataclass(frozen=True)
class Found:
    """A candidate as it was read. `profile` has the fields of the document that are known; `disposals` counts its child's."""

    reference: str
    child: str
    sample: str
    disposal: str
    disposal_date: date
    profile: Mapping[str, Any]
    disposals: int = 1


@dataclass(frozen=True)
class Checked:
    """What was found in a table: candidates in the order of the file, and how many `rows` they come from.

    `unclassified` counts candidates by field that the sample must match and that says nothing for them. Where there are
    `faults` nothing of it may be kept.
    """

    found: tuple[Found, ...]
    rows: int
    faults: tuple[Fault, ...]
    unclassified: Mapping[str, int]

    @property
    def set_aside(self) -> int:
        """How many rows are other disposals of a child who is a candidate already."""
        return self.rows - len(self.found)

    @property
    def stored(self) -> list[list[Any]]:
        """The candidates as JSON takes them."""
        return [
            [held.reference, held.child, held.sample, held.disposal, day, held.disposals, dict(held.profile)]
            for held, day in ((held, held.disposal_date.isoformat()) for held in self.found)
        ]


class _Wrong(Exception):
    """A value does not fit. The text is the reason; `hidden` says that the value may identify somebody."""

    def __init__(self, reason: str, hidden: bool = False) -> None:
        self.hidden = hidden
        super().__init__(reason)


def checksum(stored: list[list[Any]]) -> str:
    """Return what two caseloads share when they say the same."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def strata_of(document: Document, disposal: str, profile: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the value of a case for each field that the sample must match. No value, and “Not classified”, is ""."""
    return tuple(
        disposal if code == DISPOSAL else _classified(profile.get(code, NOT_CLASSIFIED))
        for code in document.sampling.stratify_by
    )


def _classified(value: Any) -> str:
    return NOT_CLASSIFIED if squeezed(str(value)) == UNCLASSIFIED else str(value)


def check_table(
    table: Table,
    columns: Mapping[int, str],
    document: Document,
    fieldwork: date,
    worded: Callable[[str], str],
    *,
    every_disposal: bool = False,
) -> Checked:
    """Return what a table says, read by `columns` (targets by place), for fieldwork that begins on a day."""
    read = [(place, code, _reader_of(code, document, worded)) for place, code in columns.items()]
    check_windows = _windows(document, fieldwork)
    width = len(table.header)
    faults: list[Fault] = []
    found: list[Found] = []
    first_lines: dict[str, int] = {}
    place_of = {code: place for place, code in columns.items()}
    for line, cells in table.rows:
        values: dict[str, Any] = {}
        before = len(faults)
        for place, code, reader in read:
            text = cells[place] if place < len(cells) else ""
            try:
                values[code] = reader(text)
            except _Wrong as wrong:
                shown = NOT_SHOWN if wrong.hidden else _shortened(text)
                faults.append(Fault(line, table.header[place], shown, str(wrong)))
        if len(cells) > width and any(cells[width:]):
            faults.append(Fault(line, "the whole row", "", f"There are more values here than the {width} columns."))
        reference = values.get(REFERENCE)
        if reference:
            first = first_lines.setdefault(reference.casefold(), line)
            if first != line:
                column = table.header[place_of[REFERENCE]]
                reason = f"This reference is on line {first} already. Give every disposal a reference of its own."
                faults.append(Fault(line, column, reference, reason))
        if DISPOSAL in values and DISPOSAL_DATE in values:
            reason = check_windows(values[DISPOSAL], values[DISPOSAL_DATE])
            if reason:
                text = cells[place_of[DISPOSAL_DATE]]
                faults.append(Fault(line, table.header[place_of[DISPOSAL_DATE]], text, reason))
        if len(faults) == before:
            found.append(_found(values))
    candidates = tuple(found if every_disposal else _one_for_each_child(found, document))
    return Checked(candidates, len(table.rows), tuple(faults), _unclassified(candidates, document))


def _found(values: dict[str, Any]) -> Found:
    sample, disposal = values[DISPOSAL]
    profile = {code: value for code, value in values.items() if code not in OWN_LABELS and value not in ("", None, [])}
    return Found(values[REFERENCE], values.get(CHILD, ""), sample, disposal, values[DISPOSAL_DATE], profile)


def _one_for_each_child(found: list[Found], document: Document) -> Iterator[Found]:
    """Yield the candidates, each child once: by the latest disposal, of one day by that of the first sample and first row."""
    order = {sample.code: place for place, sample in enumerate(document.samples)}
    of_child: dict[str, list[Found]] = {}
    for held in found:
        if held.child:
            of_child.setdefault(held.child.casefold(), []).append(held)
    chosen = {
        child: min(several, key=lambda held: (-held.disposal_date.toordinal(), order[held.sample]))
        for child, several in of_child.items()
    }
    for held in found:
        child = held.child.casefold()
        if not child:
            yield held
        elif chosen[child] is held:
            several = len(of_child[child])
            yield replace(held, disposals=several) if several > 1 else held


def _unclassified(candidates: tuple[Found, ...], document: Document) -> dict[str, int]:
    counts = dict.fromkeys((code for code in document.sampling.stratify_by if code != DISPOSAL), 0)
    for held in candidates:
        for code in counts:
            counts[code] += not _classified(held.profile.get(code, NOT_CLASSIFIED))
    return counts


def _windows(document: Document, fieldwork: date) -> Callable[[tuple[str, str], date], str]:
    windows = {sample.code: (sample.label, *window(sample, fieldwork)) for sample in document.samples}

    def outside(disposal: tuple[str, str], day: date) -> str:
        label, first, last = windows[disposal[0]]
        if first <= day <= last:
            return ""
        return (
            f"This is outside the window: {label} cases have a disposal from {in_words(first)} to {in_words(last)}. "
            "Take the row out, or correct the date."
        )

    return outside


def in_words(day: date) -> str:
    """Return a day as people read it: 3 May 2026."""
    return f"{day.day} {day:%B %Y}"


def _shortened(text: str) -> str:
    return NOT_SHOWN if identifier_in(text) else text[:60] + ("…" if len(text) > 60 else "")


def _reader_of(code: str, document: Document, worded: Callable[[str], str]) -> Callable[[str], Any]:
    """Return a function that reads a cell of one column. It raises _Wrong."""
    if code in (REFERENCE, CHILD):
        return _reference if code == REFERENCE else _child
    if code == DISPOSAL:
        labels = {
            (sample.code, held.code): worded(held.label) for sample in document.samples for held in sample.disposals
        }
        return _remembered(_chosen(labels, "disposal", required=True))
    if code == DISPOSAL_DATE:
        return _remembered(_needed_day)
    field = next(held for held in document.profile if held.code == code)
    if field.kind in ("choice", "choices"):
        options = _chosen({("", held.code): worded(held.label) for held in field.options}, "value of this column")

        def one(text: str) -> str:
            return options(text)[1] if text else ""

        def several(text: str) -> list[str]:
            try:  # a label may hold a comma itself
                return [one(text)] if text else []
            except _Wrong:
                return [one(part.strip()) for part in re.split(r"[;,|]", text) if part.strip()]

        return _remembered(one if field.kind == "choice" else several)
    if field.kind == "date":
        return _remembered(_day)
    return _number if field.kind == "number" else _text


def _remembered(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that reads each text once: columns of choices and dates say few different things."""
    known: dict[str, Any] = {}

    def read(text: str) -> Any:
        if text not in known:
            try:
                known[text] = reader(text)
            except _Wrong as wrong:
                known[text] = wrong
        held = known[text]
        if isinstance(held, _Wrong):
            raise held
        return held

    return read


def _chosen(
    labels: Mapping[tuple[str, str], str], what: str, *, required: bool = False
) -> Callable[[str], tuple[str, str]]:
    """Return a reader of one of several values, by (sample, code) and label."""
    names = {squeezed(label): key for key, label in labels.items()}
    names |= {squeezed(code): (sample, code) for sample, code in labels}
    of_initials: dict[str, list[tuple[str, str]]] = {}
    for key, label in labels.items():
        of_initials.setdefault("".join(word[0] for word in re.findall(r"\w+", label.casefold())), []).append(key)

    def read(text: str) -> tuple[str, str]:
        if required and not text:
            raise _Wrong(f"The {what} is missing.")
        name = squeezed(text)
        if name in names:
            return names[name]
        short = of_initials.get(name, [])
        if len(short) > 1:
            raise _Wrong(f"This may be {' or '.join(labels[key] for key in short)}. Write it out.")
        if not short:
            raise _Wrong(f"This is no {what}. Use one of the words of the standards, or its code.")
        return short[0]

    return read


def _reference(text: str) -> str:
    if not text:
        raise _Wrong("The reference is missing.")
    return _child(text)


def _child(text: str) -> str:
    about = identifier_as_reference(text) if text else ""
    if about:
        raise _Wrong(f"This looks like {about}. Put a reference of your own in its place, such as C-0137.", hidden=True)
    if len(text) > LONGEST_REFERENCE:
        raise _Wrong(f"This is longer than {LONGEST_REFERENCE} characters. Use a shorter reference.")
    return text


def _needed_day(text: str) -> date:
    day = _read_day(text)
    if day is None:
        raise _Wrong("The date of the disposal is missing.")
    return day


def _day(text: str) -> str:
    day = _read_day(text)
    return day.isoformat() if day else ""


def _read_day(text: str) -> date | None:
    if not text:
        return None
    text = MIDNIGHT.sub("", text)
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise _Wrong("This is not a date. Write it as 2026-03-27 or 27/03/2026.")


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise _Wrong("This is not a whole number.")
    return int(text)


def _text(text: str) -> str:
    about = identifier_in(text)
    if about:
        raise _Wrong(f"This looks like {about}, which may not be given. Take it out.", hidden=True)
    if len(text) > LONGEST_TEXT:
        raise _Wrong(f"This is longer than {LONGEST_TEXT} characters. Shorten it.")
    return text
