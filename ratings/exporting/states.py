"""How an export moves on: from which state to which, and by whom.

`TABLE` is the whole of it; `docs/exports.md` is drawn from it. Each step is one conditional update: of two who take one at the
same moment, one finds it taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ratings.models import ExportState

QUEUED, RUNNING, DONE, FAILED, CANCELLED, EXPIRED = ExportState

PERSON, WORKER, SWEEP = "whoever asked for it", "the worker", "the sweep"


class Step(StrEnum):
    """One way from a state to another."""

    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    LOSE = "lose"
    GIVE_UP = "give_up"
    CANCEL = "cancel"
    RETRY = "retry"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Rule:
    """From which states a step leads to which, who takes it, and in words what it is and what it means."""

    words: str
    begins: tuple[ExportState, ...]
    to: ExportState
    taken_by: str
    means: str


TABLE: Mapping[Step, Rule] = {
    Step.BEGIN: Rule(
        "begin",
        (QUEUED,),
        RUNNING,
        WORKER,
        "Whether the person may still have it is looked at first. One is made at a time, so that ratings never wait long.",
    ),
    Step.FINISH: Rule(
        "finish",
        (RUNNING,),
        DONE,
        WORKER,
        "The file is whole, on the disk, and has its name. It can be downloaded until it expires.",
    ),
    Step.FAIL: Rule("fail", (RUNNING,), FAILED, WORKER, "There is a sentence that says why, and no file."),
    Step.LOSE: Rule(
        "lose its worker",
        (RUNNING,),
        QUEUED,
        SWEEP,
        "Whoever made it has not been heard of for a minute, so another begins afresh.",
    ),
    Step.GIVE_UP: Rule(
        "give up",
        (RUNNING,),
        FAILED,
        SWEEP,
        "It lost its worker for the third time in a row.",
    ),
    Step.CANCEL: Rule(
        "cancel",
        (QUEUED, RUNNING),
        CANCELLED,
        PERSON,
        "Whoever makes it finds out at the next inspection, and removes what there is.",
    ),
    Step.RETRY: Rule(
        "make again",
        (FAILED, CANCELLED, EXPIRED),
        QUEUED,
        PERSON,
        "It is made afresh, with the figures of then.",
    ),
    Step.EXPIRE: Rule("expire", (DONE,), EXPIRED, SWEEP, "The file is removed. What was asked for stays in the list."),
}


def steps_from(state):
    """Return the steps that begin in this state, in the order of the table."""
    return [step for step, rule in TABLE.items() if state in rule.begins]


def can(step, state):
    """Return whether a step begins in this state."""
    return state in TABLE[step].begins
