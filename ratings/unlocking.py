"""Unlocking agreed ratings takes two people: one asks, with a reason, and another grants it. Every step is kept."""

from django.db import transaction

from audit.actions import record_event
from inspections.actions import hold_lifecycle, take_step
from inspections.errors import Refused
from inspections.lifecycle import Step, check_step
from ratings.annex import newest_frozen
from ratings.models import UnlockDecision, UnlockRequest


def waiting_request(inspection):
    """Return the request to unlock an inspection that nobody has decided about, or None."""
    return (
        UnlockRequest.objects.filter(frozen__inspection=inspection, decision=None)
        .select_related("by", "frozen__by")
        .first()
    )


@transaction.atomic
def ask_to_unlock(*, inspection, reason, by):
    """Ask for the ratings to be unlocked, and return the `UnlockRequest`.

    Raises Refused where they are not locked, without a reason, or when somebody asked already.
    """
    check_step(Step.UNLOCK, hold_lifecycle(inspection).state)
    if not reason.strip():
        raise Refused("Say why the ratings should be unlocked.")
    asked = waiting_request(inspection)
    if asked:
        raise Refused(f"{asked.by.name} asked for this already. It waits for a second person to grant it.")
    record_event(
        action="unlock.asked",
        by=by,
        inspection=inspection,
        summary="Asked for the ratings to be unlocked.",
        reason=reason.strip(),
    )
    return UnlockRequest.objects.create(frozen=newest_frozen(inspection), reason=reason.strip(), by=by)


@transaction.atomic
def grant_unlock(*, request, by):
    """Unlock the ratings as was asked: the sign-off no longer holds. Returns the `UnlockDecision`.

    The frozen Annex stays in the record. Raises Refused for whoever asked, and when it is decided already.
    """
    inspection = request.frozen.inspection
    lifecycle = hold_lifecycle(inspection)
    _check_waits(request)
    if by.pk == request.by_id:
        raise Refused("You asked for this yourself. A second person grants it. Nothing was changed.")
    take_step(
        lifecycle=lifecycle,
        step=Step.UNLOCK,
        by=by,
        reason=request.reason,
        action="ratings.unlocked",
        summary=f"Unlocked the ratings, as {request.by.name} had asked. The sign-off by {request.frozen.by.name} no longer "
        "holds.",
        detail={"asked_by": request.by.email, "checksum": request.frozen.checksum},
    )
    return UnlockDecision.objects.create(request=request, granted=True, by=by)


@transaction.atomic
def decline_unlock(*, request, remark, by):
    """Leave the ratings locked, saying why, and return the `UnlockDecision`. Whoever asked may do this too.

    Raises Refused without a reason, and when it is decided already.
    """
    inspection = request.frozen.inspection
    hold_lifecycle(inspection)
    _check_waits(request)
    if not remark.strip():
        raise Refused("Say why the ratings stay locked.")
    record_event(
        action="unlock.declined",
        by=by,
        inspection=inspection,
        summary=f"Left the ratings locked, though {request.by.name} had asked for them to be unlocked.",
        reason=remark.strip(),
    )
    return UnlockDecision.objects.create(request=request, granted=False, remark=remark.strip(), by=by)


def _check_waits(request):
    decision = UnlockDecision.objects.filter(request=request).select_related("by").first()
    if decision:
        raise Refused(
            f"{decision.by.name} {'granted' if decision.granted else 'declined'} this already. Nothing was changed."
        )
