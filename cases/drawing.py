"""The writers of a sample's plan and of its draw. Keyword-only, `by=` the person, atomic, audited.

They take the lifecycle row alone, so that there is one draw whoever asks for it at the same moment, and fieldwork does not
begin in the middle. A draw is final: what falls out of the sample later is replaced by the reserves of its stratum.
"""

from django.db import transaction

from audit.actions import record_event
from cases import sampling
from cases.actions import NewCase, create_cases
from cases.adjustments import departures, faults
from cases.caseload.checking import in_words, strata_of
from cases.caseload.columns import DISPOSAL_DATE
from cases.caseload.policies import check_can_adjust, check_can_draw
from cases.models import Caseload, Draw, DrawnCandidate, SampleAdjustment
from cases.plans import adjustment_of, checked_for_others, outside_windows, plan_of
from inspections.actions import hold_lifecycle
from inspections.delivery import text_fault
from inspections.errors import Refused, StalePlan, Unfit
from inspections.models import Inspection

BATCH = 2_000


@transaction.atomic
def adjust_sample(*, inspection, adjusted, reason, by, base=None):
    """Let the plan of a sample depart from the standards document, and return the `SampleAdjustment`; None where nothing
    changes.

    `adjusted` is as `cases.adjustments` has it, takes the place of what was adjusted before, and with {} the document holds
    again. `base` is the key of the adjustment that the person saw, 0 for none; without it nobody looks whether another stands
    by now, which raises StalePlan. Raises Unfit with a sentence by field, and Refused once the sample is drawn or fieldwork
    has begun.
    """
    inspection = _held(inspection, check_can_adjust)
    try:
        found = faults(inspection.document, adjusted)
    except ValueError as error:
        raise Refused(str(error)) from None
    if not found:
        found = _size_faults(inspection, adjusted)
    if not reason.strip():
        found["reason"] = "Say why the plan is adjusted."
    elif text_fault(reason):
        found["reason"] = text_fault(reason)
    if found:
        raise Unfit(found)
    adjusted = departures(inspection.document, adjusted)
    stands = adjustment_of(inspection)
    if adjusted == (stands.adjusted if stands else {}):
        return None
    if base is not None and base != (stands.pk if stands else 0):
        raise StalePlan
    record_event(
        action="sample.adjusted",
        by=by,
        inspection=inspection,
        summary="Adjusted the plan of the sample."
        if adjusted
        else "Took back what was adjusted in the plan of the sample.",
        reason=reason.strip(),
        detail={"was": stands.adjusted if stands else {}, "now": adjusted},
    )
    return SampleAdjustment.objects.create(inspection=inspection, adjusted=adjusted, reason=reason.strip(), by=by)


@transaction.atomic
def draw_sample(*, inspection, by, seen=None):
    """Draw the sample of an inspection, create its cases, and return the `Draw`.

    `seen` is the `mark_of` the plan that the person saw. Raises Refused where another stands by now, without a caseload, with
    one that does not fit the windows or was checked for others, with nothing to draw, once the sample is drawn or has cases,
    and once fieldwork has begun.
    """
    inspection = _held(inspection, check_can_draw)
    caseload = Caseload.objects.get(inspection=inspection)
    planned = plan_of(inspection)
    check_can_be_drawn(inspection, planned)
    if seen is not None and seen != mark_of(planned, caseload):
        raise Refused(
            "The list or the plan changed after you opened this page, and nothing was drawn. Look at the numbers as they are "
            "now, and draw then."
        )
    candidates = {held.reference: held for held in inspection.candidates.all()}
    strata = strata_drawn(planned, candidates.values(), caseload.seed)
    draw = Draw.objects.create(
        inspection=inspection,
        seed=caseload.seed,
        checksum=caseload.checksum,
        plan=planned.stored,
        strata=[{"sample": stratum.sample, "values": list(stratum.values)} for stratum in strata],
        by=by,
    )
    places, drawn = [], []
    for number, stratum in enumerate(strata):
        for position, reference in enumerate((*stratum.drawn, *stratum.reserves), start=1):
            place = DrawnCandidate(
                draw=draw,
                candidate=candidates[reference],
                stratum=number,
                position=position,
                drawn=position <= len(stratum.drawn),
            )
            places.append(place)
            if place.drawn:
                drawn.append(place.candidate)
    DrawnCandidate.objects.bulk_create(places, batch_size=BATCH)
    sizes = {sample.label: planned.sizes[sample.code] for sample in planned.document.samples}
    parts = " and ".join(f"{size:,} {label}" for label, size in sizes.items())
    record_event(
        action="sample.drawn",
        by=by,
        inspection=inspection,
        summary=f"Drew a sample of {planned.total:,} cases, {parts}, from {planned.by_rule.population:,} that are eligible.",
        detail={
            "seed": draw.seed,
            "checksum": draw.checksum,
            "eligible": planned.eligible,
            "drawn": planned.sizes,
            "strata": len(strata),
        },
    )
    create_cases(inspection=inspection, cases=[as_case(held) for held in drawn], by=by)
    return draw


