"""The only writers of results, discretion and frozen Annexes."""

from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.actions import record_event
from inspections.actions import advance_sequence, current_judgements, hold_lifecycle, hold_state, take_step
from inspections.errors import Refused
from inspections.lifecycle import Step, check_step
from inspections.models import Inspection, Sequence
from inspections.policies import check_open, check_takes_answers
from ratings import annex as annexes
from ratings.agreement import what_is_missing
from ratings.models import DiscretionDecision, FrozenAnnex, Result
from ratings.scoring import (
    Decision,
    DiscretionRefused,
    InspectionResult,
    Tally,
    check_discretion,
    driving_key_question,
    rate,
)
from ratings.tallies import count_answers


@dataclass(frozen=True)
class Figures:
    """What one look at the database came to: tallies by question, and the result, as at `sequence`."""

    sequence: int
    tallies: dict[str, Tally]
    result: InspectionResult

    @property
    def stored(self):
        """The figures as the fields of a `Result` hold them."""
        return {
            "sequence": self.sequence,
            "score": self.result.score,
            "overall": self.result.overall or "",
            "tallies": {
                code: [held.yes, held.no, held.not_applicable, held.not_asked, held.unanswered]
                for code, held in self.tallies.items()
            },
            "standards": {held.code: [held.calculated, held.rating, held.discretion] for held in self.result.standards},
        }


def compute(inspection):
    """Return the `Figures` of an inspection from its answers, judgements and discretion. The caller holds a snapshot."""
    sequence = Sequence.objects.values_list("value", flat=True).get(inspection=inspection)
    return figures_at(inspection, sequence, count_answers(inspection.document, inspection.pk))


def figures_at(inspection, sequence, tallies):
    """Return the `Figures` that these tallies give with the judgements and discretion as at a sequence."""
    document = inspection.document
    result = rate(
        document,
        {code: tally for code, tally in tallies.items() if code in document.key_questions},
        {code: judgement.rating for code, judgement in current_judgements(inspection, at=sequence).items()},
        [
            Decision(held.standard, held.from_rating, held.to_rating)
            for held in current_decisions(inspection, at=sequence).values()
            if held.event == DiscretionDecision.Event.APPLIED
        ],
    )
    return Figures(sequence, tallies, result)


def compute_from_snapshot(inspection):
    """Return the `Figures` as at one moment, however many saves go on meanwhile."""
    with snapshot():
        return compute(inspection)


