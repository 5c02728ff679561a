"""What open pages ask again and again: what it says, what it costs, and what it leaves alone."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Session
from audit.models import Event
from cases.actions import record_answer, set_imported_state
from cases.answers import Given
from inspections.actions import move_on
from inspections.lifecycle import Step
from inspections.models import Inspection
from inspections.recompute import Recompute
from ratings.freshness import WORKER_SEEN
from ratings.views.figures import load_figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, lead):
    """Return a function that asks how far an inspection has come, as the lead inspector unless told otherwise."""

    def get(inspection, tag=None, user=lead):
        client.force_login(user)
        headers = {"If-None-Match": tag} if tag else {}
        return client.get(reverse("ratings:live", args=[inspection.public_id]), headers=headers)

    return get


@pytest.fixture
def not_computed(monkeypatch):
    """Let nobody compute what is asked for."""
    monkeypatch.setattr(Recompute, "__call__", lambda self: None)


def give(case, by, value="yes", **parts):
    return record_answer(case=case, by=by, given=Given(question="2.1.1", value=value, **parts))


def mark_on_page(inspection):
    return load_figures(
        Inspection.objects.select_related("standards", "lifecycle", "sequence").get(pk=inspection.pk)
    ).mark


def test_what_is_known_already_is_not_said_again(ask, case, lead, settle):
    settle()
    first = ask(case.inspection)
    assert first.status_code == 200
    assert first.json() == {
        "format": "evenhand-live/1",
        "sequence": 2,
        "behind": False,
        "worker_away": False,
        "figures": mark_on_page(case.inspection),
    }
    again = ask(case.inspection, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    give(case, lead)
    moved = ask(case.inspection, first["ETag"])
    assert (moved.status_code, moved.json()["sequence"]) == (200, 3)


def test_figures_are_marked_by_what_is_shown_of_them(ask, case, lead, settle):
    settle()

    def mark():
        settle()
        said = ask(case.inspection).json()["figures"]
        assert said == mark_on_page(case.inspection)
        return said

    first = mark()
    version = give(case, lead, None, note="To be looked up.").version
    assert mark() == first  # a note moves no figure
    version = give(case, lead, base=version).version
    answered = mark()
    assert answered != first
    set_imported_state(case=case, state="submitted", by=lead)
    submitted = mark()
    assert submitted not in (first, answered)
    move_on(inspection=case.inspection, step=Step.BEGIN_MODERATION, by=lead)
    assert mark() not in (first, answered, submitted)


def test_results_that_are_behind_are_said_to_be(ask, case, lead, settle, not_computed, settings):
    settle()
    give(case, lead)
    assert mark_on_page(case.inspection).endswith("-behind")
    said = ask(case.inspection).json()
    assert said["behind"]
    assert not said["figures"].endswith("-behind")
    settle()
    assert not ask(case.inspection).json()["behind"]


@pytest.mark.broker
def test_a_worker_that_is_missed_is_news(ask, case, lead, settle, not_computed):
    from django.utils import timezone

    settle()
    cache.set(WORKER_SEEN, timezone.now(), timeout=None)
    give(case, lead)
    first = ask(case.inspection)
    assert not first.json()["worker_away"]
    cache.delete(WORKER_SEEN)
    second = ask(case.inspection, first["ETag"])
    assert second.status_code == 200
    assert second.json()["worker_away"]


def test_it_costs_a_few_queries_however_much_there_is(ask, inspection, make_case, lead, settle):
    def queries(tag=None):
        with CaptureQueriesContext(connection) as sent:
            response = ask(inspection, tag)
        return len(sent), response.headers.get("ETag", tag)

    make_case(inspection)
    settle()
    ask(inspection)
    few, tag = queries()
    unchanged, _ = queries(tag)
    for _ in range(4):
        give(make_case(inspection), lead)
    settle()
    assert queries()[0] == few
    _, tag = queries()
    assert queries(tag)[0] == unchanged < few


def test_asking_makes_no_session_longer_and_is_no_reading(client, manager, case, settle):
    settle()
    client.force_login(manager)
    ends = Session.objects.get().expire_date
    events = Event.objects.count()
    for _ in range(3):
        response = client.get(reverse("ratings:live", args=[case.inspection.public_id]))
        assert response.status_code == 200
        assert not response.cookies
    assert Session.objects.get().expire_date == ends
    assert Event.objects.count() == events


def test_it_tells_no_figure(ask, closed, settle):
    settle()
    said = ask(closed).json()
    assert set(said) == {"format", "sequence", "behind", "worker_away", "figures"}
    assert len(said["figures"]) == 16


def test_strangers_and_those_signed_out_are_told_in_json(ask, inspection, stranger):
    assert ask(inspection, user=stranger).json()["state"] == "not_found"
    response = Client().get(reverse("ratings:live", args=[inspection.public_id]))
    assert (response.status_code, response.json()["state"]) == (401, "signed_out")


@pytest.mark.parametrize("name", ["ratings:inspection", "ratings:annex", "ratings:results", "cases:list"])
def test_without_scripts_a_page_can_be_looked_at_again(client, lead, case, settle, name):
    settle()
    client.force_login(lead)
    address = reverse(name, args=[case.inspection.public_id])
    html = client.get(address, {"page": 1}).content.decode()
    assert f'href="{address}?page=1"' in html
    assert "This page does not change by itself." in html
    assert f'data-live="{reverse("ratings:live", args=[case.inspection.public_id])}"' in html


def test_pages_of_the_past_ask_nothing(client, lead, case):
    client.force_login(lead)
    html = client.get(reverse("ratings:results", args=[case.inspection.public_id]), {"at": 1}).content.decode()
    assert "data-live" not in html
