"""When things may be done to an inspection. Who may is in `inspections.access`."""

from inspections.errors import InspectionLocked
from inspections.models import State

OPEN_STATES = frozenset({State.FIELDWORK})
OVER_STATES = frozenset({"published", "archived"})


def check_open(state):
    """Raise InspectionLocked unless changes that can move a rating are taken in this state."""
    if state not in OPEN_STATES:
        raise InspectionLocked("The ratings of this inspection are locked, so nothing in it can be changed.")


def is_over(inspection):
    """Return whether an inspection is over, and with it the access of those who were there for it alone."""
    return inspection.archived_at is not None or inspection.lifecycle.state in OVER_STATES


def is_open(state):
    """Return whether changes that can move a rating are taken in this state."""
    return state in OPEN_STATES
