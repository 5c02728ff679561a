"""The sample of an inspection: its cases, and how far each has come."""

from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases.access import own_cases
from cases.exclusions import by_label
from cases.models import Case
from cases.views.frame import state_tag
from inspections.access import get_inspection
from standards.document import NOT_APPLICABLE


@require_safe
def sample(request, inspection):
    """Show the cases of each sample, then those that are excluded."""
    inspection, access = get_inspection(
        request.user, inspection, Permission.VIEW_CASES, for_own_cases=True, shows="the list of cases"
    )
    cases = cases_with_counts(inspection)
    if access.role.own_cases_only:
        cases = cases.filter(pk__in=own_cases(request.user).values("pk"))
    cases = list(cases)
    for case in cases:
        case.inspection = inspection
    context = {
        "inspection": inspection,
        "access": access,
        "person_role": access.role.label,
        "navigation": "inspections",
        "page_title": "Cases",
        "caption": inspection.service.name,
        "back_url": reverse("ratings:inspections"),
        "back_text": "All inspections",
        "annex_name": inspection.worded("{annex} 2" if "annex" in inspection.document.default_terms else "Annex 2"),
        "samples": [
            {"label": held.label, "cases": [row(case) for case in cases if in_sample(case, held.code)]}
            for held in inspection.document.samples
        ],
        "excluded": by_label(case for case in cases if case.excluded_reason).items(),
    }
    return render(request, "cases/sample.html", context)


def cases_with_counts(inspection):
    """Return the cases of an inspection with `asked` and `answered`, their numbers of rated questions."""
    asked = Q(answers__kind="rated", answers__asked=True)
    # A key question that awaits the reason why it is not applicable is not answered yet.
    awaited = Q(
        answers__value=NOT_APPLICABLE, answers__reason="", answers__question__in=inspection.document.key_questions
    )
    return (
        Case.objects.filter(inspection=inspection)
        .select_related("allocated_to")
        .order_by("reference", "pk")
        .annotate(
            asked=Count("answers", filter=asked),
            answered=Count("answers", filter=asked & Q(answers__value__isnull=False) & ~awaited),
        )
    )


def in_sample(case, sample):
    """Return whether a case counts in a sample."""
    return case.sample == sample and not case.excluded_reason


def row(case):
    """Return a case as a row of the list."""
    return {
        "case": case,
        "disposal": case.inspection.worded(case.document.disposal(case.disposal).label),
        "state": state_tag(case),
    }
