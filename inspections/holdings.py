"""What a person holds in inspections: roles in teams. Told to the room of people, which does not know this one."""

from accounts.holdings import Holding, tells_holdings, tells_team_roles
from inspections.models import Membership
from inspections.policies import OVER_STATES


@tells_holdings
def teams(person):
    """Return a person's roles in the teams of inspections that are not archived."""
    memberships = Membership.objects.filter(user=person, inspection__archived_at=None)
    return [
        Holding("Roles in inspections", held.inspection.service.name, f"{held.role_label}. {held.description}")
        for held in memberships.select_related("inspection__service").order_by("inspection__service__name")
    ]


@tells_team_roles
def team_roles(person):
    """Return the codes of a person's roles in the teams of inspections that are still going on."""
    going_on = Membership.objects.filter(user=person, inspection__archived_at=None)
    return set(going_on.exclude(inspection__lifecycle__state__in=OVER_STATES).values_list("role", flat=True))
