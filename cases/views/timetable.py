"""The timetable: every day of fieldwork, with the interviews on it by who reads the case."""

from datetime import timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases import morning
from cases.access import own_cases
from cases.policies import FINISHED
from cases.workdays import is_working_day
from inspections.access import get_inspection
from inspections.views.frame import frame

LONGEST = 42  # days of fieldwork of which each is shown, also without an interview


@require_safe
def timetable(request, inspection):
    """Show the days of fieldwork with their interviews, and the cases that have none arranged."""
    inspection, access = get_inspection(
        request.user, inspection, Permission.VIEW_CASES, for_own_cases=True, shows="the timetable"
    )
    cases = morning.counted_cases(inspection)
    if access.role.own_cases_only:
        theirs = set(own_cases(request.user).filter(inspection=inspection).values_list("pk", flat=True))
        cases = [case for case in cases if case.pk in theirs]
    today = timezone.localdate()
    context = frame(
        inspection,
        access,
        page_title="Timetable",
        part="timetable",
        back_url=reverse("cases:today", args=[inspection.public_id]),
        back_text="Today",
        days_left=morning.days_left(inspection, today),
        days=[
            {"words": morning.in_words(day), "today": day == today, "interviews": morning.interviews_on(day, cases)}
            for day in days_of(inspection, cases)
        ],
        unarranged=[case for case in cases if case.interview_at is None and case.state not in FINISHED],
        may_arrange=access.may_answer_cases,
    )
    return render(request, "cases/timetable.html", context)


def days_of(inspection, cases):
    """Return the days to show: those with interviews, and the working days of fieldwork unless it lasts very long."""
    days = {timezone.localtime(case.interview_at).date() for case in cases if case.interview_at}
    starts, ends = inspection.fieldwork_started, inspection.fieldwork_ends
    if starts and ends and (ends - starts).days < LONGEST:
        fieldwork = (starts + timedelta(days=number) for number in range((ends - starts).days + 1))
        days |= {day for day in fieldwork if is_working_day(day)}
    return sorted(days)
