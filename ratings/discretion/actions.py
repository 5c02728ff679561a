"""The steps of professional discretion that people take. Keyword-only, `by=` the person, atomic, audited.

Every step takes the lifecycle row, and then the sequence row at once: as no answer is stored without that, the figures
that a step rests on cannot move before it is kept.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.actions import record_event
from cases.answers import check_text
from inspections.actions import advance_sequence, hold_state
from inspections.errors import Refused
from inspections.models import Inspection, Sequence
from inspections.policies import check_takes_answers
from ratings.actions import compute, current_decisions
from ratings.discretion.standing import have_moved, why_not
from ratings.models import DiscretionDecision
from ratings.policies import check_can_see_figures, progress_of
from ratings.scoring import (
    DiscretionRefused,
    KeyQuestionResult,
    StandardResult,
    can_use_discretion,
    check_discretion,
    driving_key_question,
)

Event = DiscretionDecision.Event


@dataclass(frozen=True)
class Moment:
    """What a step rests on: who takes it where, the figures of a standard, and what was decided about it."""

    inspection: Inspection
    by: User
    rated: StandardResult
    driving: KeyQuestionResult | None
    decision: DiscretionDecision | None

    @property
    def standard(self):
        """The code of the standard."""
        return self.rated.code


@transaction.atomic
def write_reason(*, inspection, standard, to_rating, reason, evidence, by):
    """Keep the reason for moving a standard, and the evidence, before the effect is shown. Returns the decision row.

    Raises Refused where the rules do not allow the move, naming the one that does not, without reason or evidence, or
    while discretion on the standard is proposed or used; InspectionLocked, NotBegun.
    """
    now = _moment(inspection, standard, by)
    _check_allowed(now, to_rating)
    _check_undecided(now)
    _check_said(reason, f"Say why the rating of standard {standard} should be moved.")
    _check_said(evidence, "Say what this rests on, such as the cases that were reviewed and the discussions held.")
    return _keep(
        now,
        Event.REASONED,
        "discretion.reasoned",
        f"Wrote why standard {standard} should be moved to {_label(now, to_rating)} by discretion, and was shown the effect.",
        to_rating=to_rating,
        reason=reason.strip(),
        evidence=evidence.strip(),
    )


@transaction.atomic
def propose(*, inspection, standard, written, by):
    """Propose what a person wrote, for a second person to ratify. Returns the decision row.

    `written` is the key of what was written. Raises Refused where that was not the last thing that this person wrote
    about the standard, where its figures moved since, and what `write_reason` raises.
    """
    now = _moment(inspection, standard, by)
    newest = inspection.discretion_decisions.filter(standard=standard).order_by("sequence", "id").last()
    if newest is None or newest.pk != written or newest.event != Event.REASONED or newest.by_id != by.pk:
        raise Refused(
            f"Something else was done about standard {standard} since you wrote the reason. Look at it, and write the reason "
            "again if it still holds."
        )
    _check_allowed(now, newest.to_rating)
    _check_undecided(now)
    _check_figures(now, newest, "you wrote the reason", "Look at them, and write the reason again if it still holds.")
    return _keep(
        now,
        Event.PROPOSED,
        "discretion.proposed",
        f"Proposed to move standard {standard} from {_label(now, newest.from_rating)} to "
        f"{_label(now, newest.to_rating)} by discretion.",
        to_rating=newest.to_rating,
        reason=newest.reason,
        evidence=newest.evidence,
    )


@transaction.atomic
def ratify(*, inspection, standard, proposal, by):
    """Ratify what another person proposed: the rating moves, the percentage does not. Returns the decision row.

    `proposal` is the key of what the person saw. Raises Refused for whoever proposed it, where the figures moved since,
    where the rules no longer allow it, or when it was decided or replaced meanwhile; InspectionLocked, NotBegun.
    """
    now = _moment(inspection, standard, by)
    held = _proposed(now, proposal)
    if held.by_id == by.pk:
        raise Refused("You proposed this yourself. A second person ratifies it. Nothing was changed.")
    _check_figures(now, held, "this was proposed", "It must be looked at again and proposed anew.")
    _check_allowed(now, held.to_rating)
    return _keep(
        now,
        Event.APPLIED,
        "discretion.applied",
        f"Ratified the discretion that {held.by.name} proposed: standard {standard} moves from "
        f"{_label(now, held.from_rating)} to {_label(now, held.to_rating)}.",
        to_rating=held.to_rating,
        reason=held.reason,
        evidence=held.evidence,
        proposal=held,
        decided_by=held.by.name,
        ratified_by=by.name,
    )


@transaction.atomic
def refuse(*, inspection, standard, proposal, remark, by):
    """Refuse what another person proposed, saying why. Returns the decision row. Raises Refused like `ratify`."""
    now = _moment(inspection, standard, by)
    held = _proposed(now, proposal)
    if held.by_id == by.pk:
        raise Refused("You proposed this yourself: withdraw it instead. Nothing was changed.")
    _check_said(remark, "Say why this is refused.")
    return _answer(
        now, held, Event.REFUSED, "discretion.refused", f"Refused the discretion proposed on {standard}.", remark
    )


@transaction.atomic
def withdraw(*, inspection, standard, remark, by):
    """Withdraw a proposal, or discretion that was ratified, saying why: the calculated rating stands. Returns the row.

    Raises Refused where there is nothing to withdraw or no reason, InspectionLocked, NotBegun.
    """
    now = _moment(inspection, standard, by)
    held = now.decision
    if held is None or held.event not in (Event.PROPOSED, Event.APPLIED):
        raise Refused(f"No discretion is proposed or used on standard {standard}, so there is none to withdraw.")
    _check_said(remark, "Say why this is withdrawn.")
    what = "the discretion proposed on" if held.event == Event.PROPOSED else "the ratified discretion on"
    return _answer(now, held, Event.WITHDRAWN, "discretion.withdrawn", f"Withdrew {what} {standard}.", remark)


@transaction.atomic
def consider(*, inspection, standard, reason, by):
    """Record that discretion on a standard was considered and is not exercised, saying why. Returns the decision row.

    A lapse is accepted in this way too, whatever the figures are now. Raises Refused where the rules allow no move and
    none has lapsed, while discretion is proposed or used, or without a reason; InspectionLocked, NotBegun.
    """
    now = _moment(inspection, standard, by)
    _check_undecided(now, proposals_too=True)
    lapsed = now.decision if now.decision and now.decision.event == Event.LAPSED else None
    document = inspection.document
    allowed = [band.code for band in reversed(document.bands) if can_use_discretion(document, now.rated, band.code)]
    if not allowed and lapsed is None:
        raise Refused(f"There is nothing to consider. {why_not(document, now.rated)}")
    _check_said(reason, f"Say why discretion on standard {standard} is not exercised.")
    more = {"to_rating": allowed[0]} if allowed else _figures_of(lapsed)
    return _keep(
        now,
        Event.CONSIDERED,
        "discretion.considered",
        f"Considered discretion on standard {standard}, and did not exercise it.",
        reason=reason.strip(),
        **more,
    )


def _moment(inspection, standard, by):
    """Hold everything still and return the `Moment`. Raises Refused for a standard that there is not, or whose figures are hidden."""
    check_takes_answers(hold_state(inspection.pk))
    document = inspection.document
    if standard not in document.standards:
        raise Refused(f"There is no standard {standard}. Use one of {', '.join(document.standards)}.")
    Sequence.objects.select_for_update().get(inspection=inspection)
    check_can_see_figures(inspection, progress_of(inspection), document.domain_of_standard(standard).code)
    rated = compute(inspection).result.standard(standard)
    return Moment(
        inspection, by, rated, driving_key_question(document, rated), current_decisions(inspection).get(standard)
    )


def _check_allowed(now, to_rating):
    try:
        check_discretion(now.inspection.document, now.rated, to_rating)
    except DiscretionRefused as refusal:
        raise Refused(str(refusal)) from refusal


def _check_undecided(now, *, proposals_too=False):
    held = now.decision
    if held is None:
        return
    if held.event == Event.APPLIED:
        raise Refused(
            f"Discretion is used on standard {now.standard} already, ratified by {held.ratified_by}. To decide anew, withdraw "
            "that first."
        )
    if held.event == Event.PROPOSED and (proposals_too or not have_moved(held, now.rated, now.driving)):
        raise Refused(
            f"{held.by.name} proposed discretion on standard {now.standard} already. Have it ratified, refused or withdrawn "
            "first."
        )


def _check_figures(now, held, since, remedy):
    if have_moved(held, now.rated, now.driving):
        bands = now.inspection.document.bands_by_code
        stands = "no relevant case"
        if now.driving:
            stands = (
                f"{now.driving.code} {now.driving.percent}% ({now.driving.tally.yes} of {now.driving.tally.relevant}), "
                f"{bands[now.rated.calculated].label}"
            )
        raise Refused(
            f"The figures of standard {now.standard} moved since {since}: then {held.key_question} {held.percent}% "
            f"({held.yes} of {held.relevant}), {bands[held.from_rating].label}; now {stands}. {remedy}"
        )


def _proposed(now, proposal):
    held = now.decision
    if held is None or held.event != Event.PROPOSED or held.pk != proposal:
        raise Refused(
            f"This proposal on standard {now.standard} was decided or replaced meanwhile. Look at what stands there now."
        )
    return held


def _check_said(text, otherwise):
    if not text.strip():
        raise Refused(otherwise)
    check_text("this text", "text", text)


def _label(now, rating):
    return now.inspection.document.bands_by_code[rating].label


def _figures_of(held):
    return {
        name: getattr(held, name) for name in ("from_rating", "to_rating", "key_question", "percent", "yes", "relevant")
    }


def _answer(now, held, event, action, summary, remark):
    """Keep a step that ends another, with that one's figures and words."""
    return _keep(
        now,
        event,
        action,
        summary,
        **_figures_of(held),
        reason=held.reason,
        evidence=held.evidence,
        remark=remark.strip(),
        proposal=held if held.event == Event.PROPOSED else held.proposal,
        decided_by=held.decided_by,
    )


def _keep(now, event, action, summary, *, reason, **more):
    record_event(
        action=action,
        by=now.by,
        inspection=now.inspection,
        summary=summary,
        reason=more.get("remark") or reason,
        detail={"standard": now.standard, "to": more["to_rating"]},
    )
    values = {"decided_by": now.by.name, "ratified_by": "", "decided_at": timezone.now(), **more}
    if "from_rating" not in values:
        values |= {
            "from_rating": now.rated.calculated,
            "key_question": now.driving.code,
            "percent": now.driving.percent,
            "yes": now.driving.tally.yes,
            "relevant": now.driving.tally.relevant,
        }
    return DiscretionDecision.objects.create(
        inspection=now.inspection,
        standard=now.standard,
        event=event,
        reason=reason,
        sequence=advance_sequence(now.inspection.pk),
        by=now.by,
        **values,
    )
