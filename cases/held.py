"""Answers that come when their case takes them no more: why they are held, and who sees them."""

from cases.models import HeldAnswer
from cases.policies import can_answer
from inspections.policies import is_open

KEPT = "Your answer is kept for the lead inspector, who accepts or rejects it."


def why_held(case, state, *, by, leads, offline):
    """Return why an answer that was sent now is held, as a sentence for the person who gave it; "" when it is not.

    `state` is the inspection's. A case given to somebody else holds what came of an `offline` browser; whoever `leads`
    may answer in every case.
    """
    if not is_open(state):
        return f"The ratings of this inspection were locked before your answer arrived. {KEPT}"
    if case.excluded_reason:
        return f"This case was excluded from the sample before your answer arrived. {KEPT}"
    if not can_answer(case):
        return f"This case was {case.get_state_display().lower()} before your answer arrived. {KEPT}"
    if offline and not leads and case.allocated_to_id not in (None, by.pk):
        return f"This case was given to {case.allocated_to.name} while your browser had no connection. {KEPT}"
    return ""


def waiting(inspection):
    """Return the held answers of an inspection that nobody has decided about."""
    return HeldAnswer.objects.filter(case__inspection=inspection, decision=None)
