"""When things may be done to an inspection. Who may is in `inspections.access`."""

from inspections.errors import InspectionLocked
from inspections.models import State

OPEN_STATES = frozenset({State.FIELDWORK})


def check_open(state):
    """Raise InspectionLocked unless changes that can move a rating are taken in this state."""
    if state not in OPEN_STATES:
        raise InspectionLocked("The ratings of this inspection are locked, so nothing in it can be changed.")


def is_open(state):
    """Return whether changes that can move a rating are taken in this state."""
    return state in OPEN_STATES
