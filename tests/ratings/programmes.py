"""Reading a programme back, whatever it was written as, with other programs than those that wrote it."""

import csv
import io
import json
import zipfile
from datetime import date

from inspections.models import State
from ratings.programme.chosen import whole_programme
from ratings.programme.tables import TITLES, columns_of, standards_of
from ratings.programme.writing import Wanted, write_programme
from tests.ratings.workbooks import read_ods, read_xlsx


def written(folder, format, tables, inspections=None, **options):
    """Write inspections, all unless told otherwise, and return (the file, what was written)."""
    return write_programme(
        whole_programme() if inspections is None else inspections, Wanted(tables, format), folder, **options
    )


def read(file):
    """Return the tables of a file, each as a list of dicts by column name, with values as the format has them."""
    return {".json": read_json, ".zip": read_zip, ".csv": read_csv, ".xlsx": read_book, ".ods": read_book}[file.suffix](
        file
    )


def read_json(file):
    tables = json.loads(file.read_text(encoding="utf-8"))["tables"]
    return {
        name: [dict(zip(held["columns"], row, strict=True)) for row in held["rows"]] for name, held in tables.items()
    }


def read_csv(file):
    return {file.stem: _rows(file.read_bytes())}


def read_zip(file):
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        return {name.removesuffix(".csv"): _rows(archive.read(name)) for name in names}


def read_book(file):
    sheets = {".xlsx": read_xlsx, ".ods": read_ods}[file.suffix](file)
    assert next(iter(sheets)) == "Notes"
    assert all(held.fixed[1] == 1 for title, held in sheets.items() if title != "Notes")
    tables = {title: table for table, title in TITLES.items()}
    return {tables[title]: held.dicts for title, held in sheets.items() if title != "Notes"}


def _rows(raw):
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))


def as_csv_cell(value):
    """Return a value of the JSON as CSV has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_book_cells(table, rows):
    """Return rows of the JSON as a workbook has them: titles over columns, ratings in words, and no cell empty."""
    codes, labels = standards_of(whole_programme())
    columns = {column.name: column for column in columns_of(table, codes)}
    return [
        {columns[name].title: _as_book_cell(columns[name], value, row, labels) for name, value in row.items()}
        for row in rows
    ]


def _as_book_cell(column, value, row, labels):
    if value is None and row["not_shown"]:
        return "[x]"
    if value in (None, ""):
        return "[z]"
    as_kind = {
        "state": lambda code: State(code).label,
        "flag": {True: "Yes", False: "No"}.get,
        "rating": labels.get,
        "date": date.fromisoformat,
    }
    return as_kind.get(column.kind, lambda same: same)(value)
