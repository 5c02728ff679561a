"""What is arranged for a case: when the case manager is interviewed, and that there is no file."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from cases.actions import exclude_case
from cases.arrangements import arrange_interview, say_no_file
from cases.errors import StaleArrangement
from inspections.errors import InspectionLocked, Refused, Unfit
from inspections.models import Lifecycle
from tests.cases.posting import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(case):
    return reverse("cases:arrangements", args=[case.public_id])


@pytest.fixture
def tomorrow():
    return (timezone.now() + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)


class TestTheWriters:
    def test_an_interview_is_arranged_moved_and_cancelled(self, case, inspector, tomorrow):
        arrange_interview(case=case, at=tomorrow, was=None, by=inspector)
        later = tomorrow + timedelta(hours=4)
        arrange_interview(case=case, at=later, was=tomorrow, by=inspector)
        case.refresh_from_db()
        assert case.interview_at == later
        arrange_interview(case=case, at=None, was=later, by=inspector)
        case.refresh_from_db()
        assert case.interview_at is None
        assert list(
            Event.objects.filter(case=str(case.public_id)).order_by("-pk").values_list("action", flat=True)[:3]
        ) == [
            "case.interview_cancelled",
            "case.interview_arranged",
            "case.interview_arranged",
        ]

    def test_the_record_says_it_by_the_clock_on_the_wall(self, case, inspector):
        today = timezone.now()
        at = datetime(today.year + (today.month > 7), 7, 1, 9, 30, tzinfo=UTC)
        arrange_interview(case=case, at=at, was=None, by=inspector)
        said = f"Arranged the interview on case {case.reference} for 1 July {at.year} at 10:30."
        assert Event.objects.latest("pk").summary == said

    def test_no_file_with_its_reason_and_back(self, case, inspector):
        say_no_file(case=case, because=" Archived. ", was="", by=inspector)
        case.refresh_from_db()
        assert case.no_file_because == "Archived."
        event = Event.objects.latest("pk")
        assert (event.action, event.reason) == ("case.no_file", "Archived.")
        say_no_file(case=case, because="", was="Archived.", by=inspector)
        assert Event.objects.latest("pk").action == "case.file_found"

    def test_saying_the_same_again_leaves_no_trace(self, case, inspector, tomorrow):
        arrange_interview(case=case, at=tomorrow, was=None, by=inspector)
        count = Event.objects.count()
        arrange_interview(case=case, at=tomorrow, was=None, by=inspector)
        say_no_file(case=case, because="  ", was="", by=inspector)
        assert Event.objects.count() == count

    def test_nothing_is_overwritten(self, case, inspector, other_inspector, tomorrow):
        arrange_interview(case=case, at=tomorrow, was=None, by=inspector)
        with pytest.raises(StaleArrangement, match="is arranged for"):
            arrange_interview(case=case, at=tomorrow + timedelta(hours=1), was=None, by=other_inspector)
        say_no_file(case=case, because="Archived.", was="", by=inspector)
        with pytest.raises(StaleArrangement, match="there is no file: Archived"):
            say_no_file(case=case, because="Lost.", was="", by=other_inspector)
        case.refresh_from_db()
        assert (case.interview_at, case.no_file_because) == (tomorrow, "Archived.")

    def test_a_mistyped_year_is_refused(self, case, inspector, tomorrow):
        with pytest.raises(Unfit, match="within a year"):
            arrange_interview(case=case, at=tomorrow + timedelta(days=3660), was=None, by=inspector)

    def test_an_excluded_case_takes_none(self, case, inspector, lead, tomorrow):
        exclude_case(case=case, reason="No file.", by=lead)
        for act in (
            lambda: arrange_interview(case=case, at=tomorrow, was=None, by=inspector),
            lambda: say_no_file(case=case, because="Lost.", was="", by=inspector),
        ):
            with pytest.raises(Refused, match="is excluded"):
                act()

    def test_locked(self, case, inspector, tomorrow):
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        with pytest.raises(InspectionLocked):
            arrange_interview(case=case, at=tomorrow, was=None, by=inspector)


class TestThePage:
    @pytest.mark.parametrize("typed", ["14:30", "14.30", "2.30pm", "2:30 PM"])
    def test_it_arranges_an_interview(self, signed_in, inspector, case, url, tomorrow, typed):
        client = signed_in(inspector)
        day = {"day-day": tomorrow.day, "day-month": tomorrow.month, "day-year": tomorrow.year}
        response = client.post(url, {"do": "interview", "was": "", "time": typed, **day})
        assert response["Location"] == reverse("cases:case", args=[case.public_id])
        case.refresh_from_db()
        at = timezone.localtime(case.interview_at)
        assert (at.date(), at.hour, at.minute) == (tomorrow.date(), 14, 30)
        page = said(client.get(response["Location"]))
        assert f"{at:%-d %B %Y}, 14:30" in page

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"time": "10:00"}, "Enter the day too"),
            ({"day-day": "3", "day-month": "12", "day-year": "2026"}, "Enter the time too"),
            ({"day-day": "31", "day-month": "2", "day-year": "2026", "time": "25:00"}, "Enter a time of day"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, signed_in, inspector, case, url, typed, sentence):
        response = signed_in(inspector).post(url, {"do": "interview", "was": "", **typed})
        assert response.status_code == 400
        html = response.content.decode()
        assert sentence in said(response)
        assert "<title>Error: " in html
        assert all(f'value="{value}"' in html for value in typed.values())

    def test_somebody_else_was_quicker(self, signed_in, inspector, other_inspector, case, url):
        client = signed_in(inspector)
        say_no_file(case=case, because="Archived.", was="", by=other_inspector)
        response = client.post(url, {"do": "file", "was": "", "because": "Lost."})
        assert response.status_code == 409
        assert "there is no file: Archived" in said(response)
        html = response.content.decode()
        assert "Lost." in html
        assert 'name="was" value="Archived."' in html
        assert client.post(url, {"do": "file", "was": "Archived.", "because": "Lost."}).status_code == 302

    def test_a_reason_of_several_lines_is_not_taken_for_anothers(self, signed_in, inspector, case, url):
        client = signed_in(inspector)
        client.post(url, {"do": "file", "was": "", "because": "Archived.\r\nAsked for."})
        response = client.post(url, {"do": "file", "was": "Archived.\r\nAsked for.", "because": ""})
        assert response.status_code == 302
        case.refresh_from_db()
        assert case.no_file_because == ""

    def test_the_case_says_that_there_is_no_file(self, signed_in, inspector, case):
        say_no_file(case=case, because="Archived.", was="", by=inspector)
        page = said(signed_in(inspector).get(reverse("cases:case", args=[case.public_id])))
        assert "There is no file to read. Archived." in page

    def test_an_excluded_case_shows_why_and_no_form(self, signed_in, inspector, lead, case, url):
        exclude_case(case=case, reason="No file.", by=lead)
        response = signed_in(inspector).get(url)
        assert "so nothing is arranged for it" in said(response)
        assert 'name="was"' not in response.content.decode()
        refused = signed_in(inspector).post(url, {"do": "file", "was": "", "because": "Lost."})
        assert refused.status_code == 400
        assert "Lost." in refused.content.decode()

    def test_what_it_cannot_do_is_not_there(self, signed_in, inspector, manager, stranger, case, url):
        assert signed_in(inspector).post(url, {"do": "burn"}).status_code == 404
        assert signed_in(manager).post(url, {"do": "file", "because": "Lost."}).status_code == 403
        assert signed_in(stranger).post(url, {"do": "file", "because": "Lost."}).status_code == 404

    def test_the_interview_page_says_when_it_is(self, signed_in, inspector, case, tomorrow):
        address = reverse("cases:interview", args=[case.public_id])
        client = signed_in(inspector)
        assert "No interview with the case manager is arranged" in said(client.get(address))
        with CaptureQueriesContext(connection) as without:
            client.get(address)
        arrange_interview(case=case, at=tomorrow, was=None, by=inspector)
        with CaptureQueriesContext(connection) as with_one:
            page = said(client.get(address))
        assert f"is interviewed on {timezone.localtime(tomorrow):%-d %B %Y}" in page
        assert len(with_one) == len(without)
