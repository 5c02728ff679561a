"""How entries are written, whatever they are: numbered, versioned, each version kept. For the writers of the rooms."""

from django.db.models import Max
from django.utils import timezone

from inspections.actions import hold_state
from inspections.errors import StaleEntry
from inspections.models import Inspection
from inspections.policies import check_open


def hold_entries(inspection, check=check_open):
    """Let nobody else write entries of an inspection, nor move its state, until the transaction ends.

    Raises InspectionLocked, or what else `check` raises of the state.
    """
    check(hold_state(inspection.pk))
    Inspection.objects.select_for_update(no_key=True).only("pk").get(pk=inspection.pk)


def next_number(model, inspection):
    """Return the number of the next entry of that kind in an inspection. The caller holds the entries."""
    return (model.objects.filter(inspection=inspection).aggregate(last=Max("number"))["last"] or 0) + 1


def check_base(entry, base):
    """Raise StaleEntry unless the entry stands at the version that the person saw."""
    if entry.version != base:
        raise StaleEntry(entry.changed_by, entry.changed_at)


def keep(entry, by):
    """Count a change of an entry, store it with whoever made it, and keep the revision. Return the entry."""
    entry.version += 1
    entry.changed_by, entry.changed_at = by, timezone.now()
    entry.save()
    return entry


def keep_revision(entry):
    """Keep how an entry stands now, when it is stored with everything that belongs to it."""
    entry.revisions.create(version=entry.version, content=entry.as_content, by=entry.changed_by, at=entry.changed_at)
