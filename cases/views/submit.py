"""Checking a case for what is missing, and submitting it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.access import get_case
from cases.actions import missing_answers, submit_case
from cases.errors import NotSubmittable
from cases.policies import check_can_submit
from cases.views.frame import frame
from inspections.errors import Refused
from inspections.policies import check_open


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, case):
    """Show what is still missing; submit the case when nothing is."""
    case, access = get_case(request.user, case, Permission.ANSWER_CASES)
    if request.method == "POST":
        try:
            submit_case(case=case, by=request.user)
        except NotSubmittable as refusal:
            return show(request, case, access, refusal.missing, status=400)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("cases:case", case.public_id)
        messages.success(request, f"Case {case.reference} is submitted.")
        return redirect("cases:case", case.public_id)
    return show(request, case, access, missing_answers(case))


def show(request, case, access, missing, status=200):
    """Show the page with what is missing, page by page."""
    pages = by_page(case, missing)
    context = frame(case, access) | {
        "page_title": "Check and submit",
        "missing": pages,
        "problems": [item for _, _, items in pages for item in items],
        "count": len(missing),
        "has_errors": status != 200,
        "why_not": why_not(case),
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }
    return render(request, "cases/submit.html", context, status=status)


def why_not(case):
    """Return why a case cannot be submitted now, whatever is missing; "" where it can."""
    try:
        check_open(case.inspection.lifecycle.state)
        check_can_submit(case)
    except Refused as refusal:
        return str(refusal)
    return ""


def by_page(case, missing):
    """Return what is missing as [(standard, title, links to each question)]."""
    pages = {}
    for code, sentence in missing:
        standard = case.questions[code].standard
        url = reverse("cases:form", args=[case.public_id, standard])
        pages.setdefault(standard, []).append({"href": f"{url}#question-{code}", "text": sentence})
    return [(code, case.inspection.worded(case.document.standards[code].title), items) for code, items in pages.items()]
