"""The writers of reviews, dip samples and settled alerts: the second door of the room, beside `cases.actions`.

Keyword-only, `by=` the person, atomic, audited, in the same lock order. What may be done when is in `cases.policies`.
"""

import hashlib
import secrets

from django.db import transaction

from audit.actions import record_event
from cases.actions import _held, _revise_case
from cases.answers import check_text
from cases.errors import UnknownQuestion
from cases.models import AlertResolution, Case, CaseState, Query, QueryReply
from cases.policies import (
    Action,
    check_can_agree,
    check_can_close_query,
    check_can_raise_query,
    check_can_reply,
    check_can_return,
    check_can_take_back,
    open_queries,
    state_after,
)
from inspections.actions import advance_sequence, hold_state
from inspections.errors import Refused
from inspections.policies import check_takes_answers


@transaction.atomic
def raise_query(*, case, by, text, question=""):
    """Raise a query about a question or fact of a case, or with "" about the whole case, and return it.

    Raises InspectionLocked, UnknownQuestion, InvalidAnswer (a text that cannot be stored) and Refused.
    """
    case = _held_open(case)
    check_can_raise_query(case)
    return _raise_query(case, by, question, text)


def _raise_query(case, by, question, text):
    _check_said("query", text, "Say what you ask.")
    if question and question not in case.questions:
        raise UnknownQuestion(f"There is no question {question} in this case, so nothing can be asked about it.")
    record_event(
        action="query.raised",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Raised a query about {_about(case, question)}.",
        reason=text,
        detail={"question": question},
    )
    return Query.objects.create(case=case, question=question, text=text, by=by)


@transaction.atomic
def reply_to_query(*, query, by, text):
    """Reply to an open query and return the reply. Raises InspectionLocked, InvalidAnswer and Refused."""
    case = _held_open(query.case)
    check_can_reply(case)
    return _reply(case, query, by, text, closes=False)


@transaction.atomic
def close_query(*, query, by, text):
    """Close an open query, saying how it was settled, and return the reply that closes it.

    Raises InspectionLocked, InvalidAnswer and Refused.
    """
    case = _held_open(query.case)
    check_can_close_query(case)
    return _reply(case, query, by, text, closes=True)


def _reply(case, query, by, text, closes):
    _check_said("reply", text, "Say how the query was settled." if closes else "Write a reply.")
    closed = query.replies.filter(closes=True).select_related("by").first()
    if closed:
        raise Refused(
            f"{closed.by.name} closed this query already. If something is still open, another query is raised."
        )
    record_event(
        action="query.closed" if closes else "query.replied",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"{'Closed' if closes else 'Replied to'} a query about {_about(case, query.question)}.",
        reason=text,
        detail={"question": query.question},
    )
    return QueryReply.objects.create(query=query, text=text, closes=closes, by=by)


@transaction.atomic
def return_case(*, case, by, text="", question=""):
    """Return a case to its inspector and return it; with `text`, raise that query in the same step.

    Raises InspectionLocked, UnknownQuestion, InvalidAnswer, and Refused, also where no query is open.
    """
    case = _held_open(case)
    check_can_return(case)
    if text.strip():
        _raise_query(case, by, question, text)
    elif not open_queries().filter(case=case).exists():
        raise Refused("No query is open. Say what you ask: a case is returned with a query, so that it is known why.")
    return _move(case, Action.RETURN, by, "case.returned", f"Returned case {case.reference} with a query.", text)


@transaction.atomic
def agree_case(*, case, by):
    """Agree a case and return it. Raises InspectionLocked and Refused."""
    case = _held_open(case)
    check_can_agree(case, by)
    return _move(case, Action.AGREE, by, "case.agreed", f"Agreed case {case.reference}.")


@transaction.atomic
def take_back_case(*, case, by, reason):
    """Take a submitted case back, with a reason, and return it. Raises InspectionLocked, InvalidAnswer and Refused."""
    case = _held_open(case)
    check_can_take_back(case)
    _check_said("reason", reason, "Say why you take the case back.")
    return _move(case, Action.TAKE_BACK, by, "case.taken_back", f"Took back case {case.reference}.", reason)


def _held_open(case):
    """Hold the inspection's state and the case, and return the case. Raises InspectionLocked and NotBegun."""
    check_takes_answers(hold_state(case.inspection_id))
    return _held(case)


def _check_said(what, text, otherwise):
    if not text.strip():
        raise Refused(otherwise)
    check_text(f"this {what}", "text", text)


def _about(case, question):
    return f"{question} in case {case.reference}" if question else f"case {case.reference}"


def _move(case, action, by, event, summary, reason=""):
    case.state = state_after(action, case)
    case.save(update_fields=["state"])
    record_event(action=event, by=by, inspection=case.inspection, case=case, summary=summary, reason=reason)
    _revise_case(case, advance_sequence(case.inspection_id), by)
    return case


DRAWN = "dip_sample.drawn"


@transaction.atomic
def draw_dip_sample(*, inspection, by, size):
    """Draw submitted cases at random and return them, in the order in which they were drawn.

    The seed, the cases drawn from and those drawn are kept in the audit record. Raises InspectionLocked, and Refused for
    a size that there are not enough cases for.
    """
    check_takes_answers(hold_state(inspection.pk))
    cases = {
        str(case.public_id): case
        for case in Case.objects.filter(inspection=inspection, state=CaseState.SUBMITTED, excluded_reason="")
    }
    if not cases:
        raise Refused("No case is submitted yet, so none can be drawn. Wait until one is.")
    if not 1 <= size <= len(cases):
        raise Refused(f"Draw from 1 to {len(cases)}: so many cases are submitted.")
    seed = secrets.token_hex(16)
    drawn = drawn_by(seed, cases)[:size]
    record_event(
        action=DRAWN,
        by=by,
        inspection=inspection,
        summary=f"Drew {size} of {len(cases)} submitted cases to dip-sample.",
        detail={"seed": seed, "from": sorted(cases), "drawn": drawn},
    )
    return [cases[public_id] for public_id in drawn]


def drawn_by(seed, public_ids):
    """Return public ids in the order that a seed draws them in: that of the SHA-256 of `<seed>:<public id>`."""
    return sorted(public_ids, key=lambda public_id: hashlib.sha256(f"{seed}:{public_id}".encode()).hexdigest())


@transaction.atomic
def resolve_alert(*, alert, by, text):
    """Say how an individual alert was settled, and return the `AlertResolution`.

    Somebody may be at risk, so neither a lock nor an exclusion stands in the way. Raises InvalidAnswer, and Refused
    without a text or when it is settled already.
    """
    case = _held(alert.case)
    _check_said("text", text, "Say what was done about this alert.")
    settled = AlertResolution.objects.filter(alert=alert).select_related("by").first()
    if settled:
        raise Refused(f"{settled.by.name} settled this alert already. Nothing was changed.")
    record_event(
        action="alert.resolved",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Settled the individual alert in case {case.reference}.",
        reason=text,
        detail={"question": alert.question, "command": str(alert.command_id)},
    )
    return AlertResolution.objects.create(alert=alert, text=text, by=by)
