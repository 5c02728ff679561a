"""The writer of answers that come in a table: every case through `cases.actions.record_answers`, all of them or none.

Lock order: the inspection's lifecycle (shared), the cases by key, the inspection's sequence (last).
"""

import uuid
from dataclasses import replace

from django.db import transaction

from audit.actions import record_event
from cases.access import own_cases
from cases.actions import record_answers
from cases.bulk.checking import Checked, Standing, check_answers
from cases.models import Answer, AnswerRevision, Case
from inspections.actions import hold_state
from inspections.errors import Refused
from inspections.models import Inspection, Sequence
from inspections.policies import check_takes_answers

CAME = "From a file of answers."
STANDS = ("value", "reason", "note", "asked_because", "source", "at_interview")


class NotImported(Refused):
    """The table cannot be stored as it is. `checked` is what was found in it now."""

    def __init__(self, checked, sentence):
        self.checked = checked
        super().__init__(sentence)


class Faulty(NotImported):
    """There are faults in the table."""


class ChangedMeanwhile(NotImported):
    """Somebody changed answers of the table after the dry run. `since` are those revisions, oldest first."""

    def __init__(self, checked, since):
        self.since = since
        count = len({(held.case_id, held.question) for held in since})
        super().__init__(
            checked,
            f"{count} {'answer' if count == 1 else 'answers'} of this file {'was' if count == 1 else 'were'} changed after you "
            "looked. Nothing was imported: look again at what would change.",
        )


class Replaces(NotImported):
    """Answers that stand would be replaced, or be asked no more, and nobody said that they should be."""

    def __init__(self, checked):
        said = []
        if count := checked.changed:
            said.append(
                f"{count:,} {'answer that stands differs' if count == 1 else 'answers that stand differ'} from the file. Say "
                f"that {'it is' if count == 1 else 'they are'} to be replaced and why, or take "
                f"{'it' if count == 1 else 'them'} out of the file."
            )
        if count := len(checked.left_out):
            because = " and ".join(dict.fromkeys(held.because for held in checked.left_out))
            said.append(
                f"{count:,} {'answer that stands' if count == 1 else 'answers that stand'} would no longer be asked, and would leave "
                f"the figures. Say that {'it is' if count == 1 else 'they are'} to be left out and why, or take {because} out of "
                "the file."
            )
        super().__init__(checked, " ".join(said))


def check_can_import(inspection, state):
    """Raise Refused unless answers can be imported now, into whatever case."""
    if inspection.archived_at:
        raise Refused("This inspection was put aside: another took its place, and answers go there.")
    check_takes_answers(state)


def why_no_import(inspection):
    """Return why no answers can be imported now; "" where they can."""
    try:
        check_can_import(inspection, inspection.lifecycle.state)
    except Refused as refusal:
        return str(refusal)
    return ""


def dry_run(*, inspection, table, by, own) -> tuple[Checked, int]:
    """Return what a table would change, and the sequence as at which that was looked at. Stores nothing.

    With `own` no cases are looked at but those given to the person.
    """
    seen = Sequence.objects.get(
        inspection=inspection
    ).value  # before the answers: what comes in between counts as later
    return _checked(inspection, table, by, own, _cases(inspection, by, own)), seen


@transaction.atomic
def import_answers(*, inspection, table, by, own, replace_because="", seen=None) -> Checked:
    """Store what a table says, all of it or nothing, and return what was found in it.

    With `own` the person answers in no cases but those given to them. `replace_because` says why answers that stand are
    replaced, or asked no more; `seen` is the sequence as at which the person looked at the dry run, None where they did not. Raises
    InspectionLocked, NotBegun and Refused (the inspection takes no answers), Faulty, ChangedMeanwhile and Replaces.
    """
    state = hold_state(inspection.pk)
    inspection = Inspection.objects.select_related("standards").defer("standards__content").get(pk=inspection.pk)
    check_can_import(inspection, state)
    cases = _cases(inspection, by, own).select_for_update(of=["self"], no_key=True)
    checked = _checked(inspection, table, by, own, cases)
    if checked.faults:
        count = len(checked.faults)
        raise Faulty(checked, f"There {'is 1 fault' if count == 1 else f'are {count:,} faults'}. Nothing was imported.")
    if not checked.changes:
        return checked
    since = _since(checked, seen)
    if since:
        raise ChangedMeanwhile(checked, since)
    if (checked.replaced or checked.left_out) and not replace_because.strip():
        raise Replaces(checked)
    _record(inspection, checked, by, replace_because)
    replaced = {(held.case.pk, held.question) for held in checked.replaced}
    # What takes answers out of the figures says why, as what replaces them does.
    replaced |= {(held.case.pk, held.because) for held in checked.left_out}
    for held in checked.changes:
        answers = [
            replace(
                given,
                change_reason=f"{CAME} {replace_because}" if (held.case.pk, given.question) in replaced else CAME,
                command_id=_command(inspection, held, given),
            )
            for given in held.given
        ]
        record_answers(case=held.case, by=by, answers=answers)
    return checked


def _cases(inspection, by, own):
    cases = Case.objects.filter(inspection=inspection)
    if own:
        cases = cases.filter(pk__in=own_cases(by).values("pk"))
    return cases.order_by("pk")


def _checked(inspection, table, by, own, cases):
    cases = list(cases)
    for case in cases:
        case.inspection = inspection
    return check_answers(table, inspection, cases, standing_in(cases), own=own)


def standing_in(cases):
    """Return a `Standing` for every question of each of some cases, by the case's key. One query."""
    standing = {case.pk: {} for case in cases}
    rows = Answer.objects.filter(case__in=standing).values_list(
        "case", "question", "version", "answered_by__name", "answered_at", *STANDS
    )
    for case, question, version, by, at, *content in rows:
        standing[case][question] = Standing(dict(zip(STANDS, content, strict=True)), version, by or "", at)
    return standing


def _since(checked, seen):
    """Return the revisions after a sequence of the answers that would change, oldest first."""
    if seen is None:
        return []
    changed = {(held.case.pk, given.question) for held in checked.changes for given in held.given}
    changed |= {(held.case.pk, held.question) for held in checked.turned}
    revisions = (
        AnswerRevision.objects.filter(case__in=[held.case.pk for held in checked.changes], sequence__gt=seen)
        .select_related("by", "case")
        .order_by("sequence", "pk")
    )
    return [held for held in revisions if (held.case_id, held.question) in changed]


def _command(inspection, held, given):
    """Return the id of a command: one row gives one question of one version one command, however often it is sent."""
    name = f"answers {held.case.public_id} {held.digest} {given.question} {given.base}"
    return uuid.uuid5(inspection.public_id, name)


def _record(inspection, checked, by, reason):
    answers = sum(len(held.given) for held in checked.changes)
    of_them = f", {checked.changed:,} of them in place of what stood" if checked.changed else ""
    left_out = len(checked.left_out)
    if left_out:
        of_them += f"; {left_out:,} answer{' is' if left_out == 1 else 's are'} asked no more"
    record_event(
        action="answers.imported",
        by=by,
        inspection=inspection,
        summary=(
            f"Imported a file with {answers:,} answer{'' if answers == 1 else 's'} in {checked.cases:,} "
            f"case{'' if checked.cases == 1 else 's'}{of_them}."
        ),
        reason=reason if checked.changed or left_out else "",
        detail={
            "cases": {held.case.reference: len(held.given) for held in checked.changes},
            "new": checked.new,
            "replaced": checked.changed,
            "unchanged": checked.unchanged,
            "left_out": left_out,
            "asked_again": len(checked.asked_again),
        },
    )
