"""How each standard stands before professional discretion: what the rules allow, what was decided, and what moved since.

Reads stored results, and computes nothing but what follows from them by `ratings.scoring`.
"""

from dataclasses import dataclass

from ratings.actions import current_decisions
from ratings.models import DiscretionDecision
from ratings.scoring import (
    Decision,
    DiscretionRefused,
    InspectionResult,
    KeyQuestionResult,
    Opportunity,
    StandardResult,
    Tally,
    check_discretion,
    driving_key_question,
    opportunities,
    rate,
)
from standards.document import Standard

Event = DiscretionDecision.Event


@dataclass(frozen=True)
class Position:
    """One standard. `why_not` is the sentence of the rule that keeps discretion from moving it, "" where it may be moved.

    `decision` is the newest step that counts, and `moved` whether the figures are others than at that step.
    """

    standard: Standard
    result: StandardResult
    driving: KeyQuestionResult | None
    opportunities: tuple[Opportunity, ...]
    why_not: str
    decision: DiscretionDecision | None
    moved: bool

    @property
    def eligible(self):
        """Whether the rules allow the calculated rating to be moved."""
        return bool(self.opportunities)

    @property
    def event(self):
        """The step that the standard stands at, or None."""
        return self.decision and Event(self.decision.event)

    @property
    def to_decide(self):
        """Whether somebody has still to decide: nothing was, or what was decided rests on other figures."""
        if self.event in (Event.PROPOSED, Event.LAPSED):
            return True
        return self.eligible and (self.event is None or (self.moved and self.event != Event.APPLIED))


def positions(inspection, result):
    """Return the `Position` of each standard in printed order, from a stored `Result`. One query."""
    document = inspection.document
    decisions = current_decisions(inspection)
    rated = rated_with(inspection, result, decisions)
    allowed = opportunities(document, rated)
    return tuple(
        position(
            document, rated.standard(code), [held for held in allowed if held.standard == code], decisions.get(code)
        )
        for code in document.standards
    )


def undecided(inspection, result):
    """Return the codes of the standards that discretion could move and that nobody decided about, on the figures as they are."""
    return [held.standard.code for held in positions(inspection, result) if held.eligible and held.to_decide]


def position(document, rated, allowed, decision):
    """Return the `Position` of one standard from its result, the moves that the rules allow, and what was decided."""
    driving = driving_key_question(document, rated)
    return Position(
        document.standards[rated.code],
        rated,
        driving,
        tuple(allowed),
        "" if allowed else why_not(document, rated),
        decision,
        decision is not None and have_moved(decision, rated, driving),
    )


def have_moved(decision, rated, driving):
    """Return whether the calculated rating or the figures of the driving key question are others than at a decision."""
    if driving is None:
        return True
    now = (rated.calculated, driving.code, driving.percent, driving.tally.yes, driving.tally.relevant)
    return now != (decision.from_rating, decision.key_question, decision.percent, decision.yes, decision.relevant)


def why_not(document, rated):
    """Return the sentence of the rule by which discretion cannot move a standard."""
    bands = [band.code for band in document.bands]
    place = bands.index(rated.calculated) if rated.calculated in bands else 0
    beside = {"raise": bands[place + 1 : place + 2], "lower": bands[max(place - 1, 0) : place]}
    for direction in document.discretion.directions:
        for to_rating in beside[direction]:
            try:
                check_discretion(document, rated, to_rating)
            except DiscretionRefused as refusal:
                return str(refusal)
    if rated.method == "judgement" or rated.calculated is None:
        try:
            check_discretion(document, rated, bands[-1])
        except DiscretionRefused as refusal:
            return str(refusal)
    label = document.bands_by_code[rated.calculated].label
    return (
        f"{rated.code} is calculated as {label}, and there is no rating beyond that which discretion could move it to."
    )


def rated_with(inspection, result, decisions, *also):
    """Return the `InspectionResult` of a stored `Result` with the discretion that stands, and with further `Decision`s."""
    document = inspection.document
    return rate(
        document,
        {code: Tally(*held) for code, held in result.tallies.items() if code in document.key_questions},
        {
            code: rating
            for code, (_, rating, _) in result.standards.items()
            if rating and document.standards[code].method == "judgement"
        },
        [
            Decision(held.standard, held.from_rating, held.to_rating)
            for held in decisions.values()
            if held.event == Event.APPLIED
        ]
        + list(also),
    )


def effect(inspection, result, decision) -> tuple[InspectionResult, InspectionResult]:
    """Return what the ratings are without a proposed decision and what they would be with it. One query."""
    decisions = current_decisions(inspection)
    return (
        rated_with(inspection, result, decisions),
        rated_with(
            inspection, result, decisions, Decision(decision.standard, decision.from_rating, decision.to_rating)
        ),
    )


def history(inspection, standard):
    """Return every step on a standard, newest first, with who took it. One query."""
    return list(
        inspection.discretion_decisions.filter(standard=standard).select_related("by").order_by("-sequence", "-id")
    )


def reasons_written(steps, by):
    """Return what a person wrote last, newest first in `steps`, and has not yet proposed; or None."""
    newest = steps[0] if steps else None
    return newest if newest and newest.event == Event.REASONED and newest.by_id == by.pk else None
