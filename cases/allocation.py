"""Who reads which case: the writer of allocations, who may be given cases, and who might read which.

Keyword-only, `by=` the person, atomic, audited, in the lock order lifecycle, cases. An allocation moves no rating. What was
answered stays whoever reads on; what somebody else's browser sends later from offline is held (`cases.held`).
"""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction

from accounts.roles import TEAM_ROLES
from audit.actions import record_event
from cases.models import Case
from cases.policies import FINISHED
from cases.proposing import Reader, ToRead, propose
from inspections.actions import hold_state
from inspections.delivery import text_fault
from inspections.errors import Refused, Unfit
from inspections.models import Membership
from inspections.policies import check_open
from inspections.suited import in_words, kinds_of_case
from inspections.team import conflicts_about, reads_cases

READING_ROLES = [code for code in TEAM_ROLES if reads_cases(code)]


@dataclass(frozen=True)
class Move:
    """A case that is to change hands: from whoever had it when that was decided, to somebody else.

    `was` and `to` are primary keys of people; None is nobody.
    """

    case: Case
    was: int | None
    to: int | None


def readers_of(inspection):
    """Return the people of the team who may be given cases, by name."""
    team = Membership.objects.filter(inspection=inspection, role__in=READING_ROLES)
    return get_user_model().objects.filter(is_active=True, memberships__in=team).order_by("name", "pk")


def skills_of(inspection):
    """Return the memberships of the people who may be given cases, by the person's primary key. One query."""
    return {held.user_id: held for held in inspection.memberships.filter(role__in=READING_ROLES)}


def questions_to_read(document):
    """Return how many rated questions a case has, by sample."""
    return {
        sample.code: sum(question.kind == "rated" for question in document.questions(sample.code).values())
        for sample in document.samples
    }


def left_to_read(document, cases):
    """Return how many rated questions are in the cases of each person that are not finished, by primary key."""
    questions, left = questions_to_read(document), Counter()
    for case in cases:
        if case.allocated_to_id and case.state not in FINISHED:
            left[case.allocated_to_id] += questions[case.sample]
    return left


def proposal(inspection, cases, readers, skills, conflicts, *, evidence):
    """Return who might read the cases that nobody reads yet, as `Proposed`, out of cases that count. Stores nothing.

    What a case is suited for is named only for who may see `evidence`.
    """
    document = inspection.document
    questions, left = questions_to_read(document), left_to_read(document, cases)
    words = in_words(document, inspection.worded)
    return propose(
        [
            ToRead(
                str(case.public_id),
                questions[case.sample],
                {
                    code: words.get(code, "") if evidence else ""
                    for code in sorted(kinds_of_case(document, case.sample, case.disposal, case.profile))
                },
                order=case.reference,
            )
            for case in cases
            if case.allocated_to_id is None and case.state not in FINISHED
        ],
        [
            Reader(
                person.pk,
                left[person.pk],
                frozenset(skills[person.pk].suited_for if person.pk in skills else ()),
                conflicted=person.pk in conflicts,
            )
            for person in readers
        ],
    )


@transaction.atomic
def allocate_cases(*, inspection, moves, by, despite=""):
    """Give cases to people, all or none of them, and return the cases that changed hands.

    `despite` says why somebody reads a case in spite of a conflict of interest about the service. Raises InspectionLocked,
    Refused for a case of another inspection, and Unfit with a sentence for each case that is refused, by its public id, or for `despite`.
    """
    check_open(hold_state(inspection.pk))
    wanted = {move.case.pk: move for move in moves}
    held = Case.objects.select_for_update(of=["self"], no_key=True).filter(inspection=inspection, pk__in=wanted)
    cases = list(held.select_related("allocated_to").order_by("pk"))
    if len(cases) < len(wanted):
        raise Refused("A case of another inspection cannot be given to anybody here. Nothing was changed.")
    readers = {person.pk: person for person in readers_of(inspection)}
    conflicts = conflicts_about(inspection.service)
    faults = {}
    for case in cases:
        fault = _fault(case, wanted[case.pk], readers, conflicts, despite)
        if fault:
            faults[str(case.public_id)] = fault
    if text_fault(despite):
        faults["despite"] = text_fault(despite)
    if faults:
        raise Unfit(faults)
    moved = [case for case in cases if case.allocated_to_id != wanted[case.pk].to]
    for case in moved:
        case.inspection = inspection
        to = wanted[case.pk].to
        _give(case, readers.get(to), by, despite.strip() if to in conflicts else "")
    return moved


def _fault(case, move, readers, conflicts, despite):
    """Return why a case cannot change hands so, in a sentence; "" where it can."""
    if case.allocated_to_id == move.to:
        return ""
    if case.excluded_reason:
        return f"Case {case.reference} is excluded from the sample, so nobody reads it."
    if case.allocated_to_id != move.was:
        who = case.allocated_to.name if case.allocated_to else "nobody"
        return f"Case {case.reference} was given to {who} after you opened this page. Choose again."
    if move.to is None:
        return ""
    if move.to not in readers:
        return f"Case {case.reference} can be given only to people of the team who read cases. Choose one of them."
    if move.to in conflicts and not despite.strip():
        return (
            f"{readers[move.to].name} has a conflict of interest about this service. Give case {case.reference} to somebody "
            "else, or say below why they read it all the same."
        )
    return ""


def _give(case, person, by, despite):
    was = case.allocated_to
    case.allocated_to = person
    case.save(update_fields=["allocated_to"])
    if was and person:
        summary = f"Took case {case.reference} from {was.name} and gave it to {person.name}."
    elif person:
        summary = f"Gave case {case.reference} to {person.name}."
    else:
        summary = f"Took case {case.reference} from {was.name}."
    record_event(
        action="case.allocated",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=summary,
        reason=despite,
        detail={"was": was and was.email, "to": person and person.email},
    )
