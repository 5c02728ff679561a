"""Held answers: the lead inspector sees both answers side by side, and accepts or rejects."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.actions import decide_held
from cases.held import waiting, why_closed
from cases.models import Answer, HeldAnswer, HeldDecision, Source
from cases.pages import answer_in_words
from cases.queries import about, form_url
from cases.views.reviews import inspection_frame
from inspections.access import get_inspection
from inspections.errors import Refused

ON_A_PAGE = 50


class DecisionForm(forms.Form):
    """Why a held answer is accepted or rejected, and which version of the standing answer was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(
        required=False,
        strip=False,
        label="Why do you accept or reject it?",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, held, *args, **kwargs):
        super().__init__(*args, prefix=f"held-{held.command_id}", **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def held(request, inspection):
    """Show the held answers of an inspection, those that wait first; accept or reject one."""
    inspection, access = get_inspection(request.user, inspection, Permission.DECIDE_HELD)
    posted = None
    if request.method == "POST":
        held = posted_answer(request, inspection)
        posted = DecisionForm(held, request.POST)
        if decided(request, held, posted):
            return redirect("cases:held", inspection.public_id)
    found = waiting(inspection).select_related("case", "by").order_by("pk")
    context = inspection_frame(inspection, access) | {
        "page_title": "Held answers",
        "count": found.count(),
        "waiting": shown_answers(inspection, list(found[:ON_A_PAGE]), posted),
        "decided": shown_decisions(inspection),
        "form": posted,
    }
    return render(request, "cases/held.html", context, status=400 if posted else 200)


def posted_answer(request, inspection):
    """Return the held answer that was posted. Raises Http404."""
    try:
        command = uuid.UUID(request.POST.get("held", ""))
    except ValueError:
        raise Http404 from None
    held = get_object_or_404(
        HeldAnswer.objects.select_related("case", "by"), command_id=command, case__inspection=inspection
    )
    held.case.inspection = inspection
    return held


def decided(request, held, form):
    """Accept or reject a held answer, and return whether it is decided; else the form says why not."""
    decision = request.POST.get("decision")
    if not form.is_valid() or decision not in ("accept", "reject"):
        form.add_error("reason", "This form could not be read. Look at the answer again, and accept or reject it.")
        return False
    reason, version = form.cleaned_data["reason"], form.cleaned_data["version"]
    try:
        decide_held(held=held, accepted=decision == "accept", reason=reason, by=request.user, base=version)
    except Refused as refusal:
        if waiting(held.case.inspection).filter(pk=held.pk).exists():
            form.add_error("reason", str(refusal))
            return False
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The answer of {held.by.name} is {decision}ed.")
    return True


def shown_answers(inspection, found, posted=None):
    """Return held answers as the page shows them, each beside the answer that stands."""
    standing = {
        (answer.case_id, answer.question): answer
        for answer in Answer.objects.filter(
            case__in={held.case_id for held in found}, question__in={held.question for held in found}
        ).select_related("answered_by")
    }
    shown = []
    for held in found:
        held.case.inspection = inspection
        now = standing[held.case_id, held.question]
        form = DecisionForm(held)
        shown.append(
            shown_answer(inspection, held)
            | {
                "now": now,
                "now_answer": answer_in_words(held.case, held.case.questions[held.question], now.value),
                "closed": why_closed(held.case),
                "form": posted if posted and posted.prefix == form.prefix else form,
            }
        )
    return shown


def shown_answer(inspection, held):
    """Return one held answer in words."""
    held.case.inspection = inspection
    held.get_source_display = dict(Source.choices).get(held.source)
    question = held.case.questions[held.question]
    return {
        "held": held,
        "about": about(held.case, question),
        "answer": answer_in_words(held.case, question, held.value),
        "url": form_url(held.case, question),
    }


def shown_decisions(inspection):
    """Return the last decisions of an inspection, newest first."""
    decisions = (
        HeldDecision.objects.filter(held__case__inspection=inspection)
        .select_related("by", "held__case", "held__by")
        .order_by("-pk")[:ON_A_PAGE]
    )
    return [shown_answer(inspection, decision.held) | {"decision": decision} for decision in decisions]
