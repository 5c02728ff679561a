"""A case: its pages as a task list, and what was known of it beforehand."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases.access import get_case
from cases.came_from import came_from, carried, way_back
from cases.excluding import standing_with_step
from cases.exclusions import Standing, Step
from cases.pages import pages_of, profile_of, progress_of
from cases.policies import can_submit
from cases.views.frame import frame, state_tag
from inspections.policies import takes_answers
from inspections.views.frame import why_closed


@require_safe
def task_list(request, case):
    """Show how far each page of a case has come."""
    case, access = get_case(request.user, case, Permission.VIEW_CASES, shows="the overview")
    rows = {row.question: row for row in case.answers.all()}
    pages = pages_of(case.document, case.sample)
    progress = {code: progress_of(case, page, rows) for code, page in pages.items()}
    code = came_from(request, case)
    standing, step = standing_with_step(case)
    context = frame(case, access) | {
        "page_title": f"Case {case.reference}",
        "caption": case.inspection.service.name,
        "sample_label": case.document.sample(case.sample).label,
        "disposal": case.inspection.worded(case.document.disposal(case.disposal).label),
        "state": state_tag(case),
        "submit_url": reverse("cases:submit", args=[case.public_id]),
        "back_url": reverse("cases:list", args=[case.inspection.public_id]),
        "back_text": "All cases",
        "asked": sum(held.asked for held in progress.values()),
        "answered": sum(held.answered for held in progress.values()),
        "tasks": {"items": [task(case, page, progress[page.standard.code], code) for page in pages.values()]},
        "exclusion": exclusion_words(standing, access, why_closed(case.inspection)),
        "declined": step if standing == Standing.COUNTS and step and step.step == Step.DECLINED else None,
        "to_ask": sum(row.at_interview for row in rows.values()),
        "may_submit": can_submit(case) and takes_answers(case.inspection.lifecycle.state),
        "profile": [{"key": {"text": label}, "value": {"text": words}} for label, words in profile_of(case)],
        **way_back(case, code),
    }
    return render(request, "cases/case.html", context)


def exclusion_words(standing, access, closed):
    """Return the words of the link to whether the case leaves the sample; "" where there is nothing to see or to do.

    `closed` says why nothing of the inspection may be changed, and is "" where it may.
    """
    if standing == Standing.EXCLUDED:
        return "Why this case is excluded"
    if standing == Standing.PROPOSED:
        return "It is proposed to exclude this case"
    if closed:
        return ""
    if access.may_agree_exclusions:
        return "Exclude this case"
    return "Propose to exclude this case" if access.may_answer_cases else ""


def task(case, page, progress, code=""):
    """Return a page as an item of the task list; `code` is as in `cases.came_from`."""
    return {
        "title": {"text": f"{page.standard.code} {case.inspection.worded(page.standard.title)}"},
        "href": carried(reverse("cases:form", args=[case.public_id, page.standard.code]), code),
        "hint": {"text": waiting(case, progress)} if waiting(case, progress) else None,
        "status": status(progress),
    }


def status(progress):
    """Return how far a page has come as the status of a task."""
    if progress.done:
        return {"text": "Done" if progress.asked else "Nothing is asked"}
    if not progress.started:
        return {"tag": {"text": "Not started", "classes": "govuk-tag--blue"}}
    words = f"{progress.answered} of {progress.asked} answered"
    return {"tag": {"text": words, "classes": "govuk-tag--light-blue"}}


def waiting(case, progress):
    """Return what a page that was started waits for besides answers, in words; else ""."""
    if not progress.started:
        return ""
    pieces = []
    if progress.reasons:
        codes = " and ".join(question.code for question in progress.reasons)
        pieces.append(
            f"Reason awaited: say why {codes} {'is' if len(progress.reasons) == 1 else 'are'} not applicable."
        )
    if progress.facts:
        texts = " ".join(case.inspection.worded(fact.text) for fact in progress.facts)
        pieces.append(f"To be established: {texts}")
    return " ".join(pieces)
