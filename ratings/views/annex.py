"""Annex 2 on the screen and as files."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from accounts.permissions import Permission
from govuk.templatetags.govuk import rating_tag
from inspections.access import get_inspection, record_reading, require
from inspections.errors import Refused
from ratings.actions import record_export
from ratings.annex import annex_name
from ratings.exports import FORMATS, FormatNotAvailable, get_format, pdf
from ratings.exports.printed import printed_tables
from ratings.exports.taking import take_out
from ratings.policies import check_can_see_figures, progress_of
from ratings.views.figures import awaited, figures_asked_for, page


@require_safe
def annex(request, inspection):
    """Show Annex 2 as printed."""
    inspection, access = get_inspection(request.user, inspection)
    inspection, figures = figures_asked_for(request, inspection)
    return render(
        request,
        "ratings/annex.html",
        page(
            inspection,
            access,
            figures,
            page_title=f"{annex_name(inspection)}: Inspection results",
            part="annex",
            tables=annex_tables(inspection, figures),
            lacking="" if "pdf" in FORMATS else pdf.NOT_HERE,
            formats=[held for held in FORMATS.values() if not held.has_cases],
            case_formats=[held for held in FORMATS.values() if held.has_cases and access.may(held.permission)],
        ),
    )


def annex_tables(inspection, figures):
    """Return the tables of Annex 2 as `ratings/parts/annex_tables.html` shows them."""
    if figures.annex is None:
        return []
    count = len(figures.annex.labels)
    return [
        {
            "table": table,
            "awaited": awaited(inspection, figures, domain),
            "standards": [(held, rating_tag(held.rating, held.step, count)) for held in table.standards],
        }
        for table, domain in zip(printed_tables(figures.annex, figures.hidden), figures.annex.domains, strict=True)
    ]


@require_GET
def export(request, inspection, format):
    """Send Annex 2 as a file, and record who took it.

    With `layout=tables` its tables alone, without the preamble. Computes first what has come in since, so that no file is older than its moment. A page says why when figures are hidden.
    """
    inspection, access = get_inspection(request.user, inspection, Permission.EXPORT)
    try:
        chosen = get_format(format)
        tables_alone = request.GET.get("layout") == "tables"
        chosen.renderer(tables_alone=tables_alone)
    except FormatNotAvailable as refusal:
        raise Http404(str(refusal)) from refusal
    require(access, chosen.permission)
    try:
        check_can_see_figures(inspection, progress_of(inspection))
        value, content, cases = take_out(inspection, chosen, tables_alone=tables_alone)
    except (Refused, FormatNotAvailable) as refusal:
        context = page(
            inspection,
            access,
            page_title=f"{annex_name(inspection)} cannot be taken out yet",
            back_url=reverse("ratings:annex", args=[inspection.public_id]),
            back_text=annex_name(inspection),
            refusal=str(refusal),
        )
        return render(request, "ratings/refused.html", context, status=403 if isinstance(refusal, Refused) else 503)
    if cases:
        record_reading(request.user, access, inspection, f"the answers of {cases} cases, as a file")
    told = {"format": chosen.code, "tables_alone": tables_alone, "cases": cases}
    record_export(annex=value, inspection=inspection, by=request.user, **told)
    name = f"{inspection.slug}-annex-2{'-tables' if tables_alone else ''}.{chosen.code}"
    return HttpResponse(
        content,
        content_type=chosen.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
