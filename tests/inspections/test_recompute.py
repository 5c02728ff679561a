"""What saves ask of the broker: few tasks, each of which starts after all the saves that rely on it."""

from datetime import datetime
from queue import Empty
from time import time

import pytest

from cases.actions import record_answer
from cases.answers import Given
from config.worker import app
from inspections.recompute import MARGIN_SECONDS, SPELL_SECONDS, Recompute

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.broker]


@pytest.fixture(autouse=True)
def no_rest():
    """Let each test queue at once, whatever a test before it did to the broker."""
    Recompute._rests_until = 0.0


def queued():
    """Take every task from the queue, and return for each whose inspection it is about and when it may start."""
    tasks = []
    with app.connection_for_read() as broker:
        queue = broker.SimpleQueue("celery")
        while True:
            try:
                message = queue.get_nowait()
            except Empty:
                return tasks
            message.ack()
            ((inspection,), *_) = message.payload
            tasks.append((inspection, datetime.fromisoformat(message.headers["eta"]).timestamp()))


def test_a_burst_sends_one_task_a_spell_and_each_save_has_one_that_starts_after_it(case, inspector):
    saved = []
    for question in list(case.questions)[:25]:
        record_answer(case=case, by=inspector, given=Given(question=question, note="Seen."))
        saved.append(time())
    starts = [start for inspection, start in queued() if inspection == case.inspection_id]
    spells = [round((start - MARGIN_SECONDS) / SPELL_SECONDS) for start in starts]
    assert len(set(spells)) == len(spells) < len(saved)
    for moment in saved:
        assert any(moment < start <= moment + SPELL_SECONDS + MARGIN_SECONDS for start in starts)


def test_inspections_do_not_share_tasks(make_inspection, make_case, inspector):
    cases = [make_case(make_inspection()) for _ in range(3)]
    for case in cases:
        record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
    assert {inspection for inspection, _ in queued()} == {case.inspection_id for case in cases}
