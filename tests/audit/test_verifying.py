"""Whatever is done to the record behind Evenhand's back is named, on both databases."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from audit import verifying
from audit.actions import ERASED, EVENHAND, VERIFIED, erase_events
from audit.append_only import door_open, guards
from audit.errors import Refused
from audit.models import Event, Seal
from audit.sealing import seal, seal_hash
from audit.tasks import verify_chain
from audit.verifying import verify
from tests.audit.test_sealing import happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids():
    """Return the ids of nine events, sealed."""
    ids = happen(9)
    seal()
    return ids


def through_the_door(tamper):
    with door_open("somebody tampers"):
        tamper()


def without_triggers(tamper):
    with connection.cursor() as cursor:
        for table in ("audit_event", "audit_seal"):
            for name in guards(table, connection.vendor):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{on}")
    tamper()


ways = pytest.mark.parametrize("by", [through_the_door, without_triggers], ids=lambda way: way.__name__)


def rows(model, **found):
    """Return rows as a query that deletes and updates without asking the model."""
    return model.objects.filter(**found)


def change(ids):
    rows(Event, pk=ids[4]).update(summary="Did another thing.")


def change_detail(ids):
    rows(Event, pk=ids[4]).update(detail={"é": [1, None, "2.1.2"]})


def backdate(ids):
    rows(Event, pk=ids[4]).update(at=F("at") - timedelta(seconds=1))


def delete(ids):
    rows(Event, pk=ids[4])._raw_delete("default")


def delete_with_its_seal(ids):
    delete(ids)
    rows(Seal, event=ids[4])._raw_delete("default")


def delete_a_seal(ids):
    rows(Seal, event=ids[4])._raw_delete("default")


def delete_the_first(ids):
    rows(Event, pk=ids[0])._raw_delete("default")


def insert(ids):
    """Put an event into the place of one that was deleted and whose seals were moved up: a gap, as a rollback leaves."""
    chain_without(ids[4], ids)
    Event.objects.create(pk=ids[4], action="thing.done", who="Nobody", who_email="", summary="Did nothing.")


def chain_without(gone, ids):
    rows(Event, pk=gone)._raw_delete("default")
    Seal.objects.all()._raw_delete("default")
    seal()


def reorder_seals(ids):
    first, second = rows(Seal, event=ids[4]).get(), rows(Seal, event=ids[5]).get()
    rows(Seal, pk=first.pk).update(event=10**9)
    rows(Seal, pk=second.pk).update(event=first.event, hash=first.hash)
    rows(Seal, pk=first.pk).update(event=second.event, hash=second.hash)


def forge_a_seal(ids):
    rows(Event, pk=ids[4]).update(summary="Did another thing.")
    made = rows(Seal, event=ids[4]).get()
    before = rows(Seal, pk=made.pk - 1).get()
    content = Event.objects.values_list(*verifying.CONTENT).get(pk=ids[4])
    rows(Seal, pk=made.pk).update(hash=seal_hash(before.hash, made.pk, made.at, content))


def change_the_moment_of_a_seal(ids):
    rows(Seal, event=ids[4]).update(at=F("at") - timedelta(seconds=1))


@ways
@pytest.mark.parametrize(
    ("tamper", "place", "says"),
    [
        (change, 4, "Event {} is not what was sealed at number 5"),
        (change_detail, 4, "Event {} is not what was sealed at number 5"),
        (backdate, 4, "Event {} is not what was sealed at number 5"),
        (delete, 4, "Event {} is missing: it was sealed at number 5"),
        (delete_the_first, 0, "Event {} is missing: it was sealed at number 1"),
        (delete_a_seal, 4, "The seal of event {} is missing: number 5"),
        (delete_with_its_seal, 5, "The seal of event {} is missing: number 5"),
        (insert, 4, "Event {} was inserted"),
        (reorder_seals, 4, "Event {} is sealed out of its order"),
        (forge_a_seal, 5, "Event {} is not what was sealed at number 6"),
        (change_the_moment_of_a_seal, 4, "Event {} is not what was sealed at number 5"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_tampering_is_named_by_the_event(ids, by, tamper, place, says):
    by(lambda: tamper(ids))
    seal()  # what a sealer does meanwhile hides nothing
    with pytest.raises(CommandError, match=says.format(ids[place])):
        call_command("verify_audit")
    assert Event.objects.latest("pk").detail["fault"].startswith(says.format(ids[place]))


@ways
def test_a_seal_of_no_event(ids, by):
    by(lambda: Seal.objects.create(id=10, event=ids[-1] + 1000, hash="0" * 64, at=timezone.now()))
    assert f"Event {ids[-1] + 1000} is missing: it was sealed at number 10" in verify().fault


class TestLawfulErasure:
    def erase(self, *ids):
        erase_events(ids=ids, by=EVENHAND, reason="A court ordered it.")

    @pytest.mark.parametrize("places", [(4,), (0,), (8,), (2, 3, 4), range(9)], ids=str)
    def test_is_told_from_deletion(self, ids, capsys, places):
        head = verify().head
        self.erase(*(ids[place] for place in places))
        assert (verify().fault, verify().erased) == ("", len(places))  # before the seal of what tells of it, too
        happen(3)
        seal()
        call_command("verify_audit", expect=head)
        assert f"13 sealed events hold, of which {len(places)} were erased lawfully since;" in capsys.readouterr().out
        recorded = Event.objects.latest("pk")
        assert recorded.summary.endswith(
            f"none was changed, deleted or inserted. {len(places)} had been erased lawfully."
        )

    def test_hides_no_deletion_beside_it(self, ids):
        self.erase(ids[3])
        with door_open("somebody tampers"):
            delete(ids)
        seal()
        with pytest.raises(CommandError, match=f"Event {ids[4]} is missing"):
            call_command("verify_audit")

    def test_is_not_believed_when_what_tells_of_it_was_forged(self, ids):
        self.erase(ids[3])
        seal()
        with door_open("somebody tampers"):
            delete(ids)
            told = rows(Event, action=ERASED).get()
            rows(Event, pk=told.pk).update(detail={"events": [ids[3], ids[4]]})
        assert f"Event {told.pk} is not what was sealed" in verify().fault

    def test_an_erased_event_that_is_there_again(self, ids):
        kept = Event.objects.get(pk=ids[4])
        self.erase(ids[4])
        seal()
        kept._state.adding = True
        kept.save(force_insert=True)
        assert verify().fault == ""  # it is what was sealed
        with door_open("somebody tampers"):
            rows(Event, pk=ids[4]).update(summary="Did another thing.")
        assert f"Event {ids[4]} is not what was sealed" in verify().fault

    def test_of_the_event_that_tells_of_one_is_refused(self, ids):
        self.erase(ids[4])
        told = rows(Event, action=ERASED).get()
        with pytest.raises(Refused, match="never erased itself"):
            self.erase(told.pk)

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            (["4000000000", "--reason", "An order."], "There is no event 4000000000"),
            (["1", "--reason", "  "], "Say why"),
        ],
    )
    def test_the_command_refuses(self, ids, given, says):
        with pytest.raises(CommandError, match=says):
            call_command("erase_events", *given)
        assert Event.objects.filter(pk__in=ids).count() == 9

    def test_the_command_erases(self, ids, capsys):
        call_command("erase_events", str(ids[1]), str(ids[2]), reason="A court ordered it.")
        assert capsys.readouterr().out == "Erased 2 events from the record for good.\n"
        told = rows(Event, action=ERASED).get()
        assert (told.reason, told.detail, told.who) == (
            "A court ordered it.",
            {"events": [ids[1], ids[2]]},
            "Evenhand command line",
        )
        assert not Event.objects.filter(pk__in=ids[1:3]).exists()


class TestACutTail:
    def cut(self, ids):
        rows(Event, pk__gte=ids[6])._raw_delete("default")
        rows(Seal, event__gte=ids[6])._raw_delete("default")

    @ways
    def test_is_found_by_whoever_kept_the_head(self, ids, by, capsys):
        call_command("verify_audit")
        head = re.search("Head: ([0-9a-f]{64})", capsys.readouterr().out)[1]
        by(lambda: self.cut(ids))
        call_command("verify_audit")  # what is left is whole
        with pytest.raises(CommandError, match=f"not in the chain, which now ends with event {ids[5]} at number 6"):
            call_command("verify_audit", expect=head)
        happen(4)
        seal()
        with pytest.raises(CommandError, match="not in the chain"):
            call_command("verify_audit", expect=head)

    def test_a_chain_that_grew_holds_every_head_it_had(self, ids):
        head = verify().head
        happen(3)
        seal()
        call_command("verify_audit", expect=head)
        assert verify(expect=head).count == 12

    def test_a_chain_built_anew_is_found_by_the_head_alone(self, ids):
        head = verify().head
        with door_open("somebody tampers"):
            change(ids)
            Seal.objects.all()._raw_delete("default")
        seal()
        assert verify().fault == ""
        assert "the chain was built anew" in verify(expect=head).fault

    @pytest.mark.parametrize("head", ["abc", "A" * 64, "0" * 65])
    def test_a_head_that_is_none(self, head):
        with pytest.raises(CommandError, match="64 digits") as refused:
            call_command("verify_audit", expect=head)
        assert refused.value.returncode == 2


class TestWaiting:
    def age(self, pk, **ago):
        with door_open("an event is made older"):
            rows(Event, pk=pk).update(at=timezone.now() - timedelta(**ago))

    def test_new_events_may_wait_a_little(self, ids):
        happen(2)
        report = verify()
        assert (report.count, report.unsealed, report.fault) == (9, 2, "")

    def test_the_first_that_waited_too_long_is_named(self, ids):
        _, second, third = happen(3)
        self.age(second, minutes=11)
        self.age(third, hours=2)
        with pytest.raises(CommandError, match=f"Event {second} has waited too long"):
            call_command("verify_audit")

    @pytest.mark.postgresql
    def test_an_event_beyond_what_was_given_out_is_never_sealed(self, ids):
        Event.objects.create(
            pk=ids[-1] + 500, action="thing.done", who="Nobody", who_email="", summary="Did nothing.",
            at=timezone.now() - timedelta(minutes=11),
        )  # fmt: skip
        happen()
        seal()
        assert f"Event {ids[-1] + 500} has waited too long" in verify().fault


class TestTheCommand:
    def test_prints_count_and_head_and_records_the_check(self, ids, capsys):
        call_command("verify_audit")
        head = Seal.objects.get(id=9).hash
        assert capsys.readouterr().out == f"9 sealed events hold; 0 wait for their seal.\nHead: {head}\n"
        recorded = Event.objects.latest("pk")
        assert (recorded.action, recorded.detail) == (
            VERIFIED,
            {"count": 9, "head": head, "fault": "", "erased": 0},
        )

    def test_nothing_sealed_yet(self, capsys):
        call_command("verify_audit")
        assert "Head: none yet" in capsys.readouterr().out

    def test_more_than_a_page(self, monkeypatch):
        monkeypatch.setattr(verifying, "PAGE", 4)
        happen(10)
        seal()
        assert (verify().count, verify().fault) == (10, "")

    def test_the_task_records_too(self, ids):
        verify_chain.apply()
        assert Event.objects.latest("pk").summary == "Checked 9 sealed events: none was changed, deleted or inserted."


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_exits_with_1(manage):
    (pk,) = happen()
    seal()
    with door_open("somebody tampers"):
        rows(Event, pk=pk)._raw_delete("default")
    ended = manage("verify_audit")
    assert ended.returncode == 1
    assert f"Event {pk} is missing" in ended.stderr
    assert "0 sealed events hold" in ended.stderr
