"""When things may be done to a case. Who may is in `inspections.access`."""

from cases.models import CaseState
from inspections.errors import Refused

ANSWERABLE = frozenset({CaseState.ALLOCATED, CaseState.IN_PROGRESS, CaseState.SUBMITTED, CaseState.RETURNED})
SUBMITTABLE = frozenset({CaseState.ALLOCATED, CaseState.IN_PROGRESS, CaseState.RETURNED})
FINISHED = frozenset({CaseState.SUBMITTED, CaseState.AGREED})


def check_can_answer(case):
    """Raise Refused unless answers of this case may be changed now."""
    if case.excluded_reason:
        raise Refused("This case is excluded from the sample, so its answers are not changed. Restore it first.")
    if case.state not in ANSWERABLE:
        raise Refused("This case is agreed, so its answers are not changed. Ask the lead inspector to return it first.")


def check_can_submit(case):
    """Raise Refused unless this case may be submitted now."""
    check_can_answer(case)
    if case.state not in SUBMITTABLE:
        raise Refused("This case is submitted already.")


def can_answer(case):
    """Return whether answers of this case may be changed now."""
    return _allows(check_can_answer, case)


def can_submit(case):
    """Return whether this case may be submitted now."""
    return _allows(check_can_submit, case)


def _allows(check, case):
    try:
        check(case)
    except Refused:
        return False
    return True
