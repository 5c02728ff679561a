"""A program of its own that writes the first sheet of a workbook (.xlsx or .ods), read from standard input, as CSV.

It runs beside the server (`cases.caseload.reading` starts it), so that a workbook made to exhaust its reader ends this
program and nothing else. The first line of the output is JSON: which sheet it is and which others hold something, or the
fault. Every row of the sheet follows, empty ones too, so that the lines keep their numbers. Takes the most rows, the most
columns and the most characters of text as arguments.
"""

import contextlib
import csv
import datetime
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator

import python_calamine

MEMORY = 2 * 1024**3  # bytes
SECONDS = 60
# Marks within a text of an .ods, which the reader leaves out, and what they stand for.
MARKS = {re.compile(rb"<text:tab(\s[^>]*)?/>"): b"\t", re.compile(rb"<text:line-break(\s[^>]*)?/>"): b"\n"}


def main(most_rows: int, most_columns: int, most_text: int) -> None:
    """Read the workbook and write what is in it."""
    with contextlib.suppress(ValueError, OSError):  # a system that knows no such limit, or has a smaller one
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="")
    try:
        lines = list(written(sys.stdin.buffer.read(), most_rows, most_columns, most_text))
    except Exception:
        lines = [json.dumps({"fault": "unreadable"}) + "\n"]
    out.writelines(lines)
    out.flush()


def written(data: bytes, most_rows: int, most_columns: int, most_text: int) -> Iterator[str]:
    """Yield the output line by line."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(spelt_out(data)))
    shown = [held.name for held in book.sheets_metadata if held.visible == python_calamine.SheetVisibleEnum.Visible]
    sheets = [book.get_sheet_by_name(name) for name in shown]
    filled = [(sheet, end) for sheet in sheets if (end := sheet.end) is not None]
    if not filled:
        yield json.dumps({"fault": "empty"}) + "\n"
        return
    sheet, (last_row, last_column) = filled[0]
    if last_row >= most_rows or last_column >= most_columns:
        yield json.dumps({"fault": "rows" if last_row >= most_rows else "columns"}) + "\n"
        return
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    for row in sheet.to_python(skip_empty_area=False):
        writer.writerow([in_words(value) for value in row])
        if lines.tell() > most_text:
            yield json.dumps({"fault": "text"}) + "\n"
            return
    yield json.dumps({"sheet": sheet.name, "others": [held.name for held, _ in filled[1:]]}) + "\n"
    yield lines.getvalue()


def spelt_out(data: bytes) -> bytes:
    """Return a workbook with the characters that marks in an .ods stand for; any other as it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if "content.xml" not in packed.namelist():
            return data
        content = packed.read("content.xml")
        if not any(mark.search(content) for mark in MARKS):
            return data
        for mark, character in MARKS.items():
            content = mark.sub(character, content)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name in packed.namelist():
                made.writestr(name, content if name == "content.xml" else packed.read(name))
    return out.getvalue()


def in_words(value: object) -> str:
    """Return a cell as text: a day as 2019-02-04, and a whole number without decimals."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
