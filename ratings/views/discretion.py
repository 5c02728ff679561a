"""Professional discretion: every standard gone through, and what is decided about each."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh import fresh_sign_in_required
from accounts.permissions import Permission
from cases.review_forms import TextForm, text_area
from govuk.templatetags.govuk import rating_tag
from inspections.access import get_inspection, require
from inspections.errors import Refused
from inspections.policies import check_takes_answers
from ratings.discretion import actions
from ratings.discretion.standing import Event, effect, have_moved, history, positions, reasons_written
from ratings.exports.printed import NOT_RATED
from ratings.views.figures import load_figures, page

STATES = {
    Event.PROPOSED: ("Proposed, waits for a second person", "govuk-tag--orange"),
    Event.APPLIED: ("Ratified", "govuk-tag--green"),
    Event.REFUSED: ("Refused", "govuk-tag--grey"),
    Event.WITHDRAWN: ("Withdrawn", "govuk-tag--grey"),
    Event.CONSIDERED: ("Considered, not exercised", "govuk-tag--grey"),
    Event.LAPSED: ("No longer applies: decide again", "govuk-tag--red"),
}
DONE = {
    "write": "Your reason is kept. This is what the change would do: propose it, or leave it.",
    "propose": "It is proposed. A second person ratifies or refuses it.",
    "consider": "It is kept that discretion was considered and not exercised.",
    "withdraw": "It is withdrawn. The calculated rating stands.",
    "refuse": "It is refused. The calculated rating stands.",
}


class WriteForm(forms.Form):
    """Why a rating should be moved, and what that rests on. Where there are two ways, which."""

    def __init__(self, choices, *args, **kwargs):
        super().__init__(*args, prefix="write", **kwargs)
        if len(choices) > 1:
            self.fields["to_rating"] = forms.ChoiceField(
                label="To which rating?", choices=choices, widget=forms.RadioSelect, required=False
            )
        else:
            initial = choices[0][0] if choices else ""
            self.fields["to_rating"] = forms.CharField(widget=forms.HiddenInput, initial=initial, required=False)
        self.fields["reason"] = text_area("Why should the rating be moved?")
        self.fields["evidence"] = text_area("What does this rest on?")
        self.fields["evidence"].help_text = "Such as the cases that were reviewed and the discussions held."


def text_form(do, data=None):
    """Return the form of an action that takes one text."""
    labels = {
        "consider": "Why is discretion not exercised?",
        "withdraw": "Why is it withdrawn?",
        "refuse": "Why is it refused?",
    }
    return TextForm(data, prefix=do, label=labels[do])


@require_safe
def discretion(request, inspection):
    """Go through every standard: those that discretion could move or moved first, and why it could not move the others."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_DISCRETION)
    figures = load_figures(inspection)
    rows = _rows(inspection, figures)
    return render(
        request,
        "ratings/discretion.html",
        page(
            inspection,
            access,
            figures,
            page_title="Professional discretion",
            part="discretion",
            margin=inspection.document.discretion.margin,
            first=[row for row in rows if row["position"].eligible or row["position"].decision],
            others=[row for row in rows if not (row["position"].eligible or row["position"].decision)],
            awaited=[
                figures.awaited(inspection, domain)
                for domain in inspection.document.domains
                if domain.code in figures.hidden
            ],
        ),
    )


def _rows(inspection, figures):
    """Return every standard whose figures may be seen, as the pages show it."""
    if figures.result is None:
        return []
    document = inspection.document
    return [
        _row(inspection, held)
        for held in positions(inspection, figures.result)
        if document.domain_of_standard(held.standard.code).code not in figures.hidden
    ]


