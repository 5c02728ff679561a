"""Whether a case leaves the sample: proposing it, deciding about it, what takes its place, and bringing it back."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases import excluding as writers
from cases.access import get_case
from cases.exclusion_forms import DecisionForm, ExclusionForm, ReserveForm, RestoringForm
from cases.exclusions import CARE, Reason, Standing, Step
from cases.models import Candidate, Case
from cases.pages import profile_of
from cases.replacements import next_reserve, reader_for, take_reserve, why_no_reserve
from cases.views.frame import frame
from inspections.access import require
from inspections.errors import Refused
from inspections.views.frame import attempt, why_closed

NEEDED = {
    "propose": Permission.ANSWER_CASES,
    "exclude": Permission.AGREE_EXCLUSIONS,
    "decide": Permission.AGREE_EXCLUSIONS,
    "replace": Permission.AGREE_EXCLUSIONS,
    "restore": Permission.AGREE_EXCLUSIONS,
}
DONE = {
    "propose": "The exclusion is proposed. The case counts until the lead inspector agrees.",
    "exclude": "The case is excluded.",
    "replace": "The reserve is in the sample.",
    "restore": "The case is back in the sample.",
}
TITLES = {
    Standing.COUNTS: "Exclude this case",
    Standing.PROPOSED: "Proposed exclusion",
    Standing.EXCLUDED: "Excluded case",
}


@require_http_methods(["GET", "HEAD", "POST"])
def exclusion(request, case):
    """Show where a case stands in the sample and how it came there; take the step that `do` names."""
    case, access = get_case(request.user, case, Permission.VIEW_CASES, shows="the exclusion")
    do, form, tried = "", None, None
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do not in NEEDED:
            raise Http404
        require(access, NEEDED[do])
        form = forms_of(case, None if replaced_by(case) else next_reserve(case), request.POST)[do]()
        tried = attempt(form, lambda: act(do, case, form, request))
        if tried.ok:
            messages.success(request, done(do, form))
            return redirect("cases:exclusion", case.public_id)
        case.refresh_from_db(fields=["excluded_reason", "excluded_as"])
    return render(request, "cases/exclusion.html", shown(case, access, do, form), status=tried.status if tried else 200)


def done(do, form):
    """Return what was done, in a sentence."""
    if do == "decide":
        return DONE["exclude"] if form.cleaned_data["agreed"] else "The case stays in the sample."
    return DONE[do]


def forms_of(case, reserve, data=None):
    """Return what makes each form, by what it does; with `data` holding what was posted.

    One that was refused may stand beside another, so each has ids of its own.
    """
    taken = {"reserve": reserve, "about": about(case, reserve) if reserve else ""}
    return {
        "propose": lambda: ExclusionForm(data, auto_id="id_propose_%s"),
        "exclude": lambda: ExclusionForm(data, auto_id="id_exclude_%s", **taken),
        "decide": lambda: DecisionForm(data, auto_id="id_decide_%s", **taken),
        "replace": lambda: ReserveForm(data),
        "restore": lambda: RestoringForm(data, auto_id="id_restore_%s"),
    }


def act(do, case, form, request):
    """Take one step, as it was posted."""
    by, given = request.user, form.cleaned_data
    if do == "propose":
        return writers.propose_exclusion(case=case, by=by, **given)
    if do == "exclude":
        reserve = candidate_taken(case, request)
        return writers.exclude_at_once(case=case, reason=given["reason"], words=given["words"], by=by, reserve=reserve)
    if do == "decide":
        proposal = proposal_of(case, request)
        if not given["agreed"]:
            return writers.decline_exclusion(proposal=proposal, words=given["words"], by=by)
        reserve = candidate_taken(case, request)
        return writers.agree_exclusion(proposal=proposal, words=given["words"], by=by, reserve=reserve)
    if do == "replace":
        return take_reserve(case=case, candidate=candidate_of(case, request), by=by)
    return writers.restore_to_sample(case=case, words=given["words"], by=by)


def candidate_taken(case, request):
    """Return the reserve that is to be taken in the same step, or None.

    Read from what was posted: a form made anew has no such field where no reserve is left by now, and a reserve that was
    asked for is refused then, not left out in silence.
    """
    return candidate_of(case, request) if request.POST.get("take") else None


def candidate_of(case, request):
    """Return the reserve that the person saw. Raises Refused where the page did not say."""
    try:
        key = uuid.UUID(request.POST.get("candidate", ""))
    except ValueError:
        key = None
    found = Candidate.objects.filter(inspection=case.inspection, public_id=key).first()
    if found is None:
        raise Refused("There is no such reserve. Nothing was changed: look at the page again, and decide again.")
    return found


def proposal_of(case, request):
    """Return the proposal that the person saw. Raises Refused where the page did not say."""
    key = request.POST.get("proposal", "")
    found = None
    if key.isascii() and key.isdecimal() and len(key) < 19:
        found = case.exclusion_steps.filter(pk=key, step=Step.PROPOSED).first()
    if found is None:
        raise Refused("No exclusion is proposed for this case, so there is nothing to decide. Nothing was changed.")
    found.case = case
    return found


def replaced_by(case):
    """Return the case that took the place of this one, or None."""
    return Case.objects.filter(replaces=case).first()


def shown(case, access, do, posted):
    """Return what the page shows, and on it the form that was posted and refused."""
    steps = list(case.exclusion_steps.select_related("by").order_by("-pk"))
    standing, successor = writers.standing_of(case), replaced_by(case)
    locked = why_closed(case.inspection)
    decides = access.may(Permission.AGREE_EXCLUSIONS) and not locked
    reserve = next_reserve(case) if decides and not successor else None
    wanted = wanted_forms(standing, decides, access.may(Permission.ANSWER_CASES) and not locked, reserve)
    makers = forms_of(case, reserve)
    title = TITLES[standing]
    if standing == Standing.COUNTS and not wanted:
        title = "Exclusion"
    elif "propose" in wanted:
        title = "Propose to exclude this case"
    return frame(case, access) | {
        "page_title": title,
        "closed": locked,
        "standing": standing,
        "proposal": steps[0] if standing == Standing.PROPOSED else None,
        "care": CARE if standing == Standing.PROPOSED and steps[0].reason == Reason.OTHER else "",
        "steps": steps[1:] if standing == Standing.PROPOSED else steps,
        "forms": {name: makers[name]() for name in wanted} | ({do: posted} if posted is not None else {}),
        "form": posted,
        "decides": decides,
        "successor": successor,
        "predecessor": Case.objects.filter(replaced_by=case).first(),
        "reserve": reserve,
        "about_reserve": about(case, reserve) if reserve else "",
        "no_reserve": why_no_reserve(case) if decides and not successor and reserve is None else "",
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }


def wanted_forms(standing, decides, proposes, reserve):
    """Return which forms belong on the page, by what they do."""
    if standing == Standing.COUNTS:
        return ["exclude"] if decides else ["propose"] if proposes else []
    if not decides:
        return []
    if standing == Standing.PROPOSED:
        return ["decide"]
    return ["replace", "restore"] if reserve else ["restore"]


def about(case, reserve):
    """Return in sentences which reserve it is, what the service's list says of it, and who is given it."""
    candidate = reserve.candidate
    label = case.document.disposal(candidate.disposal).label
    unread = Case(inspection=case.inspection, profile=candidate.profile)
    known = [("Disposal", case.inspection.worded(label)), *profile_of(unread)]
    reader = reader_for(case)
    return " ".join(
        [
            "It is the next reserve of the same stratum."
            if reserve.same
            else "The stratum of this case has no reserve left, and this is the next one of the nearest.",
            *(f"{name}: {words}." for name, words in known),
            f"{reader.name}, who had this case, is given it." if reader else "It is given to nobody at first.",
            "It takes over no answers.",
        ]
    )
