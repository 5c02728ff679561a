"""The one way from an address to a case: 404 to strangers, 403 to those who may look but not do."""

from django.db.models import Q
from django.http import Http404

from accounts.permissions import Permission
from accounts.roles import ROLES, TEAM_ROLES
from cases.models import Case, LineOfEnquiry
from inspections.access import access_to, inspections_of, record_reading, require
from inspections.models import Membership


def own_cases(user):
    """Return the cases that are given to a person, in whatever inspection: allocated to them, or of their lines of enquiry.

    Roles with `own_cases_only` see no others; nothing else says which these are.
    """
    followed = LineOfEnquiry.cases.through.objects.filter(lineofenquiry__assigned=user)
    return Case.objects.filter(Q(allocated_to=user) | Q(pk__in=followed.values("case")))


def readable_cases(user):
    """Return the cases that a person may read, in every inspection that is not archived."""
    readable = [role for role in TEAM_ROLES.values() if Permission.VIEW_CASES in role.permissions]
    teams = Membership.objects.filter(user=user)
    every = teams.filter(role__in=[role.code for role in readable if not role.own_cases_only])
    own = teams.filter(role__in=[role.code for role in readable if role.own_cases_only])
    inspections = inspections_of(user)
    found = Q(inspection__in=inspections.filter(memberships__in=every))
    found |= Q(inspection__in=inspections.filter(memberships__in=own), pk__in=own_cases(user).values("pk"))
    if user.role and Permission.VIEW_CASES in ROLES[user.role].permissions:
        found |= Q(inspection__in=inspections.exclude(memberships__in=teams))
    return Case.objects.filter(found)


def get_case(user, public_id, permission, *, shows="a page"):
    """Return (case, access) with the inspection, its service, standards and lifecycle, and the allocation loaded.

    Where the person is outside the team, that they opened what the page `shows`, in words or as a function of the case,
    is recorded; "" says that it shows nothing of the case. Raises Http404 to a stranger, and to one whose role shows them
    only other cases, and PermissionDenied to one whose role does not allow `permission`.
    """
    case = (
        Case.objects.select_related(
            "inspection__service", "inspection__standards", "inspection__lifecycle", "allocated_to"
        )
        .defer("inspection__standards__content")
        .filter(public_id=public_id)
        .first()
    )
    if case is None:
        raise Http404
    access = access_to(user, case.inspection)
    if access.role.own_cases_only and not own_cases(user).filter(pk=case.pk).exists():
        raise Http404
    require(access, permission)
    record_reading(user, access, case.inspection, shows(case) if callable(shows) else shows, case=case)
    return case, access
