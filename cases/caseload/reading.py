"""Reading a file that somebody sends: CSV, or the first sheet of an .xlsx or .ods workbook, as one table of texts.

Values in, new values out, except that a workbook is read by a program of its own (`cases.caseload.workbook`). Whatever a
file holds, it is either a `Table` or `Unreadable` with a sentence.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 300 * 1024 * 1024  # bytes of a workbook, which is a zip archive
MOST_PARTS = 2_000  # files in that archive
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELLS = 2_000_000
MOST_TEXT = 100_000_000  # characters of a sheet
SECONDS = 90  # that a workbook may take

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
WORKBOOK = Path(__file__).with_name("workbook.py")


class Unreadable(Exception):
    """The file is no table that can be read. The text is a sentence with the remedy."""


@dataclass(frozen=True)
class Wanted:
    """What a file should hold, in words that go on from "the", and how it is read.

    With `named_by` the first row is the one that has a column of that name, so that titles may stand above it; else the
    first with something in it. `exact` keeps the blanks and line ends of cells below it. `columns` is how many there may
    be, 0 for `MOST_COLUMNS`.
    """

    holds: str
    columns: int = 0
    named_by: str = ""
    exact: bool = False

    @property
    def most_columns(self) -> int:
        """How many columns there may be."""
        return self.columns or MOST_COLUMNS


LIST_OF_CASES = Wanted("list of cases")


@dataclass(frozen=True)
class Table:
    """The first row of a file with something in it, and every row below that has something in it, with its line.

    `notes` are sentences about how the file was read.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...] = ()
    header_line: int = 1


def read_table(data: bytes, wanted: Wanted = LIST_OF_CASES) -> Table:
    """Return the table in a file. Raises Unreadable."""
    if not data.strip():
        raise Unreadable(f"This file is empty. Choose the file with the {wanted.holds}.")
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"This file is larger than {MOST_BYTES // 1024**2} MB, the most that is taken. Take out columns and sheets "
            "that are not needed, and save it again."
        )
    if data.startswith(OLD_OFFICE):
        raise Unreadable(
            "This workbook is in Excel’s old format, or protected by a password. Save it as .xlsx or CSV, without a "
            "password."
        )
    if data.startswith(b"PK"):
        text, notes = _of_workbook(data, wanted)
        delimiter = ","
    else:
        text, notes = _decoded(data, wanted)
        delimiter = _delimiter_of(text, wanted)
        if delimiter != ",":
            notes.append(f"Columns were read as divided by {DELIMITERS[delimiter]}.")
    return _table(text, delimiter, notes, wanted)


def _decoded(data: bytes, wanted: Wanted) -> tuple[str, list[str]]:
    notes = []
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable(
                f"This is not a text that can be read. Save the {wanted.holds} as CSV (UTF-8), .xlsx or .ods."
            ) from None
        notes.append("The file is not in UTF-8. It was read as Windows-1252: look at letters with accents.")
    if CONTROL.search(text):
        raise Unreadable(
            f"This is not a CSV file, nor a workbook. Save the {wanted.holds} as CSV (UTF-8), .xlsx or .ods."
        )
    return text, notes


def _delimiter_of(text: str, wanted: Wanted) -> str:
    """Return what divides the columns of the row that names them: the one that makes most of them.

    That row is the first with something in it, or the first with the name that is wanted, however it is divided.
    """
    for line in text.splitlines() if wanted.named_by else ():
        if wanted.named_by in line.casefold():
            ways = {delimiter: _cells_of(line, delimiter) for delimiter in DELIMITERS}
            named = [one for one, cells in ways.items() if wanted.named_by in map(_squeezed_name, cells)]
            if named:
                return max(named, key=lambda one: len(ways[one]))
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=outside.count)


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a value that is far too long
        return []


