"""Roles, with the description that people see. A role is a class; a person holds its code."""

from accounts.permissions import Permission


class Role:
    """What a person may do. `everywhere` roles hold in every inspection, others where the person is in the team."""

    code: str
    label: str
    description: str
    everywhere = False
    permissions: frozenset[Permission] = frozenset()


class Inspector(Role):
    """Reads case files."""

    code = "inspector"
    label = "Inspector"
    description = "Reads case files, answers the questions of each case and submits it."
    permissions = frozenset(
        {Permission.VIEW_INSPECTION, Permission.VIEW_CASES, Permission.ANSWER_CASES, Permission.EXPORT}
    )


class LeadInspector(Role):
    """Answers for the inspection."""

    code = "lead_inspector"
    label = "Lead inspector"
    description = (
        "Runs the inspection, reviews cases, settles individual alerts, applies professional discretion, locks the "
        "ratings and answers for every figure."
    )
    permissions = Inspector.permissions | {
        Permission.REVIEW_CASES,
        Permission.RESOLVE_ALERTS,
        Permission.DECIDE_HELD,
        Permission.LOCK,
    }


class QualityLead(Role):
    """Looks at how cases were judged."""

    code = "quality_lead"
    label = "Quality lead"
    description = "Reviews cases that are submitted and draws some of them to dip-sample. Answers no questions."
    permissions = frozenset(
        {Permission.VIEW_INSPECTION, Permission.VIEW_CASES, Permission.REVIEW_CASES, Permission.DRAW_SAMPLES}
    )


class Manager(Role):
    """Sees the whole programme."""

    code = "manager"
    label = "Manager"
    description = "Sees every inspection and its cases, and takes the annex tables out. Changes nothing."
    everywhere = True
    permissions = frozenset({Permission.VIEW_INSPECTION, Permission.VIEW_CASES, Permission.EXPORT})


class Administrator(Role):
    """Runs the installation."""

    code = "administrator"
    label = "Administrator"
    description = "Looks after people and the installation. Sees inspections and their ratings, but no case files."
    everywhere = True
    permissions = frozenset({Permission.VIEW_INSPECTION})


ROLES: dict[str, type[Role]] = {
    role.code: role for role in (Inspector, LeadInspector, QualityLead, Manager, Administrator)
}
TEAM_ROLES = {code: role for code, role in ROLES.items() if not role.everywhere}
EVERYWHERE_ROLES = {code: role for code, role in ROLES.items() if role.everywhere}
