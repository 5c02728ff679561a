"""The working view: every figure with the counts behind it."""

from datetime import datetime
from html import escape
from urllib.parse import quote

from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from inspections.access import get_inspection
from ratings.annex import discretion_note
from ratings.exports.printed import percent_text
from ratings.views.figures import awaited, figures_asked_for, moment, page, progress_rows, tags

STATES = {
    "yes": "Yes",
    "no": "No",
    "not_applicable": "Not applicable",
    "not_asked": "Not asked",
    "unanswered": "Unanswered",
}


@require_safe
def results(request, inspection):
    """Show the percentages, bands and ratings with the counts behind them, and how current they are."""
    inspection, access = get_inspection(request.user, inspection)
    inspection, figures = figures_asked_for(request, inspection)
    return render(
        request,
        "ratings/results.html",
        page(
            inspection,
            access,
            figures,
            page_title="Results",
            part="results",
            states=STATES.values(),
            domains=_domains(inspection, figures),
            lapsed=_lapsed(figures),
            progress=progress_rows(inspection, figures),
            beside=[] if figures.past else _beside(inspection, access),
        ),
    )


def _beside(inspection, access):
    """Return what else there is about the results, as [(words, address)], as far as the person may see it."""
    found = []
    if access.may(Permission.SEE_FIRMNESS):
        found.append(("How firm is it?", "ratings:how_firm"))
    elif access.may(Permission.REVIEW_CASES):
        found.append(("Changes after “How firm is it?” was opened", "ratings:later_changes"))
    if not inspection.figures_open:
        found.append(("Provisional percentages", "ratings:provisional"))
    return [(words, reverse(name, args=[inspection.public_id])) for words, name in found]


def _domains(inspection, figures):
    annex = figures.annex
    if annex is None:
        return []
    tag = tags(annex)
    url = reverse("ratings:results", args=[inspection.public_id])
    return [
        {
            "heading": f"{domain.code}. {domain.title}",
            "label": f"Table of {domain.code}. {domain.title}",
            "awaited": awaited(inspection, figures, domain),
            "judged": [(held, tag[held.rating]) for held in domain.standards if held.judged],
            "calculated": []
            if domain.code in figures.hidden
            else [
                _standard(annex, held, tag, lambda code: f"{url}{quote(code)}/{figures.suffix}")
                for held in domain.standards
                if not held.judged
            ],
        }
        for domain in annex.domains
    ]


def _standard(annex, held, tag, url):
    used = held.discretion
    return {
        "standard": held,
        "calculated": tag[held.calculated],
        "rating": tag[held.rating],
        "note": discretion_note(annex, held) if used else "",
        "decided_at": moment(datetime.fromisoformat(used.decided_at)) if used else "",
        "rows": [_row(asked, url(asked.code), tag) for asked in held.key_questions],
    }


# A page has hundreds of cells, and a template takes longer over each than everything else about it.
NUMBER_CELL = '<td class="govuk-table__cell govuk-table__cell--numeric">%d</td>'
PERCENT_LINK = (
    '<a class="govuk-link eh-percent" href="%s">%s<span class="govuk-visually-hidden">, what is behind %s</span></a>'
)
ROW = (
    '<tr class="govuk-table__row"><th scope="row" class="govuk-table__header eh-table__wide">'
    '%s %s</th><td class="govuk-table__cell govuk-table__cell--numeric">%s</td>'
    '<td class="govuk-table__cell">%s</td>%s</tr>'
)


def _row(asked, url, tag):
    counts = cells(asked.yes, asked.no, asked.not_applicable, asked.not_asked, asked.unanswered)
    texts = escape(asked.code), escape(asked.text), percent_link(url, asked.code, asked.percent)
    return mark_safe(ROW % (*texts, tag[asked.band] if asked.band else "", counts))  # noqa: S308 - escaped above


def percent_link(url, code, percent):
    """Return a percentage as a link to what is behind it."""
    texts = url, percent_text(percent), code
    return mark_safe(PERCENT_LINK % tuple(escape(text) for text in texts))  # noqa: S308 - escaped here


def cells(*counts):
    """Return counts as cells of a table."""
    return mark_safe(NUMBER_CELL * len(counts) % counts)  # noqa: S308 - whole numbers only


def _lapsed(figures):
    if figures.annex is None:
        return []
    return [
        f"The discretion used on {held.code} {held.title} no longer applies: decide again. The calculated rating stands."
        for domain in figures.annex.domains
        if domain.code not in figures.hidden
        for held in domain.standards
        if held.lapsed
    ]
