"""The only writer of the caseload, between planning an inspection and its fieldwork.

Keyword-only, `by=` the person, atomic, audited with counts only. It takes the lifecycle row alone, so that fieldwork does
not begin in the middle. A caseload moves no rating. It raises Refused once fieldwork has begun or cases were drawn.

A list comes in at once (`import_caseload`), or is kept as a draft first (`keep_draft`), which is confirmed or discarded.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from audit.actions import record_event
from cases.caseload.checking import in_words
from cases.caseload.policies import check_can_import
from cases.caseload.uploads import check_has_dates
from cases.models import Candidate, Caseload, CaseloadDraft
from cases.plans import document_of, windows_of, windows_told
from inspections.actions import hold_lifecycle
from inspections.errors import Refused, Unfit
from inspections.models import Inspection

BATCH = 2_000
DRAFTS_STAND = timedelta(days=1)
GONE = "This list is not there any more: it was imported, discarded, or replaced by a newer one. Send the file again."


@transaction.atomic
def import_caseload(*, inspection, upload, by):
    """Make what was read of a file the caseload of an inspection, and return it; None where it is that already.

    Where the caseload says the same and was checked for other windows, only what is told of it is brought up to date. Raises Unfit where the file has faults.
    """
    inspection = _held(inspection)
    if _check_whole(inspection, upload):
        return None
    return _store(inspection, upload.stored, upload.checksum, upload.told, by)


@transaction.atomic
def keep_draft(*, inspection, upload, by):
    """Keep what was read of a file until the person confirms it, in place of an earlier draft of theirs, and return it.

    None where it is the caseload already. Raises Unfit where the file has faults.
    """
    inspection = _held(inspection)
    same = _check_whole(inspection, upload)
    CaseloadDraft.objects.filter(inspection=inspection, by=by).delete()
    if same:
        return None
    rows = upload.stored
    draft = CaseloadDraft.objects.create(
        inspection=inspection, rows=rows, checksum=upload.checksum, told=upload.told, by=by
    )
    record_event(
        action="caseload.checked",
        by=by,
        inspection=inspection,
        summary=f"Checked a list of {_counts(inspection, rows)}. Nothing was imported yet.",
        detail={"candidates": len(rows), **counts_of(inspection, rows)},
    )
    return draft


@transaction.atomic
def confirm_draft(*, inspection, draft, base, by):
    """Make a draft the caseload of an inspection, and return that; None where it is that already.

    `draft` is the public id of one of the person's own, and `base` the checksum of the caseload that they saw, "" for none.
    Raises Refused where the draft is not there any more, where the windows are others since it was checked, and where somebody
    else imported another list meanwhile.
    """
    inspection = _held(inspection)
    held = drafts_of(inspection, by).filter(public_id=draft).select_for_update().first()
    if held is None:
        raise Refused(GONE)
    why = why_not_confirmed(inspection, held)
    if why:
        raise Refused(why)
    stands = Caseload.objects.select_related("by").filter(inspection=inspection).first()
    held.delete()
    if stands and _is_same(stands, held.checksum, held.told):
        return None
    if base and stands is None:
        raise Refused("This page was opened on a list that is not there. Open it again, and import yours then.")
    if stands and base != stands.checksum:
        raise Refused(
            f"{stands.by.name} imported another list after you opened this page. Look at what would change now, and import "
            "yours only if it should take the place of theirs."
        )
    return _store(inspection, held.rows, held.checksum, held.told, by)


@transaction.atomic
def discard_draft(*, inspection, draft, by):
    """Discard a draft of the person's own, by its public id, and return whether it was there."""
    found = CaseloadDraft.objects.filter(inspection=inspection, by=by, public_id=draft).delete()[0]
    if found:
        record_event(
            action="caseload.discarded",
            by=by,
            inspection=inspection,
            summary="Discarded a list of cases that was checked and not imported.",
        )
    return bool(found)


def drafts_of(inspection, person):
    """Return the drafts of a person in an inspection that may still be confirmed: one or none."""
    newest = timezone.now() - DRAFTS_STAND
    return CaseloadDraft.objects.filter(inspection=inspection, by=person, at__gt=newest)


