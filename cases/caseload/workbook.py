"""A program of its own that writes the first sheet of a workbook (.xlsx or .ods), read from standard input, as CSV.

It runs beside the server (`cases.caseload.reading` starts it), so that a workbook made to exhaust its reader ends this
program and nothing else. The first line of the output is JSON: which sheet it is and which others hold something, or the
fault, such as cells that hold errors. Every row of the sheet follows, empty ones too, so that the lines keep their numbers. Takes the most rows, the most
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
from xml.etree import ElementTree

import python_calamine

MEMORY = 2 * 1024**3  # bytes
SECONDS = 60
# Marks within a text of an .ods, which the reader leaves out, and what they stand for.
# Where this is nowhere in a sheet, no cell holds an error. The reader gives those as empty.
ERRORS = {"xlsx": re.compile(rb"\bt\s*=\s*[\"']e[\"']"), "ods": re.compile(rb"value-type\s*=\s*[\"']error[\"']")}
MOST_TOLD = 5  # errors by their place
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
    data = spelt_out(data)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
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
    errors = list(errors_in(data, sheet.name))
    if errors:
        yield json.dumps({"fault": "errors", "count": len(errors), "errors": errors[:MOST_TOLD]}) + "\n"
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


def errors_in(data: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Yield (row, column, error) of each cell of a sheet that holds an error such as #N/A. Both count from 1.

    Raises KeyError where the workbook has no such sheet in a format that is known.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {name.replace("\\", "/").casefold(): name for name in packed.namelist()}
        if "content.xml" in parts:
            content = packed.read(parts["content.xml"])
            if ERRORS["ods"].search(content):
                yield from errors_of_ods(content, sheet)
            return
        content = packed.read(parts[part_of(packed, parts, sheet).casefold()])
    # What is not in UTF-8 is looked through whole.
    if ERRORS["xlsx"].search(content) or b"\0" in content[:4]:
        yield from errors_of_xlsx(content)


def part_of(packed: zipfile.ZipFile, parts: dict[str, str], sheet: str) -> str:
    """Return which part of an .xlsx holds a sheet."""
    book = ElementTree.fromstring(packed.read(parts["xl/workbook.xml"]))  # noqa: S314 (this program may be exhausted)
    links = ElementTree.fromstring(packed.read(parts["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    targets = {held.get("Id"): held.get("Target", "") for held in links}
    for held in book.iter():
        if local(held.tag) == "sheet" and held.get("name") == sheet:
            link = next(value for name, value in held.items() if local(name) == "id" and name != "id")
            target = targets[link].replace("\\", "/").removeprefix("/")
            return target if target.casefold().startswith("xl/") else f"xl/{target}"
    raise KeyError(sheet)


def errors_of_xlsx(content: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield the errors of a sheet of an .xlsx. A row or cell that does not say its place follows the one before."""
    row = column = 0
    for event, held in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):  # noqa: S314
        name = local(held.tag)
        if event == "start" and name == "row":
            row, column = int(held.get("r", row + 1)), 0
        elif event == "start" and name == "c":
            letters = held.get("r", "").rstrip("0123456789")
            column = number_of(letters) if letters else column + 1
        elif event == "end" and name == "c" and held.get("t") == "e":
            yield row, column, held.findtext("{*}v") or ""
        elif event == "end" and name == "row":
            held.clear()


def errors_of_ods(content: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Yield the errors of a sheet of an .ods, where rows and cells that are alike stand once with their number."""
    inside, row, column = False, 0, 0
    for event, held in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):  # noqa: S314
        name, said = local(held.tag), {local(key): value for key, value in held.items()}
        if name == "table":
            inside, row = event == "start" and said.get("name") == sheet, 0
        elif inside and name == "table-row" and event == "end":
            row += int(said.get("number-rows-repeated", 1))
            held.clear()
        elif inside and name == "table-row":
            column = 0
        elif inside and name in ("table-cell", "covered-table-cell") and event == "end":
            if "error" in [value for key, value in held.items() if local(key) == "value-type"]:
                yield row + 1, column + 1, "".join(held.itertext()).strip()
            column += int(said.get("number-columns-repeated", 1))


def local(name: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]


def number_of(letters: str) -> int:
    """Return the number of a column from its letters: 1 for A."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


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