def _table(text: str, delimiter: str, notes: list[str], wanted: Wanted) -> Table:
    header: tuple[str, ...] = ()
    header_line = 1
    rows: list[tuple[int, tuple[str, ...]]] = []
    count = 0
    for line, cells in _lines(text, delimiter, wanted):
        if any(map(str.strip, cells[wanted.most_columns :])):
            raise Unreadable(_too_many("columns", wanted))
        del cells[wanted.most_columns :]
        if not any(map(str.strip, cells)):
            continue
        if not header:
            if wanted.named_by and wanted.named_by not in map(_squeezed_name, cells):
                continue
            header, header_line = _header(cells), line
            continue
        count += len(cells)
        if count > MOST_CELLS:
            raise Unreadable(_too_many("cells", wanted))
        rows.append((line, tuple(cells)))  # the collector looks at tuples of texts once, and at lists again and again
        if len(rows) > MOST_ROWS:
            raise Unreadable(_too_many("rows", wanted))
    if wanted.named_by and not header:
        raise Unreadable(f"No column is called “{wanted.named_by}”. Choose the file with the {wanted.holds}.")
    if not rows:
        raise Unreadable(f"There are no rows below the names of the columns. Choose the file with the {wanted.holds}.")
    return Table(header, tuple(rows), tuple(notes), header_line)


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [" ".join(cell.split()) for cell in cells]
    while not names[-1]:
        names.pop()
    return tuple(names)


def _squeezed_name(cell: str) -> str:
    return cell.strip().casefold()


def _lines(text: str, delimiter: str, wanted: Wanted) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable(
                f"The row that begins on line {line} cannot be read: a quotation mark is missing there, or a value is far too "
                f"long. Save the {wanted.holds} as CSV (UTF-8), .xlsx or .ods again."
            ) from None
        yield line, cells if wanted.exact else [" ".join(cell.split()) for cell in cells]


def _of_workbook(data: bytes, wanted: Wanted) -> tuple[str, list[str]]:
    """Return the first sheet of a workbook as CSV."""
    _check_archive(data, wanted)
    limits = [str(limit) for limit in (MOST_ROWS + 1, wanted.most_columns, MOST_TEXT)]
    try:
        # Isolated, our own file, and no shell: what the file holds goes in as bytes alone.
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(WORKBOOK), *limits],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(_too_many("text", wanted)) from None
    first, _, rest = ended.stdout.decode("utf-8", "replace").partition("\n")
    said: dict[str, Any] = json.loads(first) if ended.returncode == 0 and first else {"fault": "text"}
    if said.get("fault") == "errors":
        raise Unreadable(_of_errors(said["errors"], said["count"]))
    if "fault" in said:
        raise Unreadable(_too_many(said["fault"], wanted))
    notes = []
    if said["others"]:
        notes.append("The workbook has several sheets. The first was read, and no other.")
    return rest, notes


def _of_errors(errors: list[tuple[int, int, str]], count: int) -> str:
    """Return a sentence that says which cells hold errors of the spreadsheet. They count from 1."""
    places = [
        f"row {row}, column {_letters(column)} holds {f'the error {error[:20]}' if error else 'an error'}"
        for row, column, error in errors
    ]
    more = count - len(errors)
    if more:
        places.append(f"{more:,} more {'cell holds an error' if more == 1 else 'cells hold errors'}")
    told = "; ".join(places)
    which = "that cell, or empty it," if count == 1 else "those cells, or empty them,"
    return f"{told[0].upper()}{told[1:]}. Correct {which} and send the workbook again."


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _too_many(what: str, wanted: Wanted) -> str:
    return {
        "rows": f"There are more than {MOST_ROWS:,} rows. Take out those that are not cases of this inspection.",
        "columns": f"There are more than {wanted.most_columns:,} columns. Take out those that are not needed.",
        "cells": f"There are more than {MOST_CELLS:,} cells. Take out columns that are not needed, or divide the file into "
        "several.",
        "text": f"There is more in this workbook than can be read. Copy the {wanted.holds} into a new one, and save that.",
        "empty": f"The sheets of this workbook are empty. Choose the file with the {wanted.holds}.",
        "unreadable": _BROKEN,
    }[what]


_BROKEN = "This workbook is damaged, or neither .xlsx nor .ods. Open it, and save it again as .xlsx, .ods or CSV."


def _check_archive(data: bytes, wanted: Wanted) -> None:
    """Raise Unreadable for an archive that is damaged, or larger unpacked than a table can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable(_too_many("text", wanted))
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("This workbook is protected by a password. Save it without one.")
            # A part that is larger than it says, or damaged, is found by unpacking it.
            if archive.testzip() is not None:
                raise Unreadable(_BROKEN)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError):
        raise Unreadable(_BROKEN) from None
