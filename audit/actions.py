"""The only writer of audit events."""

from audit.models import Event


def record_event(*, action, by, summary, inspection=None, case=None, reason="", detail=None):
    """Insert one event inside the caller's transaction and return it.

    `by` is the person who acted; `inspection` and `case` are objects with a `public_id`, or None.
    """
    return Event.objects.create(
        action=action,
        who=by.name,
        who_email=by.email,
        inspection=str(inspection.public_id) if inspection else "",
        case=str(case.public_id) if case else "",
        summary=summary,
        reason=reason,
        detail=detail or {},
    )
