"""Annex 1 on the screen and as files."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from accounts.permissions import Permission
from inspections.access import get_inspection
from inspections.errors import Refused
from ratings.actions import record_export
from ratings.annex_one.counted import counts_of
from ratings.annex_one.files import FORMATS
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
            hidden=any(sample.hidden for sample in held.samples),
            formats=FORMATS.values(),
            small=bool(held.small_groups),
            sections=[
                {
                    "section": section,
                    "delivery": section.title == held.delivery and not section.sample,
                    "whole": section.title != held.delivery and not section.sample,
                    "tables": counts_of(samples[section.sample]) if section.sample in samples else [],
                }
                for section in sections(held)
            ],
        ),
    )


@require_GET
def annex_one_file(request, inspection, format):
    """Send Annex 1 as a file, and record who took it. A page says why while figures are hidden."""
    inspection, access = get_inspection(request.user, inspection, Permission.EXPORT)
    if format not in FORMATS:
        raise Http404
    chosen, name = FORMATS[format], annex_one_name(inspection)
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
    content = chosen.render(held)
    record_export(annex=held, inspection=inspection, format=chosen.code, by=request.user)
    return HttpResponse(
        content,
        content_type=chosen.content_type,
        headers={"Content-Disposition": f'attachment; filename="{inspection.slug}-annex-1.{chosen.code}"'},
    )
