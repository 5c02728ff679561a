"""How an inspection moves on: from which state to which, by which permission, and what must hold.

`TABLE` is the whole of it; `docs/lifecycle.md` is drawn from it. Which role has which permission is in `accounts.roles`, and
what may be changed in which state in `inspections.policies`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.permissions import Permission
from inspections.errors import Refused
from inspections.models import State

PLANNED, FIELDWORK, MODERATION, LOCKED, FACTUAL_ACCURACY, PUBLISHED = State


class Step(StrEnum):
    """One way from a state to another."""

    BEGIN_FIELDWORK = "begin_fieldwork"
    BEGIN_MODERATION = "begin_moderation"
    BACK_TO_FIELDWORK = "back_to_fieldwork"
    AGREE_RATINGS = "agree_ratings"
    SEND_FOR_ACCURACY = "send_for_accuracy"
    PUBLISH = "publish"
    UNLOCK = "unlock"


@dataclass(frozen=True)
class Rule:
    """From which states a step leads to which, who takes it, and in words what it is and what it means.

    `provided` says what must hold besides. A step that `needs_reason` is not taken without one, and one that `needs_lead`
    not without a lead inspector in the team. A step that is taken `elsewhere` needs more than its word:
    `inspections.actions.move_on` does not take it.
    """

    permission: Permission
    words: str
    begins: tuple[State, ...]
    to: State
    means: str
    provided: str = ""
    needs_reason: bool = False
    needs_lead: bool = False
    elsewhere: bool = False


TABLE: Mapping[Step, Rule] = {
    Step.BEGIN_FIELDWORK: Rule(
        Permission.LOCK,
        "begin fieldwork",
        (PLANNED,),
        FIELDWORK,
        "Cases can be answered and organisational delivery judged from then on.",
        "The team has a lead inspector.",
        needs_lead=True,
    ),
    Step.BEGIN_MODERATION: Rule(
        Permission.LOCK,
        "begin moderation",
        (FIELDWORK,),
        MODERATION,
        "The team looks at cases, judgements and ratings together before they are agreed. Answers can still be changed.",
    ),
    Step.BACK_TO_FIELDWORK: Rule(
        Permission.LOCK,
        "go back to fieldwork",
        (MODERATION,),
        FIELDWORK,
        "More cases are read before the ratings are moderated.",
        "A reason is given.",
        needs_reason=True,
    ),
    Step.AGREE_RATINGS: Rule(
        Permission.LOCK,
        "agree and lock the ratings",
        (MODERATION,),
        LOCKED,
        "The ratings are frozen as they are then. Nothing in the inspection can be changed after that.",
        "Every case is agreed or excluded, every standard rated, every use of discretion settled; no query, enquiry, "
        "alert, held answer or proposed exclusion waits. After a fresh sign-in.",
        elsewhere=True,
    ),
    Step.SEND_FOR_ACCURACY: Rule(
        Permission.PUBLISH,
        "send for factual accuracy",
        (LOCKED,),
        FACTUAL_ACCURACY,
        "The service reads the draft and says where it is wrong in fact.",
    ),
    Step.PUBLISH: Rule(
        Permission.PUBLISH,
        "publish",
        (FACTUAL_ACCURACY,),
        PUBLISHED,
        "Percentages and ratings can then be read by everybody, without signing in.",
        "After a fresh sign-in.",
        elsewhere=True,
    ),
    Step.UNLOCK: Rule(
        Permission.UNLOCK,
        "unlock the ratings",
        (LOCKED, FACTUAL_ACCURACY, PUBLISHED),
        MODERATION,
        "The sign-off no longer holds, and what was published is taken back. The ratings are agreed anew.",
        "One person asks for it, with a reason, and a second grants it, each after a fresh sign-in.",
        needs_reason=True,
        elsewhere=True,
    ),
}


def check_step(step, state):
    """Return the state that a step leads to from this one. Raises Refused, with a sentence, where it does not begin there."""
    rule = TABLE[step]
    if state not in rule.begins:
        begins = " or ".join(held.label.lower() for held in rule.begins)
        raise Refused(
            f"This inspection is at “{State(state).label}”, and the step “{rule.words}” is taken from {begins}. "
            "Nothing was changed."
        )
    return rule.to


def steps_from(state):
    """Return the steps that begin in this state, in the order of the table."""
    return [step for step, rule in TABLE.items() if state in rule.begins]
