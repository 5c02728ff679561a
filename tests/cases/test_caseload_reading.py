"""Reading a service's list of cases: every format gives the same table, and every malformed file a sentence."""

import io
import re
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cases.caseload import reading
from cases.caseload.reading import Table, Unreadable, read_table
from tests.cases.caseloads import HEADER, ROWS, as_csv, as_ods, as_xlsx

PLAIN = [["Reference", "Disposal", "Älter"], ["C-1", "Referral order", "É"], ["C-2", "a, b; c", 'said "no"']]
XLSX, ODS = as_xlsx(PLAIN), as_ods(PLAIN)


def refused(data):
    with pytest.raises(Unreadable) as refusal:
        read_table(data)
    return str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [
        as_csv(PLAIN),
        as_csv(PLAIN, encoding="utf-8-sig"),
        as_csv(PLAIN, encoding="utf-16"),
        as_csv(PLAIN, encoding="cp1252"),
        as_csv(PLAIN, delimiter=";"),
        as_csv(PLAIN, delimiter="\t"),
        b"\r\n ,,\n" + as_csv(PLAIN).replace(b"\r\n", b"\n"),
        XLSX,
        ODS,
    ],
    ids=["utf-8", "with mark", "utf-16", "windows-1252", "semicolons", "tabs", "blank lines", "xlsx", "ods"],
)
def test_every_format_gives_the_same_table(data):
    table = read_table(data)
    assert list(table.header) == PLAIN[0]
    assert [list(cells) for _, cells in table.rows] == PLAIN[1:]


def test_what_was_guessed_is_said():
    assert "Windows-1252" in read_table(as_csv(PLAIN, encoding="cp1252")).notes[0]
    assert "semicolons" in read_table(as_csv(PLAIN, delimiter=";")).notes[0]
    assert "several sheets" in read_table(as_xlsx(PLAIN, more=[["Codes"]])).notes[0]
    assert read_table(as_csv(PLAIN)).notes == read_table(XLSX).notes == ()


@pytest.mark.parametrize("make", [as_xlsx, as_ods])
def test_typed_cells_read_as_people_see_them(make):
    table = read_table(make([["Reference", "Date"], [1234567890, date(2026, 3, 2)]]))
    assert table.rows == ((2, ("1234567890", "2026-03-02")),)


def test_tabs_and_line_breaks_of_an_ods_are_there():
    out = io.BytesIO()
    source = io.BytesIO(as_ods([["Reference", "Note"], ["C-1", "a|b&b"]]))
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(out, "w") as made:
        for name in read.namelist():
            marked = read.read(name).replace(b"|", b"<text:tab/>").replace(b"&amp;", b"<text:line-break/>")
            made.writestr(name, marked)
    exactly = reading.Wanted("table", exact=True)
    assert read_table(out.getvalue(), exactly).rows == ((2, ("C-1", "a\tb\nb")),)


