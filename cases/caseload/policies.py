"""When a caseload may be imported, and a sample planned and drawn."""

from django.utils import timezone

from cases.caseload.checking import in_words
from cases.models import Caseload, Draw
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


def check_can_adjust(inspection, state):
    """Raise Refused once the sample is drawn or has cases, once fieldwork has begun, and for an inspection put aside."""
    if inspection.archived_at:
        raise Refused("This inspection was put aside: another took its place, and its sample is planned there.")
    _check_not_drawn(inspection)
    if has_begun(state):
        raise Refused("Fieldwork of this inspection has begun, so its sample is not planned any more.")
    if inspection.cases.exists():
        raise Refused("Cases of this inspection are in the sample already, so its plan stays as it is.")


def check_can_draw(inspection, state):
    """Raise Refused where `check_can_adjust` does, and without a caseload."""
    check_can_adjust(inspection, state)
    if not Caseload.objects.filter(inspection=inspection).exists():
        raise Refused(
            "The service's list of cases is not imported yet, so there is nothing to draw from. Import it first."
        )


def _check_not_drawn(inspection):
    draw = Draw.objects.filter(inspection=inspection).select_related("by").first()
    if draw:
        at = timezone.localtime(draw.at)
        raise Refused(
            f"{draw.by.name} drew this sample at {at:%H:%M} on {in_words(at)}, and a draw is final. What falls out of the "
            "sample is replaced by a reserve."
        )


def why_no_import(inspection, state):
    """Return why no caseload may be imported now; "" where one may."""
    return _why(check_can_import, inspection, state)


def why_no_adjusting(inspection, state):
    """Return why the plan of the sample may not be adjusted now; "" where it may."""
    return _why(check_can_adjust, inspection, state)


def why_no_draw(inspection, state):
    """Return why no sample may be drawn now; "" where one may."""
    return _why(check_can_draw, inspection, state)


def _why(check, inspection, state):
    try:
        check(inspection, state)
    except Refused as refusal:
        return str(refusal)
    return ""
