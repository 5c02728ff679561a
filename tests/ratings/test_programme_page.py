"""The Programme page: what it shows, to whom, and what is taken out from it."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from inspections.actions import add_member
from ratings.models import Export
from tests.ratings.tables import tables

pytestmark = pytest.mark.django_db
PROGRAMME = "/programme/"
FILE = {"contents": "figures", "format": "json"}


@pytest.fixture
def look(signed_in, manager):
    """Return a function that asks for the page as a manager."""

    def get(**asked):
        return signed_in(manager).get(PROGRAMME, asked)

    return get


def test_it_shows_the_twelve_ratings_score_and_overall(look, sefton, annex_of):
    [(caption, (head, row))] = tables(look().content.decode())
    annex = annex_of(sefton)
    assert "version 1" in caption
    standards = [held for domain in annex["domains"] for held in domain["standards"]]
    words = {"inadequate": "Inadequate", "requires_improvement": "Requires improvement", "good": "Good"}
    assert [cell.split()[0] for cell in head[3:]] == [held["code"] for held in standards]
    assert row[0].startswith("Sefton Youth Offending Team")
    assert row[1:3] == ["12/36", "Requires improvement"]
    assert row[3:] == [words[held["rating"]] for held in standards]


def test_hidden_figures_are_not_shown(look, closed):
    [(_, (_, row))] = tables(look().content.decode())
    assert row[1] == "None yet 37 of 39 cases submitted"
    assert row[2] == "Not shown yet"
    assert set(row[7:]) == {"Not shown yet"}
    assert "Not shown yet" not in row[3:7]  # judged without cases


def test_it_is_chosen_by_year_standards_and_state(look, make_inspection):
    make_inspection(slug="a", service_name="Ashire", fieldwork_started=date(2019, 2, 4))
    make_inspection(slug="b", service_name="Bshire", fieldwork_started=date(2020, 2, 4), state="planned")
    for asked, words in (
        ({"year": "2019"}, "Ashire"),
        ({"state": "planned"}, "Bshire"),
        ({"year": "2020", "standards": "youth-2018/1"}, "Bshire"),
    ):
        [(_, rows)] = tables(look(**asked).content.decode())
        assert [row[0].split()[0] for row in rows[1:]] == [words]
    assert "No inspection fits." in look(year="2019", state="planned").content.decode()


@pytest.mark.parametrize("asked", [{"year": "soon"}, {"standards": "x/1"}, {"state": "x"}])
def test_what_cannot_be_chosen_is_refused(look, inspection, asked):
    response = look(**asked)
    assert response.status_code == 400
    assert "Error:" in response.content.decode()


def test_each_standards_document_has_a_table_of_its_own(look, inspection, make_inspection):
    from standards import reader

    make_inspection(document=reader.load("bakery-hygiene", ["tests/documents"]))
    assert len(tables(look().content.decode())) == 2


def test_it_costs_the_same_however_many_there_are(look, make_inspection, make_case, django_assert_num_queries, settle):
    make_case(make_inspection(figures_open=False))
    look()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        look()
    for _ in range(6):
        make_case(make_inspection(figures_open=False))
    settle()
    with django_assert_num_queries(len(few)):
        look()


def test_long_lists_have_pages_that_keep_what_was_chosen(look, make_inspection, monkeypatch):
    monkeypatch.setattr("ratings.views.programme.PER_PAGE", 2)
    for number in range(5):
        make_inspection(slug=f"s{number}", fieldwork_started=date(2019, 2, number + 1))
    content = look(year="2019").content.decode()
    assert "?year=2019&amp;page=3" in content
    assert len(tables(look(year="2019", page=3).content.decode())[0][1]) == 2
    assert "all 5 of these inspections" in content


class TestTakingOut:
    def test_it_leads_to_the_export(self, signed_in, manager, inspection):
        response = signed_in(manager).post(PROGRAMME, FILE | {"state": "fieldwork"})
        export = Export.objects.get()
        assert response["Location"] == reverse("ratings:my_export", args=[export.public_id])
        assert export.by == manager
        assert export.asked == {"tables": ["inspections", "key_questions", "prompts"], "state": "fieldwork"}
        event = Event.objects.get(action="export.asked")
        assert event.who == manager.name
        assert event.detail["asked"] == export.asked
        assert event.summary == (
            "Asked for an export of the programme (json; At “Fieldwork”: inspections, key questions, prompts)."
        )

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"format": "json"}, "Select what you want to take out."),
            ({"contents": "figures"}, "Select what kind of file you want."),
            ({"contents": "figures", "format": "docx"}, "docx"),
            (
                {"contents": "answers", "format": "xlsx"},
                "A workbook does not hold as many rows as there are case answers.",
            ),
            ({"contents": "both", "format": "ods"}, "Choose CSV or JSON for them, or leave them out."),
        ],
    )
    def test_what_is_missing_is_asked_for_and_nothing_is_lost(self, signed_in, manager, inspection, given, sentence):
        response = signed_in(manager).post(PROGRAMME, given | {"state": "fieldwork"})
        content = response.content.decode()
        assert response.status_code == 400
        assert sentence in content
        assert '<input type="hidden" name="state" value="fieldwork"' in content
        assert not Export.objects.exists()

    def test_nobody_else_can_by_a_direct_post(self, signed_in, everybody, inspection):
        for somebody, user in everybody.items():
            response = signed_in(user).post(PROGRAMME, FILE)
            assert response.status_code == (302 if getattr(somebody, "code", "") == "manager" else 403)
        assert Export.objects.count() == 1

    def test_a_few_at_a_time(self, signed_in, manager, inspection):
        client = signed_in(manager)
        for _ in range(5):
            assert client.post(PROGRAMME, FILE).status_code == 302
        response = client.post(PROGRAMME, FILE)
        assert response.status_code == 400
        assert "5 of your exports are being made or wait already" in response.content.decode()

    def test_the_navigation_leads_there_for_those_who_may(self, signed_in, manager, lead, inspection):
        assert all(words in signed_in(manager).get("/inspections/").content.decode() for words in NAVIGATION)
        assert not any(words in signed_in(lead).get("/inspections/").content.decode() for words in NAVIGATION)


NAVIGATION = ('href="/programme/"', 'href="/exports/"')


def test_an_inspection_where_the_role_in_the_team_is_less_is_left_out(look, inspection, manager, lead):
    add_member(inspection=inspection, user=manager, role="observer", by=lead)
    assert "No inspection fits." in look().content.decode()
