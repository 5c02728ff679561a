"""The writers of exclusions: cases that are proposed to leave the sample, leave it, and come back.

Keyword-only, `by=` the person, atomic, audited, in the lock order lifecycle, case, sequence. A proposal moves no rating: the
case counts until the lead inspector agrees. Each raises InspectionLocked once the ratings are locked, Refused where
`cases.exclusions.TABLE` has no such step from where the case stands, and Unfit with a sentence by field.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef

from audit.actions import record_event
from cases.actions import _held, exclude_case, restore_case
from cases.exclusions import (
    WORDS,
    WORK_NOT_DONE,
    WORK_NOT_DONE_REFUSED,
    Reason,
    Standing,
    Step,
    standing_after,
    text_of,
)
from cases.models import Case, ExclusionStep
from cases.replacements import take_reserve
from inspections.actions import hold_lifecycle, hold_state
from inspections.delivery import text_fault
from inspections.errors import Refused, Unfit
from inspections.models import Sequence
from inspections.policies import check_open


@transaction.atomic
def propose_exclusion(*, case, reason, words, by):
    """Propose to the lead inspector that a case leaves the sample, and return the `ExclusionStep`. It counts meanwhile."""
    case = _open(case)
    standing_after(Step.PROPOSED, standing_of(case))
    reason, words = _fitting(reason, words)
    record_event(
        action="exclusion.proposed",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Proposed to exclude case {case.reference}: {WORDS[reason].label.lower()}.",
        reason=words,
    )
    return _stepped(case, Step.PROPOSED, reason, words, by)


@transaction.atomic
def exclude_at_once(*, case, reason, words, by, reserve=None):
    """Take a case out of the sample that nobody proposed, as the lead inspector, and return the `ExclusionStep`.

    `reserve` is as in `agree_exclusion`.
    """
    case = _alone(case)
    standing_after(Step.EXCLUDED, standing_of(case))
    reason, words = _fitting(reason, words)
    exclude_case(case=case, reason=text_of(reason, words), excluded_as=reason, by=by)
    return _stepped(case, Step.EXCLUDED, reason, words, by, reserve)


@transaction.atomic
def agree_exclusion(*, proposal, by, words="", reserve=None):
    """Agree a proposal, so that its case leaves the sample, and return the `ExclusionStep`. `words` may be added.

    With `reserve`, a `Candidate`, that takes its place in the same step (`cases.replacements.take_reserve`). Raises Refused
    where somebody decided on it meanwhile.
    """
    case = _decided(proposal, Step.AGREED)
    words = _text("words", words)
    reason = Reason(proposal.reason)
    exclude_case(case=case, reason=text_of(reason, proposal.words), excluded_as=reason, by=by)
    return _stepped(case, Step.AGREED, reason, words, by, reserve)


@transaction.atomic
def decline_exclusion(*, proposal, words, by):
    """Decline a proposal, so that its case stays in the sample, and return the `ExclusionStep`.

    Raises Refused where somebody decided on it meanwhile.
    """
    case = _decided(proposal, Step.DECLINED)
    words = _text("words", words, missing="Say why the case stays in the sample.")
    record_event(
        action="exclusion.declined",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Declined to exclude case {case.reference}.",
        reason=words,
    )
    return _stepped(case, Step.DECLINED, Reason(proposal.reason), words, by)


@transaction.atomic
def restore_to_sample(*, case, words, by):
    """Bring an excluded case back into the sample, its answers as they were, and return the `ExclusionStep`.

    What took its place stays too.
    """
    case = _open(case)
    standing_after(Step.RESTORED, standing_of(case))
    words = _text("words", words, missing="Say why the case comes back.")
    restore_case(case=case, reason=words, by=by)
    return _stepped(case, Step.RESTORED, "", words, by)


def standing_of(case):
    """Return the `Standing` of a case in the sample. One query."""
    return standing_with_step(case)[0]


def standing_with_step(case):
    """Return the `Standing` of a case in the sample, and its newest `ExclusionStep`, None where there is none. One query."""
    newest = case.exclusion_steps.order_by("-pk").first()
    if case.excluded_reason:
        return Standing.EXCLUDED, newest
    proposed = newest is not None and newest.step == Step.PROPOSED
    return Standing.PROPOSED if proposed else Standing.COUNTS, newest


def proposals_waiting(inspection):
    """Return the proposed exclusions of an inspection that the lead inspector has not decided on, oldest first."""
    later = ExclusionStep.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return ExclusionStep.objects.filter(
        ~Exists(later), step=Step.PROPOSED, case__inspection=inspection, case__excluded_reason=""
    ).order_by("pk")


def _open(case: Case) -> Case:
    check_open(hold_state(case.inspection_id))
    return _held(case)


def _alone(case: Case) -> Case:
    """Hold the case as `_open` does, and the lifecycle row alone, so that one reserve takes one place."""
    check_open(hold_lifecycle(case.inspection).state)
    return _held(case)


def _decided(proposal, step):
    """Hold the case of a proposal and return it. Raises Refused where the proposal was decided on already."""
    case = _alone(proposal.case)
    decided = case.exclusion_steps.filter(pk__gt=proposal.pk).order_by("pk").select_related("by").first()
    if decided and decided.step in (Step.AGREED, Step.DECLINED):
        raise Refused(f"{decided.by.name} {decided.step} this exclusion already. Nothing was changed.")
    standing_after(step, standing_of(case))
    return case


def _fitting(reason, words):
    """Return the reason and the words as they are kept. Raises Unfit where one is missing, or is no reason."""
    faults = {}
    if reason == WORK_NOT_DONE:
        faults["reason"] = WORK_NOT_DONE_REFUSED
    elif reason not in list(Reason):
        faults["reason"] = "Select why the case should leave the sample."
    if not words.strip():
        faults["words"] = "Enter what you found, so that somebody who has not seen the case can follow it."
    elif text_fault(words):
        faults["words"] = text_fault(words)
    if faults:
        raise Unfit(faults)
    return Reason(reason), words.strip()


def _text(name, text, missing=""):
    fault = missing if missing and not text.strip() else text_fault(text)
    if fault:
        raise Unfit({name: fault})
    return text.strip()


def _stepped(case, step, reason, words, by, reserve=None):
    """Keep a step, at the sequence that the inspection has come to, and then take the reserve."""
    sequence = Sequence.objects.values_list("value", flat=True).get(inspection=case.inspection_id)
    kept = ExclusionStep.objects.create(case=case, step=step, reason=reason, words=words, sequence=sequence, by=by)
    if reserve is not None:
        take_reserve(case=case, candidate=reserve, by=by)
    return kept