def as_case(candidate, replaces=None):
    """Return the `NewCase` that a drawn candidate becomes, with what the service's list says of it."""
    known = {held.code for held in candidate.inspection.document.profile}
    day = {DISPOSAL_DATE: candidate.disposal_date.isoformat()} if DISPOSAL_DATE in known else {}
    return NewCase(
        reference=candidate.reference,
        sample=candidate.sample,
        disposal=candidate.disposal,
        profile=candidate.profile | day,
        candidate=candidate,
        replaces=replaces,
    )


def strata_drawn(planned, candidates, seed):
    """Return the strata of a draw, with those drawn and their reserves, by a plan whose sizes can be had."""
    return sampling.draw(to_draw(planned.document, candidates), planned.sizes, seed)


def to_draw(document, candidates):
    """Return candidates as `cases.sampling` takes them."""
    return [
        sampling.Candidate(held.reference, held.sample, strata_of(document, held.disposal, held.profile))
        for held in candidates
    ]


def mark_of(planned, caseload):
    """Return what tells a plan for a list from another: a page says by it what a draw was confirmed on."""
    adjusted = planned.adjustment.pk if planned.adjustment else 0
    return f"{caseload.checksum}-{adjusted}-{planned.fieldwork}"


def check_can_be_drawn(inspection, planned):
    """Raise Refused where a plan cannot be drawn from the list as it stands, with what to do about it."""
    if planned.fieldwork is None:
        raise Refused("No day is planned yet on which fieldwork begins, so no case can be eligible. Plan it first.")
    outside = outside_windows(inspection, planned.windows).count()
    windows = "; ".join(
        f"{sample.label} cases from {in_words(planned.windows[sample.code][0])} to "
        f"{in_words(planned.windows[sample.code][1])}"
        for sample in planned.document.samples
    )
    if outside:
        raise Refused(
            f"{outside:,} of the {planned.by_rule.population:,} cases in the list {'has' if outside == 1 else 'have'} a "
            f"disposal outside the windows as they are now ({windows}). Import the list again."
        )
    if checked_for_others(inspection.caseload, planned.windows):
        raise Refused(
            f"The list was checked for other windows than those of now ({windows}), so cases may be eligible that are not in "
            "it. Import a list for these windows; where nothing changes in it, import it again."
        )
    for sample in planned.too_large:
        raise Refused(
            f"{planned.sizes[sample.code]:,} {sample.label} cases cannot be drawn from "
            f"{planned.eligible[sample.code]:,}. Adjust the final size."
        )
    if not planned.total:
        raise Refused("By this plan no case is drawn. Import a list with eligible cases, or adjust the plan.")


def _held(inspection, check):
    lifecycle = hold_lifecycle(inspection)
    inspection = Inspection.objects.select_related("standards").get(pk=inspection.pk)
    check(inspection, lifecycle.state)
    return inspection


def _size_faults(inspection, adjusted):
    """Return what is wrong with final sizes beside the cases that are eligible, where a list is imported."""
    sizes = {code: size for code, size in adjusted.get("sizes", {}).items() if size is not None}
    if not sizes or not Caseload.objects.filter(inspection=inspection).exists():
        return {}
    eligible = plan_of(inspection).eligible
    labels = {sample.code: sample.label for sample in inspection.document.samples}
    return {
        f"size_{code}": f"Enter {eligible[code]:,} at most: so many {labels[code]} cases are eligible."
        for code, size in sizes.items()
        if size > eligible[code]
    }


def references_of(draw):
    """Return the strata of a draw as they were stored, as [(drawn, reserves)] of references in order. One query."""
    strata = [([], []) for _ in draw.strata]
    places = DrawnCandidate.objects.filter(draw=draw).values_list("stratum", "drawn", "candidate__reference")
    for number, drawn, reference in places.order_by("stratum", "position"):
        strata[number][0 if drawn else 1].append(reference)
    return strata


def drawn_again(draw):
    """Return the strata that the seed and sizes of a draw give with the list as it stands, as `references_of` has them."""
    sizes = {side["sample"]: side["size"] for side in draw.plan["sides"]}
    candidates = to_draw(draw.inspection.document, draw.inspection.candidates.all())
    return [(list(held.drawn), list(held.reserves)) for held in sampling.draw(candidates, sizes, draw.seed)]
