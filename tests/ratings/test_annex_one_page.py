"""The page of Annex 1, and taking it out: what is said, what is hidden, what is marked."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from cases.actions import record_answers
from cases.answers import Given
from cases.drawing import draw_sample
from inspections.models import Lifecycle, State
from ratings.annex_one.data import as_data
from ratings.annex_one.files import FORMATS
from ratings.annex_one.gathering import gather
from ratings.annex_one.sentences import sections
from tests.cases.caseloads import FIELDWORK, eligible, import_rows
from tests.inspections.entries import some_evidence
from tests.ratings.documents import READERS

pytestmark = pytest.mark.django_db

FEW = "Some of these counts are of fewer than 5 children"


def page_of(client, inspection):
    """Return the page as text with single spaces, its tags left in."""
    response = client.get(reverse("ratings:annex_one", args=[inspection.public_id]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


@pytest.fixture
def nottingham(make_example):
    return make_example("nottingham-city-2020")


def test_every_sentence_with_what_it_was_counted_from(signed_in, lead, nottingham):
    shown = page_of(signed_in(lead), nottingham)
    figures = gather(nottingham)
    assert re.search(r'aria-current="page">Annexe 1</a>', shown)
    assert "<h1" in shown
    assert "Annexe 1: Methodology" in shown
    for section in sections(figures):
        for sentence in section.sentences:
            assert sentence.text in shown
            assert sentence.rests_on in shown
    # Nothing was drawn or recorded here, and nothing is put forward as a sentence.
    assert "The sample was not drawn here" in shown
    assert shown.count("No meeting, focus group, interview, observation or survey is recorded yet.") == 1
    assert "from the record as it is now" in shown


def test_every_count_of_the_data_is_in_a_table(signed_in, lead, nottingham):
    """But for fields of which nobody recorded anything."""
    shown = page_of(signed_in(lead), nottingham)
    rows = re.findall(r'<th scope="row"[^>]*> (.*?) (?:<strong.*?</strong> )?</th> <td[^>]*>(\d+)</td>', shown)
    for sample in as_data(gather(nottingham))["samples"]:
        for held in sample["disposals"]:
            assert (held["label"], str(held["cases"])) in rows
        for field in sample["profile"]:
            known = sum(held["cases"] for held in field["counts"] if held["code"] not in UNKNOWN)
            assert (f">{field['label']}</th>" in shown) or not known
            for held in field["counts"] if known else ():
                assert (held["label"], str(held["cases"])) in rows
        for fact in sample["facts"]:
            assert {("Yes", str(fact["true"])), ("No", str(fact["false"]))} <= set(rows)
        assert ("Yes", str(sample["interviews"]["held"])) in rows
    assert ">Ethnicity<" not in shown


UNKNOWN = (None, "not_known", "not_classified")


def test_small_counts_are_marked(signed_in, lead, nottingham, make_inspection):
    shown = page_of(signed_in(lead), nottingham)
    assert FEW in shown
    rows = re.findall(r'<td[^>]*>([^<]*)</td> <td class="govuk-table__cell eh-sentences__from"[^>]*>(.*?)</td>', shown)
    marked = {text: "Fewer than 5" in counted_from for text, counted_from in rows}
    assert marked["We took a detailed look at 27 community sentences and 3 custodial sentences."]
    assert not marked["We interviewed the case manager in 29 of the 30 court cases."]
    assert not marked["We examined 30 court disposals."]
    # The warning says what is never marked, and so it is.
    assert "Dates, interviews, files, exclusions and what is not answered are never marked." in shown
    empty = page_of(signed_in(lead), make_inspection())
    assert FEW not in empty
    assert "Fewer than 5" not in empty


def test_a_draw_and_evidence(signed_in, lead, make_inspection):
    inspection = make_inspection(state="planned", fieldwork_started=FIELDWORK)
    import_rows(inspection, eligible(51, 20), lead)
    draw_sample(inspection=inspection, by=lead)
    some_evidence(inspection, by=lead, held=3)
    shown = page_of(signed_in(lead), inspection)
    assert "80 per cent (with a margin of error of 5), from 71 eligible cases." in shown
    assert "The sample was not drawn here" not in shown
    assert "In total, we conducted 3 meetings." in shown
    assert reverse("inspections:evidence_log", args=[inspection.public_id]) in shown


def test_once_the_ratings_are_agreed(signed_in, lead, rated):
    """A meeting that is arranged ahead joins when its day comes, so the page is still of the record as it is."""
    some_evidence(rated, by=lead, held=3)
    some_evidence(rated, by=lead, held=4, date=timezone.localdate() + timedelta(days=1), shows="")
    Lifecycle.objects.filter(inspection=rated).update(state=State.LOCKED)
    shown = page_of(signed_in(lead), rated)
    assert "In total, we conducted 3 meetings." in shown
    assert "from the record as it is now · earlier moments are not kept" in shown


@pytest.mark.parametrize("who", ["lead", "inspector", "manager", "administrator"])
def test_what_comes_from_answers_is_hidden_from_everybody(request, signed_in, closed, who):
    shown = page_of(signed_in(request.getfixturevalue(who)), closed)
    court = shown[shown.index(">Court disposals</h2>") : shown.index(">Out-of-court disposals</h2>")]
    assert "Figures are not shown until every case is submitted: 22 of 24 court cases are." in court
    assert "We examined 24 court disposals." in court
    assert "as if every case were read: 37 of 39 are submitted so far." in shown
    for word in ("inspectors judged", "Are there factors", "interview"):
        assert word not in court
    assert "inspectors judged" in shown[len(court) :]
    if who in ("lead", "manager"):
        assert "Annex 1 can be taken out when every case is submitted." in shown
    assert reverse("ratings:annex_one_file", args=[closed.public_id, "json"]) not in shown


class TestTakenOut:
    def take(self, client, inspection, format="json"):
        return client.get(reverse("ratings:annex_one_file", args=[inspection.public_id, format]))

    def test_as_data(self, signed_in, lead, nottingham):
        response = self.take(signed_in(lead), nottingham)
        assert response["Content-Type"] == "application/json"
        assert response["Content-Disposition"] == 'attachment; filename="nottingham-city-2020-annex-1.json"'
        data = json.loads(response.content)
        assert {**data, "at": ""} == {**json.loads(json.dumps(as_data(gather(nottingham)))), "at": ""}
        event = Event.objects.get(action="annex.exported")
        assert (event.who_email, event.detail["format"]) == (lead.email, "json")

    def test_as_a_document(self, signed_in, lead, nottingham):
        read = [READERS[code](self.take(signed_in(lead), nottingham, code).content) for code in READERS]
        for document in read:
            assert document.title == "Nottingham City Youth Justice Service: Annexe 1: Methodology"
            assert document.headings == ["Court disposals", "Out-of-court disposals", HEADING, *document.headings[:2]]
            assert (
                "We examined 30 court disposals. 30 of the 50 cases we examined (60 per cent) were those"
                in document.whole
            )
            assert "Case answers in this inspection are invented to fit published percentages." in document.whole
            court, other = document.tables
            assert ["Disposals, as reports count them", "Custodial", "3*"] in court
            assert ["Disposals", "Youth conditional caution", "12"] in other
            assert ["Was the case manager interviewed?", "No", "1"] in court
            assert "interviews, files, exclusions and what is not answered are never marked." in document.whole
            assert (document.merged, document.unrepeated) == (0, 0)
            assert "Invented case answers." in document.footer[0]
        assert read[0].blocks == read[1].blocks

    def test_another_format_is_not_there(self, signed_in, lead, inspection):
        assert self.take(signed_in(lead), inspection, "xlsx").status_code == 404

    @pytest.mark.parametrize("who", ["lead", "manager"])
    @pytest.mark.parametrize("format", FORMATS)
    def test_not_while_figures_are_hidden(self, request, signed_in, closed, who, format):
        response = self.take(signed_in(request.getfixturevalue(who)), closed, format)
        assert response.status_code == 403
        assert "Figures are not shown until every case is submitted" in response.content.decode()
        assert not Event.objects.filter(action="annex.exported").exists()


HEADING = "Counts behind the sentences"


def test_the_same_number_of_queries_however_much_there_is(signed_in, lead, inspection, make_case, make_inspection):
    client, many = signed_in(lead), make_inspection()
    for number in range(6):
        case = make_case(many, profile={"sex": "female"})
        record_answers(case=case, by=lead, answers=[Given(question="harm_factors", value="true")])
        some_evidence(many, by=lead, title=f"Meeting {number}")
    page_of(client, inspection)
    asked = []
    for held in (inspection, many):
        with CaptureQueriesContext(connection) as queries:
            page_of(client, held)
        asked.append(len(queries))
    assert asked[0] == asked[1]
