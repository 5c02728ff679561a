"""When a caseload may be imported."""

from inspections.errors import Refused
from inspections.policies import has_begun


def check_can_import(inspection, state):
    """Raise Refused once fieldwork has begun, once cases are in the sample, and for an inspection that was put aside."""
    if inspection.archived_at:
        raise Refused("This inspection was put aside: another took its place, and its caseload goes there.")
    if has_begun(state):
        raise Refused("Fieldwork of this inspection has begun, so its caseload stays as it is.")
    if inspection.cases.exists():
        raise Refused("Cases of this inspection are in the sample already, so its caseload stays as it is.")


def why_no_import(inspection, state):
    """Return why no caseload may be imported now; "" where one may."""
    try:
        check_can_import(inspection, state)
    except Refused as refusal:
        return str(refusal)
    return ""
