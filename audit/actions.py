"""The only writer of audit events."""

from dataclasses import dataclass

from audit.models import Event
from audit.statements import insert


@dataclass(frozen=True)
class Actor:
    """Who acted, where it was no person."""

    name: str
    email: str


EVENHAND = Actor("Evenhand", "evenhand@evenhand.invalid")
VERIFIED = "audit.verified"


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
    return record_event(
        action=VERIFIED,
        by=EVENHAND,
        summary=found,
        detail={"count": report.count, "head": report.head, "fault": report.fault},
    )
