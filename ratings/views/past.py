"""Going back: an inspection's figures as they were at a moment, and what was changed between two."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from inspections.access import get_inspection, record_reading
from ratings.changes import changes_between, described, figures_moved, ratings_moved
from ratings.exports.printed import percent_text
from ratings.forms import MomentForm
from ratings.moments import NoSuchMoment, find_moment
from ratings.views.figures import load_past_figures, page, progress_rows, tags

ON_A_PAGE = 50
FIRST = "1"  # the creation of the inspection
COUNTS = {
    "yes": "yes",
    "no": "no",
    "not_applicable": "not applicable",
    "not_asked": "not asked",
    "unanswered": "unanswered",
}


@require_safe
def as_it_was(request, inspection):
    """Ask for a moment, and say how the inspection stood at it, with the way to its pages as they were."""
    inspection, access = get_inspection(request.user, inspection)
    address = reverse("ratings:as_it_was", args=[inspection.public_id])
    form = MomentForm(request.GET if "how" in request.GET else None, inspection=inspection, action=address)
    if form.is_valid():
        return redirect(f"{address}?{urlencode({'at': form.moment.name})}")
    figures = None
    if "at" in request.GET:
        figures = load_past_figures(inspection, _moment(inspection, request.GET["at"]))
    context = page(
        figures.past.inspection if figures else inspection,
        access,
        figures,
        page_title="As it was",
        part="as_it_was",
        back_url=reverse("ratings:inspection", args=[inspection.public_id]),
        back_text="Ratings",
        form=form,
        progress=progress_rows(inspection, figures) if figures else [],
    )
    return render(request, "ratings/as_it_was.html", context)


def _moment(inspection, name):
    try:
        return find_moment(inspection, name)
    except NoSuchMoment as refusal:
        raise Http404(str(refusal)) from refusal


@require_safe
def compare(request, inspection):
    """Show what changed between two moments: ratings, percentages with their counts, and each change behind them.

    `?since=` is the earlier one, the first change when it is left out; `?at=` the later, or now. The changes are shown to
    those who may see cases.
    """
    inspection, access = get_inspection(request.user, inspection)
    address = reverse("ratings:compare", args=[inspection.public_id])
    since = _moment(inspection, request.GET.get("since", FIRST))
    form = MomentForm(
        request.GET if "how" in request.GET else None,
        initial={"since": since.name},
        inspection=inspection,
        action=address,
        button="Compare",
    )
    if form.is_valid():
        return redirect(f"{address}?{urlencode({'since': since.name, 'at': form.moment.name})}")
    upto = _moment(inspection, request.GET.get("at", "now"))
    if upto.sequence < since.sequence:
        return redirect(f"{address}?{urlencode({'since': upto.name, 'at': since.name})}")
    before, after = (load_past_figures(inspection, moment) for moment in (since, upto))
    context = page(
        inspection,
        access,
        page_title="What changed",
        part="as_it_was",
        is_below_part=True,
        back_url=f"{reverse('ratings:as_it_was', args=[inspection.public_id])}{before.suffix}",
        back_text="As it was",
        form=form,
        before=before,
        after=after,
        until_now="at" not in request.GET,
        **_figures(before, after),
    )
    if access.may_view_every_case:
        shows = f"the changes of cases from change {since.sequence} to {upto.sequence}"
        record_reading(request.user, access, inspection, shows)
        context |= _changes(request, inspection, before, after)
    return render(request, "ratings/compare.html", context)


def _figures(before, after):
    """Return what differs between the figures of two moments, as the page shows it."""
    hidden = before.hidden | after.hidden
    tag = tags(after.annex)
    return {
        "hidden": [
            f"{domain.code}. {domain.title}"
            for domain in after.annex.domains
            if domain.code in hidden and any(not held.judged for held in domain.standards)
        ],
        "overall": not hidden and (before.score, before.annex.overall) != (after.score, after.annex.overall),
        "ratings": [
            {
                "standard": moved.after,
                "before": _rating(moved.before, tag),
                "after": _rating(moved.after, tag),
            }
            for moved in ratings_moved(before.annex, after.annex, hidden)
        ],
        "questions": [
            {
                "question": moved.after,
                "before": _percentage(moved.before),
                "after": _percentage(moved.after),
                "counts": [
                    f"{name}: {getattr(moved.before, code)} → {getattr(moved.after, code)}"
                    for code, name in COUNTS.items()
                    if getattr(moved.before, code) != getattr(moved.after, code)
                ],
            }
            for moved in figures_moved(before.annex, after.annex, hidden)
        ],
    }


def _rating(standard, tag):
    return {
        "tag": tag[standard.rating],
        "aside": "by professional discretion"
        if standard.discretion
        else "discretion no longer applies"
        if standard.lapsed
        else "",
    }


def _percentage(asked):
    """Return the percentage of a key question and its counts, in words."""
    return {"percent": percent_text(asked.percent), "of": f"{asked.yes} of {asked.yes + asked.no}"}


def _changes(request, inspection, before, after):
    found = changes_between(inspection, before.moment.sequence, after.moment.sequence)
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "changes": described(inspection, list(shown), before.hidden | after.hidden),
        "count": shown.paginator.count,
        "pagination": _pagination(request, shown),
    }


def _pagination(request, shown):
    if not shown.has_other_pages():
        return None

    def url(number):
        parameters = request.GET.copy()
        parameters["page"] = number
        return f"?{parameters.urlencode()}#changes"

    return {
        "items": [
            {"number": number, "href": url(number), "current": number == shown.number}
            if isinstance(number, int)
            else {"ellipsis": True}
            for number in shown.paginator.get_elided_page_range(shown.number, on_each_side=1, on_ends=1)
        ],
        "landmarkLabel": "Pages of the changes",
        "previous": {"href": url(shown.previous_page_number())} if shown.has_previous() else None,
        "next": {"href": url(shown.next_page_number())} if shown.has_next() else None,
    }
