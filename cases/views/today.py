"""The morning page: what needs somebody today, in the order in which it does."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases import morning
from cases.access import own_cases
from cases.alerts import open_alerts
from cases.enquiries import lines_without_meeting
from cases.excluding import proposals_waiting
from cases.pages import answer_in_words
from cases.queries import about, open_queries_in
from cases.views.frame import state_tag
from inspections.access import get_inspection
from inspections.views.frame import frame
from standards.document import NO


@require_safe
def today(request, inspection):
    """Show the whole of it to who watches over cases, and to who reads cases what is theirs."""
    inspection, access = get_inspection(
        request.user, inspection, Permission.VIEW_CASES, for_own_cases=True, shows="the page of today"
    )
    now = timezone.now()
    day = timezone.localtime(now).date()
    cases = morning.counted_cases(inspection)
    queries = open_queries_in(inspection)
    context = frame(inspection, access, page_title="Today", part="today", day=day)
    if watches(access):
        context |= watched(inspection, cases, queries, day, now)
    if access.may_answer_cases:
        own = [case for case in cases if case.allocated_to_id == request.user.pk]
        context |= {"own": own_part(own, queries, now)}
    if access.may_view_evidence:
        lines = lines_without_meeting(inspection)
        context["lines"] = list(lines if watches(access) else lines.filter(assigned=request.user))
    if access.role.own_cases_only and not access.may_answer_cases:
        theirs = set(own_cases(request.user).filter(inspection=inspection).values_list("pk", flat=True))
        context["given"] = [case for case in cases if case.pk in theirs]
    return render(request, "cases/today.html", context)


def watches(access):
    """Return whether somebody watches over the work of others here: reviews it, or runs the inspection."""
    return access.may_view_every_case and (access.may(Permission.REVIEW_CASES) or access.may(Permission.MANAGE_TEAM))


def watched(inspection, cases, queries, day, now):
    """Return what needs somebody's eye in the whole inspection."""
    recorded = morning.interviews_recorded(inspection)
    moment = morning.since(now)
    key_questions, prompts = morning.not_applicable_since(inspection, moment)
    waiting, progress = morning.not_started(cases), morning.progress_by_standard(inspection, cases)
    labels = {held.code: held.label for held in inspection.document.samples}
    return {
        "watches": True,
        "alerts": shown_alerts(inspection),
        "interviews": morning.interviews_on(day, cases),
        "held": {pk for pk, answer in recorded.items() if answer != NO},
        "not_held": {pk for pk, answer in recorded.items() if answer == NO},
        "blocked": morning.blocked(cases, recorded),
        "days_left": morning.days_left(inspection, day),
        "not_started": [
            (
                labels[code],
                [case for case in waiting if case.sample == code],
                sum(case.sample == code for case in cases),
            )
            for code in labels
        ],
        "progress": [(label, [row for row in progress if row.sample == code]) for code, label in labels.items()],
        "queries": queries,
        "since": morning.in_words(timezone.localtime(moment).date()),
        "not_applicable": [changed(inspection, revision) for revision in key_questions],
        "prompts": prompts,
        "facts": [changed(inspection, revision) for revision in morning.facts_changed_since(inspection, moment)],
        "exclusions": morning.exclusions_since(inspection, moment),
        "proposals": list(proposals_waiting(inspection).select_related("case", "by")),
    }


def shown_alerts(inspection):
    """Return the open alerts, newest first, each with what it is about."""
    found = open_alerts(inspection).select_related("case", "by").order_by("-pk")
    return [changed(inspection, alert) | {"alert": alert} for alert in found]


def changed(inspection, revision):
    """Return an answer that was given as the page shows it; of a fact that was changed, from what to what."""
    case = revision.case
    case.inspection = inspection
    question = case.questions[revision.question]
    shown = {
        "revision": revision,
        "case": case,
        "about": about(case, question),
        "answer": answer_in_words(case, question, revision.value),
        "url": f"{reverse('cases:history', args=[case.public_id])}?question={revision.question}",
        "why": revision.change_reason or revision.reason,
    }
    if hasattr(revision, "before"):
        shown["before"] = answer_in_words(case, question, revision.before)
    return shown


def own_part(own, queries, now):
    """Return what is next for somebody who reads cases."""
    case, interview = morning.next_case(own), morning.next_interview(own, now)
    keys = {held.pk for held in own}
    return {
        "cases": own,
        "next": case,
        "state": state_tag(case) if case else None,
        "interview": interview,
        "queries": [held for held in queries if held["case"].pk in keys],
    }
