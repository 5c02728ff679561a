"""The team of an inspection: who is in it in which role, what each holds, and what is left with people outside it."""

from collections import Counter

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from accounts.roles import TEAM_ROLES, LeadInspector
from cases.models import Case, CaseState, LineOfEnquiry
from inspections.access import get_inspection
from inspections.policies import has_lead
from inspections.team import conflicts_about
from inspections.views.frame import frame, may
from inspections.views.plan import plan_rows

# The order of the roles on the page: who answers for the inspection comes first.
ORDER = sorted(TEAM_ROLES, key=lambda code: code != LeadInspector.code)


@require_safe
def team(request, inspection):
    """Show the plan of an inspection and its team."""
    inspection, access = get_inspection(request.user, inspection, None)
    memberships = list(inspection.memberships.select_related("user"))
    memberships.sort(key=lambda held: (ORDER.index(held.role), held.user.name))
    manages = access.may(Permission.MANAGE_TEAM)
    cases = list(
        Case.objects.filter(inspection=inspection, excluded_reason="", allocated_to__isnull=False)
        .select_related("allocated_to")
        .defer("profile")
    )
    counts = Counter(case.allocated_to_id for case in cases)
    conflicts = conflicts_about(inspection.service) if manages else {}
    context = frame(
        inspection,
        access,
        page_title="Team",
        part="team",
        rows=plan_rows(inspection),
        members=[
            {"held": held, "cases": counts[held.user_id], "conflict": conflicts.get(held.user_id)}
            for held in memberships
        ],
        manages=manages,
        may_change=may(access, Permission.MANAGE_TEAM, inspection),
        has_lead=has_lead(inspection),
        left=left_with(inspection, memberships, cases, access) if access.may_view_inspection else [],
    )
    return render(request, "cases/team.html", context)


def left_with(inspection, memberships, cases, access):
    """Return who holds what they cannot finish any more, by name: people who left, or whose role answers no questions.

    Of cases these are those not agreed yet. Lines of enquiry are told only to those who may see them.
    """
    roles = {held.user_id: held for held in memberships}
    left = {}

    def entry(user):
        return left.setdefault(user.pk, {"name": user.name, "member": roles.get(user.pk), "cases": [], "lines": []})

    for case in cases:
        held = roles.get(case.allocated_to_id)
        answers = held and Permission.ANSWER_CASES in TEAM_ROLES[held.role].permissions
        if not answers and case.state != CaseState.AGREED:
            entry(case.allocated_to)["cases"].append(case)
    if access.may_view_evidence:
        lines = LineOfEnquiry.objects.filter(inspection=inspection, closed=False).prefetch_related("assigned")
        for line in lines:
            for user in line.assigned.all():
                if user.pk not in roles:
                    entry(user)["lines"].append(line)
    return sorted(left.values(), key=lambda held: held["name"])
