"""How firm the ratings are, in numbers alone; and what was changed after somebody had opened that."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.adjustments import adjusted_document
from cases.models import Draw
from cases.views.history import answer_entry, case_entry
from inspections.access import get_inspection, require
from inspections.errors import Refused
from inspections.policies import is_open
from ratings.actions import snapshot
from ratings.exports.printed import percent_text
from ratings.firmness import firmness
from ratings.later_changes import changes_after_opening
from ratings.openings import agree_changes, open_firmness
from ratings.policies import check_can_see_firmness
from ratings.scoring import Decision, Tally, percentage, rate
from ratings.views.figures import load_figures, moment, page, tags
from ratings.views.provisional import find_domain

ROUNDING = {
    "up": "Rounding up decides the band: {yes} of {relevant} is {share:.2f}%.",
    "down": "Rounding down decides the band: {yes} of {relevant} is {share:.2f}%.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def how_firm(request, inspection):
    """Show how firm the ratings of the domains are that the person has opened; or open one."""
    inspection, access = get_inspection(request.user, inspection, Permission.SEE_FIRMNESS)
    if request.method == "POST":
        domain = find_domain(inspection, request.POST.get("domain"))
        try:
            open_firmness(inspection=inspection, domain=domain, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{reverse('ratings:how_firm', args=[inspection.public_id])}#domain-{domain.code}")
    figures = load_figures(inspection)
    openings = list(inspection.firmness_openings.select_related("by").order_by("id"))
    domains = [_domain(inspection, figures, request.user, domain, openings) for domain in inspection.document.domains]
    shown = [domain for domain in domains if domain]
    draw = Draw.objects.filter(inspection=inspection).first()
    found = _firmness(inspection, figures, draw) if figures.result else None
    if found:
        for held in shown:
            held["standards"] = _standards(inspection, figures, found, held) if held["is_open"] else []
    whole = found and all(held["is_open"] for held in shown)
    return render(
        request,
        "ratings/how_firm.html",
        page(
            inspection,
            access,
            figures,
            page_title="How firm is it?",
            back_url=reverse("ratings:results", args=[inspection.public_id]),
            back_text="Results",
            part="results",
            is_below_part=True,
            domains=shown,
            confidence=f"{100 * _document(inspection, draw).sampling.confidence:g}",
            eligible=" and ".join(
                f"{count:,} {inspection.document.sample(sample).label}" for sample, count in _populations(draw).items()
            ),
            few=inspection.document.sampling.few_cases,
            whole=found if whole else None,
            tallied=bool(found),
        ),
    )


def _domain(inspection, figures, user, domain, openings):
    """Return what the page says of a domain; None of one that is not rated from cases."""
    if not domain.sample:
        return None
    awaits = ""
    try:
        check_can_see_firmness(inspection, figures.progress, domain)
    except Refused as refusal:
        awaits = str(refusal)
    held = [opening for opening in openings if opening.domain == domain.code]
    return {
        "domain": domain,
        "heading": _heading(inspection, domain),
        "awaits": awaits,
        "is_open": not awaits and any(opening.by_id == user.pk for opening in held),
        "openings": [(opening.by.name, moment(opening.at)) for opening in held],
    }


def _heading(inspection, domain):
    return f"{domain.code}. {inspection.worded(domain.title)}"


def _document(inspection, draw):
    """Return the standards document, with what was adjusted when the sample was drawn."""
    return adjusted_document(inspection.document, draw.plan["adjusted"]) if draw else inspection.document


def _populations(draw):
    """Return how many cases were eligible when the sample was drawn, by sample."""
    return {side["sample"]: side["eligible"] for side in draw.plan["sides"]} if draw else {}


def _firmness(inspection, figures, draw):
    """Return the `Firmness` of the stored figures."""
    document = inspection.document
    stored = figures.result.standards
    decisions = [
        Decision(code, calculated, rating)
        for code, (calculated, rating, discretion) in stored.items()
        if discretion == "applied"
    ]
    result = rate(
        document,
        {code: Tally(*counts) for code, counts in figures.result.tallies.items() if code in document.key_questions},
        {
            code: stored[code][1]
            for code, standard in document.standards.items()
            if standard.method == "judgement" and stored[code][1]
        },
        decisions,
    )
    return firmness(_document(inspection, draw), result, decisions, _populations(draw))


def _standards(inspection, figures, found, held):
    tag = tags(figures.annex)
    by_code = {standard.result.code: standard for standard in found.standards}
    return [
        {
            "name": f"{standard.code} {inspection.worded(standard.title)}",
            "rating": tag[by_code[standard.code].result.rating],
            "moves": by_code[standard.code].rating,
            "rows": [
                _row(inspection, tag, asked, text)
                for asked, text in zip(
                    by_code[standard.code].key_questions,
                    (inspection.worded(question.text) for question in standard.key_questions),
                    strict=True,
                )
            ],
        }
        for standard in held["domain"].standards
        if standard.method == "percentage"
    ]


def _row(inspection, tag, asked, text):
    tally = asked.result.tally
    remarks = []
    if asked.rounding:
        share = 100 * tally.yes / tally.relevant
        remarks.append(ROUNDING[asked.rounding].format(yes=tally.yes, relevant=tally.relevant, share=share))
    if asked.few:
        remarks.append(f"Few relevant cases: {tally.relevant}.")
    return {
        "code": asked.result.code,
        "text": text,
        "percent": percent_text(asked.result.percent),
        "of": f"{tally.yes} of {tally.relevant}" if tally.relevant else "",
        "band": tag[asked.result.band] if asked.result.band else "",
        "moves": asked.band,
        "margin": "" if asked.margin is None else f"±{asked.margin:.1f}",
        "remarks": remarks,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def later_changes(request, inspection):
    """Show what was changed after how firm the ratings are had been opened; or agree some of it as the second person."""
    inspection, access = get_inspection(
        request.user,
        inspection,
        Permission.VIEW_CASES,
        shows="the changes made after how firm the ratings are had been opened",
    )
    refusal = ""
    if request.method == "POST":
        require(access, Permission.REVIEW_CASES)
        chosen = [int(number) for number in request.POST.getlist("change") if number.isascii() and number.isdecimal()]
        try:
            agreed = agree_changes(inspection=inspection, sequences=chosen, by=request.user)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, f"{len(agreed)} {'change is' if len(agreed) == 1 else 'changes are'} agreed.")
            return redirect("ratings:later_changes", inspection.public_id)
    with snapshot():
        found = changes_after_opening(inspection)
    may_agree = access.may(Permission.REVIEW_CASES) and is_open(inspection.lifecycle.state)
    entries = [later_entry(change, may_agree and change.by.pk != request.user.pk) for change in reversed(found)]
    return render(
        request,
        "ratings/later_changes.html",
        page(
            inspection,
            access,
            page_title="Changes after “How firm is it?” was opened",
            back_url=reverse("ratings:results", args=[inspection.public_id]),
            back_text="Results",
            part="results",
            is_below_part=True,
            problems=[{"text": refusal, "href": "#waiting"}] if refusal else [],
            has_errors=bool(refusal),
            openings=[
                (_heading(inspection, find_domain(inspection, held.domain)), held.by.name, moment(held.at))
                for held in inspection.firmness_openings.select_related("by").order_by("id")
            ],
            waiting=[entry for entry in entries if not entry["agreement"]],
            agreed=[entry for entry in entries if entry["agreement"]],
            raised=sum(bool(change.raised) for change in found),
            lowered=sum(bool(change.lowered) for change in found),
            may_agree=any(entry["may_agree"] and not entry["agreement"] for entry in entries),
        ),
        status=400 if refusal else 200,
    )


def later_entry(change, may_agree=False):
    """Return a change made after the opening as `ratings/parts/later_change.html` shows it."""
    parts = [answer_entry(change.case, *pair) for pair in change.answers]
    parts += [case_entry(change.case, *pair) for pair in change.cases]
    return {
        "change": change,
        "parts": parts,
        "effects": [_effect(effect) for effect in change.effects],
        "may_agree": may_agree,
        "agreement": change.agreement,
    }


def _effect(effect):
    """Return what a change did to one percentage, in words."""
    words = {1: "raised", -1: "lowered", 0: "moved"}[effect.direction]
    return f"{effect.question} {words}: from {_share(effect.before)} to {_share(effect.after)}"


def _share(tally):
    percent = percentage(tally.yes, tally.relevant)
    if percent is None:
        return percent_text(percent)[:1].lower() + percent_text(percent)[1:]
    return f"{tally.yes} of {tally.relevant} ({percent}%)"
