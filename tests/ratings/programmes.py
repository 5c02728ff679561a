"""Reading a programme back, whatever it was written as, with other programs than those that wrote it."""

import csv
import io
import json
import zipfile

from ratings.programme.chosen import whole_programme
from ratings.programme.tables import columns_of, standards_of
from ratings.programme.writing import Wanted, write_programme


def written(folder, format, tables, inspections=None, **options):
    """Write inspections, all unless told otherwise, and return (the file, what was written)."""
    return write_programme(
        whole_programme() if inspections is None else inspections, Wanted(tables, format), folder, **options
    )


def read(file):
    """Return the tables of a file, each as a list of dicts by column name, with values as the format has them."""
    return {".json": read_json, ".zip": read_zip, ".csv": read_csv}[file.suffix](file)


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


def _rows(raw):
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))


def as_csv_cell(value):
    """Return a value of the JSON as CSV has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def kinds(table):
    """Return what the columns of a table hold, by their names."""
    codes, _ = standards_of(whole_programme())
    return {column.name: column.kind for column in columns_of(table, codes)}
