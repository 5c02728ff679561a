"""The plan of a sample with its arithmetic, what is adjusted in it, and the draw."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from cases.balance import balances, largest_gap
from cases.caseload.policies import why_no_adjusting, why_no_draw
from cases.drawing import adjust_sample, check_can_be_drawn, draw_sample, mark_of, strata_drawn, to_draw
from cases.models import Caseload, Draw
from cases.plan_forms import AdjustForm
from cases.plans import plan_of
from cases.views.balance import gap_in_words, stratum_row
from inspections.access import get_inspection
from inspections.errors import Refused
from inspections.shown import day
from inspections.views.frame import attempt, base_of, frame


@require_safe
def plan(request, inspection):
    """Show how the size of the sample comes about, what is adjusted, and the draw where it was made."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    draw = Draw.objects.filter(inspection=inspection).select_related("by").first()
    caseload = Caseload.objects.filter(inspection=inspection).first()
    planned = None if draw else plan_of(inspection)
    stored = draw.plan if draw else planned.stored
    adjustments = list(inspection.sample_adjustments.select_related("by").order_by("-pk"))
    closed = "" if draw else why_no_adjusting(inspection, inspection.lifecycle.state)
    context = frame(
        inspection,
        access,
        page_title="Plan and draw",
        part="plan",
        draw=draw,
        caseload=caseload,
        plan=stored,
        sides=sides_of(inspection, stored),
        steps=steps_of(inspection, stored),
        adjustments=[
            {"made": held, "rows": rows_of(inspection, held.adjusted, None if number else stored)}
            for number, held in enumerate(adjustments)
        ],
        closed=closed,
        may_adjust=not draw and not closed,
        draw_url=reverse("cases:draw", args=[inspection.public_id]),
        refusal="" if draw or closed else why_not_drawn(inspection, planned),
    )
    return render(request, "cases/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request, inspection):
    """Let the plan depart from the standards, with a reason."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    planned = plan_of(inspection)
    form = AdjustForm(request.POST if request.method == "POST" else None, document=inspection.document, planned=planned)
    tried = None
    if request.method == "POST":
        tried = attempt(
            form,
            lambda: adjust_sample(
                inspection=inspection,
                adjusted=form.given(),
                reason=form.cleaned_data["reason"],
                by=request.user,
                base=base_of(request),
            ),
        )
        if tried.ok:
            said = "The plan is adjusted." if tried.done else "Nothing was changed: the plan says this already."
            messages.success(request, said)
            return redirect("cases:plan", inspection.public_id)
    closed = why_no_adjusting(inspection, inspection.lifecycle.state)
    context = frame(
        inspection,
        access,
        page_title="Adjust the plan",
        part="plan",
        is_below_part=True,
        back_url=reverse("cases:plan", args=[inspection.public_id]),
        back_text="Plan and draw",
        button="Save the adjustment",
        form=form,
        base=planned.adjustment.pk if planned.adjustment else 0,
        theirs=theirs_of(inspection, planned.stored) if tried and tried.stale else (),
        closed=closed,
        shows_form=not closed or tried,
    )
    return render(request, "inspections/entry_form.html", context, status=tried.status if tried else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def draw(request, inspection):
    """Show what a draw will give, in numbers alone; draw."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    refusal = ""
    if request.method == "POST":
        try:
            made = draw_sample(inspection=inspection, by=request.user, seen=request.POST.get("seen", ""))
        except Refused as refused:
            if Draw.objects.filter(inspection=inspection, by=request.user).exists():  # the answer to it was lost
                return redirect("cases:plan", inspection.public_id)
            refusal = str(refused)
        else:
            messages.success(request, f"The sample is drawn: {made.plan['total']:,} cases.")
            return redirect("cases:plan", inspection.public_id)
    context = frame(
        inspection,
        access,
        page_title="Draw the sample",
        part="plan",
        is_below_part=True,
        back_url=reverse("cases:plan", args=[inspection.public_id]),
        back_text="Plan and draw",
        problems=[{"text": refusal}] if refusal else [],
        has_errors=bool(refusal),
        **preview(inspection),
    )
    return render(request, "cases/draw.html", context, status=400 if refusal else 200)


def preview(inspection):
    """Return what the page of the draw shows: sizes, strata and the largest gap, or why no sample can be drawn."""
    planned = plan_of(inspection)
    closed = why_not_drawn(inspection, planned)
    if closed:
        return {"closed": closed}
    caseload = Caseload.objects.get(inspection=inspection)
    candidates = list(inspection.candidates.all())
    strata = strata_drawn(planned, candidates, caseload.seed)
    chosen = {reference for stratum in strata for reference in stratum.drawn}
    gap = largest_gap(balances(planned.document, to_draw(planned.document, candidates), chosen))
    return {
        "closed": "",
        "plan": planned.stored,
        "sides": sides_of(inspection, planned.stored),
        "strata": [
            stratum_row(inspection, stratum.sample, stratum.values, stratum.eligible, len(stratum.drawn))
            for stratum in strata
        ],
        "gap": gap_in_words(inspection, gap),
        "seen": mark_of(planned, caseload),
    }


def why_not_drawn(inspection, planned):
    """Return why no sample can be drawn now; "" where one can."""
    why = why_no_draw(inspection, inspection.lifecycle.state)
    if not why:
        try:
            check_can_be_drawn(inspection, planned)
        except Refused as refused:
            why = str(refused)
    return why


def sides_of(inspection, plan):
    """Return the kinds of cases of a stored plan as the pages show them."""
    return [
        {
            **side,
            "label": inspection.document.sample(side["sample"]).label,
            "percent": f"{100 * side['share']:g}%",
            "first": day(side["window"][0]) if side["window"] else "",
            "last": day(side["window"][1]) if side["window"] else "",
            "months": "{} to {} months before fieldwork".format(*side["window_months"]),
        }
        for side in plan["sides"]
    ]


def steps_of(inspection, plan):
    """Return how the size of a stored plan comes about, as [(words, sum)] in order."""
    sides = sides_of(inspection, plan)
    confidence, z, margin = f"{100 * plan['confidence']:g}%", plan["z"], plan["margin_of_error"]
    without, population = f"{plan['without_correction']:,.1f}", f"{plan['population']:,}"
    steps = [
        (f"How sure the sample should make us: {confidence} confidence, for which z is {z}.", f"z = {z}"),
        (
            f"How many cases that takes for a margin of error of {margin} percentage "
            f"point{'' if margin == 1 else 's'} either way, were there cases without end.",
            f"n₀ = {z}² × 0.25 ÷ {margin / 100:g}² = {without}",
        ),
    ]
    if not plan["population"]:
        return steps
    counts = " and ".join(f"{side['eligible']:,} {side['label']}" for side in sides)
    steps += [
        (f"How many cases are eligible: {counts}.", f"N = {population}"),
        (
            "Fewer are enough, because there are only so many to draw from.",
            f"n = {without} ÷ (1 + ({without} − 1) ÷ {population}) = {plan['before_rounding']:,.1f}",
        ),
        ("Rounded up to whole cases.", f"{plan['by_rule']:,} cases"),
    ]
    left = plan["by_rule"]
    for side in sides[:-1]:
        left -= side["wanted"]
        steps.append(
            (
                f"The share of {side['label']} cases, rounded up.",
                f"{side['percent']} of {plan['by_rule']:,} = {side['share'] * plan['by_rule']:,.1f}, so {side['wanted']:,} cases",
            )
        )
    steps.append((f"The rest are {sides[-1]['label']} cases.", f"{left:,} cases"))
    for side in sides:
        if side["taken_whole"]:
            steps.append(
                (
                    f"Only {side['eligible']:,} {side['label']} cases are eligible, so all are taken and the other cases fill.",
                    f"{side['by_rule']:,} in place of {side['wanted']:,}",
                )
            )
        elif side["by_rule"] > side["wanted"]:
            steps.append(
                (
                    f"The {side['label']} cases fill what is missing.",
                    f"{side['by_rule']:,} in place of {side['wanted']:,}",
                )
            )
    for side in sides:
        if side["size"] != side["by_rule"]:
            steps.append(
                (
                    f"The final number of {side['label']} cases was adjusted.",
                    f"{side['size']:,} in place of {side['by_rule']:,}",
                )
            )
    return steps


def theirs_of(inspection, plan):
    """Return what somebody else adjusted meanwhile, beside what the standards say, as [(label, text)]."""
    return rows_of(inspection, plan["adjusted"], plan) or [("The plan", "As in the standards again")]


def rows_of(inspection, adjusted, plan=None):
    """Return an adjustment beside what the standards say, as [(label, text)].

    With the stored plan that it stands in, final numbers have beside them what the rule gives.
    """
    by_rule = {side["sample"]: side["by_rule"] for side in plan["sides"]} if plan and plan["population"] else {}
    document = inspection.document
    rows = []
    if "confidence" in adjusted:
        stands = f"{100 * document.sampling.confidence:g}%"
        rows.append(("Confidence", f"{adjusted['confidence']:g}%, {stands} in the standards"))
    if "margin_of_error" in adjusted:
        stands = document.sampling.margin_of_error
        rows.append(("Margin of error", f"{adjusted['margin_of_error']} percentage points, {stands} in the standards"))
    for sample in document.samples:
        name = sample.label.capitalize()
        if sample.code in adjusted.get("shares", {}):
            stands = f"{100 * sample.share:g}%"
            rows.append(
                (f"{name} cases", f"{adjusted['shares'][sample.code]:g}% of the sample, {stands} in the standards")
            )
        if sample.code in adjusted.get("windows", {}):
            now, stands = (
                "{} to {}".format(*held) for held in (adjusted["windows"][sample.code], sample.window_months)
            )
            rows.append(
                (f"Window of {sample.label} cases", f"{now} months before fieldwork, {stands} in the standards")
            )
        if sample.code in adjusted.get("sizes", {}):
            rule = f", {by_rule[sample.code]:,} by the rule" if sample.code in by_rule else ""
            rows.append((f"Final number of {sample.label} cases", f"{adjusted['sizes'][sample.code]:,}{rule}"))
    return rows
