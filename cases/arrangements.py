"""The writers of what is arranged for a case: its interview, and that there is no file.

Keyword-only, `by=` the person, atomic, audited, in the lock order lifecycle, case. They move no rating. Each raises
InspectionLocked once the ratings are locked, Refused for an excluded case, and StaleArrangement where it no longer stands
as `was` says that the person saw it.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.actions import record_event
from cases.actions import _held
from cases.errors import StaleArrangement
from inspections.actions import hold_state
from inspections.delivery import text_fault
from inspections.errors import Refused, Unfit
from inspections.policies import check_open

FARTHEST = timedelta(days=366)  # beyond it a day was mistyped


def in_words(at):
    """Return a moment as people read it: "24 November 2026 at 10:00"."""
    at = timezone.localtime(at)
    return f"{at:%-d %B %Y} at {at:%H:%M}"


@transaction.atomic
def arrange_interview(*, case, at, was, by):
    """Arrange when the case manager is interviewed, or with None that it is not, and return the case.

    Raises Unfit, at "day", for a day that is more than a year away.
    """
    case = _open(case)
    if at == case.interview_at:
        return case
    if case.interview_at != was:
        stands = f"arranged for {in_words(case.interview_at)}" if case.interview_at else "not arranged any more"
        raise StaleArrangement(
            f"Somebody changed this after you opened the page: the interview is {stands}. Nothing was changed. Save again "
            "if yours should stand instead."
        )
    if at and abs(at - timezone.now()) > FARTHEST:
        raise Unfit({"day": "Enter a day within a year of today."})
    case.interview_at = at
    case.save(update_fields=["interview_at"])
    summary = f"Arranged the interview on case {case.reference} for {in_words(at)}." if at else ""
    return _recorded(
        case,
        by,
        "case.interview_arranged" if at else "case.interview_cancelled",
        summary or f"Cancelled the interview on case {case.reference}.",
        {"was": was and was.isoformat(), "at": at and at.isoformat()},
    )


@transaction.atomic
def say_no_file(*, case, because, was, by):
    """Say why there is no case file to read, or with "" that there is one, and return the case.

    Raises Unfit, at "because", for a text that is too long.
    """
    case = _open(case)
    because = because.strip()
    if because == case.no_file_because:
        return case
    if case.no_file_because != was:
        stands = f"there is no file: {case.no_file_because}" if case.no_file_because else "there is a file"
        raise StaleArrangement(
            f"Somebody changed this after you opened the page. It says now that {stands.rstrip('.')}. Nothing was changed. "
            "Save again if yours should stand instead."
        )
    if text_fault(because):
        raise Unfit({"because": text_fault(because)})
    case.no_file_because = because
    case.save(update_fields=["no_file_because"])
    action = "case.no_file" if because else "case.file_found"
    said = f"there is no file of case {case.reference}" if because else f"the file of case {case.reference} can be read"
    return _recorded(case, by, action, f"Wrote down that {said}.", {}, because)


def _open(case):
    check_open(hold_state(case.inspection_id))
    case = _held(case)
    if case.excluded_reason:
        raise Refused(f"Case {case.reference} is excluded from the sample, so nothing is arranged for it.")
    return case


def _recorded(case, by, action, summary, detail, reason=""):
    record_event(
        action=action, by=by, inspection=case.inspection, case=case, summary=summary, reason=reason, detail=detail
    )
    return case
