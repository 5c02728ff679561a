"""The only writer of the caseload, between planning an inspection and its fieldwork.

Keyword-only, `by=` the person, atomic, audited with counts only. It takes the lifecycle row alone, so that fieldwork does
not begin in the middle. A caseload moves no rating. It raises Refused once fieldwork has begun or cases were drawn.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from audit.actions import record_event
from cases.caseload.policies import check_can_import
from cases.caseload.uploads import check_has_dates
from cases.models import Candidate, Caseload
from inspections.actions import hold_lifecycle
from inspections.errors import Unfit
from inspections.models import Inspection

BATCH = 2_000


@transaction.atomic
def import_caseload(*, inspection, upload, by):
    """Make what was read of a file the caseload of an inspection, and return it; None where it is that already.

    Raises Unfit where the file has faults.
    """
    inspection = _held(inspection)
    if _check_whole(inspection, upload):
        return None
    return _store(inspection, upload.stored, upload.checksum, upload.told, by)


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
    return Caseload.objects.filter(inspection=inspection, checksum=upload.checksum).exists()


def _store(inspection, rows, checksum, told, by):
    Candidate.objects.filter(inspection=inspection).delete()
    Candidate.objects.bulk_create(
        (_candidate(inspection, number, row) for number, row in enumerate(rows, start=1)), batch_size=BATCH
    )
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
