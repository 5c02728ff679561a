"""Annex 2 as files: each holds what the JSON holds, and taking one out is recorded."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import pypdf
import pytest
from django.urls import reverse

from audit.models import Event
from cases.actions import record_answer
from cases.answers import Given
from ratings.actions import lock_ratings
from ratings.annex import as_data, as_json, build_annex
from ratings.exports import FORMATS, FormatNotAvailable, get_format
from ratings.exports.files import as_bytes
from ratings.exports.table import COLUMNS, cell
from ratings.exports.taking import take_out
from ratings.models import Result
from tests.ratings.documents import READERS
from tests.ratings.tables import tables
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["sefton-2019", "nottingham-city-2020"])
def annex(request, make_example):
    """Return the Annex of an example, one with a discretion and one without."""
    inspection = make_example(request.param)
    return build_annex(inspection, inspection.result)


def as_cell(value):
    return "" if value is None else str(value)


class TestCsv:
    def test_it_holds_what_the_json_holds_cell_by_cell(self, annex):
        data = as_data(annex)
        rows = csv.DictReader(io.StringIO(FORMATS["csv"].render(annex), newline=""))
        for domain in data["domains"]:
            for standard in domain["standards"]:
                for question in standard["key_questions"] or [None]:
                    row = next(rows)
                    for name in ("inspection", "service", "standards", "score", "maximum", "overall", "sequence"):
                        assert row[name] == as_cell(data[name])
                    assert (row["domain"], row["domain.title"]) == (domain["code"], domain["title"])
                    assert row["standard"] == standard["code"]
                    for name in ("title", "statement", "rating", "calculated"):
                        assert row[name] == as_cell(standard[name])
                    for name, value in (standard["discretion"] or {}).items():
                        assert row[f"discretion.{name}"] == as_cell(value)
                    if question is None:
                        assert row["code"] == standard["code"]
                        assert not any(row[name] for name in ("text", "yes", "unanswered", "percent", "band"))
                        continue
                    for name, value in question.items():
                        assert row[name] == as_cell(value)
        assert next(rows, None) is None

    def test_it_says_that_answers_are_invented(self, annex):
        for invented in (True, False):
            rows = csv.DictReader(io.StringIO(FORMATS["csv"].render(replace(annex, invented_answers=invented))))
            assert {row["invented_answers"] for row in rows} == {"true" if invented else "false"}

    def test_texts_cannot_run_as_formulas_and_stay_text(self, annex):
        evil = replace(annex, service='=HYPERLINK("http://example.org")')
        text = FORMATS["csv"].render(evil)
        assert all(row["service"].startswith("'=") for row in csv.DictReader(io.StringIO(text)))

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-none-", "'-none-"),
            ("@all", "'@all"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("plain = text", "plain = text"),
            ("", ""),
            (-1, -1),
            (None, None),
        ],
    )
    def test_which_cells_are_guarded(self, value, written):
        assert cell(value) == written

    def test_columns_are_named_once(self):
        assert len(COLUMNS) == len(set(COLUMNS))


class TestHtml:
    def test_its_three_tables_are_what_the_json_says(self, annex):
        data = as_data(annex)
        found = tables(FORMATS["html"].render(annex))
        assert [caption for caption, _ in found] == [
            f"{domain['code']}. {domain['title']}" for domain in data["domains"]
        ]
        for (_, rows), domain in zip(found, data["domains"], strict=True):
            rows = iter(rows[1:])
            for standard in domain["standards"]:
                mark = "*" if standard["discretion"] else ""
                assert next(rows) == [
                    f"{standard['code']}. {standard['title']} {standard['statement']}",
                    f"{annex.labels[standard['rating']]}{mark}",
                ]
                for question in standard["key_questions"]:
                    counts = (
                        f"{question['yes']} yes, {question['no']} no, {question['not_applicable']} not applicable, "
                        f"{question['not_asked']} not asked, {question['unanswered']} unanswered"
                    )
                    assert next(rows) == [
                        f"{question['code']}. {question['text']} {counts}",
                        f"{question['percent']}%",
                    ]
                if not standard["key_questions"]:
                    judged = annex.domains[0].standards[int(standard["code"][-1]) - 1].judged_questions
                    for code, text in judged:
                        assert next(rows) == [f"{code}. {text}"]
            assert next(rows, None) is None

    def test_it_stands_alone(self, annex):
        html = FORMATS["html"].render(annex)
        assert "<script" not in html
        assert not re.search(r"(src|href|url\()", html)
        assert f"{annex.score}/{annex.maximum}" in html
        assert html.count("<h1") == 1
        assert annex.licence[:40] in html

    def test_it_says_that_answers_are_invented(self, annex):
        sentence = "Case answers in this inspection are invented to fit published percentages."
        assert sentence in FORMATS["html"].render(annex)
        assert sentence not in FORMATS["html"].render(replace(annex, invented_answers=False))

    def test_what_people_write_is_escaped(self, annex):
        assert "<b>" not in FORMATS["html"].render(replace(annex, service="A <b>bold</b> service"))


class TestFormats:
    def test_each_is_found_by_its_code(self):
        for code, held in FORMATS.items():
            assert get_format(code) is held
            assert held.label
            assert held.content_type

    @pytest.mark.parametrize("code", ["doc", ""])
    def test_others_are_refused_with_those_there_are(self, code):
        with pytest.raises(FormatNotAvailable, match="The formats there are: docx, odt, html"):
            get_format(code)

    def test_json_says_invented_only_when_true(self, annex):
        assert as_data(annex)["invented_answers"] is True
        assert "invented_answers" not in as_data(replace(annex, invented_answers=False))


def said(content):
    """Return what a file says: its text, or that of the files packed in it."""
    if content.startswith(b"%PDF"):
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
        return text + re.sub(r"\s", "", text)  # a checksum is longer than a line
    if not content.startswith(b"PK"):
        return content.decode()
    packed = zipfile.ZipFile(io.BytesIO(content))
    return "".join(packed.read(name).decode() for name in packed.namelist())


class TestDownload:
    def test_it_comes_as_a_file_and_is_recorded(self, client, sefton, inspector, lead, manager):
        for user in (inspector, lead, manager):
            client.force_login(user)
            for code in FORMATS:
                response = client.get(reverse("ratings:export", args=[sefton.public_id, code]))
                assert response.status_code == 200
                assert response["Content-Disposition"] == f'attachment; filename="sefton-2019-annex-2.{code}"'
                assert response["Content-Type"] == FORMATS[code].content_type
                assert response["Cache-Control"] == "no-store, private"
                assert response.content == as_bytes(take_out(sefton, FORMATS[code])[1])
                event = Event.objects.filter(action="annex.exported").latest("id")
                assert (event.who, event.inspection) == (user.name, str(sefton.public_id))
                cases = {"cases": sefton.cases.count()} if FORMATS[code].has_cases else {}
                assert event.detail == {"format": code, "sequence": sefton.result.sequence} | cases

    @pytest.mark.parametrize("code", READERS)
    def test_its_tables_can_be_had_alone(self, client, sefton, lead, code):
        client.force_login(lead)
        html = client.get(reverse("ratings:annex", args=[sefton.public_id])).content.decode()
        address = f"{reverse('ratings:export', args=[sefton.public_id, code])}?layout=tables"
        assert f'href="{address}"' in html
        response = client.get(address)
        assert response["Content-Disposition"] == f'attachment; filename="sefton-2019-annex-2-tables.{code}"'
        assert response.content == FORMATS[code].render_tables(build_annex(sefton, sefton.result))
        event = Event.objects.filter(action="annex.exported").latest("id")
        assert event.detail == {"format": code, "sequence": sefton.result.sequence, "layout": "tables"}

    def test_what_has_no_other_layout_is_not_found_in_it(self, client, sefton, lead):
        client.force_login(lead)
        address = reverse("ratings:export", args=[sefton.public_id, "csv"])
        assert client.get(f"{address}?layout=tables").status_code == 404
        assert not Event.objects.filter(action="annex.exported").exists()

    def test_formats_that_are_not_there_are_not_found(self, client, inspection, lead):
        client.force_login(lead)
        assert client.get(reverse("ratings:export", args=[inspection.public_id, "nothing"])).status_code == 404

    def test_without_the_permission_nothing_is_recorded(self, client, sefton, administrator):
        client.force_login(administrator)
        assert client.get(reverse("ratings:export", args=[sefton.public_id, "csv"])).status_code == 403
        assert not Event.objects.filter(action="annex.exported").exists()
        assert "Take Annex 2 out" not in client.get(reverse("ratings:annex", args=[sefton.public_id])).content.decode()

    def test_what_came_in_since_is_in_it(self, client, sefton, lead):
        case = sefton.cases.filter(answers__question="2.1.1", answers__value="yes").first()
        answer = case.answers.get(question="2.1.1")
        record_answer(case=case, by=lead, given=Given("2.1.1", "no", note=answer.note, base=answer.version))
        before = Result.objects.get(inspection=sefton).tallies["2.1.1"]
        client.force_login(lead)
        data = json.loads(client.get(reverse("ratings:export", args=[sefton.public_id, "json"])).content)
        question = data["domains"][1]["standards"][0]["key_questions"][0]
        assert (question["yes"], question["no"]) == (before[0] - 1, before[1] + 1)

    def test_locked_ratings_say_so_in_every_format(self, client, sefton, lead):
        frozen = lock_ratings(inspection=make_ready(sefton, lead), by=lead)
        client.force_login(lead)
        for code in FORMATS:
            if not FORMATS[code].has_cases or code in ("xlsx", "ods"):
                content = client.get(reverse("ratings:export", args=[sefton.public_id, code])).content
                text = READERS[code](content).whole if code in READERS else said(content)
                assert frozen.checksum in text
                assert lead.name in text

    def test_the_json_is_the_annex(self, annex):
        assert FORMATS["json"].render(annex) == as_json(annex)
