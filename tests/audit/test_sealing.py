"""The chain over events: sealed in order, by one sealer at a time, however late a transaction commits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from audit import sealing
from audit.actions import record_event
from audit.models import Event, Seal
from audit.sealing import last_seal, seal, seal_hash
from audit.tasks import seal_events
from audit.verifying import verify
from tests.servers import wait_for

SOMEBODY = SimpleNamespace(name="Ines Archer", email="ines@example.org")


def happen(times=1, **given):
    """Record so many events and return the ids."""
    usual = {"action": "thing.done", "by": SOMEBODY, "summary": "Did a thing.", "detail": {"é": [1, None, "2.1.1"]}}
    return [record_event(**usual | given).pk for _ in range(times)]


def in_a_thread(job):
    """Run a job with a database connection of its own and return what it returns."""

    def run():
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.mark.django_db
class TestSealing:
    def test_each_event_once_in_order(self):
        ids = happen(3)
        assert seal() == 3
        assert list(Seal.objects.order_by("id").values_list("id", "event")) == list(enumerate(ids, 1))
        assert seal() == 0
        more = happen(2)
        assert seal() == 2
        assert list(Seal.objects.order_by("id").values_list("event", flat=True)) == ids + more

    def test_nothing_to_seal(self):
        assert seal() == 0
        assert last_seal() == (0, 0, "")

    def test_in_chunks(self, monkeypatch):
        monkeypatch.setattr(sealing, "CHUNK", 3)
        happen(8)
        assert seal() == 8
        assert verify().count == 8
        assert verify().fault == ""

    def test_a_hash_is_over_the_one_before_and_every_value(self):
        happen()
        seal()
        (made,) = Seal.objects.all()
        content = Event.objects.values_list(*sealing.CONTENT).get()
        assert seal_hash("", 1, made.at, content) == made.hash
        others = [seal_hash("0", 1, made.at, content), seal_hash("", 2, made.at, content)]
        for place, value in enumerate(content):
            changed = list(content)
            changed[place] = value.replace(year=1999) if sealing.CONTENT[place] == "at" else [str(value), "x"]
            others.append(seal_hash("", 1, made.at, changed))
        assert made.hash not in others
        assert len(set(others)) == len(others)

    def test_every_column_of_an_event_is_sealed(self):
        assert set(sealing.CONTENT) == {field.attname for field in Event._meta.concrete_fields}

    def test_the_task(self):
        happen(2)
        seal_events.apply()
        assert Seal.objects.count() == 2


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_sealers_never_fork(self):
        happen(40)
        start = threading.Barrier(6)

        def work():
            try:
                start.wait()
                return [happen(), seal()][1]
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            sealed = sum(future.result() for future in [pool.submit(work) for _ in range(6)])
        assert sealed + seal() == 46
        report = verify()
        assert (report.count, report.fault) == (46, "")

    @pytest.mark.postgresql
    def test_an_event_that_commits_late_is_waited_for(self, monkeypatch):
        monkeypatch.setattr(sealing, "WAIT_SECONDS", 0)
        with transaction.atomic():
            (early,) = happen()
            (late,) = in_a_thread(happen)
            assert early < late
            assert in_a_thread(seal) == 0  # the later one is stored, the earlier one not yet
        assert seal() == 2
        assert list(Seal.objects.order_by("id").values_list("event", flat=True)) == [early, late]

    @pytest.mark.postgresql
    def test_it_waits_for_those_who_were_there(self, monkeypatch):
        inserted, asked = threading.Event(), threading.Event()
        inserting = sealing._inserting

        def ask(cursor):
            found = inserting(cursor)
            asked.set()
            return found

        def save():
            with transaction.atomic():
                happen()
                inserted.set()
                assert asked.wait(10)

        monkeypatch.setattr(sealing, "_inserting", ask)
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(in_a_thread, save)
            assert inserted.wait(10)
            assert seal() == 1
            saving.result()

    @pytest.mark.postgresql
    def test_ids_that_were_rolled_back_are_no_fault(self):
        happen()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            happen(3)
            raise ZeroDivisionError
        happen()
        assert seal() == 2
        assert verify().fault == ""

    @pytest.mark.postgresql
    def test_a_save_does_not_wait_for_a_sealer(self):
        happen()
        with transaction.atomic():
            assert sealing._is_alone()
            assert in_a_thread(seal) == 0  # another is at it
            assert in_a_thread(happen)
        assert seal() == 2


@pytest.mark.django_db(transaction=True)
def test_beat_and_a_worker_seal(worker_with_sweep):
    happen(3)
    wait_for(lambda: Seal.objects.count() >= 3, "Nobody sealed.")
    assert verify().fault == ""
