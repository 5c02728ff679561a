"""Who else has a case open: told to whoever may read it, forgotten soon, and never in the way."""

import json
import uuid

import pytest
from django.test import Client

from cases import presence

pytestmark = pytest.mark.django_db

HERE, THERE = str(uuid.uuid4()), str(uuid.uuid4())


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 1_790_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Return the clock of presence, which has not rested lately."""
    clock = Clock()
    monkeypatch.setattr(presence, "time", clock)
    monkeypatch.setattr(presence, "_rests_until", 0.0)
    return clock


def say(case, user, page="2.1", tab=HERE, **body):
    """Post what is open, as a new browser, and return the response."""
    client = Client()
    client.force_login(user)
    content = json.dumps({"page": page, "tab": tab} | body)
    return client.post(f"/cases/{case.public_id}/presence/", content, content_type="application/json")


def others(case, user, **body):
    return say(case, user, **body).json()["others"]


def test_the_first_is_alone(case, inspector):
    response = say(case, inspector)
    assert response.status_code == 200
    assert response.json() == {"format": "evenhand-presence/1", "others": []}
    assert response["Cache-Control"] == "no-store"


def test_two_people_see_each_other(case, inspector, lead, clock):
    say(case, inspector)
    clock.now += 10
    assert others(case, lead, page="2.2", tab=THERE) == [
        {"name": inspector.name, "page": "2.1", "since": "2026-09-21T14:13:20Z", "you": False}
    ]
    assert others(case, inspector)[0]["name"] == lead.name


def test_another_tab_of_the_same_person_is_told_as_theirs(case, inspector):
    say(case, inspector)
    assert [held["you"] for held in others(case, inspector, tab=THERE)] == [True]
    assert len(others(case, inspector)) == 1


def test_since_is_when_they_came_to_that_page(case, inspector, lead, clock):
    say(case, inspector)
    clock.now += 20
    say(case, inspector)
    (first,) = others(case, lead, tab=THERE)
    assert first["since"] == "2026-09-21T14:13:20Z"
    say(case, inspector, page="2.3")
    (then,) = others(case, lead, tab=THERE)
    assert (then["page"], then["since"]) == ("2.3", "2026-09-21T14:13:40Z")


def test_whoever_says_no_more_is_gone_after_a_while(case, inspector, lead, clock):
    say(case, inspector)
    clock.now += 44
    assert len(others(case, lead, tab=THERE)) == 1
    clock.now += 2
    assert others(case, lead, tab=THERE) == []


def test_each_case_by_itself(make_case, inspection, inspector, lead):
    say(make_case(inspection), inspector)
    assert others(make_case(inspection), lead) == []


def test_so_many_tabs_are_kept_and_no_more(case, inspector, monkeypatch):
    monkeypatch.setattr(presence, "MOST", 3)
    for _ in range(5):
        others(case, inspector, tab=str(uuid.uuid4()))
    assert len(others(case, inspector, tab=str(uuid.uuid4()))) == 3


def test_without_a_cache_there_is_nobody_and_it_is_left_alone_for_a_while(case, inspector, lead, monkeypatch):
    say(case, inspector)
    asked = []

    def away(*arguments, **named):
        asked.append(arguments)
        raise ConnectionError

    monkeypatch.setattr(presence.cache, "get", away)
    for _ in range(3):
        response = say(case, lead, tab=THERE)
        assert (response.status_code, response.json()["others"]) == (200, [])
    assert len(asked) == 1


def test_who_may_read_the_case_may_ask(case, inspector, manager, administrator, stranger):
    say(case, inspector)
    assert len(others(case, manager, tab=THERE)) == 1
    assert say(case, administrator).status_code == 403
    assert say(case, stranger).status_code == 404


def test_signed_out(case):
    response = Client().post(f"/cases/{case.public_id}/presence/", "{}", content_type="application/json")
    assert (response.status_code, response.json()["state"]) == (401, "signed_out")


@pytest.mark.parametrize(
    "body",
    [{"tab": "x"}, {"tab": None}, {"page": None}, {"page": "x" * 51}, {"page": "\x00"}, {"page": ["2.1"]}, {"more": 1}],
)
def test_malformed(case, inspector, body):
    response = say(case, inspector, **body)
    assert (response.status_code, response.json()["rule"]) == (422, "malformed")


def test_too_long(case, inspector):
    assert say(case, inspector, page="x" * 3000).status_code == 413


def test_get_is_refused(case, inspector, client):
    client.force_login(inspector)
    assert client.get(f"/cases/{case.public_id}/presence/").status_code == 405
