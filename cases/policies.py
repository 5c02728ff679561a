"""What may be done to a case: by which permission, in which state, and which state follows.

`TABLE` is the whole of it; `docs/case-states.md` is drawn from it. Which role has which permission is in
`accounts.roles`. Each rule comes as `check_can_x`, which raises a sentence, and as `can_x`, so that buttons and guards
share it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count

from accounts.permissions import Permission
from cases.models import CaseState, Query
from inspections.errors import Refused

ALLOCATED, IN_PROGRESS, SUBMITTED, RETURNED, AGREED = CaseState

FINISHED = frozenset({SUBMITTED, AGREED})


class Action(StrEnum):
    """One thing that is done to a case."""

    ANSWER = "answer"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RAISE_QUERY = "raise_query"
    REPLY = "reply"
    CLOSE_QUERY = "close_query"
    RETURN = "return"
    AGREE = "agree"


@dataclass(frozen=True)
class Rule:
    """Who does it, in words what it is, and for every state of a case the state that follows, or why it cannot be done.

    `provided` says what must hold besides.
    """

    permission: Permission
    words: str
    then: Mapping[CaseState, CaseState | str]
    provided: str = ""


NOT_BEGUN = "Nothing is answered in this case yet, so there is nothing to ask about. Wait until it is begun."
AGREED_ALREADY = "This case is agreed. To ask about it, return it with a query."
NOT_SUBMITTED = "This case is not submitted, so it cannot be agreed. Wait until it is."

TABLE: Mapping[Action, Rule] = {
    Action.ANSWER: Rule(
        Permission.ANSWER_CASES,
        "answer a question or fact",
        {
            ALLOCATED: IN_PROGRESS,
            IN_PROGRESS: IN_PROGRESS,
            SUBMITTED: SUBMITTED,
            RETURNED: RETURNED,
            AGREED: "This case is agreed, so its answers are not changed. Ask the lead inspector to return it first.",
        },
        "What is changed after submission is listed for review.",
    ),
    Action.SUBMIT: Rule(
        Permission.ANSWER_CASES,
        "submit",
        {
            ALLOCATED: SUBMITTED,
            IN_PROGRESS: SUBMITTED,
            SUBMITTED: "This case is submitted already.",
            RETURNED: SUBMITTED,
            AGREED: "This case is agreed, so its answers are not changed. Ask the lead inspector to return it first.",
        },
        "Everything that is asked is answered.",
    ),
    Action.TAKE_BACK: Rule(
        Permission.ANSWER_CASES,
        "take back",
        {
            ALLOCATED: "This case is not submitted, so there is nothing to take back.",
            IN_PROGRESS: "This case is not submitted, so there is nothing to take back.",
            SUBMITTED: IN_PROGRESS,
            RETURNED: "This case was returned to you already: change it and submit it again.",
            AGREED: "This case is agreed, so it is not taken back. Ask the lead inspector to return it.",
        },
        "A reason is given.",
    ),
    Action.RAISE_QUERY: Rule(
        Permission.REVIEW_CASES,
        "raise a query",
        {
            ALLOCATED: NOT_BEGUN,
            IN_PROGRESS: IN_PROGRESS,
            SUBMITTED: SUBMITTED,
            RETURNED: RETURNED,
            AGREED: AGREED_ALREADY,
        },
    ),
    Action.REPLY: Rule(
        Permission.ANSWER_CASES,
        "reply to a query",
        {
            ALLOCATED: NOT_BEGUN,
            IN_PROGRESS: IN_PROGRESS,
            SUBMITTED: SUBMITTED,
            RETURNED: RETURNED,
            AGREED: "This case is agreed and its queries are closed, so there is nothing to reply to.",
        },
        "The query is open.",
    ),
    Action.CLOSE_QUERY: Rule(
        Permission.REVIEW_CASES,
        "close a query",
        {
            ALLOCATED: NOT_BEGUN,
            IN_PROGRESS: IN_PROGRESS,
            SUBMITTED: SUBMITTED,
            RETURNED: RETURNED,
            AGREED: "This case is agreed and its queries are closed already.",
        },
        "The query is open, and how it was settled is said.",
    ),
    Action.RETURN: Rule(
        Permission.REVIEW_CASES,
        "return with a query",
        {
            ALLOCATED: "This case is not submitted, so it is with the inspector already.",
            IN_PROGRESS: "This case is not submitted, so it is with the inspector already.",
            SUBMITTED: RETURNED,
            RETURNED: "This case is returned already.",
            AGREED: RETURNED,
        },
        "A query is open, or is raised in the same step.",
    ),
    Action.AGREE: Rule(
        Permission.REVIEW_CASES,
        "agree",
        {
            ALLOCATED: NOT_SUBMITTED,
            IN_PROGRESS: NOT_SUBMITTED,
            SUBMITTED: AGREED,
            RETURNED: "This case was returned with a query, so it cannot be agreed until it is submitted again.",
            AGREED: "This case is agreed already.",
        },
        "No query is open. Not by the person whom the case is allocated to, nor by whoever gave most of its answers.",
    ),
}


def state_after(action, case):
    """Return the state that follows an action on this case. Raises Refused, with a sentence, where it cannot be done now."""
    rule = TABLE[action]
    if case.excluded_reason:
        what = "its answers are not changed" if rule.permission == Permission.ANSWER_CASES else "it is not reviewed"
        raise Refused(f"This case is excluded from the sample, so {what}. Restore it first.")
    after = rule.then[CaseState(case.state)]
    if after not in CaseState:
        raise Refused(after)
    return CaseState(after)


def check_can_answer(case):
    """Raise Refused unless answers of this case may be changed now."""
    state_after(Action.ANSWER, case)


def check_can_submit(case):
    """Raise Refused unless this case may be submitted now."""
    state_after(Action.SUBMIT, case)


def check_can_take_back(case):
    """Raise Refused unless this case may be taken back now."""
    state_after(Action.TAKE_BACK, case)


def check_can_raise_query(case):
    """Raise Refused unless queries may be raised in this case now."""
    state_after(Action.RAISE_QUERY, case)


def check_can_reply(case):
    """Raise Refused unless queries of this case may be replied to now."""
    state_after(Action.REPLY, case)


def check_can_close_query(case):
    """Raise Refused unless queries of this case may be closed now."""
    state_after(Action.CLOSE_QUERY, case)


def check_can_return(case):
    """Raise Refused unless this case may be returned now."""
    state_after(Action.RETURN, case)


def check_can_agree(case, by):
    """Raise Refused unless this person may agree this case now: a second pair of eyes, and no query left open."""
    state_after(Action.AGREE, case)
    if case.allocated_to_id == by.pk:
        raise Refused("This case is allocated to you. Ask another reviewer to agree it, as a second pair of eyes.")
    if by.pk in most_answers_by(case):
        raise Refused("You gave most answers of this case. Ask another reviewer to agree it, as a second pair of eyes.")
    count = open_queries().filter(case=case).count()
    if count:
        raise Refused(
            f"{count} {'query is' if count == 1 else 'queries are'} open. Close {'it' if count == 1 else 'them'} first, or "
            "return the case."
        )


def can_answer(case):
    """Return whether answers of this case may be changed now."""
    return _allows(check_can_answer, case)


def can_submit(case):
    """Return whether this case may be submitted now."""
    return _allows(check_can_submit, case)


def can_take_back(case):
    """Return whether this case may be taken back now."""
    return _allows(check_can_take_back, case)


def can_raise_query(case):
    """Return whether queries may be raised in this case now."""
    return _allows(check_can_raise_query, case)


def can_reply(case):
    """Return whether queries of this case may be replied to now."""
    return _allows(check_can_reply, case)


def can_close_query(case):
    """Return whether queries of this case may be closed now."""
    return _allows(check_can_close_query, case)


def can_return(case):
    """Return whether this case may be returned now."""
    return _allows(check_can_return, case)


def can_agree(case, by):
    """Return whether this person may agree this case now."""
    return _allows(check_can_agree, case, by)


def open_queries():
    """Return the queries that are not closed, of all cases."""
    return Query.objects.exclude(replies__closes=True)


def most_answers_by(case):
    """Return the keys of whoever gave most of a case's answers as they stand: one person, or several alike."""
    counts = dict(
        case.answers.filter(value__isnull=False)
        .exclude(answered_by=None)
        .values_list("answered_by")
        .annotate(count=Count("*"))
        .order_by()
    )
    return {person for person, count in counts.items() if count == max(counts.values())}


def _allows(check, *arguments):
    try:
        check(*arguments)
    except Refused:
        return False
    return True