def _row(inspection, held):
    steps = {band.code: step for step, band in enumerate(inspection.document.bands, 1)}
    labels = {code: band.label for code, band in inspection.document.bands_by_code.items()}

    def tag(code):
        return rating_tag(labels.get(code, NOT_RATED), steps.get(code), len(steps))

    words, colour = STATES.get(held.event, ("", ""))
    if held.to_decide and held.event not in (Event.PROPOSED, Event.LAPSED):
        words, colour = ("Figures have moved: decide again" if held.decision else "Not decided"), "govuk-tag--blue"
    if held.event == Event.PROPOSED and held.moved:
        words, colour = "Figures have moved: look again", "govuk-tag--red"
    return {
        "position": held,
        "title": f"{held.standard.code} {inspection.worded(held.standard.title)}",
        "calculated": tag(held.result.calculated),
        "rating": tag(held.result.rating),
        "moves": [(opportunity, tag(opportunity.to_rating)) for opportunity in held.opportunities],
        "decided": tag(held.decision.to_rating) if held.decision else "",
        "state": {"text": words, "classes": colour} if words else None,
        "url": reverse("ratings:decide", args=[inspection.public_id, held.standard.code]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, inspection, standard):
    """Show one standard with its figures and every step that was taken; or take the step that `do` names."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_DISCRETION)
    if standard not in inspection.document.standards:
        raise Http404
    if request.method != "POST":
        return show(request, inspection, access, standard)
    do = request.POST.get("do")
    if do not in DONE:
        raise Http404
    require(access, Permission.RATIFY_DISCRETION if do == "refuse" else Permission.PROPOSE_DISCRETION)
    form = _posted(do, inspection, standard, request.POST)
    form.full_clean()
    try:
        _take(do, inspection, standard, request, form.cleaned_data)
    except Refused as refusal:
        form.add_error(_place(do, form), str(refusal))
        return show(request, inspection, access, standard, form)
    messages.success(request, DONE[do])
    return redirect("ratings:decide", inspection.public_id, standard)


def _posted(do, inspection, standard, data):
    if do == "propose":
        return forms.Form(data, prefix=do)
    if do == "write":
        # Whatever rating is posted goes to the action, which names the rule that refuses it.
        form = WriteForm([], data)
        form.fields["to_rating"].initial = data.get("write-to_rating", "")
        return form
    return text_form(do, data)


def _place(do, form):
    if do == "write":
        return (
            "evidence"
            if form.cleaned_data["reason"].strip() and not form.cleaned_data["evidence"].strip()
            else "reason"
        )
    return "text" if "text" in form.fields else None


def _take(do, inspection, standard, request, given):
    about = {"inspection": inspection, "standard": standard, "by": request.user}
    match do:
        case "write":
            actions.write_reason(
                to_rating=given["to_rating"], reason=given["reason"], evidence=given["evidence"], **about
            )
        case "propose":
            actions.propose(written=_key(request, "written"), **about)
        case "consider":
            actions.consider(reason=given["text"], **about)
        case "withdraw":
            actions.withdraw(remark=given["text"], **about)
        case "refuse":
            actions.refuse(proposal=_key(request, "proposal"), remark=given["text"], **about)


def _key(request, name):
    key = request.POST.get(name, "")
    return int(key) if key.isdecimal() and len(key) < 19 else None


@fresh_sign_in_required
@require_POST
def ratify(request, inspection, standard):
    """Ratify what another person proposed."""
    inspection, access = get_inspection(request.user, inspection, Permission.RATIFY_DISCRETION)
    if standard not in inspection.document.standards:
        raise Http404
    try:
        held = actions.ratify(
            inspection=inspection, standard=standard, proposal=_key(request, "proposal"), by=request.user
        )
    except Refused as refusal:
        form = forms.Form(request.POST, prefix="ratify")
        form.add_error(None, str(refusal))
        return show(request, inspection, access, standard, form)
    label = inspection.document.bands_by_code[held.to_rating].label
    messages.success(request, f"It is ratified. The rating of standard {standard} is {label}.")
    return redirect("ratings:decide", inspection.public_id, standard)


def show(request, inspection, access, standard, posted=None):
    """Show a standard, with the form that was posted and refused."""
    inspection.lifecycle.refresh_from_db()
    figures = load_figures(inspection)
    row = next((held for held in _rows(inspection, figures) if held["position"].standard.code == standard), None)
    domain = inspection.document.domain_of_standard(standard)
    steps = history(inspection, standard) if row else []
    context = {
        "page_title": f"Professional discretion: {standard} {inspection.worded(inspection.document.standards[standard].title)}",
        "part": "discretion",
        "is_below_part": True,
        "back_url": reverse("ratings:discretion", args=[inspection.public_id]),
        "back_text": "Professional discretion",
        "row": row,
        "awaited": figures.awaited(inspection, domain) if domain.code in figures.hidden else "",
        "steps": [shown_step(inspection, held) for held in steps],
        "form": posted,
    }
    if row:
        context |= _ways_on(request, inspection, access, figures, row, steps, posted)
    return render(
        request, "ratings/decide.html", page(inspection, access, figures, **context), status=400 if posted else 200
    )


def shown_step(inspection, step):
    """Return a step as the page shows it: the move with its figures in words, and who took it."""
    labels = {code: band.label for code, band in inspection.document.bands_by_code.items()}
    figures = f"with {step.key_question} at {step.percent}% ({step.yes} of {step.relevant})"
    move = f"From {labels[step.from_rating]} to {labels[step.to_rating]}, {figures}."
    if step.event == Event.CONSIDERED:
        move = f"Not moved from {labels[step.from_rating]} to {labels[step.to_rating]}, {figures}."
    if step.ratified_by:
        move += f" Decided by {step.decided_by}, ratified by {step.ratified_by}."
    elif step.by.name != step.decided_by:
        move += f" Proposed by {step.decided_by}."
    return {"step": step, "words": move, "who": "Answers changed" if step.event == Event.LAPSED else step.by.name}


def _ways_on(request, inspection, access, figures, row, steps, posted):
    """Return the forms of what this person may do now; a posted form stays in any case."""
    held = row["position"]
    try:
        check_takes_answers(inspection.lifecycle.state)
        closed = ""
    except Refused as refusal:
        closed = str(refusal)
    proposes = not closed and access.may(Permission.PROPOSE_DISCRETION)
    waits = held.event == Event.PROPOSED
    settled = held.event == Event.APPLIED or (waits and not held.moved)
    written = reasons_written(steps, request.user) if proposes and not settled else None
    if written and (not held.eligible or have_moved(written, held.result, held.driving)):
        written = None
    choices = [(move.to_rating, inspection.document.bands_by_code[move.to_rating].label) for move in held.opportunities]

    def form(do, wanted, make):
        if posted and posted.prefix == do:
            return posted
        return make() if wanted else None

    again = {name: getattr(held.decision, name) for name in ("reason", "evidence")} if waits and held.moved else None
    return {
        "closed": closed,
        "standing": shown_step(inspection, held.decision) if held.decision else None,
        "written": written,
        "written_shown": shown_step(inspection, written) if written else None,
        "effect": _effect(inspection, figures, written) if written else None,
        "write": form(
            "write",
            proposes and held.eligible and not settled and not written,
            lambda: WriteForm(choices, initial=again),
        ),
        "consider": form(
            "consider",
            proposes and not waits and held.event != Event.APPLIED and (held.eligible or held.event == Event.LAPSED),
            lambda: text_form("consider"),
        ),
        "withdraw": form("withdraw", proposes and (waits or settled), lambda: text_form("withdraw")),
        "may_ratify": not closed
        and waits
        and not held.moved
        and access.may(Permission.RATIFY_DISCRETION)
        and held.decision.by_id != request.user.pk,
        "refuse": form(
            "refuse",
            not closed
            and waits
            and access.may(Permission.RATIFY_DISCRETION)
            and held.decision.by_id != request.user.pk,
            lambda: text_form("refuse"),
        ),
    }


def _effect(inspection, figures, written):
    """Return what a proposal would do, as rows of (what, now, then); the score is left out while any figures are hidden."""
    labels = {code: band.label for code, band in inspection.document.bands_by_code.items()}
    now, then = effect(inspection, figures.result, written)
    rows = [
        (f"Rating of standard {written.standard}", labels[written.from_rating], labels[written.to_rating]),
        (f"Percentage of {written.key_question}", f"{written.percent}%", f"{written.percent}%"),
    ]
    if not figures.hidden and now.score is not None:
        rows += [
            ("Score", f"{now.score} of {now.maximum}", f"{then.score} of {then.maximum}"),
            ("Overall rating", labels[now.overall], labels[then.overall]),
        ]
    return rows
