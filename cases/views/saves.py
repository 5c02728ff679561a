"""Taking one command of a browser (docs/save-protocol.md), and the page of what a person saved last."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.replies import json_body, json_view, reply
from cases.access import readable_cases
from cases.models import AnswerRevision, HeldAnswer
from cases.pages import answer_in_words
from cases.queries import about, form_url
from cases.saving import CONFIRMATION, LARGEST, answer_to

SHOWN = 100
CONTENT_OF_STANDARDS = "case__inspection__standards__content"


@json_view(CONFIRMATION, "POST")
def save(request, case):
    """Store one answer, and say in JSON what became of it. Nothing but `saved` with status 200 means that it is saved."""
    answered = answer_to(json_body(request, LARGEST), user=request.user, case_id=case)
    return reply(CONFIRMATION, answered.state, answered.status, **answered.content)


@require_safe
def my_saves(request):
    """Show what a person gave last, in every case that they may still read, and what of theirs is held."""
    mine = {"by": request.user, "case__in": readable_cases(request.user)}
    loaded = ("case__inspection__service", "case__inspection__standards")
    saved = AnswerRevision.objects.filter(**mine).select_related(*loaded).defer(CONTENT_OF_STANDARDS).order_by("-pk")
    held = HeldAnswer.objects.filter(**mine).select_related(*loaded, "decision__by").defer(CONTENT_OF_STANDARDS)
    context = {
        "page_title": "My last saves",
        "back_url": reverse("ratings:inspections"),
        "back_text": "All inspections",
        "saved": [shown(revision) for revision in saved[:SHOWN]],
        "held": [
            shown(answer) | {"decision": getattr(answer, "decision", None)} for answer in held.order_by("-pk")[:SHOWN]
        ],
    }
    return render(request, "cases/saves.html", context)


def shown(given):
    """Return what was given, a revision or a held answer, as a page shows it."""
    question = given.case.questions[given.question]
    return {
        "given": given,
        "inspection": given.case.inspection,
        "about": about(given.case, question),
        "answer": answer_in_words(given.case, question, given.value),
        "url": form_url(given.case, question),
    }