def test_lines_are_those_of_the_file():
    text = b'\nref,disposal\n\n"C\n1",RO\n\nC2,RO\n'
    assert read_table(text) == Table(("ref", "disposal"), ((4, ("C 1", "RO")), (7, ("C2", "RO"))), header_line=2)
    rows = [[], ["ref", "disposal"], [], ["C1", "RO"]]
    assert read_table(as_xlsx(rows)).rows == ((4, ("C1", "RO")),)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"ref,disposal\n", "no rows below"),
        (b'ref,disposal\nC1,"RO\nC2,RO\n', "row that begins on line 2 cannot be read"),
        (b"ref,disposal\nC1," + b"x" * 200_000, "line 2 cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old format, or protected"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a CSV file"),
        (b"ref\x81,disposal\xff\n", "not a text"),
        (b"PK\x03\x04nothing", "damaged"),
        (XLSX[: len(XLSX) // 2], "damaged"),
        (ODS.replace(b"<", b"?"), "damaged"),
        (as_xlsx([]), "sheets of this workbook are empty"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(data, sentence):
    with pytest.raises(Unreadable, match=sentence):
        read_table(data)


def test_an_archive_that_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "Nothing here.")
    assert "neither .xlsx nor .ods" in refused(out.getvalue())


def test_what_is_too_large(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert "larger than" in refused(as_csv(PLAIN * 10))
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1000)
    assert "more in this workbook than can be read" in refused(XLSX)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_ROWS", 1)
    assert "more than 1 rows" in refused(as_csv(PLAIN))
    assert "more than 1 rows" in refused(XLSX)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_COLUMNS", 2)
    assert "more than 2 columns" in refused(as_csv(PLAIN))
    assert "more than 2 columns" in refused(XLSX)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_CELLS", 5)
    assert "more than 5 cells" in refused(as_csv(PLAIN))
    assert "more than 5 cells" in refused(XLSX)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_TEXT", 10)
    assert "more in this workbook than can be read" in refused(XLSX)


def test_a_row_that_is_wider_than_any_table_is_refused_and_blank_cells_behind_it_are_not_kept():
    assert "more than 200 columns" in refused(as_csv([*PLAIN, ["C-3", *[""] * 300, "far"]]))
    table = read_table(as_csv([*PLAIN, ["C-3", *[""] * 300]]))
    assert [len(cells) for _, cells in table.rows] == [3, 3, 200]


def with_error(data, part, cell, *, wrong):
    """Return a workbook whose cell that reads so holds an error instead."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert len(re.findall(cell, content)) == 1
                content = re.sub(cell, wrong, content)
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (
            with_error(
                as_xlsx([*PLAIN, [], ["C-3", "", *[""] * 26, 77]]),
                "xl/worksheets/sheet1.xml",
                rb'<c r="AC5"><v>77</v></c>',
                wrong=b'<c r="AC5" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
            ),
            "Row 5, column AC holds the error #DIV/0!. Correct that cell, or empty it,",
        ),
        (
            with_error(
                as_ods([*PLAIN, ["C-3", "hit"]]),
                "content.xml",
                rb'<table:table-cell office:value-type="string"><text:p>hit</text:p></table:table-cell>',
                wrong=(
                    b'<table:table-cell table:number-columns-repeated="3"/><table:table-cell office:value-type="string" '
                    b'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
                    b'office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
                ),
            ),
            "Row 4, column E holds the error #N/A. Correct",
        ),
    ],
    ids=["xlsx", "ods"],
)
def test_a_cell_with_an_error_is_a_fault_with_its_place(data, place):
    assert refused(data).startswith(place)


def test_of_many_errors_some_are_named_and_all_counted():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("A & “B”").write_row(0, 0, ["Reference", "Level"])
        for row in range(1, 9):
            book.worksheets()[0].write_formula(row, 1, "=NA()", value="#N/A")
        book.add_worksheet().write_formula(0, 0, "=NA()", value="#N/A")  # which nobody reads
    told = refused(out.getvalue())
    assert told.startswith("Row 2, column B holds the error #N/A; row 3, column B")
    assert "; 3 more cells hold errors. Correct those cells, or empty them, and" in told


def test_a_workbook_made_to_exhaust_its_reader_ends_in_a_sentence():
    """A sheet of two cells, at its two farthest corners, which a reader would lay out as 17 thousand million."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b'r="C3"', b'r="XFD1048576"').replace(b'<row r="3"', b'<row r="1048576"')
            made.writestr(name, content)
    assert "than can be read" in refused(out.getvalue()) or "more than" in refused(out.getvalue())


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=2, max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_was_written_is_read(rows, delimiter):
    rows = [["a", "b", "c", "d"], *([" ".join(cell.split()) for cell in row] for row in rows)]
    filled = [row for row in rows[1:] if any(row)]
    data = as_csv(rows, delimiter=delimiter)
    if not filled:
        assert "no rows below" in refused(data)
    else:
        assert [list(cells) for _, cells in read_table(data).rows] == filled


def survives(data):
    try:
        table = read_table(data)
    except Unreadable as unreadable:
        assert str(unreadable)[0].isupper()
        assert str(unreadable).endswith(".")
    else:
        assert table.header
        assert table.rows


@settings(deadline=None)
@given(st.binary(max_size=400))
@example(b"a,b\r\r\nc")
@example(b"\xfe\xff\x00")
@example(b'a\n"\x1a')
def test_any_bytes_are_a_table_or_a_sentence(data):
    survives(data)


@settings(deadline=None)
@given(st.sampled_from([as_csv([HEADER, *ROWS]), as_csv([HEADER, *ROWS], encoding="utf-16")]), st.data())
def test_a_spoilt_csv_file_is_a_table_or_a_sentence(whole, data):
    survives(spoilt(whole, data))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([XLSX, ODS]), st.data())
def test_a_spoilt_workbook_is_a_table_or_a_sentence(whole, data):
    """Spoilt within its parts: what spoils the archive itself is found by its check sums before anything is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(out, "w") as made:
        unlucky = data.draw(st.sampled_from(source.namelist()))
        for name in source.namelist():
            content = source.read(name)
            made.writestr(name, spoilt(content, data) if name == unlucky else content)
    survives(out.getvalue())


def spoilt(whole, data):
    """Return bytes with a piece of them replaced by other bytes."""
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 50)))
    return whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:]