def why_not_confirmed(inspection, draft):
    """Return why a draft may not be confirmed although a caseload may be imported; "" where it may."""
    windows = windows_of(document_of(inspection), inspection.fieldwork_started)
    if draft.told["windows"] == windows_told(windows):
        return ""
    checked_for = date.fromisoformat(draft.told["fieldwork"])
    moved = "The windows were adjusted after this list was checked."
    if inspection.fieldwork_started != checked_for:
        moved = (
            f"Fieldwork was moved from {in_words(checked_for)} to {in_words(inspection.fieldwork_started)} after this list "
            "was checked, and the windows with it."
        )
    return f"{moved} Send the file again."


def drop_old_drafts():
    """Remove drafts that nobody confirmed in time."""
    CaseloadDraft.objects.filter(at__lte=timezone.now() - DRAFTS_STAND).delete()


def _held(inspection):
    lifecycle = hold_lifecycle(inspection)
    inspection = Inspection.objects.select_related("standards").get(pk=inspection.pk)
    check_can_import(inspection, lifecycle.state)
    check_has_dates(inspection)
    return inspection


def _check_whole(inspection, upload):
    """Return whether an upload is the caseload already. Raises Unfit where it has faults."""
    if upload.checked.faults:
        raise Unfit({"file": "There are faults in this file. Correct them, and send it again."})
    stands = Caseload.objects.filter(inspection=inspection).first()
    return stands is not None and _is_same(stands, upload.checksum, upload.told)


def _is_same(caseload, checksum, told):
    # The same rows that were checked for other windows are another list: what was left out of the first may be eligible now.
    return caseload.checksum == checksum and caseload.told.get("windows") == told["windows"]


def _store(inspection, rows, checksum, told, by):
    stands = Caseload.objects.filter(inspection=inspection, checksum=checksum).first()
    if stands:
        return _store_windows(inspection, stands, told, by)
    Candidate.objects.filter(inspection=inspection).delete()
    # So many at a time, so that a long list does not pile up as objects.
    for first in range(0, len(rows), BATCH):
        batch = enumerate(rows[first : first + BATCH], start=first + 1)
        Candidate.objects.bulk_create(_candidate(inspection, number, row) for number, row in batch)
    caseload, _ = Caseload.objects.update_or_create(
        inspection=inspection, defaults={"checksum": checksum, "told": told, "by": by, "at": timezone.now()}
    )
    record_event(
        action="caseload.imported",
        by=by,
        inspection=inspection,
        summary=f"Imported a caseload of {_counts(inspection, rows)}.",
        detail={"candidates": len(rows), **counts_of(inspection, rows)},
    )
    return caseload


def _store_windows(inspection, caseload, told, by):
    caseload.told = told
    caseload.save(update_fields=["told"])
    windows = "; ".join(
        f"{sample.label} cases from {' to '.join(in_words(date.fromisoformat(day)) for day in told['windows'][sample.code])}"
        for sample in inspection.document.samples
    )
    record_event(
        action="caseload.checked",
        by=by,
        inspection=inspection,
        summary=f"Checked the same list against the windows as they are now: {windows}.",
        detail={"windows": told["windows"]},
    )
    return caseload


def _candidate(inspection, number, row):
    reference, child, sample, disposal, day, disposals, profile = row
    return Candidate(
        inspection=inspection,
        number=number,
        reference=reference,
        child=child,
        sample=sample,
        disposal=disposal,
        disposal_date=date.fromisoformat(day),
        disposals=disposals,
        profile=profile,
    )


def counts_of(inspection, rows):
    """Return how many candidates there are of each sample, by its label, from rows as `Checked.stored` has them."""
    samples = [row[2] for row in rows]
    return {sample.label: samples.count(sample.code) for sample in inspection.document.samples}


def _counts(inspection, rows):
    parts = " and ".join(f"{count:,} {label}" for label, count in counts_of(inspection, rows).items())
    return f"{len(rows):,} cases, {parts}"
