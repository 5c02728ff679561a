"""`manage.py annex`: only the result on standard output, files whole or not at all, and clear refusals."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.actions import record_answer
from cases.answers import Given
from ratings.annex import as_data, build_annex
from ratings.exports import FORMATS, Format, files
from ratings.exports.files import as_bytes
from ratings.exports.taking import take_out
from ratings.models import Result

pytestmark = pytest.mark.django_db


def run_raw(*arguments):
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    call_command("annex", *map(str, arguments), stdout=out, stderr=err)
    out.flush()
    return out.buffer.getvalue(), err.getvalue()


def run(*arguments):
    out, err = run_raw(*arguments)
    return out.decode(), err


@pytest.fixture
def binary(monkeypatch):
    """Have a format that is no text."""
    held = Format("binary", "Bytes", "application/octet-stream", lambda annex: b"\x00\xff\r\n\n")
    monkeypatch.setitem(FORMATS, "binary", held)


@pytest.mark.usefixtures("binary")
def test_standard_output_has_the_result_and_nothing_else(sefton):
    for code in FORMATS:
        wanted = as_bytes(take_out(sefton, FORMATS[code])[1])
        assert run_raw("sefton-2019", "--format", code) == (wanted, "")


@pytest.mark.usefixtures("binary")
def test_bytes_are_not_sent_to_a_screen(sefton):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen = Screen()
    with pytest.raises(CommandError, match="Name a file with --output"):
        call_command("annex", "sefton-2019", "--format", "binary", stdout=screen)
    assert screen.getvalue() == ""
    assert not Event.objects.filter(action="annex.exported").exists()


def test_figures_that_are_behind_are_computed_first(sefton, lead):
    case = sefton.cases.filter(answers__question="2.1.1", answers__value="yes").first()
    answer = case.answers.get(question="2.1.1")
    record_answer(case=case, by=lead, given=Given("2.1.1", "no", note=answer.note, base=answer.version))
    before = as_data(build_annex(sefton, Result.objects.get(inspection=sefton)))
    after = json.loads(run("sefton-2019", "--format", "json")[0])
    assert after["sequence"] == before["sequence"] + 1
    kinds = [data["domains"][1]["standards"][0]["key_questions"][0]["no"] for data in (before, after)]
    assert kinds[1] == kinds[0] + 1


def test_results_that_are_missing_are_computed(sefton):
    Result.objects.all().delete()
    assert json.loads(run("sefton-2019", "--format", "json")[0])["score"] == 12


def test_hidden_figures_are_written_with_a_word_of_warning(closed):
    out, err = run("sefton-2019", "--format", "json")
    assert json.loads(out)["score"] == 12
    assert err == "Not every case is submitted: pages and downloads hide some of these figures until then.\n"


def test_a_format_that_nobody_knows_is_refused(inspection):
    with pytest.raises(
        CommandError, match=r"parchment is not a format of Annex 2\. The formats there are: docx, odt, html"
    ):
        run(inspection.slug, "--format", "parchment")


def test_an_inspection_that_is_not_there_is_refused_with_those_that_are(inspection):
    with pytest.raises(CommandError, match=rf"There is no inspection seften\. There are: {inspection.slug}\."):
        run("seften", "--format", "json")


@pytest.mark.parametrize("code", ["docx", "odt"])
def test_the_tables_can_be_had_alone(sefton, code):
    wanted = FORMATS[code].render_tables(build_annex(sefton, sefton.result))
    assert run_raw("sefton-2019", "--format", code, "--tables-alone") == (wanted, "")
    assert wanted != FORMATS[code].render(build_annex(sefton, sefton.result))


def test_what_has_no_other_layout_is_refused_in_it(sefton):
    with pytest.raises(CommandError, match="has its tables alone as docx and odt, and not as csv"):
        run("sefton-2019", "--format", "csv", "--tables-alone")


class TestOutput:
    def test_the_file_holds_the_result_to_the_letter(self, sefton, tmp_path):
        file = tmp_path / "annex.csv"
        out, err = run("sefton-2019", "--format", "csv", "--output", file)
        assert (out, err) == ("", f"Wrote {file}.\n")
        assert file.read_bytes().decode() == FORMATS["csv"].render(build_annex(sefton, sefton.result))
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.usefixtures("binary")
    def test_bytes_are_written_as_they_are(self, sefton, tmp_path):
        run("sefton-2019", "--format", "binary", "--output", tmp_path / "annex.bin")
        assert (tmp_path / "annex.bin").read_bytes() == b"\x00\xff\r\n\n"

    def test_an_old_file_is_replaced_whole(self, sefton, tmp_path):
        file = tmp_path / "annex.json"
        file.write_text("old" * 100_000)
        run("sefton-2019", "--format", "json", "--output", file)
        assert json.loads(file.read_text())["score"] == 12

    def test_when_writing_fails_the_old_file_stands_and_nothing_else(self, sefton, tmp_path, monkeypatch):
        def full(descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(files.os, "fsync", full)
        file = tmp_path / "annex.json"
        file.write_text("old")
        with pytest.raises(CommandError, match="cannot be written: No space left on device"):
            run("sefton-2019", "--format", "json", "--output", file)
        assert file.read_text() == "old"
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize(
        ("place", "sentence"), [("", "is not a file"), ("no/such/folder.json", "cannot be written")]
    )
    def test_a_place_that_takes_no_file_is_refused(self, sefton, tmp_path, place, sentence):
        with pytest.raises(CommandError, match=sentence):
            run("sefton-2019", "--format", "json", "--output", tmp_path / place)
