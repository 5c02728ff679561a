"""The cases that a person holds. Told to the room of people, which does not know this one."""

from accounts.holdings import Holding, tells_holdings
from cases.models import Case, CaseState


@tells_holdings
def cases(person):
    """Return the cases still allocated to a person: not agreed, not excluded, in inspections that are not archived."""
    held = Case.objects.filter(allocated_to=person, excluded_reason="", inspection__archived_at=None)
    held = held.exclude(state=CaseState.AGREED).select_related("inspection__service").defer("profile")
    return [
        Holding(
            "Cases still allocated",
            f"Case {case.reference}",
            f"{case.inspection.service.name}. {case.get_state_display()}",
        )
        for case in held.order_by("inspection__service__name", "reference")
    ]
