"""The table of answers goes out and comes back unchanged, in every format, and carries an inspection over whole."""

import io
import json

import openpyxl
import pytest
from django.core.management import call_command

from cases.actions import exclude_case, record_answers
from cases.answers import Given
from cases.bulk.actions import dry_run, import_answers
from cases.bulk.reading import opened
from ratings.actions import recompute
from ratings.annex import as_data, build_annex
from ratings.bundle.load import load_bundle
from ratings.exports import FORMATS
from ratings.exports.files import as_bytes
from ratings.exports.taking import take_out
from tests.people import EXAMPLES
from tests.ratings.office import needs_libreoffice, saved

pytestmark = pytest.mark.django_db

SLUGS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
CODES = [code for code in FORMATS if code.startswith("answers.")]
TEXTS = (
    "=1+1", "-none", "'=1", "(clear)", "'(not asked)", "two\r\nlines", "\nbelow", "  blanks  between  ", "Ünïcödé, “quoted”; €",
    "a, b; c", "\ttab", "_x000D_", "<b>&amp;</b>", "\x0b",
)  # fmt: skip


def taken_out(inspection, code="answers.csv"):
    return as_bytes(take_out(inspection, FORMATS[code])[1])


def emptied(slug, lead):
    """Return an example as it was before anybody answered anything."""
    bundle = json.loads((EXAMPLES / f"{slug}.json").read_text())
    bundle["inspection"]["slug"] = f"{slug}-again"
    bundle["service"]["slug"] = f"{slug}-again"
    bundle["discretion"] = []
    for case in bundle["cases"]:
        case |= {"answers": {}, "facts": {}, "notes": {}, "status": "allocated"}
        case.pop("hidden_answers", None)
    return load_bundle(raw=json.dumps(bundle).encode(), by=lead)


@pytest.fixture
def written(sefton, lead):
    """Return Sefton's inspection with texts that are hard to carry, and every part that an answer has."""
    case = sefton.cases.get(reference="C01")
    rows = {row.question: row for row in case.answers.all()}
    questions = [code for code in rows if code.startswith("2.1")][: len(TEXTS)]
    answers = [
        Given(
            code,
            rows[code].value,
            note=text,
            reason=rows[code].reason,
            source="both",
            at_interview=True,
            base=rows[code].version,
        )
        for code, text in zip(questions, TEXTS, strict=True)
    ]
    answers.append(Given("SUP11.narrative", "=SUM(A1)\r\nand more", base=rows["SUP11.narrative"].version))
    record_answers(case=case, by=lead, answers=answers)
    return sefton


@pytest.mark.parametrize("code", CODES)
def test_what_goes_out_comes_back_and_changes_nothing(written, lead, code):
    table = opened(taken_out(written, code))
    checked, _ = dry_run(inspection=written, table=table, by=lead, own=False)
    assert (checked.faults, checked.changes, checked.unread) == ([], [], [])
    assert checked.unchanged > 2000


def test_what_is_typed_into_the_workbook_stays_text(written):
    sheet = openpyxl.load_workbook(io.BytesIO(taken_out(written, "answers.xlsx"))).active
    header = next(row for row in sheet.iter_rows() if row[0].value == "reference")
    below = [cell for row in sheet.iter_rows(min_row=header[0].row + 1) for cell in row]
    assert {cell.number_format for cell in below} == {"@"}
    assert sheet.column_dimensions["A"].number_format == "@"


def test_every_format_holds_the_same_cells(written):
    csv, *others = (opened(taken_out(written, code)) for code in CODES)
    for other in others:
        assert other.header == csv.header
        assert [cells for _, cells in other.rows] == [cells for _, cells in csv.rows]


def test_excluded_cases_are_there_and_say_why(sefton, lead):
    exclude_case(case=sefton.cases.get(reference="C02"), reason="=No file", by=lead)
    table = opened(taken_out(sefton))
    assert table.header[:3] == ("reference", "sample", "excluded")
    assert [cells[2] for _, cells in table.rows][:3] == ["", "'=No file", ""]
    checked, _ = dry_run(inspection=sefton, table=table, by=lead, own=False)
    assert (checked.faults, checked.changes, checked.unread) == ([], [], ["excluded"])


@pytest.mark.parametrize("slug", SLUGS)
def test_an_example_is_carried_over_with_its_ratings(make_example, lead, slug):
    example = make_example(slug)
    again = emptied(slug, lead)
    file = taken_out(example)
    checked = import_answers(inspection=again, table=opened(file), by=lead, own=False)
    assert (checked.changed, checked.unchanged) == (0, 0)
    assert taken_out(again) == file
    figures = [as_data(build_annex(held, recompute(inspection_id=held.pk)))["domains"] for held in (example, again)]
    for before, after in zip(
        *([standard for domain in held for standard in domain["standards"]] for held in figures), strict=True
    ):
        assert before["key_questions"] == after["key_questions"]
        assert before["calculated"] == after["calculated"]


def test_hard_texts_are_carried_over_too(written, lead):
    again = emptied("sefton-2019", lead)
    import_answers(inspection=again, table=opened(taken_out(written, "answers.ods")), by=lead, own=False)
    assert taken_out(again) == taken_out(written)


def test_the_table_of_cases_comes_back_too(sefton, lead):
    again = emptied("sefton-2019", lead)
    checked = import_answers(inspection=again, table=opened(taken_out(sefton, "cases.csv")), by=lead, own=False)
    assert "SUP11.narrative" in checked.unread
    assert checked.new > 2000


@needs_libreoffice
@pytest.mark.parametrize("to", ["xlsx", "ods"])
def test_saved_by_a_spreadsheet_program_it_still_says_the_same(written, lead, tmp_path, to):
    for code in CODES[1:]:
        ending = code.rpartition(".")[2]
        (tmp_path / f"of-{ending}.{ending}").write_bytes(taken_out(written, code))
    for path in saved(tmp_path, to):
        checked, _ = dry_run(inspection=written, table=opened(path.read_bytes()), by=lead, own=False)
        changed = {given.note for change in checked.changes for given in change.given}
        # LibreOffice drops tabs from the texts of an .ods.
        assert (checked.faults, changed) == ([], {"'tab"} if path.stem == "of-ods" else set())
        assert checked.unchanged > 2000


def test_the_command_writes_it(sefton, lead, tmp_path, capsys):
    path = tmp_path / "answers.xlsx"
    call_command("annex", "sefton-2019", "--format", "answers.xlsx", "--output", str(path))
    assert path.read_bytes()[:2] == b"PK"
    capsys.readouterr()
    call_command("import_answers", "sefton-2019", str(path), "--by", lead.email)
    told = json.loads(capsys.readouterr().out)
    assert (told["changed"], told["new"], told["replaced"]) == (False, 0, 0)


def test_the_table_of_cases_untouched_changes_nothing(sefton, lead, make_case):
    case = make_case(sefton, reference="C-99", sample="out_of_court", disposal="youth_conditional_caution")
    record_answers(case=case, by=lead, answers=[Given("3.1.1", "not_applicable")])
    checked, _ = dry_run(inspection=sefton, table=opened(taken_out(sefton, "cases.csv")), by=lead, own=False)
    assert (checked.faults, checked.changes) == ([], [])
    assert checked.unchanged > 2000
