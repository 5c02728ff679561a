"""The only writers of who opened provisional percentages and how firm the ratings are, and of what a second person agreed."""

from django.db import transaction

from audit.actions import record_event
from cases.policies import FINISHED
from inspections.actions import hold_state
from inspections.errors import Refused
from inspections.models import Sequence
from inspections.policies import check_open
from ratings.actions import snapshot
from ratings.later_changes import changes_after_opening
from ratings.models import ChangeAgreement, FirmnessOpening, ProvisionalOpening
from ratings.policies import check_can_open_provisional, check_can_see_firmness, progress_of
from ratings.scoring import percentage
from ratings.tallies import count_answers


def open_provisional(*, inspection, domain, reason, by):
    """Open the provisional percentages of a domain (see `standards.document.Domain`), and return the `ProvisionalOpening`.

    They rest on the cases that are submitted so far. Raises Refused without a reason, where figures are not hidden, and
    where no case is submitted.
    """
    if not reason.strip():
        raise Refused("Say why you open provisional percentages.")
    with snapshot():
        progress = progress_of(inspection)
        check_can_open_provisional(inspection, progress, domain)
        tallies = count_answers(inspection.document, inspection.pk, states=FINISHED)
        sequence = _sequence(inspection)
    held = progress[domain.sample]
    shown = {
        question.code: percentage(tallies[question.code].yes, tallies[question.code].relevant)
        for standard in domain.standards
        if standard.method == "percentage"
        for question in standard.key_questions
    }
    with transaction.atomic():
        record_event(
            action="provisional.opened",
            by=by,
            inspection=inspection,
            summary=f"Opened provisional percentages of {_name(inspection, domain)} at {held.finished} of {held.cases} cases.",
            reason=reason,
            detail={"domain": domain.code, "finished": held.finished, "cases": held.cases, "sequence": sequence},
        )
        return ProvisionalOpening.objects.create(
            inspection=inspection,
            domain=domain.code,
            finished=held.finished,
            cases=held.cases,
            percentages=shown,
            reason=reason,
            sequence=sequence,
            by=by,
        )


@transaction.atomic
def open_firmness(*, inspection, domain, by):
    """Record that a person opens how firm the ratings of a domain are, and return their first `FirmnessOpening` of it.

    From the first one of anybody on, changes in the domain need a second person. Raises Refused until every case of the
    domain is submitted.
    """
    check_can_see_firmness(inspection, progress_of(inspection), domain)
    sequence = _sequence(inspection)
    opening, is_first = FirmnessOpening.objects.get_or_create(
        inspection=inspection, domain=domain.code, by=by, defaults={"sequence": sequence}
    )
    if is_first:
        record_event(
            action="firmness.opened",
            by=by,
            inspection=inspection,
            summary=f"Opened how firm the ratings of {_name(inspection, domain)} are, after change {sequence}.",
            detail={"domain": domain.code, "sequence": sequence},
        )
    return opening


@transaction.atomic
def agree_changes(*, inspection, sequences, by):
    """Agree, as the second person, to what was changed at these sequences; return the `ChangeAgreement`s. All or nothing.

    Raises Refused when nothing is chosen, for a change of one's own, for one that is agreed already, and where there is no
    such change; InspectionLocked once the ratings are locked.
    """
    check_open(hold_state(inspection.pk))
    if not sequences:
        raise Refused("Choose the changes that you agree.")
    changes = {change.sequence: change for change in changes_after_opening(inspection)}
    agreements = []
    for sequence in sorted(set(sequences)):
        change = changes.get(sequence)
        if change is None:
            raise Refused("A change that you chose is not listed any more. Nothing was agreed: look at the list again.")
        if change.agreement:
            raise Refused(
                f"{change.agreement.by.name} agreed the change in case {change.case.reference} already. Nothing was agreed: "
                "look at the list again."
            )
        if change.by.pk == by.pk:
            raise Refused(
                f"You made the change in case {change.case.reference} yourself. It takes a second person: ask another reviewer."
            )
        record_event(
            action="change.agreed",
            by=by,
            inspection=inspection,
            case=change.case,
            summary=f"Agreed what {change.by.name} changed in case {change.case.reference} after how firm the ratings are had "
            "been opened.",
            detail={"sequence": sequence, "raised": change.raised, "lowered": change.lowered},
        )
        agreement, is_new = ChangeAgreement.objects.get_or_create(
            inspection=inspection, sequence=sequence, defaults={"changed_by": change.by, "by": by}
        )
        if not is_new:
            raise Refused(
                "Somebody else agreed one of these changes just now. Nothing was agreed: look at the list again."
            )
        agreements.append(agreement)
    return agreements


def _sequence(inspection):
    return Sequence.objects.values_list("value", flat=True).get(inspection=inspection)


def _name(inspection, domain):
    title = inspection.worded(domain.title)
    return f"{title[:1].lower()}{title[1:]}"
