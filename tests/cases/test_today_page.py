"""The morning page and the timetable: who sees what of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from cases.actions import exclude_case
from cases.arrangements import arrange_interview, say_no_file
from cases.reviews import raise_query
from inspections.actions import add_member
from tests.cases.lines import some_line
from tests.cases.posting import said
from tests.people import person

pytestmark = pytest.mark.django_db

ORDER = [
    "Open alerts",
    "Interviews with case managers today",
    "Cases blocked",
    "Cases not started",
    "Queries waiting",
    "Since ",
    "Lines of enquiry without a meeting",
]


@pytest.fixture
def url(inspection):
    return reverse("cases:today", args=[inspection.public_id])


@pytest.fixture
def timetable(inspection):
    return reverse("cases:timetable", args=[inspection.public_id])


@pytest.fixture
def busy(inspection, make_case, inspector, other_inspector, lead, give):
    """Return a function that gives the inspection a case of each kind that the page tells of, and returns these."""

    def busy():
        cases = [make_case(inspection, allocated_to=inspector) for _ in range(4)]
        begun, blocked, excluded, waiting = cases
        give(begun, "SUP10", "individual_alert", note="Lives with the person who hurt him.")
        give(begun, "2.1.1", "not_applicable", reason="Transferred in.")
        give(begun, "2.1.1.a", "not_applicable", change_reason="Likewise.")
        give(begun, "safety_factors", "true")
        give(begun, "safety_factors", "false", change_reason="Read on.")
        raise_query(case=begun, by=lead, text="Why is it not applicable?", question="2.1.1")
        arrange_interview(case=begun, at=timezone.localtime().replace(hour=23, minute=59), was=None, by=inspector)
        arrange_interview(case=waiting, at=timezone.now() + timedelta(days=2), was=None, by=inspector)
        say_no_file(case=blocked, because="Archived.", was="", by=inspector)
        exclude_case(case=excluded, reason="Never required.", by=lead)
        some_line(begun, lead)
        return cases

    return busy


def headings(response):
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", main, re.DOTALL)
    return [" ".join(words.split()) for words in found]


class TestForTheLead:
    def test_everything_in_its_order(self, signed_in, lead, busy, url):
        busy()
        found = headings(signed_in(lead).get(url))
        assert [name for name in found if name.startswith(tuple(ORDER))] == found
        assert [next(words for words in ORDER if name.startswith(words)) for name in found] == ORDER

    def test_what_each_says(self, signed_in, lead, busy, url):
        begun, blocked, excluded, waiting = (case.reference for case in busy())
        words = said(signed_in(lead).get(url))
        for expected in (
            f"Open alerts (1) Case {begun}: Yes, an individual alert",
            "Lives with the person who hurt him.",
            f"Interviews with case managers today Ines Archer 23:59 Case {begun}",
            f"No file (1) Case {blocked} , Ines Archer: Archived.",
            f"Court: 2 of 3 {blocked} {waiting}",
            "2.1 Assessment 2 1 0",
            f"Queries waiting (1) Case {begun}: 2.1.1",
            "Key questions made not applicable (1)",
            f"Prompts made not applicable, which move no rating: 1 in case {begun}",
            f"Case {begun}: from “Yes” to “No”",
            f"Cases excluded or restored (1) Case {excluded}",
            "Never required.",
            "Lines of enquiry without a meeting (1) L1",
        ):
            assert expected in words

    def test_nothing_at_all(self, signed_in, lead, url):
        words = said(signed_in(lead).get(url))
        assert "Open alerts (0) None." in words
        assert "What is next for you" not in words

    def test_their_own_cases_come_last(self, signed_in, lead, make_case, inspection, url):
        make_case(inspection, allocated_to=lead)
        assert headings(signed_in(lead).get(url))[-1] == "What is next for you"

    def test_a_reader_is_no_ranking(self, signed_in, lead, busy, url):
        busy()
        page = signed_in(lead).get(url).content.decode()
        for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
            assert "Archer" not in table

    def test_as_many_queries_however_many_cases(self, signed_in, lead, busy, url):
        client = signed_in(lead)
        busy()
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for _ in range(3):
            busy()
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(many) == len(few)


class TestForOthers:
    def test_an_inspector_sees_what_is_theirs(self, signed_in, inspector, busy, url):
        begun, *_ = busy()
        response = signed_in(inspector).get(url)
        assert headings(response) == [
            "What is next for you",
            "Queries for you (1)",
            "Your lines of enquiry without a meeting (0)",
        ]
        words = said(response)
        assert f"Next case Case {begun.reference} In progress" in words
        assert "23:59: case" in words
        assert "data-unsent" in response.content.decode()

    def test_another_inspector_has_nothing_to_do(self, signed_in, other_inspector, busy, url):
        busy()
        words = said(signed_in(other_inspector).get(url))
        assert "Next case No case is allocated to you." in words
        assert "Next interview None is arranged." in words
        assert "Queries for you (0) None." in words

    def test_a_quality_lead_watches_and_reads_no_case(self, signed_in, quality, busy, url):
        busy()
        found = headings(signed_in(quality).get(url))
        assert len(found) == len(ORDER)

    def test_a_managers_look_is_recorded(self, signed_in, manager, busy, url):
        busy()
        assert len(headings(signed_in(manager).get(url))) == len(ORDER)
        event = Event.objects.latest("pk")
        assert (event.action, event.summary) == (
            "evidence.read",
            "Opened the page of today, from outside the team.",
        )

    def test_a_local_assessor_sees_no_case_of_others(
        self, signed_in, inspection, lead, busy, make_case, url, timetable
    ):
        assessor = person("Lola Grant")
        add_member(inspection=inspection, user=assessor, role="local_assessor", by=lead)
        theirs = busy()
        own = make_case(inspection, allocated_to=assessor)
        for address in (url, timetable):
            words = said(signed_in(assessor).get(address))
            assert own.reference in words
            assert not any(case.reference in words for case in theirs)

    def test_a_partner_inspector_sees_the_cases_and_lines_they_follow(
        self, signed_in, inspection, lead, busy, make_case, url, timetable
    ):
        partner = person("Pat Hall")
        add_member(inspection=inspection, user=partner, role="partner_inspector", discipline="police", by=lead)
        theirs = busy()
        own = make_case(inspection)
        some_line(own, lead, assigned=(partner.pk,), question="What do the police know?")
        words = said(signed_in(partner).get(url))
        assert f"Your cases {own.reference}" in words
        assert "L2 What do the police know?" in words
        assert "L1 " not in words
        assert not any(case.reference in words for case in theirs)
        assert not any(case.reference in said(signed_in(partner).get(timetable)) for case in theirs)

    def test_who_sees_no_cases_sees_nothing(self, signed_in, administrator, stranger, url, timetable):
        for address in (url, timetable):
            assert signed_in(administrator).get(address).status_code == 403
            assert signed_in(stranger).get(address).status_code == 404


class TestTheTimetable:
    def test_days_of_fieldwork_with_their_interviews(self, signed_in, inspector, inspection, busy, timetable):
        begun, blocked, _, waiting = busy()
        today = timezone.localdate()
        inspection.fieldwork_started, inspection.fieldwork_ends = today, today + timedelta(days=6)
        inspection.save()
        response = signed_in(inspector).get(timetable)
        words = said(response)
        assert f"{today:%A} {today.day} {today:%B %Y} Today Ines Archer 23:59 Case {begun.reference}" in words
        assert f"Case {waiting.reference}" in words
        assert f"Choose a case to arrange its interview. {blocked.reference}" in words
        assert reverse("cases:arrangements", args=[blocked.public_id]) in response.content.decode()
        interviews_at_weekends = sum((today + timedelta(days=days)).weekday() > 4 for days in (0, 2))
        assert len(headings(response)) == 5 + interviews_at_weekends + 1

    def test_without_days_and_interviews(self, signed_in, inspector, timetable):
        words = said(signed_in(inspector).get(timetable))
        assert "No last day of fieldwork is set." in words
        assert "No interview is arranged yet." in words

    def test_a_very_long_fieldwork_shows_only_days_with_interviews(
        self, signed_in, inspector, inspection, busy, timetable
    ):
        busy()
        inspection.fieldwork_started = timezone.localdate() - timedelta(days=100)
        inspection.fieldwork_ends = timezone.localdate() + timedelta(days=100)
        inspection.save()
        assert len(headings(signed_in(inspector).get(timetable))) == 3

    def test_as_many_queries_however_many_cases(self, signed_in, inspector, busy, timetable):
        client = signed_in(inspector)
        busy()
        client.get(timetable)
        with CaptureQueriesContext(connection) as few:
            client.get(timetable)
        busy()
        with CaptureQueriesContext(connection) as many:
            client.get(timetable)
        assert len(many) == len(few)
