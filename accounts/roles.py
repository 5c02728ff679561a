"""Roles, with the description that people see. A role is a class; a person holds its code."""

from accounts.permissions import Permission

DISCIPLINES = {"police": "Police", "health": "Health", "social_care": "Social care", "education": "Education"}


class Role:
    """What a person may do. `everywhere` roles hold in every inspection, others where the person is in the team.

    With `own_cases_only` the cases are only those given to the person, whatever the permissions say of cases. With
    `ends_with_inspection` nothing is left of it once the inspection is over. With `has_discipline` the team says which
    of `DISCIPLINES` the person comes from.
    """

    code: str
    label: str
    description: str
    everywhere = False
    own_cases_only = False
    ends_with_inspection = False
    has_discipline = False
    permissions: frozenset[Permission] = frozenset()


class Inspector(Role):
    """Reads case files."""

    code = "inspector"
    label = "Inspector"
    description = "Reads case files, answers the questions of each case and submits it. Records evidence."
    permissions = frozenset(
        {
            Permission.VIEW_INSPECTION,
            Permission.VIEW_CASES,
            Permission.ANSWER_CASES,
            Permission.VIEW_EVIDENCE,
            Permission.RECORD_EVIDENCE,
            Permission.DIRECT_ENQUIRIES,
            Permission.EXPORT,
            Permission.EXPORT_CASES,
        }
    )


class LeadInspector(Role):
    """Answers for the inspection."""

    code = "lead_inspector"
    label = "Lead inspector"
    description = (
        "Runs the inspection, reviews cases, settles individual alerts, judges organisational delivery, proposes "
        "professional discretion, locks the ratings and answers for every figure."
    )
    permissions = Inspector.permissions | {
        Permission.REVIEW_CASES,
        Permission.RESOLVE_ALERTS,
        Permission.DECIDE_HELD,
        Permission.JUDGE,
        Permission.OPEN_PROVISIONAL,
        Permission.SEE_FIRMNESS,
        Permission.VIEW_DISCRETION,
        Permission.PROPOSE_DISCRETION,
        Permission.MANAGE_TEAM,
        Permission.PLAN_SAMPLE,
        Permission.AGREE_EXCLUSIONS,
        Permission.LOCK,
        Permission.UNLOCK,
        Permission.VIEW_AUDIT,
    }


class QualityLead(Role):
    """Looks at how cases were judged."""

    code = "quality_lead"
    label = "Quality lead"
    description = (
        "Reviews cases that are submitted and draws some of them to dip-sample. May ratify professional discretion. "
        "Answers no questions."
    )
    permissions = frozenset(
        {
            Permission.VIEW_INSPECTION,
            Permission.VIEW_CASES,
            Permission.VIEW_EVIDENCE,
            Permission.REVIEW_CASES,
            Permission.DRAW_SAMPLES,
            Permission.VIEW_DISCRETION,
            Permission.RATIFY_DISCRETION,
        }
    )


class LocalAssessor(Role):
    """Helps to read case files, and sees no others."""

    code = "local_assessor"
    label = "Local assessor"
    description = (
        "Reads the case files allocated to them and answers their questions. Sees no other cases and no figures."
    )
    own_cases_only = True
    permissions = frozenset({Permission.VIEW_CASES, Permission.ANSWER_CASES})


class PartnerInspector(Role):
    """An inspector of the police, of health, of social care or of education, in a joint inspection."""

    code = "partner_inspector"
    label = "Partner inspector"
    description = (
        "Follows lines of enquiry and makes further enquiries on the cases given to them: adds notes, never answers. "
        "Sees no other cases. Access ends with the inspection."
    )
    own_cases_only = True
    ends_with_inspection = True
    has_discipline = True
    permissions = frozenset(
        {Permission.VIEW_CASES, Permission.ADD_ENQUIRY, Permission.VIEW_EVIDENCE, Permission.RECORD_EVIDENCE}
    )


class Observer(Role):
    """Watches an inspection."""

    code = "observer"
    label = "Observer"
    description = "Sees the inspection and its ratings, but no case files. Changes nothing."
    permissions = frozenset({Permission.VIEW_INSPECTION})


class Manager(Role):
    """Sees the whole programme."""

    code = "manager"
    label = "Manager"
    description = (
        "The head of the programme. Creates inspections, sees all of them and their cases, ratifies professional "
        "discretion, publishes ratings and takes the annex tables out. Answers no questions."
    )
    everywhere = True
    permissions = frozenset(
        {
            Permission.VIEW_INSPECTION,
            Permission.VIEW_CASES,
            Permission.VIEW_EVIDENCE,
            Permission.SEE_FIRMNESS,
            Permission.VIEW_DISCRETION,
            Permission.RATIFY_DISCRETION,
            Permission.EXPORT,
            Permission.VIEW_PROGRAMME,
            Permission.EXPORT_CASES,
            Permission.MANAGE_TEAM,
            Permission.PLAN_SAMPLE,
            Permission.UNLOCK,
            Permission.PUBLISH,
            Permission.VIEW_AUDIT,
            Permission.CREATE_INSPECTIONS,
        }
    )


class Administrator(Role):
    """Runs the installation."""

    code = "administrator"
    label = "Administrator"
    description = "Looks after people and the installation. Sees inspections and their ratings, but no case files."
    everywhere = True
    permissions = frozenset(
        {Permission.VIEW_INSPECTION, Permission.VIEW_AUDIT, Permission.MANAGE_TEAM, Permission.MANAGE_PEOPLE}
    )


ROLES: dict[str, type[Role]] = {
    role.code: role
    for role in (
        Inspector,
        LeadInspector,
        QualityLead,
        LocalAssessor,
        PartnerInspector,
        Observer,
        Manager,
        Administrator,
    )
}
TEAM_ROLES = {code: role for code, role in ROLES.items() if not role.everywhere}
EVERYWHERE_ROLES = {code: role for code, role in ROLES.items() if role.everywhere}
