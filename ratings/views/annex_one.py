"""Annex 1 on the screen and as data."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from accounts.permissions import Permission
from inspections.access import get_inspection
from inspections.errors import Refused
from inspections.policies import is_locked
from ratings.actions import record_export
from ratings.annex_one.data import as_json
from ratings.annex_one.figures import is_small
from ratings.annex_one.gathering import annex_one_name, gather
from ratings.annex_one.sentences import sections
from ratings.policies import check_can_see_figures, progress_of
from ratings.views.figures import moment, page


@require_safe
def annex_one(request, inspection):
    """Show what Annex 1 says about the sample and how evidence was gathered, each sentence with what it was counted from."""
    inspection, access = get_inspection(request.user, inspection)
    held = gather(inspection)
    samples = {sample.code: sample for sample in held.samples}
    return render(
        request,
        "ratings/annex_one.html",
        page(
            inspection,
            access,
            part="annex_one",
            page_title=f"{held.heading}: Methodology",
            annex_one=held,
            as_of=moment(datetime.fromisoformat(held.at)),
            locked=is_locked(inspection.lifecycle.state),
            hidden=any(sample.hidden for sample in held.samples),
            small=bool(held.small_groups),
            sections=[
                {
                    "section": section,
                    "delivery": section.title == held.delivery and not section.sample,
                    "whole": section.title != held.delivery and not section.sample,
                    "tables": tables(samples[section.sample]) if section.sample in samples else [],
                }
                for section in sections(held)
            ],
        ),
    )


def tables(sample):
    """Return the counts behind the sentences on a sample: (what is counted, [(value, cases, whether so few may be known)])."""
    counted = [
        ("Disposals, as reports count them", [(held.label.capitalize(), held.cases) for held in sample.groups]),
        ("Disposals", [(held.label, held.cases) for held in sample.disposals]),
        ("When disposals were made", _dates(sample.dates)),
        *(
            (
                f"{field.label}{', where several may hold' if field.several else ''}",
                [(held.label, held.cases) for held in field.counts],
            )
            for field in sample.profile
            if field.is_recorded
        ),
        *((fact.text, _answered(fact.holds, fact.holds_not, fact.not_established)) for fact in sample.facts or ()),
    ]
    if sample.interviews:
        held = sample.interviews
        counted.append((held.text, _answered(held.held, held.not_held, held.not_recorded)))
    if sample.without_file:
        counted.append(("Case files", [("There is no file", sample.without_file)]))
    for held in sample.excluded:
        counted.append((f"Excluded: {held.label}", [("Cases", held.cases), ("of them replaced", held.replaced)]))
    return [(what, [(value, cases, is_small(cases)) for value, cases in rows]) for what, rows in counted if rows]


def _answered(yes, no, missing):
    return [("Yes", yes), ("No", no), ("Not answered", missing)]


def _dates(dates):
    if dates.first is None:
        return []
    days = [f"{day.day} {day:%B %Y}" for day in (dates.first, dates.last)]
    return [
        (f"{days[0]} to {days[1]}", dates.within),
        ("Before or after", dates.outside),
        ("Not recorded", dates.not_recorded),
    ]


@require_GET
def annex_one_data(request, inspection):
    """Send Annex 1 as JSON, and record who took it. A page says why while figures are hidden."""
    inspection, access = get_inspection(request.user, inspection, Permission.EXPORT)
    name = annex_one_name(inspection)
    try:
        check_can_see_figures(inspection, progress_of(inspection))
    except Refused as refusal:
        context = page(
            inspection,
            access,
            page_title=f"{name} cannot be taken out yet",
            back_url=reverse("ratings:annex_one", args=[inspection.public_id]),
            back_text=name,
            refusal=str(refusal),
        )
        return render(request, "ratings/refused.html", context, status=403)
    held = gather(inspection)
    record_export(annex=held, inspection=inspection, format="json", by=request.user)
    return HttpResponse(
        as_json(held),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{inspection.slug}-annex-1.json"'},
    )
