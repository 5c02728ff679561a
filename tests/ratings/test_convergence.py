"""Results follow answers, whatever happens to the worker, the broker and everybody at once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from cases.actions import record_answer
from cases.answers import Given
from cases.models import AnswerRevision
from config.worker import app
from inspections.actions import record_judgement
from inspections.errors import InspectionLocked
from inspections.models import Judgement, Sequence
from inspections.recompute import Recompute
from ratings.actions import lock_ratings, recompute
from ratings.freshness import behind
from ratings.models import FrozenAnnex, Result
from ratings.recount import differences
from ratings.tasks import sweep
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_rest():
    """Let each test queue at once, whatever the one before it did to the broker."""
    Recompute._rests_until = 0.0


def give(case, by, question="2.1.1", value="yes", **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts))


def tally(inspection, question="2.1.1"):
    return Result.objects.get(inspection=inspection).tallies[question]


def everything_agrees(inspection):
    return (
        differences(inspection) == []
        and Result.objects.get(inspection=inspection).sequence == Sequence.objects.get(inspection=inspection).value
    )


class Crowd:
    """Runs things at the same moment, each in a thread with a database connection of its own."""

    def __init__(self, *jobs):
        self.start = threading.Barrier(len(jobs))
        with ThreadPoolExecutor(len(jobs)) as pool:
            self.results = [future.result() for future in [pool.submit(self._run, job) for job in jobs]]

    def _run(self, job):
        try:
            self.start.wait()
            return job()
        finally:
            connection.close()


class TestWithAWorker:
    def test_a_save_reaches_the_result(self, worker, case, inspector):
        give(case, inspector)
        worker.wait_until_settled()
        assert tally(case.inspection) == [1, 0, 0, 0, 0]
        assert everything_agrees(case.inspection)

    def test_a_burst_of_saves_reaches_the_result_without_a_sweep(self, worker, make_case, inspection, inspector):
        cases = [make_case(inspection) for _ in range(6)]
        for question in ("2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.3.1"):
            Crowd(*[lambda case=case, question=question: give(case, inspector, question) for case in cases])
        worker.wait_until_settled()
        assert tally(inspection, "2.3.1") == [6, 0, 0, 0, 0]
        assert everything_agrees(inspection)

    def test_a_worker_killed_in_the_middle_and_restarted_converges(self, worker, make_case, inspection, inspector):
        cases = [make_case(inspection) for _ in range(12)]
        for number, case in enumerate(cases):
            give(case, inspector)
            if number == 5:
                worker.kill()
        assert behind()
        worker.start(beat=True)
        worker.wait_until_settled()
        assert tally(inspection) == [12, 0, 0, 0, 0]
        assert everything_agrees(inspection)

    def test_a_lost_message_is_swept(self, worker, case, inspector, monkeypatch):
        monkeypatch.setattr(Recompute, "__call__", lambda self: None)
        give(case, inspector)
        assert behind() == [case.inspection.pk]
        app.send_task("ratings.sweep")
        worker.wait_until_settled()
        assert everything_agrees(case.inspection)

    def test_beat_sweeps_by_itself(self, worker_with_sweep, case, inspector, monkeypatch):
        monkeypatch.setattr(Recompute, "__call__", lambda self: None)
        give(case, inspector)
        worker_with_sweep.wait_until_settled()
        assert everything_agrees(case.inspection)

    def test_redis_down_does_not_disturb_a_save(self, worker, redis_server, case, inspector):
        redis_server.kill()
        Recompute._sent.clear()  # the case's creation may have sent for this spell
        confirmation = give(case, inspector)
        assert AnswerRevision.objects.get(command_id=confirmation.command_id).value == "yes"
        assert behind() == [case.inspection.pk]
        worker.stop()
        redis_server.start()
        worker.start(beat=True)
        worker.wait_until_settled()
        assert everything_agrees(case.inspection)


class TestTogether:
    def test_fifty_saves_at_once_end_in_what_a_recount_gives(self, make_case, inspection, inspector):
        cases = [make_case(inspection) for _ in range(10)]
        questions = ["2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.3.1"]
        before = Sequence.objects.get(inspection=inspection).value
        jobs = [
            lambda case=case, question=question, value=value: give(case, inspector, question, value)
            for case in cases
            for question, value in zip(questions, ("yes", "no", "yes", "no", "yes"), strict=True)
        ]
        confirmations = Crowd(*jobs).results
        assert sorted(held.sequence for held in confirmations) == list(range(before + 1, before + 51))
        recompute(inspection_id=inspection.pk)
        assert tally(inspection) == [10, 0, 0, 0, 0]
        assert tally(inspection, "2.1.2") == [0, 10, 0, 0, 0]
        assert everything_agrees(inspection)

    def test_of_two_answers_to_one_question_one_is_stored_and_the_other_told(self, case, inspector, lead):
        def attempt(by, value):
            try:
                return give(case, by, value=value)
            except Exception as error:
                return error

        outcomes = Crowd(lambda: attempt(inspector, "yes"), lambda: attempt(lead, "no")).results
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Confirmation", "StaleAnswer"]
        assert case.revisions.count() == 1

    def test_the_same_command_sent_twice_at_once_is_stored_once(self, case, inspector):
        given = Given(question="2.1.1", value="yes")
        first, second = Crowd(*[lambda: record_answer(case=case, by=inspector, given=given)] * 2).results
        assert first == second
        assert case.revisions.count() == 1

    def test_recomputing_side_by_side_ends_with_the_newest(self, make_case, inspection, inspector):
        case = make_case(inspection)

        def save_and_recompute(question):
            give(case, inspector, question)
            recompute(inspection_id=inspection.pk)

        Crowd(*[lambda question=question: save_and_recompute(question) for question in ("2.1.1", "2.1.2", "2.1.3")])
        recompute(inspection_id=inspection.pk)
        assert everything_agrees(inspection)

    def test_a_judgement_racing_a_lock_is_in_the_frozen_annex_or_refused(self, make_case, inspection, inspector, lead):
        def judge(standard, rating):
            return record_judgement(
                inspection=inspection, standard=standard, rating=rating, rationale="Seen.", by=lead
            ).sequence

        for standard in inspection.document.standards.values():
            if standard.method == "judgement":
                judge(standard.code, "inadequate")
        for case in (
            make_case(inspection),
            make_case(inspection, sample="out_of_court", disposal="youth_caution"),
        ):
            for code, question in case.questions.items():
                if question.role == "key_question":
                    give(case, inspector, code)
        ready = make_ready(inspection, lead)

        def judge_or_be_refused(rating):
            try:
                return judge("1.1", rating)
            except InspectionLocked:
                return None

        ratings = [band.code for band in inspection.document.bands] * 2
        jobs = [lambda rating=rating: judge_or_be_refused(rating) for rating in ratings[1:]]
        jobs.insert(3, lambda: lock_ratings(inspection=ready, by=lead))
        outcomes = Crowd(*jobs).results
        kept = [outcome for place, outcome in enumerate(outcomes) if place != 3 and outcome]
        frozen = json.loads(FrozenAnnex.objects.get().content)
        newest = Judgement.objects.filter(inspection=inspection, standard="1.1").latest("sequence")
        assert frozen["domains"][0]["standards"][0]["rating"] == newest.rating
        assert frozen["sequence"] == Sequence.objects.get(inspection=inspection).value
        assert Judgement.objects.filter(sequence__in=kept).count() == len(kept)
        assert everything_agrees(inspection)


class TestInProcess:
    def test_one_transaction_queues_once_for_an_inspection(self, case, inspector, monkeypatch):
        queued = []
        monkeypatch.setattr(Recompute, "__call__", lambda self: queued.append(self.inspection_id))
        with transaction.atomic():
            give(case, inspector, "2.1.1")
            give(case, inspector, "2.1.2")
        assert queued == [case.inspection.pk]

    def test_what_is_rolled_back_queues_nothing(self, case, inspector, monkeypatch):
        queued = []
        monkeypatch.setattr(Recompute, "__call__", lambda self: queued.append(self.inspection_id))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            give(case, inspector)
            1 / 0  # noqa: B018
        assert queued == []

    def test_without_a_broker_the_result_stands_when_the_save_returns(self, case, inspector, settings):
        app.conf.task_always_eager, before = True, app.conf.task_always_eager
        try:
            give(case, inspector)
            give(case, inspector, "2.1.2")
        finally:
            app.conf.task_always_eager = before
        assert tally(case.inspection) == tally(case.inspection, "2.1.2") == [1, 0, 0, 0, 0]
        assert everything_agrees(case.inspection)

    def test_the_sweep_brings_up_what_is_behind_and_leaves_the_rest(self, case, inspector, monkeypatch):
        monkeypatch.setattr(Recompute, "__call__", lambda self: None)
        give(case, inspector)
        sweep()
        assert behind() == []
        computed_at = Result.objects.get().computed_at
        sweep()
        assert Result.objects.get().computed_at == computed_at
