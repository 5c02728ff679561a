"""Annex 2 in Word and OpenDocument: the figures of the JSON, cell by cell, laid out as the reports print them."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from html import unescape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit.export import cell, shown
from ratings.actions import lock_ratings
from ratings.annex import Lock, as_data, discretion_note, read_frozen
from ratings.exports import FORMATS
from ratings.exports.document import NOTHING
from ratings.exports.files import as_bytes
from tests.published.expected import SLUGS
from tests.ratings.documents import READERS
from tests.ratings.office import converted, needs_libreoffice
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture(params=READERS)
def code(request):
    """Return the code of each format in turn."""
    return request.param


@pytest.fixture
def annex(example_annex):
    """Return the Annex of an example with a discretion."""
    return example_annex("nottingham-city-2020")


def read(code, annex, *, tables_alone=False):
    return READERS[code](FORMATS[code].renderer(tables_alone=tables_alone)(annex))


@pytest.mark.parametrize("slug", SLUGS)
def test_each_example_holds_the_figures_of_the_json_cell_by_cell(example_annex, slug, code):
    annex = example_annex(slug)
    data, document = as_data(annex), read(code, annex)
    labels = {**annex.labels, None: "No relevant case"}
    notes = enumerate(document.footnotes, 1)

    def marked(standard):
        if standard["discretion"] is None:
            return labels[standard["rating"]]
        number, note = next(notes)
        assert standard["discretion"]["reason"] in note
        assert f" at {standard['discretion']['percent']}% " in note
        return f"{labels[standard['rating']]}[^{number}]"

    # The ratings page
    score, *ratings = [block for block in document.under("Ratings") if isinstance(block, list)]
    assert score == [
        [data["service"], f"Score {data['score']}/{data['maximum']}"],
        ["Overall rating", labels[data["overall"]]],
    ]
    for table, domain in zip(ratings, data["domains"], strict=True):
        assert table == [
            ["Standard", "Rating"],
            *([f"{held['code']} {held['title']}", marked(held)] for held in domain["standards"]),
        ]

    # Annex 2
    heading = f"{annex.heading}: Inspection results"
    *_, one, two, three = [block for block in document.under(heading) if isinstance(block, list)]
    for table, domain, words in zip((one, two, three), annex.domains, data["domains"], strict=True):
        rows = iter(table)
        assert next(rows) == ["Standards and key questions", "Rating and % yes" if domain.sample else "Rating"]
        for held, standard in zip(domain.standards, words["standards"], strict=True):
            title = f"{standard['code']}. {standard['title']}\n{standard['statement']}"
            assert next(rows) == [title, marked(standard)]
            for asked in standard["key_questions"]:
                assert next(rows) == [f"{asked['code']}.\t{asked['text']}", f"{asked['percent']}%"]
            for asked, text in held.judged_questions:
                assert next(rows) == [f"{asked}.\t{text}", NOTHING]
        assert next(rows, None) is None
    assert next(notes, None) is None

    # The chapters and the counts
    sampled = [domain for domain in data["domains"] if domain["standards"][0]["key_questions"]]
    small = iter(block for block in document.under("Tables for the chapters") if isinstance(block, list))
    counts = iter(block for block in document.under("Counts behind the percentages") if isinstance(block, list))
    for domain in sampled:
        rows = iter(next(counts))
        assert next(rows) == ["Key question", "Yes", "No", "Not applicable", "Not asked", "Unanswered", "% yes", "Band"]
        for standard in domain["standards"]:
            asked = standard["key_questions"]
            mark = standard["discretion"] and standard["discretion"]["key_question"]
            assert next(small) == [
                ["Key questions", "% yes"],
                *([held["text"], f"{held['percent']}%{'*' if held['code'] == mark else ''}"] for held in asked),
            ]
            for held in asked:
                five = [held[name] for name in ("yes", "no", "not_applicable", "not_asked", "unanswered")]
                assert next(rows) == [held["code"], *map(str, five), f"{held['percent']}%", labels[held["band"]]]
        assert next(rows, None) is None
    assert next(small, None) is None
    assert next(counts, None) is None


def test_both_formats_say_the_same(annex):
    for tables_alone in (False, True):
        word, text = (read(code, annex, tables_alone=tables_alone) for code in READERS)
        styles = {style for style, _ in word.paragraphs}
        assert {"Title", "Heading 1", "Annex Note"} <= styles
        assert word.footer[0] == text.footer[0]
        assert [line.split("\tPage ")[0] for line in word.footer] == [line.split("\tPage ")[0] for line in text.footer]
        word.footer = text.footer = []
        assert word.bold == text.bold
        assert word == text


class TestLayout:
    def test_with_the_preamble(self, annex, code):
        document = read(code, annex)
        said = "\n".join(text for _, text in document.paragraphs)
        assert "a sample of 30 court disposals and 20 out-of-court disposals" in said
        assert "aligned to the lowest banding" in said
        assert "to generate the overall YOT rating" in said
        assert "a total score ranging from 0 to 36" in said
        assert [text for style, text in document.paragraphs if style == "List Bullet"] == [
            "0–6 = Inadequate",
            "7–18 = Requires improvement",
            "19–30 = Good",
            "31–36 = Outstanding.",
        ]
        assert [
            ["Lowest banding (key question level)", "Rating (standard)"],
            ["Minority: <50%", "Inadequate"],
            ["Too few: 50–64%", "Requires improvement"],
            ["Reasonable majority: 65–79%", "Good"],
            ["Large majority: 80%+", "Outstanding"],
        ] in document.tables

    def test_the_tables_alone_are_the_rest_of_it(self, annex, code):
        alone, whole = read(code, annex, tables_alone=True), read(code, annex)
        assert [table for table in whole.tables if table not in alone.tables] == [
            table for table in whole.tables if "Minority" in str(table)
        ]
        assert not [style for style, _ in alone.paragraphs if style == "List Bullet"]
        assert "In this inspection" not in alone.whole

    def test_tables_can_be_read_aloud(self, annex, code):
        document = read(code, annex)
        assert (document.unrepeated, document.merged) == (0, 0)
        assert all(cell.strip() for table in document.tables for row in table for cell in row)
        assert all(len({len(row) for row in table}) == 1 for table in document.tables)
        assert document.language == "en-GB"
        assert document.title == "Nottingham City Youth Justice Service: Annexe 2: Inspection results"
        content = FORMATS[code].render(annex)
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".xml")}
        if code == "docx":
            assert 'w:lang w:val="en-GB"' in parts["word/styles.xml"]
            assert parts["word/document.xml"].count("<w:tblCaption ") == len(document.tables)
        else:
            assert 'fo:language="en" fo:country="GB"' in parts["styles.xml"]
            assert parts["content.xml"].count("<table:title>") == len(document.tables)

    def test_the_deciding_percentages_stand_out(self, annex, code):
        bold = [text for text in read(code, annex).bold if text.rstrip("*").endswith("%")]
        assert bold == ["90%", "90%", "71%", "77%", "45%*", "45%", "45%", "33%", "33%", "28%", "35%"]

    def test_discretion_has_the_wording_of_the_record(self, annex, code):
        used = next(held for held in annex.domains[1].standards if held.discretion)
        note, document = discretion_note(annex, used), read(code, annex)
        assert document.footnotes == [note, note]
        notes = [text for style, text in document.paragraphs if style == "Annex Note"]
        assert notes[0] == f"* {note}"
        assert (
            f"{note} Decided by Lead inspector at 14:30 on 2 December 2019, and ratified by Ratifying manager."
            in document.whole
        )

    def test_each_paragraph_has_a_style_that_can_be_changed(self, annex, code):
        with zipfile.ZipFile(io.BytesIO(FORMATS[code].render(annex))) as package:
            body = package.read("word/document.xml" if code == "docx" else "content.xml").decode()
        if code == "docx":
            assert body.count("<w:p>") == body.count("<w:pStyle ")
            assert not re.search(r"<w:(b|sz|rFonts|color)\b", body)
        else:
            assert "<text:p>" not in body
            assert "style:text-properties" not in body

    def test_it_is_dated_by_its_figures(self, annex, code):
        with zipfile.ZipFile(io.BytesIO(FORMATS[code].render(annex))) as package:
            about = package.read("docProps/core.xml" if code == "docx" else "meta.xml").decode()
        dates = re.findall(r"(\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-]\d\d:\d\d))<", about)
        assert len(dates) == 2
        assert {datetime.fromisoformat(found) for found in dates} == {datetime.fromisoformat(annex.computed_at)}

    def test_without_discretion_there_are_no_notes(self, example_annex, code):
        document = read(code, example_annex("oxfordshire-2020"))
        assert document.footnotes == []
        assert "*" not in document.whole
        assert "discretion" not in document.whole

    def test_what_is_not_rated_yet_says_so(self, annex, code):
        domain = annex.domains[1]
        asked = replace(domain.standards[0].key_questions[0], yes=0, no=0, unanswered=30, percent=None, band=None)
        unrated = replace(domain.standards[0], rating=None, calculated=None, key_questions=(asked,))
        document = read(
            code, replace(annex, score=None, overall=None, domains=(replace(domain, standards=(unrated,)),))
        )
        assert document.tables[0] == [
            [annex.service, "Score: not yet rated"],
            ["Overall rating", "Not yet rated"],
        ]
        assert ["2.1 Assessment", "Not yet rated"] in document.tables[1]
        assert [asked.text, "No relevant case"] in document.tables[2]
        assert ["2.1.1", "0", "0", "0", "0", "30", NOTHING, "No relevant case"] in document.tables[-1]


class TestStanding:
    def test_before_the_lock_it_is_provisional(self, annex, code):
        document = read(code, annex)
        computed = datetime.fromisoformat(annex.computed_at)
        at = f"{computed:%H:%M} on {computed.day} {computed:%B %Y}"
        about, standing = document.footer
        assert about == (
            "Nottingham City Youth Justice Service. Inspection nottingham-city-2020, standards youth-2018, version 1. "
            "Invented case answers."
        )
        assert standing.startswith(f"Provisional: as at {at}, change {annex.sequence}.\tPage ")
        notices = [text for style, text in document.paragraphs if style == "Annex Notice"]
        assert notices[0] == "Case answers in this inspection are invented to fit published percentages."
        assert notices[1].startswith(
            f"Provisional: as computed at {at}, with every change up to number {annex.sequence}."
        )

    def test_once_locked_it_has_the_checksum(self, sefton, lead, code):
        frozen = lock_ratings(inspection=make_ready(sefton, lead), by=lead)
        annex = read_frozen(frozen)
        document = read(code, replace(annex, invented_answers=False))
        assert f"Checksum {frozen.checksum}." in document.footer[1]
        assert document.footer[1].startswith("Locked at ")
        assert f"The ratings were locked by {lead.name} at " in document.whole
        assert "rovisional" not in document.whole
        assert "nvented" not in document.whole

    def test_the_same_annex_gives_the_same_file(self, annex, code):
        assert FORMATS[code].render(annex) == FORMATS[code].render(annex)

    def test_the_type_of_an_opendocument_comes_first_and_bare(self, annex):
        with zipfile.ZipFile(io.BytesIO(FORMATS["odt"].render(annex))) as package:
            first = package.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
            assert package.read("mimetype").decode() == FORMATS["odt"].content_type


def with_texts(annex, text):
    """Return an Annex of one standard, with a text wherever somebody writes one."""
    domain = annex.domains[1]
    held = domain.standards[3]
    used = replace(held.discretion, reason=text, decided_by=text, ratified_by=text)
    asked = tuple(replace(question, text=f"Q{text}") for question in held.key_questions)
    held = replace(held, title=f"T{text}", statement=f"S{text}", discretion=used, key_questions=asked)
    return replace(
        annex,
        service=f"A{text}",
        service_word=text,
        about_questions=text,
        locked=Lock(annex.computed_at, text, "c" * 64),
        domains=(replace(domain, title=f"D{text}", standards=(held,)),),
    )


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=()), max_size=40))
@example(text="\x00\x07\x1b\ufffe\uffff\ud800")
@example(text="  two  spaces\t\ttabs \n\n\r\r\nlines\u2028\x85 ")
@example(text="</w:t><b>&amp;]]>\"'{child}[^1]")
@example(text="﷽ 𐍈 👩🏽‍🚒 עברית \u202e")
def test_any_text_is_read_back(annex, code, text):
    document = read(code, with_texts(annex, text))
    said = shown(text)
    assert document.blocks[0] == ("Title", shown(f"A{text}"))
    assert f"The ratings were locked by {said} at " in document.whole
    note = f"Reason: {said}"
    assert [held.endswith(note.rstrip(" ")) for held in document.footnotes] == [True, True]
    *_, asked = (row for table in document.tables for row in table if row[0].startswith("2.4.3.\t"))
    assert asked[0] == f"2.4.3.\tQ{said}"
    assert f"Decided by {said} at " in document.whole
    assert f"different aspects of quality{', ' + said if text else ''}." in document.whole
    assert document.title == shown(f"A{text}: Annexe 2: Inspection results")[:255]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
@example(text="=1+1\x00\x07\x1b\ufffe\uffff")
@example(text="  two  spaces\t\ttabs \n\n\r\r\nlines\u2028\x85 ")
@example(text="</td><b>&amp;]]>\"'{child}, ;")
def test_plain_formats_carry_any_text_unchanged(annex, text):
    annex = with_texts(annex, text)
    for code in ("csv", "bom.csv"):
        content = as_bytes(FORMATS[code].render(annex)).decode("utf-8-sig")
        (row,) = [held for held in csv.DictReader(io.StringIO(content, newline="")) if held["code"] == "2.4.3"]
        assert (row["service"], row["discretion.reason"]) == (f"A{text}", cell(text))
    standard = json.loads(as_bytes(FORMATS["json"].render(annex)))["domains"][0]["standards"][0]
    assert (standard["statement"], standard["discretion"]["reason"]) == (f"S{text}", text)
    page = unescape(as_bytes(FORMATS["html"].render(annex)).decode())
    assert f"S{text}" in page
    assert text in page.partition("Reason: ")[2]


@needs_libreoffice
def test_libreoffice_opens_each_of_them(example_annex, tmp_path):
    for slug in SLUGS:
        annex = example_annex(slug)
        for code in READERS:
            for layout in (False, True):
                name = f"{slug}-{code}{'-tables' if layout else ''}"
                (tmp_path / f"{name}.{code}").write_bytes(FORMATS[code].renderer(tables_alone=layout)(annex))
    made = converted(tmp_path, "txt:Text (encoded):UTF8")
    assert len(made) == 20
    for name, text in made.items():
        assert "Ratings" in text, name
        assert ("Additional scoring rules" in text) != name.endswith("-tables"), name
        assert ("professional discretion was used" in text) == name.startswith(("nottingham", "essex")), name