@contextmanager
def snapshot():
    """Let everything read inside the block be as at one moment. Inside a transaction, that one's rules hold."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                # PostgreSQL takes a jump on the disk to be as dear as four pages in a row, and while there are few
                # inspections it would rather read the answers of all than go to those of one.
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL random_page_cost = 1.1"
                )
        yield


def current_decisions(inspection, *, at=None):
    """Return the newest discretion decision of each standard that has one, by its code; with `at`, as at that sequence.

    Reasons alone decide nothing.
    """
    taken = inspection.discretion_decisions.exclude(event=DiscretionDecision.Event.REASONED)
    if at is not None:
        taken = taken.filter(sequence__lte=at)
    return {held.standard: held for held in taken.select_related("by").order_by("sequence", "id")}


def recompute(*, inspection_id, anew=False):
    """Bring the stored results of an inspection up to its sequence and return them. Safe to run twice, and side by side.

    Results that reflect the sequence already are left as they are, unless they are wanted `anew`.

    A discretion that no longer fits is recorded as lapsed, which is a change of its own: the figures are then
    computed once more.
    """
    inspection = Inspection.objects.select_related("standards").defer("standards__content").get(pk=inspection_id)
    if not anew:
        current = Result.objects.filter(inspection=inspection, sequence=F("inspection__sequence__value")).first()
        if current:
            return current
    while True:
        figures = compute_from_snapshot(inspection)
        if not lapse_misfits(inspection=inspection, figures=figures):
            return store(inspection=inspection, figures=figures)


@transaction.atomic
def store(*, inspection, figures):
    """Keep the figures unless newer ones are kept already, and return what is kept."""
    values = {"computed_at": timezone.now(), **figures.stored}
    not_newer = Result.objects.filter(inspection=inspection, sequence__lte=figures.sequence)
    if not_newer.update(**values):
        return Result(inspection=inspection, **values)
    kept, is_first = Result.objects.get_or_create(inspection=inspection, defaults=values)
    # Where another process stored the first figures in between, the newer ones stay.
    return Result(inspection=inspection, **values) if not is_first and not_newer.update(**values) else kept


def lapse_misfits(*, inspection, figures):
    """Record each applied discretion that the figures no longer allow as lapsed; return whether there was one.

    Nothing lapses once the ratings are locked: nothing moves then.
    """
    misfits = [held.code for held in figures.result.standards if held.discretion == "lapsed"]
    if not misfits:
        return False
    with transaction.atomic():
        check_open(hold_state(inspection.pk))
        by = User.objects.command_line()
        for code, held in current_decisions(inspection).items():
            if code in misfits and held.event == DiscretionDecision.Event.APPLIED:
                record_event(
                    action="discretion.lapsed",
                    by=by,
                    inspection=inspection,
                    summary=f"The discretion on standard {code} no longer applies, because answers changed: decide again.",
                    detail={"standard": code},
                )
                values = {field.attname: getattr(held, field.attname) for field in held._meta.concrete_fields}
                values |= {
                    "id": None,
                    "event": DiscretionDecision.Event.LAPSED,
                    "remark": "",
                    "by_id": by.pk,
                    "at": timezone.now(),
                    "sequence": advance_sequence(inspection.pk),
                }
                DiscretionDecision.objects.create(**values)
    return True


@transaction.atomic
def decide_discretion(*, inspection, standard, to_rating, reason, decided_by, ratified_by, by, decided_at=None):
    """Record a ratified use of professional discretion with the figures of this moment, and return it.

    `decided_by` and `ratified_by` are the names of two people; `by` is who records it. Raises DiscretionRefused when the
    rules do not allow the move, Refused without a reason or a second person, and InspectionLocked or NotBegun. Source: rules
    page, "Professional discretion".
    """
    check_takes_answers(hold_state(inspection.pk))
    document = inspection.document
    if not reason.strip():
        raise Refused(f"Discretion on standard {standard} needs a reason.")
    if not decided_by.strip() or not ratified_by.strip() or _name(decided_by) == _name(ratified_by):
        raise Refused(f"Discretion on standard {standard} takes two people: one decides and another ratifies.")
    if standard not in document.standards:
        raise Refused(f"There is no standard {standard}. Use one of {', '.join(document.standards)}.")
    result = compute(inspection).result.standard(standard)
    try:
        check_discretion(document, result, to_rating)
    except DiscretionRefused as refusal:
        raise Refused(str(refusal)) from refusal
    driving = driving_key_question(document, result)
    bands = document.bands_by_code
    record_event(
        action="discretion.applied",
        by=by,
        inspection=inspection,
        summary=f"Moved standard {standard} from {bands[result.calculated].label} to {bands[to_rating].label} by discretion.",
        reason=reason,
        detail={"standard": standard, "decided_by": decided_by, "ratified_by": ratified_by},
    )
    return DiscretionDecision.objects.create(
        inspection=inspection,
        standard=standard,
        event=DiscretionDecision.Event.APPLIED,
        from_rating=result.calculated,
        to_rating=to_rating,
        key_question=driving.code,
        percent=driving.percent,
        yes=driving.tally.yes,
        relevant=driving.tally.relevant,
        reason=reason,
        decided_by=decided_by,
        ratified_by=ratified_by,
        decided_at=decided_at or timezone.now(),
        sequence=advance_sequence(inspection.pk),
        by=by,
    )


def _name(text):
    return " ".join(text.split()).casefold()


@transaction.atomic
def record_export(*, annex, inspection, format, by, tables_alone=False, cases=0):
    """Record that somebody took an Annex out in a format (its code), and return the event.

    `tables_alone` says that it was without its preamble, `cases` how many stand in it with their answers.
    """
    besides = f" with the answers of {cases} cases" if cases else ""
    detail = {"format": format, "sequence": annex.sequence}
    if tables_alone:
        detail["layout"] = "tables"
    if cases:
        detail["cases"] = cases
    return record_event(
        action="annex.exported",
        by=by,
        inspection=inspection,
        summary=f"Took {annex.heading} out as {format}{besides}, with every change up to {annex.sequence}.",
        detail=detail,
    )


@transaction.atomic
def lock_ratings(*, inspection, by):
    """Freeze the Annex of an inspection with a checksum, take no more changes, and return the frozen Annex.

    Saves that hold the lifecycle row finish first and are in the Annex; those that come later are refused. Raises
    InspectionLocked when it is locked already, and Refused outside moderation, or naming everything that is missing (see
    `ratings.agreement`).
    """
    lifecycle = hold_lifecycle(inspection)
    check_open(lifecycle.state)
    check_step(Step.AGREE_RATINGS, lifecycle.state)
    figures = compute(inspection)
    missing = what_is_missing(inspection, figures.stored["standards"], current_decisions(inspection))
    if missing:
        raise Refused("The ratings cannot be locked. " + " ".join(held.sentence for held in missing))
    result = store(inspection=inspection, figures=figures)
    content = annexes.freeze(annexes.fresh_annex(inspection, result))
    frozen = FrozenAnnex.objects.create(
        inspection=inspection,
        sequence=result.sequence,
        content=content,
        checksum=annexes.checksum(content),
        by=by,
        at=timezone.now(),
    )
    take_step(
        lifecycle=lifecycle,
        step=Step.AGREE_RATINGS,
        by=by,
        action="ratings.locked",
        summary=f"Agreed and locked the ratings, with every change up to {result.sequence}.",
        detail={"checksum": frozen.checksum},
        at=frozen.at,
    )
    return frozen


@transaction.atomic
def publish_ratings(*, inspection, by):
    """Let everybody read the frozen ratings, and return the `LifecycleStep`.

    Raises Refused unless they have been at the service for factual accuracy, and DamagedAnnex.
    """
    lifecycle = hold_lifecycle(inspection)
    check_step(Step.PUBLISH, lifecycle.state)
    frozen = annexes.newest_frozen(inspection)
    annexes.read_frozen(frozen)
    return take_step(
        lifecycle=lifecycle,
        step=Step.PUBLISH,
        by=by,
        action="ratings.published",
        summary=f"Published the ratings that {frozen.by.name} agreed.",
        detail={"checksum": frozen.checksum},
    )
