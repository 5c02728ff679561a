"""The list of inspections, and the front ratings page of one."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from govuk.templatetags.govuk import rating_tag
from inspections.access import get_inspection, inspections_of, roles_in
from inspections.views.paging import pagination
from ratings.exports.printed import NOT_RATED, NOT_SHOWN, printed_tables
from ratings.policies import hidden_domains, progress_of_all
from ratings.views.figures import figures_asked_for, page, progress_rows

PER_PAGE = 50
NOT_COMPUTED = "Not computed yet"


@require_safe
def home(request):
    """Lead to the inspections, where everybody starts."""
    return redirect("ratings:inspections")


@require_safe
def inspections(request):
    """Show the inspections that the person may see, with score and overall rating. Archived ones are left out."""
    found = (
        inspections_of(request.user)
        .select_related("service", "standards", "lifecycle", "sequence", "result")
        .defer("standards__content", "result__tallies", "result__standards")
        .order_by("service__name", "-fieldwork_started", "pk")
    )
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "ratings/inspections.html",
        {
            "page_title": "Inspections",
            "rows": _rows(request.user, list(shown)),
            "pagination": pagination(shown),
            "navigation": "inspections",
            "may_create": request.user.may(Permission.CREATE_INSPECTIONS),
        },
    )


def _rows(user, shown):
    # Progress is asked of the database only where it decides what may be seen.
    progress = progress_of_all([inspection for inspection in shown if not inspection.figures_open])
    roles = roles_in(user, shown)
    return [
        {"inspection": inspection, "state": inspection.lifecycle.get_state_display()}
        | _reached(inspection, roles[inspection.pk], progress.get(inspection.pk, {}))
        for inspection in shown
    ]


def _reached(inspection, role, progress):
    """Return where a row leads and its figures: to the ratings, or for those who see cases of their own only to these."""
    if Permission.VIEW_INSPECTION not in role.permissions:
        url = reverse("cases:list", args=[inspection.public_id])
        return {"url": url, "score": "Not for your role", "overall": rating_tag(NOT_SHOWN)}
    return {"url": reverse("ratings:inspection", args=[inspection.public_id])} | _score(inspection, progress)


def _score(inspection, progress):
    """Return score and overall rating as the list shows them, with what to know about them in `aside`."""
    if hidden_domains(inspection, progress):
        finished = sum(held.finished for held in progress.values())
        cases = sum(held.cases for held in progress.values())
        return {"score": f"{finished} of {cases} cases submitted", "overall": rating_tag(NOT_SHOWN)}
    result = getattr(inspection, "result", None)
    if result is None:
        return {"score": "", "overall": rating_tag(NOT_COMPUTED)}
    row = {"aside": "Being recomputed" if result.sequence < inspection.sequence.value else ""}
    if not result.overall:
        return row | {"score": "", "overall": rating_tag(NOT_RATED)}
    bands = inspection.document.bands_by_code
    step = [*bands].index(result.overall) + 1
    return row | {
        "score": f"{result.score}/{inspection.document.maximum}",
        "overall": rating_tag(bands[result.overall].label, step, len(bands)),
    }


@require_safe
def inspection(request, inspection):
    """Show the ratings of an inspection as the front page of a report prints them, and how far its cases have come."""
    inspection, access = get_inspection(request.user, inspection)
    inspection, figures = figures_asked_for(request, inspection)
    domains = _domains(inspection, figures)
    return render(
        request,
        "ratings/inspection.html",
        page(
            inspection,
            access,
            figures,
            page_title="Ratings",
            part="ratings",
            domains=domains,
            has_marks=any(held.mark for _, standards in domains for held, _ in standards),
            progress=progress_rows(inspection, figures),
        ),
    )


def _domains(inspection, figures):
    if figures.annex is None:
        return []
    # Like the score, the front page shows what comes from cases only when all of it may be seen.
    hidden = {domain.code for domain in inspection.document.domains} if figures.hidden else frozenset()
    count = len(figures.annex.labels)
    return [
        (table.heading, [(held, rating_tag(held.rating, held.step, count)) for held in table.standards])
        for table in printed_tables(figures.annex, hidden)
    ]
