"""Workbooks as Excel files."""

import json
import re
from datetime import UTC, date
from tempfile import TemporaryDirectory, TemporaryFile

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from audit.export import looks_like_formula, shown
from ratings.exports.sheets.described import MOST_ROWS, Column, Link, Sheet, in_parts, lines

LONGEST = 32_767  # UTF-16 units in one cell
FIRST_DAY = date(1900, 3, 1)  # Excel counts a 29 February 1900 that never was
LONG_TEXTS = "Long texts"
LINE = 15  # points


# How Excel writes characters by number: texts that look so by themselves are to stay as they are.
_NUMBERED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def write_xlsx(file, sheets, *, title, at, most_rows=MOST_ROWS):
    """Write a workbook of `Sheet`s to a binary file. `title` is that of the document, `at` the moment it is made.

    A text longer than a cell takes goes on in a last sheet, "Long texts", and its cell says where.
    """
    with TemporaryDirectory() as folder, TemporaryFile("w+", dir=folder, encoding="utf-8") as kept:
        book = Workbook(file, _settings(folder))
        try:
            book.set_properties({"title": title, "author": "Evenhand", "created": at.astimezone(UTC)})
            writer = _Writer(book, kept)
            for part in in_parts(sheets, most_rows):
                writer.add(*part)
            for part in in_parts(writer.long_texts(), most_rows):
                writer.add(*part)
            book.close()
        finally:
            # Where the rows failed, so that nothing is left open.
            for sheet in book.worksheets():
                sheet._opt_close()


def _settings(folder):
    # Made anew for each book, since the library writes into them. Without the scheme, Arial is what is shown.
    return {
        "constant_memory": True,
        "use_zip64": True,
        "tmpdir": folder,
        "default_format_properties": {"font_name": "Arial", "font_size": 12, "font_scheme": False},
        "default_column_width": 80,
    }


class _Worksheet(Worksheet):
    @staticmethod
    def _escape_control_characters(data):
        # The library's own leaves the second of two that share an underscore. Control characters never come this far.
        return _NUMBERED.sub("_x005F_", data) if "_x" in data else data


class _Writer:
    """One workbook that is being written. Long texts are kept in a temporary file until the last sheet."""

    def __init__(self, book, kept):
        self.book, self.kept, self.long = book, kept, 0
        top = {"valign": "top", "text_wrap": True}
        self.cell = book.add_format(top)
        self.number = book.add_format({"valign": "top", "align": "right", "indent": 1})
        self.formula_like = book.add_format({**top, "quote_prefix": True})
        self.text = book.add_format({**top, "num_format": "@"})
        self.formula_like_text = book.add_format({**top, "num_format": "@", "quote_prefix": True})
        self.date = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})
        self.heading = book.add_format({"bold": True, "font_size": 16})
        self.header = book.add_format({"bold": True, "valign": "top", "text_wrap": True, "bottom": 2})
        self.link = book.add_format({"valign": "top", "font_color": "#1D70B8", "underline": True})

    def add(self, title, sheet, rows):
        """Write a sheet."""
        to = self.book.add_worksheet(title, worksheet_class=_Worksheet)
        for number, column in enumerate(sheet.columns):
            to.set_column(number, number, column.width, self.text if sheet.typed_as_text else None)
        header = sheet.header_row
        to.freeze_panes(header + 1, sheet.fixed)
        to.repeat_rows(header)
        to.set_landscape()
        to.set_paper(9)
        if sheet.fits_paper:
            to.fit_to_pages(1, 0)
        table = self._marked(to, title, sheet)
        to.write_string(0, 0, shown(sheet.heading), self.heading)
        for number, note in enumerate(sheet.notes, 1):
            to.write_string(number, 0, shown(note))
        last = header
        self._row(to, header, sheet.columns, [column.name for column in sheet.columns], self.header)
        for last, row in enumerate(rows, header + 1):
            values = [sheet.value(*held) for held in zip(sheet.columns, row, strict=True)]
            self._row(to, last, sheet.columns, values, as_text=sheet.typed_as_text)
            # What is kept of a row that is written already.
            to.row_info.pop(last - 1, None)
            to.row_sizes.pop(last - 1, None)
        whole = xl_range(header, 0, last, len(sheet.columns) - 1)
        table.update(range=whole, a_range=whole, autofilter=whole)

    def _marked(self, to, title, sheet):
        # The library marks no table where it keeps no rows, as it would write the header once more. Here it is asked
        # before any row, for a table of one, which grows with the rows.
        to.constant_memory = False
        header = sheet.header_row
        to.add_table(
            header,
            0,
            header + 1,
            len(sheet.columns) - 1,
            {
                "name": "Table_" + re.sub(r"\W+", "_", title),
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [{"header": column.name} for column in sheet.columns],
                "title": sheet.heading,
            },
        )
        to.constant_memory = True
        to.table.clear()
        return to.tables[-1]

    def _row(self, to, row, columns, values, form=None, *, as_text=False):
        high = lines(columns, values)
        if high > 1:
            to.set_row(row, LINE * high)
        for column, value in enumerate(values):
            self._write(to, row, column, value, form, as_text=as_text)

    def _write(self, to, row, column, value, form=None, *, as_text=False):
        plain, like = (self.text, self.formula_like_text) if as_text else (self.cell, self.formula_like)
        if type(value) is int:
            to.write_number(row, column, value, self.number)
        elif type(value) is str:
            form = form or (like if looks_like_formula(value) else plain)
            to.write_string(row, column, self._fitting(to, row, column, value), form)
        elif type(value) is Link:
            to.write_url(row, column, f"internal:'{value.title}'!A1", self.link, value.title)
        elif value >= FIRST_DAY:
            to.write_datetime(row, column, value, self.date)
        else:
            to.write_string(row, column, value.isoformat(), self.cell)

    def _fitting(self, to, row, column, text):
        if len(text) <= LONGEST // 2 or _units(text) <= LONGEST:
            return text
        self.long += 1
        ending = f" [goes on in the sheet {LONG_TEXTS}, as text {self.long}]"
        begun, rest = _cut(text, LONGEST - len(ending))
        part = 1
        while rest:
            part += 1
            here, rest = _cut(rest, LONGEST)
            told = [self.long, to.get_name(), xl_rowcol_to_cell(row, column), part, here]
            self.kept.write(json.dumps(told) + "\n")
        return begun + ending

    def long_texts(self):
        """Yield the sheet of the texts that went on, where there are any."""
        if self.long:
            self.kept.seek(0)
            yield Sheet(
                LONG_TEXTS,
                "Texts that are longer than a cell of Excel",
                (Column("Text"), Column("Sheet", 20), Column("Cell"), Column("Part"), Column("Words", 100)),
                map(json.loads, self.kept),
                notes=(
                    f"A cell of Excel takes {LONGEST:,} characters. Part 1 of each text stands in the cell that is named.",
                ),
            )


def _units(text):
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text, units):
    """Return the text's beginning of at most that many UTF-16 units, and the rest."""
    whole = text.encode("utf-16-le")
    end = 2 * units
    if whole[end - 1 : end] and 0xD8 <= whole[end - 1] < 0xDC:
        end -= 2  # both halves of a character stay together
    return whole[:end].decode("utf-16-le"), whole[end:].decode("utf-16-le")
