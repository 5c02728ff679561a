"""What a role may allow. Roles are in `accounts.roles`; when a thing may be done is each room's `policies.py`."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that may be allowed within an inspection."""

    VIEW_INSPECTION = "see the inspection, its ratings and its Annex 2"
    VIEW_CASES = "read case answers and their history"
    ANSWER_CASES = "answer questions and submit cases"
    REVIEW_CASES = "review cases"
    DRAW_SAMPLES = "draw cases to dip-sample"
    RESOLVE_ALERTS = "settle individual alerts"
    DECIDE_HELD = "accept or reject held answers"
    EXPORT = "take the Annex 2 tables out"
    LOCK = "lock the ratings"
