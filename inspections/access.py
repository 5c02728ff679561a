"""The one way from an address to an inspection: 404 to strangers, 403 to those who may look but not do."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import Permission
from accounts.roles import EVERYWHERE_ROLES, ROLES, TEAM_ROLES, Role
from audit.actions import record_event
from inspections.models import Inspection, Membership, Service
from inspections.policies import OVER_STATES, is_over

ABOUT_CASES = frozenset(
    {Permission.VIEW_CASES, Permission.ANSWER_CASES, Permission.ADD_ENQUIRY, Permission.EXPORT_CASES}
)

ENDING_ROLES = [code for code, role in TEAM_ROLES.items() if role.ends_with_inspection]


@dataclass(frozen=True)
class Access:
    """What one person may do in one inspection."""

    role: type[Role]

    def may(self, permission: Permission) -> bool:
        """Return whether the role allows it."""
        return permission in self.role.permissions

    @property
    def may_view_inspection(self) -> bool:
        """Whether the inspection with its ratings may be seen, not only cases in it; for templates."""
        return self.may(Permission.VIEW_INSPECTION)

    @property
    def may_view_every_case(self) -> bool:
        """Whether all cases may be read, not only one's own; for templates."""
        return self.may_view_cases and not self.role.own_cases_only

    @property
    def may_view_cases(self) -> bool:
        """Whether case answers may be read; for templates."""
        return self.may(Permission.VIEW_CASES)

    @property
    def may_view_evidence(self) -> bool:
        """Whether evidence of organisational delivery and lines of enquiry may be seen; for templates."""
        return self.may(Permission.VIEW_EVIDENCE)

    @property
    def may_answer_cases(self) -> bool:
        """Whether questions may be answered; for templates."""
        return self.may(Permission.ANSWER_CASES)

    @property
    def may_manage_team(self) -> bool:
        """Whether the team may be built and cases given to people; for templates."""
        return self.may(Permission.MANAGE_TEAM)

    @property
    def may_plan_sample(self) -> bool:
        """Whether the caseload may be imported and the sample planned and drawn; for templates."""
        return self.may(Permission.PLAN_SAMPLE)

    @property
    def may_agree_exclusions(self) -> bool:
        """Whether this person agrees which cases leave the sample; for templates."""
        return self.may(Permission.AGREE_EXCLUSIONS)

    @property
    def may_view_audit(self) -> bool:
        """Whether the audit record of the inspection may be read; for templates."""
        return self.may(Permission.VIEW_AUDIT)

    @property
    def may_view_discretion(self) -> bool:
        """Whether it may be seen how professional discretion was used; for templates."""
        return self.may(Permission.VIEW_DISCRETION)

    @property
    def may_export(self) -> bool:
        """Whether the tables may be taken out; for templates."""
        return self.may(Permission.EXPORT)


def access_to(user, inspection):
    """Return the `Access` of a person to an inspection. Raises Http404 when they have none."""
    membership = Membership.objects.filter(inspection=inspection, user=user).values_list("role", flat=True).first()
    role = membership or user.role
    if not role or not user.is_active or (ROLES[role].ends_with_inspection and is_over(inspection)):
        raise Http404
    return Access(ROLES[role])


def get_inspection(
    user, public_id, permission=Permission.VIEW_INSPECTION, *, for_own_cases=False, shows="a page about cases"
):
    """Return (inspection, access) with service, standards, lifecycle and sequence loaded.

    Where cases are asked for and the person is outside the team, that they opened what the page `shows` is recorded.
    With `permission` None any access will do.

    Raises Http404 to a stranger and PermissionDenied to one whose role does not allow `permission`, or allows it in
    cases of their own only, unless the caller shows no others to them (`for_own_cases`).
    """
    inspection = (
        Inspection.objects.select_related("service", "standards", "lifecycle", "sequence")
        .defer("standards__content")
        .filter(public_id=public_id)
        .first()
    )
    if inspection is None:
        raise Http404
    access = access_to(user, inspection)
    if permission is not None:
        require(access, permission)
    if access.role.own_cases_only and permission in ABOUT_CASES and not for_own_cases:
        raise PermissionDenied(f"Your role here, {access.role.label.lower()}, shows you the cases given to you only.")
    if permission == Permission.VIEW_CASES:
        record_reading(user, access, inspection, shows)
    return inspection, access


def record_reading(user, access, inspection, shows, *, case=None, detail=None):
    """Record that somebody outside the team read case evidence: what a page `shows`, in words. "" records nothing.

    Called once for each page, before anything of it is shown: by `get_case`, by `get_inspection` where cases are asked
    for, and by pages that show case evidence besides.
    """
    if access.role.everywhere and shows:
        record_event(
            action="evidence.read",
            by=user,
            inspection=inspection,
            case=case,
            summary=f"Opened {shows}{f' of case {case.reference}' if case else ''}, from outside the team.",
            detail=detail,
        )


def require(access, permission):
    """Raise PermissionDenied, with a sentence, unless the access allows it."""
    if not access.may(permission):
        raise PermissionDenied(f"Your role here, {access.role.label.lower()}, cannot {permission.value}.")


def roles_in(user, inspections):
    """Return a person's role in each of these inspections, by primary key."""
    roles = dict(Membership.objects.filter(user=user, inspection__in=inspections).values_list("inspection", "role"))
    return {inspection.pk: ROLES[roles.get(inspection.pk, user.role)] for inspection in inspections}


def inspections_of(user):
    """Return the inspections that a person may see, archived ones left out."""
    everything = Inspection.objects.filter(archived_at=None)
    if user.role in EVERYWHERE_ROLES:
        return everything
    ended = Membership.objects.filter(
        user=user, role__in=ENDING_ROLES, inspection__lifecycle__state__in=OVER_STATES
    ).values("inspection")
    return everything.filter(memberships__user=user).exclude(pk__in=ended)


def services_known_to(user):
    """Return the services that a person may be told of, by name: all, to whoever works in the programme.

    That is whoever has a role everywhere or reads every case of some inspection; others know those of their inspections.
    """
    staff = [
        code
        for code, role in TEAM_ROLES.items()
        if Permission.VIEW_CASES in role.permissions and not role.own_cases_only
    ]
    services = Service.objects.order_by("name")
    if user.role or Membership.objects.filter(user=user, role__in=staff).exists():
        return services
    return services.filter(pk__in=inspections_of(user).values("service"))
