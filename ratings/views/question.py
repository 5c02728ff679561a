"""What is behind one percentage: its counts, and for those who may read cases every case, note, name and moment."""

from dataclasses import astuple
from urllib.parse import quote

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.instrument import question_url
from cases.models import Source
from inspections.access import get_inspection, record_reading
from ratings.behind import look_behind
from ratings.exports.printed import percent_text
from ratings.scoring import Tally, band_of, percentage
from ratings.views.figures import awaited, figures_asked_for, page, tags
from ratings.views.results import STATES, cells, percent_link

LONG = 600  # characters of a note, beyond which it is folded away


@require_safe
def question(request, inspection, question):
    """Show what is behind the percentage of a key question or prompt."""
    inspection, access = get_inspection(request.user, inspection)
    document = inspection.document
    domain, asked = find_question(document, question)
    inspection, figures = figures_asked_for(request, inspection)
    standard = document.standards[asked.standard]
    results_url = reverse("ratings:results", args=[inspection.public_id])
    context = page(
        inspection,
        access,
        figures,
        page_title=f"{asked.code} {inspection.worded(asked.text)}",
        caption=f"{inspection.service.name} · {standard.code} {inspection.worded(standard.title)}",
        back_url=f"{results_url}{figures.suffix}",
        back_text="Results",
        part="results",
        is_below_part=True,
        awaited=awaited(inspection, figures, domain),
    )
    if asked.role == "prompt":
        context |= {
            "back_url": f"{results_url}{quote(asked.key_question)}/{figures.suffix}",
            "back_text": f"Back to {asked.key_question}",
        }
    if figures.result and not context["awaited"]:
        if _sees_cases(access):
            record_reading(
                request.user,
                access,
                inspection,
                f"the cases and notes behind {asked.code}",
                detail={"question": asked.code},
            )
        context |= _figures(inspection, figures, asked, results_url)
        context |= _behind(inspection, access, figures, asked, domain)
    return render(request, "ratings/question.html", context)


def find_question(document, code):
    """Return (domain, question) of a question that has a percentage. Raises Http404."""
    for domain in document.domains:
        asked = document.questions(domain.sample).get(code) if domain.sample else None
        if asked and asked.kind == "rated":
            return domain, asked
    raise Http404


def _figures(inspection, figures, asked, results_url):
    """Return the percentage with its counts, and those of the prompts."""
    document = inspection.document
    tally = Tally(*figures.result.tallies[asked.code])
    percent = percentage(tally.yes, tally.relevant)
    is_key = asked.role == "key_question"
    band = band_of(document, percent) if is_key and percent is not None else None
    prompts = document.key_questions[asked.code].prompts if is_key else ()
    return {
        "is_key": is_key,
        "figure": {
            "percent": percent_text(percent),
            "yes": tally.yes,
            "relevant": tally.relevant,
            "band": tags(figures.annex)[band] if band else "",
            "rounding": _rounding(document, tally, percent, band),
        },
        "states": STATES.values(),
        "prompts": [_prompt(inspection, figures, asked, prompt, results_url) for prompt in prompts],
    }


def _rounding(document, tally, percent, band):
    """Return a sentence where rounding decides the band of a key question, else ""."""
    if band is None or band_of(document, 100 * tally.yes // tally.relevant) == band:
        return ""
    return (
        f"Rounding decides the band: {tally.yes} of {tally.relevant} is {100 * tally.yes / tally.relevant:.2f}%, which is "
        f"{percent}% as a whole number, and so {document.bands_by_code[band].label}."
    )


def _prompt(inspection, figures, asked, prompt, results_url):
    code = f"{asked.code}.{prompt.code}"
    tally = Tally(*figures.result.tallies[code])
    percent = percentage(tally.yes, tally.relevant)
    link = percent_link(f"{results_url}{quote(code)}/{figures.suffix}", code, percent)
    return prompt.code, inspection.worded(prompt.text), link, cells(*astuple(tally))


def _behind(inspection, access, figures, asked, domain):
    """Return the counts in full and, for those who may read every case, the cases. Others see no word from a case."""
    behind = look_behind(inspection, asked, domain.sample, past=figures.past)
    sees_cases = _sees_cases(access)
    # A prompt that is not asked stands on the form with its key question.
    key_question = inspection.document.questions(domain.sample)[asked.key_question]
    known = None if sees_cases else [inspection.worded(text) for text in inspection.document.not_applicable_reasons]
    sections = [_section(asked, key_question, behind, state, known) for state in STATES]
    anyway = [_entry(held, asked, asked) for held in behind.asked_anyway]
    excluded = sum(map(len, behind.excluded.values()))
    return {
        "sees_cases": sees_cases,
        "moved_on": behind.tally != Tally(*figures.result.tallies[asked.code]),
        "overview": [
            *sections,
            {"code": "asked-anyway", "label": "Asked anyway", "count": len(anyway), "opens": bool(anyway)},
            {"code": "excluded", "label": "Excluded", "count": excluded, "opens": bool(excluded)},
        ],
        "sections": sections,
        "anyway": anyway,
        "excluded": behind.excluded.items(),
        "excluded_count": excluded,
    }


def _section(asked, key_question, behind, state, known):
    """Return one state: its count, why it came about, and its cases in groups of (reason, count, entries)."""
    standings = behind.states[state]
    place = key_question if state == "not_asked" else asked
    groups = [("", standings)]
    why = ""
    if state == "not_applicable":
        groups = list(behind.reasons(known).items())
    elif state == "not_asked" and behind.fact:
        why = f"It is asked {behind.rule}. Left out by the answer to “{behind.fact}”"
    return {
        "code": state.replace("_", "-"),
        "label": STATES[state],
        "count": len(standings),
        "opens": bool(standings) and (known is None or bool(why) or bool(groups[0][0])),
        "why": why,
        "groups": [
            (reason, len(held), [_entry(standing, asked, place) for standing in held])
            for reason, held in groups
            if held
        ],
    }


def _entry(held, asked, place):
    """Return one case as the page shows it."""
    row = held.answer
    remarks = []
    if held.state == "not_asked" and held.fact and held.fact.answered_by:
        remarks.append(f"The fact was set by {held.fact.answered_by.name}")
    if held.kept:
        remarks.append(f"“{held.kept}” is kept and counts nowhere")
    if row.reason_awaited and held.state == "unanswered":
        remarks.append("Not applicable, and the reason is still awaited")
    if row.at_interview:
        remarks.append("To be asked at interview")
    return {
        "case": held.case,
        "row": row,
        "url": question_url(held.case, place, asked.code),
        "state": STATES[held.state],
        "source": Source(row.source).label if row.source else "",
        "asked_because": held.asked_because,
        "remarks": remarks,
        "folded": f"{len(row.note):,} characters" if len(row.note) > LONG else "",
    }


def _sees_cases(access):
    return access.may_view_cases and not access.role.own_cases_only
