"""The exclusions of an inspection: what the lead inspector has to decide, and the log."""

from itertools import groupby

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases.excluding import proposals_waiting
from cases.exclusions import Reason, Step, sentences
from cases.models import Case, CaseRevision, ExclusionStep
from inspections.access import get_inspection
from inspections.views.frame import frame


@require_safe
def exclusions(request, inspection):
    """Show the proposals that wait, every excluded case by reason, and what was declined or restored."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_CASES, shows="the exclusions")
    steps = list(ExclusionStep.objects.filter(case__inspection=inspection).select_related("case", "by").order_by("pk"))
    rows = excluded_rows(inspection, steps)
    context = frame(
        inspection,
        access,
        page_title="Exclusions",
        part="exclusions",
        proposals=list(proposals_waiting(inspection).select_related("case", "by")),
        groups=[(label, list(found)) for label, found in groupby(rows, key=lambda row: row["label"])],
        told=sentences(
            [row["case"].excluded_as for row in rows if row["successor"]],
            [row["case"].excluded_as for row in rows if not row["successor"]],
        ),
        stayed=[step for step in reversed(steps) if step.step in (Step.DECLINED, Step.RESTORED)],
    )
    return render(request, "cases/exclusions.html", context)


def excluded_rows(inspection, steps):
    """Return the excluded cases by reason, each with how it left the sample and what took its place. Two queries at most."""
    cases = list(
        Case.objects.filter(inspection=inspection)
        .exclude(excluded_reason="")
        .select_related("replaced_by")
        .defer("profile", "replaced_by__profile")
        .order_by("reference")
    )
    by_case = {}
    for step in steps:
        by_case.setdefault(step.case_id, []).append(step)
    brought = brought_along([case for case in cases if not ways_out(by_case.get(case.pk, []))])
    order = [*Reason, ""]
    rows = [row_of(case, by_case.get(case.pk, []), brought.get(case.pk)) for case in cases]
    return sorted(rows, key=lambda row: order.index(row["case"].excluded_as))


def ways_out(steps):
    """Return the steps of a case that took it out of the sample and still hold."""
    left = []
    for step in steps:
        if step.step == Step.RESTORED:
            left = []
        elif step.step in (Step.AGREED, Step.EXCLUDED):
            left = [step]
    return left


def brought_along(cases):
    """Return the revisions that took cases out of the sample without a step, such as those of a bundle, by case."""
    if not cases:
        return {}
    found = CaseRevision.objects.filter(case__in=cases).exclude(excluded_reason="").select_related("by").order_by("pk")
    return {revision.case_id: revision for revision in found}


def row_of(case, steps, revision):
    """Return an excluded case as the log shows it."""
    out = next(iter(ways_out(steps)), None)
    proposal = None
    if out is not None and out.step == Step.AGREED:
        proposal = [step for step in steps if step.step == Step.PROPOSED and step.pk < out.pk][-1]
    return {
        "case": case,
        "label": case.excluded_label if case.excluded_as else "In words of its own",
        "words": (proposal or out).words if out else case.excluded_reason,
        "proposal": proposal,
        "out": out,
        "revision": revision,
        "successor": getattr(case, "replaced_by", None),
    }
