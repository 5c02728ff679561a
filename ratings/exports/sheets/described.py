"""What a workbook holds, whatever its format: sheets of one table each, and how texts stand in their cells.

The layout follows the UK government's guidance "Releasing statistics in spreadsheets": a heading in the first cell, notes
beneath it, then one table that is marked as such, with a header row, no merged cells and no empty ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from math import ceil
from unicodedata import east_asian_width

from django.utils import timezone

from audit.export import shown

# Shorthand for cells without a value, as that guidance has it; a workbook explains what it uses.
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
LONGEST_TITLE = 31
WIDEST_ON_PAPER = 300  # characters
MOST_LINES = 26  # of one row, which Excel lets be 409 points high

_TITLE = re.compile(r"[^\[\]:*?/\\'!]+")


@dataclass(frozen=True)
class Column:
    """A column of a table. `width` is in characters; `nothing` is what a cell without a value shows.

    `meaning`, and `values` where they are codes, are what a data dictionary says of it.
    """

    name: str
    width: int = 12
    nothing: str = NOT_APPLICABLE
    meaning: str = ""
    values: str = ""


@dataclass(frozen=True)
class Link:
    """A cell that leads to another sheet of the workbook, by its title."""

    title: str


Value = str | int | date | datetime | Link | None


@dataclass(frozen=True)
class Sheet:
    """One table on a sheet of its own. `title` is on its tab; `heading` and `notes` stand above the table.

    `rows` are read once, in order, each with a value for every column. An `int` is a whole number, a percentage too; a
    `date` a date, shown as in ISO 8601; a `datetime` stands as ISO 8601 text with its offset; any text stands as it is,
    and never runs as a formula. The first `fixed` columns stay in sight, as the header row does. With `typed_as_text` what
    somebody types into the table later stays as it is typed, too.
    """

    title: str
    heading: str
    columns: tuple[Column, ...]
    rows: Iterable[Iterable[Value]]
    notes: tuple[str, ...] = ()
    fixed: int = 0
    typed_as_text: bool = False

    def __post_init__(self):
        """Refuse what a spreadsheet program would "repair". Raises ValueError."""
        names = [column.name.casefold() for column in self.columns]
        if not _TITLE.fullmatch(self.title) or len(self.title) > LONGEST_TITLE:
            raise ValueError(f"{self.title!r} cannot be the title of a sheet.")
        if not names or len(names) > MOST_COLUMNS or "" in names or len(set(names)) < len(names):
            raise ValueError(
                f"The columns of {self.title!r} need names, each its own, and 1 to {MOST_COLUMNS:,} of them."
            )

    @property
    def header_row(self):
        """The row of the column names, counted from 0."""
        return 1 + len(self.notes)

    @property
    def fits_paper(self):
        """Whether all columns can be read on one sheet of paper."""
        return sum(column.width for column in self.columns) <= WIDEST_ON_PAPER

    def value(self, column, value):
        """Return a value as it stands in the cell of a `Column`: a text, a whole number, a date or a `Link`.

        Raises TypeError for anything else.
        """
        if value is None or value == "":
            return column.nothing
        kind = type(value)
        if kind is int or kind is date or kind is Link:
            return value
        if kind is datetime:
            return timezone.localtime(value).isoformat(timespec="seconds")
        if isinstance(value, str):
            return shown(value)
        raise TypeError(f"{value!r} is nothing that a cell of {self.title!r} takes.")


def lines(columns, values):
    """Return how many lines of text a row is high, by the widths of its columns: 1 to `MOST_LINES`.

    Programs that open a workbook do not all fit its rows to what is in them.
    """
    most = 1
    for column, value in zip(columns, values, strict=True):
        if type(value) is str and (len(value) > column.width or "\n" in value or not value.isascii()):
            most = max(most, sum(max(1, ceil(_width(line) / column.width)) for line in value.split("\n")))
    return min(most, MOST_LINES)


def _width(line):
    if line.isascii():
        return len(line)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def in_parts(sheets, most_rows=MOST_ROWS):
    """Yield each sheet with the rows that fit in it, as (title, sheet, rows); those that do not go on in further sheets.

    A table without rows gets one that says so in every cell. The rows of one part are to be read before the next part.
    Raises ValueError where two have one title.
    """
    titles = set()
    for sheet in sheets:
        rows, part = iter(sheet.rows), 1
        first = next(rows, [None] * len(sheet.columns))
        room = most_rows - sheet.header_row - 1
        while first is not None:
            title = _title(sheet.title, part)
            if title.casefold() in titles:
                raise ValueError(f"Two sheets are called {title!r}.")
            titles.add(title.casefold())
            yield title, sheet, islice(chain([first], rows), room)
            first, part = next(rows, None), part + 1


def _title(title, part):
    if part == 1:
        return title
    end = f" ({part})"
    return title[: LONGEST_TITLE - len(end)] + end
