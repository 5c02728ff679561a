"""Both writers of workbooks, read back by other libraries: nothing is lost, nothing runs, nothing is kept in memory."""

import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.export import shown
from ratings.exports.sheets import NOT_AVAILABLE, Column, Link, Sheet, write_ods, write_xlsx
from ratings.exports.sheets.described import MOST_COLUMNS
from ratings.exports.sheets.ods import letters
from tests.ratings.workbooks import read_ods, read_xlsx

AT = datetime(2026, 3, 5, 14, 2, tzinfo=UTC)
BOTH = pytest.mark.parametrize(("write", "read"), [(write_xlsx, read_xlsx), (write_ods, read_ods)], ids=["xlsx", "ods"])


def written(write, *sheets, **more):
    file = io.BytesIO()
    write(file, sheets, title="Of a test", at=AT, **more)
    file.seek(0)
    return file


def texts(*values, title="Texts"):
    return Sheet(title, "Some texts", (Column("Text", 40),), [[value] for value in values])


@BOTH
class TestBoth:
    def test_a_sheet_comes_back_as_it_was_described(self, write, read):
        first = Sheet(
            "First",
            "The first",
            (Column("Name", 30), Column("Count"), Column("Day"), Column("Moment", 26), Column("Sheet", nothing="[x]")),
            iter(
                [
                    ("One", 1, date(2026, 2, 28), AT, Link("Second")),
                    ("", -7, None, datetime(2026, 7, 1, 12, tzinfo=UTC), None),
                    ("Old", 0, date(1899, 12, 31), None, "plain"),
                ]
            ),
            notes=("One note.", "=Another note."),
            fixed=1,
        )
        found = read(written(write, first, texts("x", title="Second")))
        assert list(found) == ["First", "Second"]
        sheet = found["First"]
        assert sheet.above == ["The first", "One note.", "=Another note."]
        assert sheet.columns == ["Name", "Count", "Day", "Moment", "Sheet"]
        assert sheet.fixed == (4, 1)
        old = "1899-12-31" if write is write_xlsx else date(1899, 12, 31)
        assert sheet.rows == [
            ["One", 1, date(2026, 2, 28), "2026-03-05T14:02:00+00:00", "Second"],
            ["[z]", -7, "[z]", "2026-07-01T13:00:00+01:00", "[x]"],
            ["Old", 0, old, "[z]", "plain"],
        ]
        assert found["Second"].fixed == (2, 0)

    def test_a_table_without_rows_says_so(self, write, read):
        assert read(written(write, texts()))["Texts"].rows == [["[z]"]]

    @pytest.mark.parametrize("value", ["=1+1", "+44", "-none-", "@all", "\tx", "\n=1", "'=1"])
    def test_no_text_runs_as_a_formula(self, write, read, value):
        file = written(write, texts(value, "plain"))
        assert read(file)["Texts"].rows == [[value], ["plain"]]

    @settings(max_examples=40)
    @example(["_x0041_", "_x0041_x0042_", "__x0041__x005F_x0041_", "_x000D_\n"])
    @given(st.lists(st.text(min_size=1), min_size=1, max_size=50))
    def test_any_text_comes_back(self, write, read, values):
        assert read(written(write, texts(*values)))["Texts"].rows == [[shown(value)] for value in values]

    def test_what_is_more_than_a_sheet_takes_goes_on_in_further_ones(self, write, read):
        title = "A title as long as a tab takes."
        sheet = Sheet(title, "Numbers", (Column("Number"),), ([n] for n in range(20)), notes=("A note.",))
        found = read(written(write, sheet, texts("x"), most_rows=10))
        assert list(found) == [title, "A title as long as a tab ta (2)", "A title as long as a tab ta (3)", "Texts"]
        assert [row for held in list(found.values())[:3] for row in held.rows] == [[n] for n in range(20)]
        assert all(held.above == ["Numbers", "A note."] for held in list(found.values())[:3])
        assert read(written(write, texts(*"abcdefgh"), most_rows=10)).keys() == {"Texts"}

    def test_memory_does_not_grow_with_rows(self, write, read):
        def peak(rows):
            sheet = Sheet("Rows", "Rows", (Column("A"), Column("B")), ((f"Text {n}", n) for n in range(rows)))
            with open("/dev/null", "wb") if write is write_xlsx else io.BytesIO() as file:  # noqa: PTH123
                tracemalloc.start()
                try:
                    write(file, [sheet], title="Rows", at=AT)
                    return tracemalloc.get_traced_memory()[1] - len(getattr(file, "getvalue", bytes)())
                finally:
                    tracemalloc.stop()

        assert peak(20_000) < 1.2 * peak(2_000) + 100_000

    def test_the_same_sheets_give_the_same_file(self, write, read):
        files = [written(write, texts("x")).getvalue() for _ in range(3)]
        assert files[0] == files[1] == files[2]

    def test_rows_that_fail_leave_nothing_open_and_no_file_behind(self, write, read, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        def rows():
            yield ["one"]
            raise RuntimeError("The database went away.")

        with pytest.raises(RuntimeError, match="went away"):
            written(write, Sheet("Rows", "Rows", (Column("A"),), rows()))
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("value", [True, 1.5, b"x", ["x"]])
    def test_other_values_are_refused(self, write, read, value):
        with pytest.raises(TypeError, match="nothing that a cell of 'Texts' takes"):
            written(write, texts(value))

    def test_rows_of_another_length_are_refused(self, write, read):
        with pytest.raises(ValueError, match="shorter"):
            written(write, Sheet("A", "A", (Column("One"), Column("Two")), [[1]]))

    def test_two_sheets_of_one_title_are_refused(self, write, read):
        with pytest.raises(ValueError, match="Two sheets are called 'texts'"):
            written(write, texts("x"), texts("y", title="texts"))


class TestSheet:
    @pytest.mark.parametrize("title", ["", "x" * 32, "a/b", "What?", "it's", "[x]", "a:b", "a*b"])
    def test_titles_that_a_tab_does_not_take_are_refused(self, title):
        with pytest.raises(ValueError, match="cannot be the title"):
            texts(title=title)

    @pytest.mark.parametrize("names", [[], ["A", "a"], [""], [f"c{n}" for n in range(MOST_COLUMNS + 1)]])
    def test_columns_need_names_of_their_own(self, names):
        with pytest.raises(ValueError, match="need names"):
            Sheet("A", "A", tuple(map(Column, names)), [])

    def test_shorthand_is_that_of_the_column(self):
        column = Column("A", nothing=NOT_AVAILABLE)
        assert texts().value(column, None) == texts().value(column, "") == "[x]"
        assert texts().value(column, 0) == 0


class TestShown:
    @given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
    def test_what_xml_takes_stays_as_it_is(self, text):
        assert shown(text) == text

    @pytest.mark.parametrize(
        ("text", "as_shown"),
        [
            ("a\tb\nc", "a\tb\nc"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("\x00\x07\x1b", "␀␇␛"),
            ("\ufffe\uffff", r"\ufffe\uffff"),
            ("\ud800", r"\ud800"),
            ("\x7f\x85\u2028", "\x7f\x85\u2028"),
        ],
    )
    def test_what_it_refuses_is_shown_as_such(self, text, as_shown):
        assert shown(text) == as_shown


class TestLongTexts:
    @pytest.mark.parametrize("unit", ["a", "😀", "_x0041_", " \n"], ids=["letters", "two units", "numbered", "blanks"])
    def test_excel_gets_the_rest_in_a_sheet_of_its_own(self, unit):
        long = (unit * 100_000)[:100_000]
        found = read_xlsx(written(write_xlsx, texts("short", long, "x" * 32_767, long[:-1])))
        assert list(found) == ["Texts", "Long texts"]
        cells = [row[0] for row in found["Texts"].rows]
        assert (cells[0], cells[2]) == ("short", "x" * 32_767)
        rest = found["Long texts"].rows
        for number, (cell, whole) in enumerate(((1, long), (3, long[:-1])), 1):
            ending = f" [goes on in the sheet Long texts, as text {number}]"
            parts = [row for row in rest if row[0] == number]
            assert cells[cell].endswith(ending)
            assert [row[1:4] for row in parts] == [["Texts", f"A{cell + 3}", part] for part in range(2, len(parts) + 2)]
            assert cells[cell].removesuffix(ending) + "".join(row[4] for row in parts) == whole
        assert max(len(text.encode("utf-16-le")) // 2 for text in [*cells, *(row[4] for row in rest)]) <= 32_767

    def test_opendocument_holds_them_whole(self):
        long = "Long, and longer. 😀" * 5_000
        found = read_ods(written(write_ods, texts(long)))
        assert found["Texts"].rows == [[long]]
        assert list(found) == ["Texts"]


def test_an_opendocument_file_begins_with_its_type_in_the_clear():
    file = written(write_ods, texts("x"))
    first = zipfile.ZipFile(file).infolist()[0]
    assert (first.filename, first.compress_type, first.extra, first.flag_bits) == (
        "mimetype",
        zipfile.ZIP_STORED,
        b"",
        0,
    )
    assert file.getvalue()[38:84] == b"application/vnd.oasis.opendocument.spreadsheet"


def test_columns_are_called_by_letters():
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
        "XFD",
    ]
