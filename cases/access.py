"""The one way from an address to a case: 404 to strangers, 403 to those who may look but not do."""

from django.http import Http404

from cases.models import Case
from inspections.access import access_to, require


def get_case(user, public_id, permission):
    """Return (case, access) with the inspection, its service, standards and lifecycle, and the allocation loaded.

    Raises Http404 to a stranger, and to one whose role shows them only other cases, and PermissionDenied to one whose role does not allow `permission`.
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
    if access.role.own_cases_only and case.allocated_to_id != user.pk:
        raise Http404
    require(access, permission)
    return case, access
