"""The page of what a person saved last."""

from datetime import UTC, datetime

import pytest

from cases.actions import decide_held, receive_answer, record_answer
from cases.answers import Given
from inspections.models import Membership, State
from tests.cases.posting import said

pytestmark = pytest.mark.django_db

ADDRESS = "/my/saves/"


def give(case, by, question="2.1.1", value="yes", **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts))


def page(client, user):
    client.force_login(user)
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return said(response)


def test_what_was_given_when_it_was_given_and_how_it_came(client, case, inspector):
    give(
        case,
        inspector,
        note="Typed on a train.",
        given_at=datetime(2026, 5, 3, 13, 2, tzinfo=UTC),
        offline_since=datetime(2026, 5, 3, 8, 30, tzinfo=UTC),
    )
    text = page(client, inspector)
    for words in (
        "Case C01",
        "2.1.1 Does assessment",
        "Yes Note: Typed on a train.",
        "3 May 2026, 14:02",
        "After being offline since 3 May 2026, 09:30",
    ):
        assert words in text


def test_what_was_sent_at_once(client, case, inspector):
    give(case, inspector)
    assert "At once" in page(client, inspector)


def test_each_sees_their_own(client, case, inspector, lead):
    give(case, inspector, note="Of the inspector.")
    assert "Nothing yet." in page(client, lead)


def test_held_ones_and_what_was_decided(client, case, inspector, lead):
    case.inspection.lifecycle.state = State.LOCKED
    case.inspection.lifecycle.save()
    held = receive_answer(case=case, by=inspector, given=Given(question="2.1.1", value="no"), leads=False)
    assert "were locked before this answer arrived" in page(client, inspector)
    decide_held(held=held, accepted=False, reason="Overtaken.", by=lead)
    assert f"Rejected by {lead.name}" in page(client, inspector)


def test_an_inspection_that_may_not_be_seen_any_more_is_left_out(client, case, inspector):
    give(case, inspector)
    Membership.objects.filter(user=inspector).delete()
    assert "Nothing yet." in page(client, inspector)


def test_an_administrator_who_was_in_a_team_sees_what_they_gave_only_while_they_are_in_it(client, case, inspector):
    give(case, inspector)
    inspector.role = "administrator"
    inspector.save(update_fields=["role"])
    assert "Case C01" in page(client, inspector)
    Membership.objects.filter(user=inspector).delete()
    assert "Nothing yet." in page(client, inspector)


def test_a_manager_reads_on(client, case, inspector):
    give(case, inspector)
    inspector.role = "manager"
    inspector.save(update_fields=["role"])
    Membership.objects.filter(user=inspector).delete()
    assert "Case C01" in page(client, inspector)


def test_the_last_hundred_at_the_cost_of_one(client, case, inspector, django_assert_num_queries):
    page(client, inspector)
    for count in (1, 110):
        for _ in range(count):
            give(case, inspector, base=case.answers.get(question="2.1.1").version)
        with django_assert_num_queries(4):
            response = client.get(ADDRESS)
        assert response.content.decode().count("At once") == min(100, count if count == 1 else 111)


def test_a_long_note_is_cut_short(client, case, inspector):
    give(case, inspector, note="long " * 8000)
    assert len(page(client, inspector)) < 3000


def test_the_form_and_the_case_lead_here(signed_in, inspector, manager, case):
    form, task_list = f"/cases/{case.public_id}/standards/2.1/", f"/cases/{case.public_id}/"
    for address in (form, task_list):
        assert 'href="/my/saves/"' in signed_in(inspector).get(address).content.decode()
        assert 'href="/my/saves/"' not in signed_in(manager).get(address).content.decode()
