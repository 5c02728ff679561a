"""The working view: every figure with the counts behind it, and what is behind one key question."""

from dataclasses import astuple
from datetime import datetime
from urllib.parse import quote

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.models import Answer
from govuk.templatetags.govuk import rating_tag
from inspections.access import get_inspection
from ratings.annex import discretion_note
from ratings.exports.printed import NO_CASE, NOT_RATED, percent_text
from ratings.scoring import Tally, percentage
from ratings.views.figures import load_figures, page, progress_rows

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
    tags = _tags(annex)
    url = reverse("ratings:results", args=[inspection.public_id])
    return [
        {
            "heading": f"{domain.code}. {domain.title}",
            "progress": figures.progress[domain.sample] if domain.sample else None,
            "hidden": domain.code in figures.hidden,
            "judged": [(held, tags[held.rating]) for held in domain.standards if held.judged],
            "calculated": []
            if domain.code in figures.hidden
            else [_standard(annex, held, tags, url) for held in domain.standards if not held.judged],
        }
        for domain in annex.domains
    ]


def _tags(annex):
    tags = {
        code: rating_tag(label, step, len(annex.labels)) for step, (code, label) in enumerate(annex.labels.items(), 1)
    }
    return {**tags, None: rating_tag(NOT_RATED)}


def _standard(annex, held, tags, url):
    # Rows are made here, ready to print: the template has hundreds of cells and should only write them out.
    used = held.discretion
    return {
        "standard": held,
        "calculated": tags[held.calculated],
        "decided": tags[held.rating],
        "note": discretion_note(annex, held) if used else "",
        "decided_at": datetime.fromisoformat(used.decided_at) if used else None,
        "questions": [
            (
                asked.code,
                asked.text,
                f"{url}{quote(asked.code)}/",
                percent_text(asked.percent),
                tags[asked.band] if asked.band else "",
                (asked.yes, asked.no, asked.not_applicable, asked.not_asked, asked.unanswered),
            )
            for asked in held.key_questions
        ],
    }


def _lapsed(figures):
    if figures.annex is None:
        return []
    return [
        held
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
    if asked is None or standard.method == "judgement":
        raise Http404
    figures = load_figures(inspection)
    domain = document.domain_of_standard(standard.code)
    hidden = domain.code in figures.hidden
    shown = figures.result is not None and not hidden
    return render(
        request,
        "ratings/question.html",
        page(
            inspection,
            access,
            figures,
            page_title=f"{asked.code} {inspection.worded(asked.text)}",
            caption=f"{inspection.service.name} · {standard.code} {inspection.worded(standard.title)}",
            back_url=reverse("ratings:results", args=[inspection.public_id]),
            back_text="Back to results",
            states=STATES.values(),
            progress=figures.progress[domain.sample],
            hidden=hidden,
            figure=_figure(figures, standard, asked) if shown else None,
            prompts=[_prompt(inspection, figures, asked, prompt) for prompt in asked.prompts] if shown else [],
            cases=_cases(inspection, asked.code) if shown and access.may_view_cases else [],
        ),
    )


def _figure(figures, standard, asked):
    annex = figures.annex
    held = next(
        held
        for domain in annex.domains
        for rated in domain.standards
        if rated.code == standard.code
        for held in rated.key_questions
        if held.code == asked.code
    )
    return {
        "percent": percent_text(held.percent),
        "relevant": held.yes + held.no,
        "yes": held.yes,
        "band": _tags(annex)[held.band] if held.band else rating_tag(NO_CASE),
        "counts": {name.lower(): getattr(held, code) for code, name in STATES.items()},
    }


def _prompt(inspection, figures, asked, prompt):
    tally = Tally(*figures.result.tallies[f"{asked.code}.{prompt.code}"])
    return (
        prompt.code,
        inspection.worded(prompt.text),
        percent_text(percentage(tally.yes, tally.relevant)),
        astuple(tally),
    )


def _cases(inspection, question):
    """Return (state in words, answers) for each state that a case is in, in the order of the counts."""
    rows = (
        Answer.objects.filter(case__inspection=inspection, case__excluded_reason="", question=question)
        .select_related("case", "answered_by")
        .order_by("case__reference")
    )
    found = {code: [] for code in STATES}
    for row in rows:
        found[_state(row)].append(row)
    return [(STATES[code], answers) for code, answers in found.items() if answers]


def _state(answer):
    if not answer.asked:
        return "not_asked"
    if answer.value is None or answer.reason_awaited:
        return "unanswered"
    return answer.value
