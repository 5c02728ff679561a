"""What a role may allow. Roles are in `accounts.roles`; when a thing may be done is each room's `policies.py`."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that may be allowed within an inspection, or in the whole installation."""

    VIEW_INSPECTION = "see the inspection, its ratings and its Annex 2"
    VIEW_CASES = "read case answers and their history"
    ANSWER_CASES = "answer questions and submit cases"
    ADD_ENQUIRY = "add a further enquiry to a case"
    REVIEW_CASES = "review cases"
    DRAW_SAMPLES = "draw cases to dip-sample"
    RESOLVE_ALERTS = "settle individual alerts"
    DECIDE_HELD = "accept or reject held answers"
    VIEW_EVIDENCE = "see evidence of organisational delivery and lines of enquiry"
    RECORD_EVIDENCE = "record evidence of organisational delivery and lines of enquiry"
    DIRECT_ENQUIRIES = "say which cases a line of enquiry came from and who follows it"
    JUDGE = "judge organisational delivery"
    OPEN_PROVISIONAL = "open provisional percentages"
    SEE_FIRMNESS = "see how firm the ratings are"
    VIEW_DISCRETION = "see how professional discretion was used"
    PROPOSE_DISCRETION = "propose professional discretion"
    RATIFY_DISCRETION = "ratify professional discretion"
    EXPORT = "take the Annex 2 tables out"
    VIEW_PROGRAMME = "see the whole programme and take it out"
    MANAGE_TEAM = "change the plan, build the team, set the timetable and allocate cases"
    LOCK = "lock the ratings"
    UNLOCK = "unlock the ratings"
    PUBLISH = "send the ratings for factual accuracy and publish them"
    VIEW_AUDIT = "see who did what"
    CREATE_INSPECTIONS = "create inspections"
    MANAGE_PEOPLE = "invite people, change their roles and close their accounts"
