"""Saves that meet: with one another, and with whoever closes the case."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from cases.actions import exclude_case
from cases.models import Answer, HeldAnswer
from inspections.models import Lifecycle, Sequence, State
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def command(question="2.1.1", value="yes", **parts):
    usual = {
        "format": "evenhand-save/1",
        "command": str(uuid.uuid4()),
        "question": question,
        "value": value,
        "base": 0,
        "given_at": "2026-05-03T14:02:00+01:00",
    }
    return usual | parts


def post(case, user, sent):
    """Send a command as a browser of its own, and return what was said. Runs in any thread."""
    client = Client()
    client.force_login(user)
    address = f"/cases/{case.public_id}/saves/"
    try:
        return client.post(
            address, json.dumps({"person": str(user.public_id)} | sent), content_type="application/json"
        ).json()
    finally:
        connections.close_all()


def all_at_once(calls):
    """Run the calls in threads of their own and return what each returned."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: call(), calls))


def test_one_command_sent_by_many_at_once_is_stored_once(case, inspector):
    sent = command(note="Once.")
    said = all_at_once([lambda: post(case, inspector, sent)] * 6)
    assert all(held == said[0] for held in said)
    assert said[0]["state"] == "saved"
    assert case.revisions.count() == 1


def test_several_people_answer_one_question_at_once(case, inspector, other_inspector, lead):
    said = all_at_once(
        [
            lambda user=user, value=value: post(case, user, command(value=value))
            for user, value in ((inspector, "yes"), (other_inspector, "no"), (lead, "not_applicable"))
        ]
    )
    assert sorted(held["state"] for held in said) == ["changed", "changed", "saved"]
    assert len({held["theirs"]["value"] for held in said if held["state"] == "changed"}) == 1
    assert case.revisions.count() == 1


def test_many_questions_at_once_each_get_a_place_in_the_sequence(case, inspector, lead):
    codes = ["2.1.1", "2.1.1.a", "2.1.1.b", "2.1.2", "2.2.1", "safety_factors", "2.3.1", "2.4.1"]
    said = all_at_once(
        [
            lambda code=code, user=user: post(case, user, command(code, "true" if "_" in code else "yes"))
            for code, user in zip(codes, [inspector, lead] * 4, strict=True)
        ]
    )
    assert {held["state"] for held in said} == {"saved"}
    assert len({held["sequence"] for held in said}) == len(codes)


@pytest.mark.postgresql
class TestClosedMeanwhile:
    """An answer that waits for whoever closes the case sees it closed."""

    def held_while(self, case, user, close):
        """Send a command while `close` is under way, finish that, and return what was said."""
        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                close()
                said = threads.submit(post, case, user, command())
                wait_for(somebody_waits, "Nobody waited for the lock.")
            return said.result()

    def test_locked(self, case, inspector):
        def lock():
            state = Lifecycle.objects.select_for_update().get(inspection=case.inspection)
            state.state = State.LOCKED
            state.save()

        assert self.held_while(case, inspector, lock)["state"] == "held"
        assert HeldAnswer.objects.get().why.startswith("The ratings of this inspection were locked")

    def test_excluded(self, case, inspector, lead):
        said = self.held_while(case, inspector, lambda: exclude_case(case=case, reason="Lost.", by=lead))
        assert said["state"] == "held"
        assert case.revisions.count() == 0


@pytest.mark.postgresql
def test_a_save_that_waits_for_its_answer_leaves_the_sequence_free(case, inspector):
    assert post(case, inspector, command("2.1.1.a"))["state"] == "saved"
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Answer.objects.select_for_update().get(case=case, question="2.1.1")
            said = threads.submit(post, case, inspector, command())
            wait_for(somebody_waits, "Nobody waited for the lock.")
            held = Sequence.objects.select_for_update(nowait=True).get(inspection=case.inspection)
        assert said.result()["sequence"] == held.value + 1


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
