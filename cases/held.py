"""Answers that come when their case takes them no more: why they are held, and who sees them."""

from cases.models import HeldAnswer
from cases.policies import can_answer, check_can_answer
from inspections.errors import Refused
from inspections.policies import check_takes_answers, is_locked, takes_answers

KEPT = "It is kept for the lead inspector, who accepts or rejects it."


def why_held(case, state, *, by, leads, offline):
    """Return why an answer that was sent now is held, as a sentence; "" when it is not.

    `state` is the inspection's. A case given to somebody else holds what came of an `offline` browser; whoever `leads`
    may answer in every case.
    """
    if is_locked(state):
        return f"The ratings of this inspection were locked before this answer arrived. {KEPT}"
    if not takes_answers(state):
        return f"Fieldwork of this inspection had not begun when this answer arrived. {KEPT}"
    if case.excluded_reason:
        return f"This case was excluded from the sample before this answer arrived. {KEPT}"
    if not can_answer(case):
        return f"This case was {case.get_state_display().lower()} before this answer arrived. {KEPT}"
    if offline and not leads and case.allocated_to_id not in (None, by.pk):
        return f"This case was given to {case.allocated_to.name} before this answer, which was given offline, arrived. {KEPT}"
    return ""


def why_closed(case):
    """Return why a case takes no answers now, as a sentence; "" when it does."""
    try:
        check_takes_answers(case.inspection.lifecycle.state)
        check_can_answer(case)
    except Refused as refusal:
        return str(refusal)
    return ""


def waiting(inspection):
    """Return the held answers of an inspection that nobody has decided about."""
    return HeldAnswer.objects.filter(case__inspection=inspection, decision=None)
