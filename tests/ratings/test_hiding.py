"""Figures are hidden until every case of their domain is submitted: from everybody, on every page and download."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case, set_imported_state
from inspections.errors import Refused
from inspections.models import Inspection
from ratings.actions import lock_ratings
from ratings.exports import FORMATS
from ratings.policies import can_see_figures, check_can_see_figures, hidden_domains, progress_of
from tests.ratings.tables import table, tables
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

DISPOSALS = {"court": "referral_order", "out_of_court": "youth_caution"}


def fresh(inspection):
    return Inspection.objects.get(pk=inspection.pk)


@pytest.fixture
def with_cases(make_inspection, make_case, lead):
    """Return a function that makes an inspection with cases in the given states; "excluded" is one of them here."""

    def make(figures_open, court, out_of_court):
        inspection = make_inspection(figures_open=figures_open)
        for sample, states in (("court", court), ("out_of_court", out_of_court)):
            for state in states:
                case = make_case(inspection, sample=sample, disposal=DISPOSALS[sample])
                if state == "excluded":
                    exclude_case(case=case, reason="file cannot be had", by=lead)
                elif state != "allocated":
                    set_imported_state(case=case, state=state, by=lead)
        return fresh(inspection)

    return make


class TestPolicy:
    @pytest.mark.parametrize(
        ("figures_open", "court", "out_of_court", "hidden"),
        [
            (False, ["allocated"], ["allocated"], {"2", "3"}),
            (False, ["submitted", "in_progress"], ["submitted"], {"2"}),
            (False, ["submitted", "returned"], ["agreed"], {"2"}),
            (False, ["submitted", "agreed"], ["submitted", "allocated"], {"3"}),
            (False, ["submitted", "agreed"], ["agreed"], set()),
            (False, ["submitted", "excluded"], ["excluded"], set()),
            (False, ["in_progress", "excluded"], [], {"2"}),
            (False, [], [], set()),
            (True, ["allocated"], ["in_progress"], set()),
        ],
    )
    def test_what_is_hidden_when(self, with_cases, figures_open, court, out_of_court, hidden):
        inspection = with_cases(figures_open, court, out_of_court)
        progress = progress_of(inspection)
        assert hidden_domains(inspection, progress) == hidden
        assert can_see_figures(inspection, progress) == (not hidden)
        for domain in ("1", "2", "3"):
            assert can_see_figures(inspection, progress, domain) == (domain not in hidden)

    def test_the_sentence_says_what_is_awaited(self, with_cases):
        inspection = with_cases(False, ["submitted", "in_progress", "agreed", "excluded"], [])
        with pytest.raises(Refused, match=r"until every case is submitted: 2 of 3 court cases are\."):
            check_can_see_figures(inspection, progress_of(inspection))

    def test_progress_counts_by_sample_and_exclusions_by_reason(self, with_cases, make_case, lead):
        inspection = with_cases(False, ["submitted", "returned", "excluded", "excluded"], ["agreed"])
        exclude_case(case=make_case(inspection), reason="not eligible", by=lead)
        for text in ("Conflict of interest: a nephew.", "Conflict of interest: a neighbour."):
            exclude_case(case=make_case(inspection), reason=text, excluded_as="conflict", by=lead)
        court, out_of_court = progress_of(inspection).values()
        assert (court.cases, court.finished, court.excluded) == (
            2,
            1,
            (("Conflict of interest", 2), ("file cannot be had", 2), ("not eligible", 1)),
        )
        assert (out_of_court.cases, out_of_court.finished, out_of_court.complete) == (1, 1, True)


@pytest.fixture
def everybody(inspector, lead, manager, administrator):
    """Return a signed-in client of each person who may see the inspection."""
    clients = [Client() for _ in range(4)]
    for client, person in zip(clients, (inspector, lead, manager, administrator), strict=True):
        client.force_login(person)
    return clients


def shown(client, name, inspection, *more):
    return client.get(reverse(name, args=[inspection.public_id, *more])).content.decode()


class TestPages:
    def test_the_list_shows_progress_instead_of_the_score(self, closed, everybody):
        for anybody in everybody:
            html = anybody.get(reverse("ratings:inspections")).content.decode()
            assert table(html, "Inspections")[1][3:] == ["37 of 39 cases submitted", "Not shown yet"]

    def test_the_front_page_shows_what_is_judged_alone(self, closed, everybody):
        for anybody in everybody:
            html = shown(anybody, "ratings:inspection", closed)
            rows = table(html, "Ratings of the standards")
            ratings = {row[0][:3]: row[1] for row in rows[1:] if len(row) == 2}
            assert ratings.pop("1.1") == "Requires improvement"
            assert {rating for code, rating in ratings.items() if code[0] in "23"} == {"Not shown yet"}
            assert "/36" not in html
            assert table(html, "Cases")[1:] == [
                ["Court cases", "22 of 24", "None"],
                ["Out-of-court cases", "15 of 15", "None"],
            ]

    def test_annex_2_and_results_show_the_domains_that_are_complete(self, closed, everybody):
        for anybody in everybody:
            for name in ("ratings:annex", "ratings:results"):
                html = shown(anybody, name, closed)
                assert "Figures are not shown until every case is submitted: 22 of 24 court cases are." in html
                assert "/36" not in html
                assert not [
                    cell
                    for caption, rows in tables(html)
                    if caption.startswith("2.")
                    for row in rows[1:]
                    for cell in row
                    if "%" in cell or cell in ("Inadequate", "Requires improvement", "Good", "Outstanding")
                ]
                assert "20%" in str(table(html, "3. Out-of-court disposals"))

    def test_nothing_is_behind_a_hidden_percentage(self, closed, everybody):
        for anybody in everybody:
            html = shown(anybody, "ratings:question", closed, "2.1.1")
            assert "22 of 24 court cases are." in html
            assert tables(html) == []
            assert "%" not in html
            assert tables(shown(anybody, "ratings:question", closed, "3.1.1"))

    @pytest.mark.parametrize("code", FORMATS)
    def test_annex_2_is_not_taken_out(self, client, closed, lead, manager, code):
        for person in (lead, manager):
            client.force_login(person)
            response = client.get(reverse("ratings:export", args=[closed.public_id, code]))
            assert response.status_code == 403
            assert "22 of 24 court cases are." in response.content.decode()
            assert "attachment" not in response.get("Content-Disposition", "")
        assert not Event.objects.filter(action="annex.exported").exists()
        assert "can be taken out when every case is submitted" in shown(client, "ratings:annex", closed)

    def test_everything_is_shown_once_every_case_is_submitted(self, client, closed, lead, finish, settle):
        finish(closed, lead)
        settle()
        client.force_login(lead)
        assert "12/36" in client.get(reverse("ratings:inspections")).content.decode()
        for name in ("ratings:inspection", "ratings:results"):
            html = shown(client, name, closed)
            assert "12/36" in html
            assert "Not shown yet" not in html
        assert "43%" in shown(client, "ratings:annex", closed)
        assert client.get(reverse("ratings:export", args=[closed.public_id, "json"])).status_code == 200

    def test_everything_is_shown_once_the_ratings_are_locked(self, client, closed, lead):
        lock_ratings(inspection=make_ready(closed, lead), by=lead)
        client.force_login(lead)
        for name in ("ratings:inspection", "ratings:results"):
            assert "12/36" in shown(client, name, closed)
        assert client.get(reverse("ratings:export", args=[closed.public_id, "csv"])).status_code == 200
