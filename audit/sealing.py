"""The chain over audit events: each seal is the SHA-256 of the seal before it and of one event.

Events are inserted without it, so that no save waits for another; a sealer follows behind. Events are sealed in the
order of their ids, and one is sealed only when none with a smaller id can come any more
(docs/decisions/sealed-audit.md).
"""

import hashlib
import json
from datetime import UTC
from time import monotonic, sleep

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from audit.models import Event, Seal

CHUNK = 1000  # events of one transaction
WAIT_SECONDS = 2  # for transactions that may have taken an id
LOCK = 7308324  # any number that nothing else in the database locks
CONTENT = ("id", "at", "action", "who", "who_email", "inspection", "case", "question", "summary", "reason", "detail")

# Whoever inserts events holds this lock from before it takes an id until its transaction has ended.
INSERTING = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'audit_event'::regclass AND mode = 'RowExclusiveLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid()
"""
LAST_ID = "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')::regclass)"


def seal():
    """Seal every event that can be sealed now, and return how many were. Safe to run twice, and side by side."""
    settled = settled_id()
    if not Event.objects.filter(id__gt=last_seal()[1], id__lte=settled).exists():
        return 0
    total = 0
    while count := _seal_chunk(settled):
        total += count
    return total


def last_seal():
    """Return (number, id of the event, hash) of the newest seal; (0, 0, "") before the first."""
    return Seal.objects.order_by("-id").values_list("id", "event", "hash").first() or (0, 0, "")


def seal_hash(previous, number, at, content):
    """Return the hash of a seal: over the hash before it, its number and moment, and the values of an event.

    `content` is in the order of `CONTENT`. Empty values are left out, so that a column added later changes no seal.
    """
    named = dict(zip(CONTENT, content, strict=True))
    named["at"] = _moment(named["at"])
    text = json.dumps({name: value for name, value in named.items() if value}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{number}\n{_moment(at)}\n{text}".encode()).hexdigest()


def settled_id():
    """Return an id up to which every event is stored for good or never will be; 0 when that cannot be told now.

    PostgreSQL gives ids out before the commit, so that a smaller one may be stored later. Those who may have taken one
    are known by their lock on the table; this waits until they are through.
    """
    if connection.vendor != "postgresql":
        return Event.objects.aggregate(last=Max("id"))["last"] or 0  # one writer at a time
    with connection.cursor() as cursor:
        cursor.execute(LAST_ID)
        (last,) = cursor.fetchone()
        waited_for = _inserting(cursor)
        give_up = monotonic() + WAIT_SECONDS
        while waited_for:
            if monotonic() > give_up:
                return 0
            sleep(0.02)
            waited_for &= _inserting(cursor)
    return last or 0


def _inserting(cursor):
    cursor.execute(INSERTING)
    return {transaction for (transaction,) in cursor.fetchall()}


@transaction.atomic
def _seal_chunk(settled):
    if not _is_alone():
        return 0
    number, last, previous = last_seal()
    at = timezone.now()
    seals = []
    for content in Event.objects.filter(id__gt=last, id__lte=settled).order_by("id").values_list(*CONTENT)[:CHUNK]:
        number += 1
        previous = seal_hash(previous, number, at, content)
        seals.append(Seal(id=number, event=content[0], hash=previous, at=at))
    Seal.objects.bulk_create(seals)
    return len(seals)


def _is_alone():
    """Return whether this is the only sealer until the transaction ends. On SQLite any writer is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def _moment(at):
    return at.astimezone(UTC).isoformat()
