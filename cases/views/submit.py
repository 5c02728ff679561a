"""Checking a case for what is missing, and submitting it."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.access import get_case
from cases.actions import missing_answers, submit_case
from cases.came_from import came_from, carried, way_back
from cases.checks import points_of
from cases.enquiries import waiting_enquiries
from cases.errors import NotSubmittable
from cases.instrument import page_title, page_url, question_url
from cases.pages import answered, pages_of
from cases.policies import check_can_submit
from cases.views.frame import frame
from inspections.errors import Refused
from inspections.policies import check_takes_answers


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, case):
    """Show what is still missing, what is worth a second look, and every answer; submit the case when nothing is missing."""
    case, access = get_case(request.user, case, Permission.ANSWER_CASES)
    prefetch_related_objects([case], "answers")
    if request.method == "POST":
        try:
            submit_case(case=case, by=request.user)
        except NotSubmittable as refusal:
            return show(request, case, access, refusal.missing, status=400)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("cases:case", case.public_id)
        messages.success(request, f"Case {case.reference} is submitted.{still_waiting(case)}")
        return redirect(carried(reverse("cases:case", args=[case.public_id]), came_from(request, case)))
    return show(request, case, access, missing_answers(case))


def still_waiting(case):
    """Return in a sentence that further enquiries wait for a decision; "" where none does."""
    count = waiting_enquiries(case).count()
    if not count:
        return ""
    enquiries = "A further enquiry on it waits" if count == 1 else f"{count} further enquiries on it wait"
    return f" {enquiries} for a decision, and the ratings cannot be agreed without it."


def show(request, case, access, missing, status=200):
    """Show the page with what is missing, page by page."""
    rows = {row.question: row for row in case.answers.all()}
    pages = by_page(case, missing)
    context = frame(case, access) | {
        "page_title": "Check and submit",
        "missing": pages,
        "problems": [item for _, _, items in pages for item in items],
        "count": len(missing),
        "has_errors": status != 200,
        "why_not": why_not(case),
        "points": [
            {"href": question_url(case, case.questions[code]), "text": text} for code, text in points_of(case, rows)
        ],
        "pages": [overview(case, page, rows) for page in pages_of(case.document, case.sample).values()],
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
        **way_back(case, came_from(request, case)),
    }
    return render(request, "cases/submit.html", context, status=status)


def overview(case, page, rows):
    """Return a page of the form with its facts and key questions as they are answered, each with its address."""
    shown = (*page.facts, *(part.key_question for part in page.parts))
    return {
        "title": page_title(case, page.standard.code),
        "standard": page.standard.code,
        "url": page_url(case, page.standard.code),
        "questions": [
            answered(case, question, rows[question.code]) | {"url": question_url(case, question)} for question in shown
        ],
    }


def why_not(case):
    """Return why a case cannot be submitted now, whatever is missing; "" where it can."""
    try:
        check_takes_answers(case.inspection.lifecycle.state)
        check_can_submit(case)
    except Refused as refusal:
        return str(refusal)
    return ""


def by_page(case, missing):
    """Return what is missing as [(standard, title of its page, links to each question)]."""
    pages = {}
    for code, sentence in missing:
        question = case.questions[code]
        pages.setdefault(question.standard, []).append({"href": question_url(case, question), "text": sentence})
    return [(code, page_title(case, code), items) for code, items in pages.items()]
