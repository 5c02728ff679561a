"""The working view: every figure with the counts behind it, and what is behind one key question."""

from dataclasses import astuple
from datetime import datetime
from html import escape
from urllib.parse import quote

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from cases.models import Answer
from inspections.access import get_inspection, record_reading
from ratings.annex import discretion_note
from ratings.exports.printed import percent_text
from ratings.scoring import Tally, band_of, percentage, rate_key_question
from ratings.views.figures import awaited, load_figures, moment, page, progress_rows, tags

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
    figures = load_figures(inspection)
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
        ),
    )


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
            else [_standard(annex, held, tag, url) for held in domain.standards if not held.judged],
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
        "rows": [_row(asked, f"{url}{quote(asked.code)}/", tag) for asked in held.key_questions],
    }


# A page has hundreds of cells, and a template takes longer over each than everything else about it.
NUMBER_CELL = '<td class="govuk-table__cell govuk-table__cell--numeric">%d</td>'
ROW = (
    '<tr class="govuk-table__row"><th scope="row" class="govuk-table__header eh-table__wide">'
    '<a class="govuk-link" href="%s">%s</a> %s</th>'
    '<td class="govuk-table__cell govuk-table__cell--numeric"><span class="eh-percent">%s</span></td>'
    '<td class="govuk-table__cell">%s</td>%s</tr>'
)


def _row(asked, url, tag):
    counts = _cells(asked.yes, asked.no, asked.not_applicable, asked.not_asked, asked.unanswered)
    texts = [escape(text) for text in (url, asked.code, asked.text, percent_text(asked.percent))]
    return mark_safe(ROW % (*texts, tag[asked.band] if asked.band else "", counts))  # noqa: S308 - escaped above


def _cells(*counts):
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


@require_safe
def question(request, inspection, question):
    """Show what is behind the percentage of one key question: its counts, those of its prompts, and the cases."""
    inspection, access = get_inspection(request.user, inspection)
    document = inspection.document
    asked = document.key_questions.get(question)
    standard = next((held for held in document.standards.values() if asked in held.key_questions), None)
    if standard is None or standard.method == "judgement":
        raise Http404
    figures = load_figures(inspection)
    domain = document.domain_of_standard(standard.code)
    context = page(
        inspection,
        access,
        figures,
        page_title=f"{asked.code} {inspection.worded(asked.text)}",
        caption=f"{inspection.service.name} · {standard.code} {inspection.worded(standard.title)}",
        back_url=reverse("ratings:results", args=[inspection.public_id]),
        back_text="Results",
        part="results",
        is_below_part=True,
        awaited=awaited(inspection, figures, domain),
    )
    if figures.result and not context["awaited"]:
        context |= {
            "figure": _figure(inspection, figures, asked.code),
            "states": STATES.values(),
            "prompts": [_prompt(inspection, figures, asked, prompt) for prompt in asked.prompts],
        }
        if access.may_view_cases:
            record_reading(
                request.user,
                access,
                inspection,
                f"the cases and notes behind {asked.code}",
                detail={"question": asked.code},
            )
            context |= _cases(inspection, asked.code)
    return render(request, "ratings/question.html", context)


def _figure(inspection, figures, code):
    document = inspection.document
    held = rate_key_question(document, code, Tally(*figures.result.tallies[code]))
    return {
        "percent": percent_text(held.percent),
        "yes": held.tally.yes,
        "relevant": held.tally.relevant,
        "band": tags(figures.annex)[held.band] if held.band else "",
        "counts": dict(zip(map(str.lower, STATES.values()), astuple(held.tally), strict=True)),
        "rounding": _rounding(document, held),
    }


def _rounding(document, held):
    """Return a sentence where rounding decides the band of a key question, else ""."""
    if held.band is None:
        return ""
    yes, relevant = held.tally.yes, held.tally.relevant
    rounded_down = band_of(document, 100 * yes // relevant)
    if rounded_down == held.band:
        return ""
    return (
        f"Rounding decides the band: {yes} of {relevant} is {100 * yes / relevant:.2f}%, which is "
        f"{held.percent}% as a whole number, and so {document.bands_by_code[held.band].label}."
    )


def _prompt(inspection, figures, asked, prompt):
    tally = Tally(*figures.result.tallies[f"{asked.code}.{prompt.code}"])
    percent = percent_text(percentage(tally.yes, tally.relevant))
    return prompt.code, inspection.worded(prompt.text), percent, _cells(*astuple(tally))


def _cases(inspection, question):
    """Return the cases that count by state: those `answered` as (state in words, answer), the others, `waiting`, as lists."""
    rows = (
        Answer.objects.filter(case__inspection=inspection, case__excluded_reason="", question=question)
        .select_related("case", "answered_by")
        .order_by("case__reference")
    )
    found = {state: [] for state in STATES}
    for answer in rows:
        found[_state(answer)].append(answer)
    waiting = [(STATES[state], found.pop(state)) for state in ("unanswered", "not_asked")]
    return {
        "answered": [(STATES[state], answer) for state, answers in found.items() for answer in answers],
        "waiting": [(state, answers) for state, answers in waiting if answers],
    }


def _state(answer):
    if not answer.asked:
        return "not_asked"
    if answer.value is None or answer.reason_awaited:
        return "unanswered"
    return answer.value
