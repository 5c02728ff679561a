"""The only writer of audit events."""

from dataclasses import dataclass

from django.db import transaction

from audit.append_only import door_open
from audit.errors import Refused
from audit.models import Event
from audit.statements import insert


@dataclass(frozen=True)
class Actor:
    """Who acted, where it was no person."""

    name: str
    email: str


EVENHAND = Actor("Evenhand", "evenhand@evenhand.invalid")
VERIFIED = "audit.verified"
ERASED = "audit.erased"


def record_event(*, action, by, summary, inspection=None, case=None, reason="", detail=None, insert_now=True):
    """Insert one event inside the caller's transaction and return it.

    `by` is the person who acted; `inspection` and `case` are objects with a `public_id`, or None. `summary` goes on
    from the person's name: "Answered 2.1.1 in case C01: Yes.". `detail["question"]` is what "who changed this answer"
    is asked by. Without `insert_now` the caller inserts it, together with what it tells of.
    """
    event = Event(
        action=action,
        who=by.name,
        who_email=by.email,
        inspection=str(inspection.public_id) if inspection else "",
        case=str(case.public_id) if case else "",
        question=(detail or {}).get("question", ""),
        summary=summary,
        reason=reason,
        detail=detail or {},
    )
    return insert(event) if insert_now else event


def record_verification(*, report):
    """Record what a check of the whole chain found (an `audit.verifying.Report`), and return the event."""
    found = report.fault or f"Checked {report.count:,} sealed events: none was changed, deleted or inserted."
    if report.erased:
        found += f" {report.erased:,} had been erased lawfully."
    return record_event(
        action=VERIFIED,
        by=EVENHAND,
        summary=found,
        detail={"count": report.count, "head": report.head, "fault": report.fault, "erased": report.erased},
    )


@transaction.atomic
def erase_events(*, ids, by, reason):
    """Erase events for good, as the law may demand, and return the event that tells which, by whom and why.

    Their seals stay, and the event names them, so that `verify_audit` knows them from events that were taken away. Raises
    Refused without a reason, for an id that is not there, and for events that tell of erasures.
    """
    if not reason.strip():
        raise Refused("Say why these events are erased, and on whose order.")
    wanted = sorted(set(ids))
    found = dict(Event.objects.filter(pk__in=wanted).values_list("pk", "action"))
    missing = [str(pk) for pk in wanted if pk not in found]
    if missing or not wanted:
        raise Refused(f"There is no event {', '.join(missing)}. Nothing was erased." if missing else "Name the events.")
    if ERASED in found.values():
        raise Refused("What tells of an erasure is never erased itself. Nothing was erased.")
    count = len(wanted)
    told = record_event(
        action=ERASED,
        by=by,
        summary=f"Erased {count:,} event{'' if count == 1 else 's'} from the record for good.",
        reason=reason.strip(),
        detail={"events": wanted},
    )
    with door_open("a lawful erasure of events"):
        Event.objects.filter(pk__in=wanted)._raw_delete("default")
    return told
