"""When things may be done to an inspection. Who may is in `inspections.access`; how it moves on in `inspections.lifecycle`."""

from accounts.roles import LeadInspector
from inspections.errors import InspectionLocked, NotBegun, Refused
from inspections.models import State

OPEN_STATES = frozenset({State.PLANNED, State.FIELDWORK, State.MODERATION})
ANSWERING_STATES = OPEN_STATES - {State.PLANNED}
OVER_STATES = frozenset({State.PUBLISHED})


def is_open(state):
    """Return whether changes that can move a rating are taken in this state: team, sample and terms before fieldwork too."""
    return state in OPEN_STATES


def is_locked(state):
    """Return whether the ratings are agreed, so that nothing that could move them is taken any more."""
    return not is_open(state)


def takes_answers(state):
    """Return whether answers, judgements and discretion are taken in this state: from fieldwork until the ratings are agreed."""
    return state in ANSWERING_STATES


def has_begun(state):
    """Return whether fieldwork has begun, or is behind already."""
    return state != State.PLANNED


def has_lead(inspection, *, but=None):
    """Return whether the team has a lead inspector who can sign in, other than the person `but`."""
    leads = inspection.memberships.filter(role=LeadInspector.code, user__is_active=True)
    return (leads.exclude(user=but) if but else leads).exists()


def check_has_lead(inspection):
    """Raise Refused unless the team has a lead inspector."""
    if not has_lead(inspection):
        raise Refused(
            "The team has no lead inspector yet, and nobody else answers for it. Give somebody that role first."
        )


def is_over(inspection):
    """Return whether an inspection is over, and with it the access of those who were there for it alone."""
    return inspection.archived_at is not None or inspection.lifecycle.state in OVER_STATES


def check_open(state):
    """Raise InspectionLocked unless changes that can move a rating are taken in this state."""
    if is_locked(state):
        raise InspectionLocked("The ratings of this inspection are locked, so nothing in it can be changed.")


def check_takes_answers(state):
    """Raise InspectionLocked, or NotBegun, unless answers, judgements and discretion are taken in this state."""
    check_open(state)
    if not takes_answers(state):
        raise NotBegun(
            "Fieldwork of this inspection has not begun, so nothing is answered or judged yet. The lead inspector begins it."
        )
