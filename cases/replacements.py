"""Which case takes the place of an excluded one: the next reserve of its stratum. Source: the rules page, "The draw"."""

from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Min

from audit.actions import record_event
from cases import sampling
from cases.actions import _held, create_cases
from cases.allocation import readers_of
from cases.drawing import as_case
from cases.models import Candidate, Case, DrawnCandidate
from inspections.actions import hold_lifecycle
from inspections.errors import Refused
from inspections.policies import check_open
from inspections.team import conflicts_about


@dataclass(frozen=True)
class Reserve:
    """The candidate that takes a place next. `same` says whether it is of the stratum of the case that it replaces."""

    candidate: Candidate
    same: bool


def next_reserve(case):
    """Return the `Reserve` that would take the place of a case, or None. Three queries.

    That is the first reserve of the case's stratum that is not in the sample yet; where none is left, the first of the nearest
    stratum of the same sample that has one (`cases.sampling.nearest`). What was drawn from no list has no reserve.
    """
    place = DrawnCandidate.objects.filter(candidate=case.candidate_id).select_related("draw").first()
    if place is None:
        return None
    free = DrawnCandidate.objects.filter(draw=place.draw, drawn=False, candidate__case=None).order_by()
    first = dict(free.values_list("stratum").annotate(Min("position")))
    strata = [(held["sample"], tuple(held["values"])) for held in place.draw.strata]
    for stratum in sampling.nearest(strata, place.stratum):
        if stratum in first:
            found = free.select_related("candidate").get(stratum=stratum, position=first[stratum])
            return Reserve(found.candidate, stratum == place.stratum)
    return None


def why_no_reserve(case):
    """Return in a sentence what it means that a case has no reserve."""
    if case.candidate_id is None:
        return (
            "This case was not drawn from a caseload, so no reserve takes its place: the sample gets one case smaller."
        )
    label = case.document.sample(case.sample).label
    return f"No reserve is left among the {label} cases: the sample gets one case smaller."


def reader_for(case):
    """Return who reads what takes the place of a case: whoever had the case, unless a conflict of interest stands, or None."""
    reader = readers_of(case.inspection).filter(pk=case.allocated_to_id).first()
    return None if reader is None or reader.pk in conflicts_about(case.inspection.service) else reader


@transaction.atomic
def take_reserve(*, case, candidate, by):
    """Take a reserve into the sample, in the place of an excluded case, and return its `Case`. Nothing is answered in it.

    `candidate` is the reserve that the person saw. Raises Refused where it is not the next one any more, where the case is in
    the sample or replaced already, and InspectionLocked.
    """
    # Alone, so that two cases never get the same reserve.
    check_open(hold_lifecycle(case.inspection).state)
    case = _held(case)
    if not case.excluded_reason:
        raise Refused(f"Case {case.reference} is in the sample, so nothing takes its place. Nothing was changed.")
    replaced = Case.objects.filter(replaces=case).first()
    if replaced:
        raise Refused(
            f"Case {replaced.reference} took the place of case {case.reference} already. Nothing was changed."
        )
    reserve = next_reserve(case)
    if reserve is None:
        raise Refused(f"{why_no_reserve(case)} Nothing was changed.")
    if reserve.candidate != candidate:
        raise Refused(
            f"Case {reserve.candidate.reference} is the next reserve now. Nothing was changed: look at it, and decide again."
        )
    reader = reader_for(case)
    new = replace(as_case(reserve.candidate, replaces=case), allocated_to=reader)
    (taken,) = create_cases(inspection=case.inspection, cases=[new], by=by)
    record_event(
        action="case.replaced",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Took case {taken.reference} into the sample in the place of case {case.reference}"
        f"{f', and gave it to {reader.name}' if reader else ''}.",
        detail={"case": str(taken.public_id), "same_stratum": reserve.same, "to": reader and reader.email},
    )
    return taken
