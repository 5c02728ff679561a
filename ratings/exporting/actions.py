"""The only writers of exports. Each step is one conditional update, so that of two who take it at once only one does."""

import logging
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import EVENHAND, record_event
from inspections.errors import Refused
from inspections.models import Inspection
from ratings.exporting import files
from ratings.exporting.kinds import KINDS, kind_of
from ratings.exporting.states import RUNNING, TABLE, Step, can
from ratings.models import Export, ExportState

logger = logging.getLogger(__name__)

# Whoever makes an export says so at every inspection; unheard of for so long, it is believed dead.
LEASE_SECONDS = 60
ATTEMPTS = 3
# A message that is not answered for so long is sent again.
UNHEARD_SECONDS = 30
MOST_WAITING = 5


class Stopped(Exception):
    """The export is not ours to make any more: it was cancelled, or another took it over."""


@transaction.atomic
def ask_export(*, kind, asked, format, by):
    """Note that somebody wants an export, have it made after the commit, and return it.

    Raises Refused where they may not have it, the format does not hold it, or too many of theirs wait already.
    """
    KINDS[kind].check(by)
    export = Export(kind=kind, asked=asked, format=format, by=by)
    kind_of(export).ending(export)
    if Export.objects.filter(by=by, state__in=TABLE[Step.CANCEL].begins).count() >= MOST_WAITING:
        raise Refused(
            f"{MOST_WAITING} of your exports are being made or wait already. Cancel one, or wait until one is ready."
        )
    export.save()
    _record(export, "export.asked", by, f"Asked for an export of the {_named(export)}.")
    transaction.on_commit(lambda: send(export.pk))
    return export


@transaction.atomic
def cancel_export(*, export, by):
    """Cancel an export that waits or is being made. Raises Refused."""
    _step(Step.CANCEL, export, ended_at=timezone.now(), lease_until=None)
    _record(export, "export.cancelled", by, f"Cancelled an export of the {_named(export)}.")


@transaction.atomic
def retry_export(*, export, by):
    """Have an export made again that failed, was cancelled or expired. Raises Refused, also where `by` may not have it."""
    kind_of(export).check(by)
    now = timezone.now()
    _step(
        Step.RETRY,
        export,
        why="",
        rows_done=0,
        rows_of=0,
        bytes=0,
        losses=0,
        queued_at=now,
        started_at=None,
        ended_at=None,
        expires_at=None,
    )
    _record(export, "export.asked_again", by, f"Asked again for an export of the {_named(export)}.")
    transaction.on_commit(lambda: send(export.pk))


def send(export_id):
    """Tell the worker that an export waits. A broker that is away is logged, never raised: the sweep repairs it."""
    try:
        current_app.signature("ratings.make_export", args=[export_id]).apply_async(retry=False)
    except Exception as error:
        logger.warning("An export could not be queued (%s); the sweep will find it.", type(error).__name__)


def begin_export(export_id):
    """Take an export on and return it; None where there is nothing to do, or another export is being made."""
    now = timezone.now()
    export = Export.objects.select_related("by").filter(pk=export_id).first()
    if export is None or not can(Step.BEGIN, export.state):
        return None
    try:
        with transaction.atomic():
            _step(
                Step.BEGIN,
                export,
                attempt=export.attempt + 1,
                started_at=now,
                rows_done=0,
                lease_until=now + timedelta(seconds=LEASE_SECONDS),
            )
    except (IntegrityError, Refused):  # one is made at a time
        return None
    return export


def note_progress(export, **values):
    """Say that an export is still being made, and how far it is. Raises Stopped when it is not ours to make any more."""
    held = Export.objects.filter(pk=export.pk, state=RUNNING, attempt=export.attempt)
    if not held.update(lease_until=timezone.now() + timedelta(seconds=LEASE_SECONDS), **values):
        raise Stopped


@transaction.atomic
def finish_export(*, export, file_name, size, written, by):
    """Say that the file of an export is there, and record what is in it. Raises Stopped when it is not wanted any more."""
    now = timezone.now()
    try:
        _step(
            Step.FINISH,
            export,
            file_name=file_name,
            bytes=size,
            rows_done=written.rows,
            rows_of=written.rows,
            losses=0,
            ended_at=now,
            lease_until=None,
            expires_at=now + timedelta(days=settings.EXPORT_DAYS),
        )
    except Refused as gone:
        raise Stopped from gone
    _record(export, "export.made", by, f"Had an export of the {_named(export)} made.", rows=written.rows)
    _record_reading(written.read, by)


@transaction.atomic
def fail_export(*, export, why):
    """Say in a sentence why an export failed. Nothing happens when it is not ours to make any more."""
    try:
        _step(Step.FAIL, export, why=why, losses=0, ended_at=timezone.now(), lease_until=None)
    except Refused:
        return
    _record(export, "export.failed", EVENHAND, f"Could not make an export of the {_named(export)}.", why=why)


@transaction.atomic
def record_fetch(*, export, by):
    """Record that somebody downloads an export. Raises Refused where they may not have it any more."""
    kind_of(export).check(by)
    return _record(export, "export.fetched", by, f"Downloaded an export of the {_named(export)}.")


@transaction.atomic
def expire_export(*, export, by=EVENHAND):
    """Let go of the file of an export, and remove it after the commit. Raises Refused where there is none."""
    name = export.file_name
    _step(Step.EXPIRE, export, file_name="", expires_at=None)
    _record(export, "export.expired", by, f"Removed the file of an export of the {_named(export)}.")
    transaction.on_commit(lambda: files.remove(name))


@transaction.atomic
def release_export(*, export):
    """Give up a worker that has not been heard of: another begins afresh, or after the third in a row nobody does."""
    now = timezone.now()
    unheard = Export.objects.filter(lease_until__lt=now)
    if export.losses + 1 < ATTEMPTS:
        _step(Step.LOSE, export, among=unheard, losses=export.losses + 1, queued_at=now, lease_until=None)
        return
    why = (
        f"The worker stopped {ATTEMPTS} times while it made this, so it was given up. Choose fewer inspections, or ask an "
        "administrator why it stops; then make it again."
    )
    _step(Step.GIVE_UP, export, among=unheard, losses=0, why=why, ended_at=now, lease_until=None)
    _record(export, "export.failed", EVENHAND, f"Gave up an export of the {_named(export)}.", why=why)


def sweep_exports():
    """See to what nobody else does: workers that died, messages that were lost, files whose time is over, and strays."""
    now = timezone.now()
    for export in Export.objects.filter(state=RUNNING, lease_until__lt=now).select_related("by"):
        left = files.working_name(export)
        try:
            release_export(export=export)
        except Refused:
            continue  # it was heard of after all, or another sweep was quicker
        files.remove(left)
        send(export.pk)  # which does nothing for one that was given up
    if not Export.objects.filter(state=RUNNING).exists():
        _send_oldest(now - timedelta(seconds=UNHEARD_SECONDS))
    for export in Export.objects.filter(state=ExportState.DONE, expires_at__lt=now).select_related("by"):
        try:
            expire_export(export=export)
        except Refused:
            continue
    for name in files.strays(_known_names):
        files.remove(name)


def send_next():
    """Tell the worker of the export that has waited longest, now that none is being made."""
    _send_oldest(timezone.now())


def _send_oldest(unheard_since):
    oldest = Export.objects.filter(state=ExportState.QUEUED).order_by("queued_at", "id").first()
    if oldest and oldest.queued_at < unheard_since:
        send(oldest.pk)


def _known_names():
    """Return the names of the files and working folders that belong to an export."""
    held = Export.objects.filter(state__in=[ExportState.DONE, RUNNING])
    return {name for export in held for name in (export.file_name, files.working_name(export)) if name}


@transaction.atomic
def record_programme(*, wanted, written, by):
    """Record that a programme was written by a command, with what it holds, and return the event."""
    _record_reading(written.read, by)
    return record_event(
        action="export.made",
        by=by,
        summary=f"Wrote the programme as {wanted.format}: {wanted.words}.",
        detail={
            "asked": {**wanted.asked, "tables": list(wanted.tables)},
            "format": wanted.format,
            "rows": written.rows,
        },
    )


def _record_reading(inspections, by):
    from_outside = Inspection.objects.filter(pk__in=inspections).exclude(memberships__user=by)
    for inspection in from_outside.only("public_id").iterator():
        record_event(
            action="evidence.read",
            by=by,
            inspection=inspection,
            summary="Took the case answers out with the programme, from outside the team.",
        )


def _step(step, export, *, among=None, **values):
    """Take a step from the state in which the export was read, and set it on the export. Raises Refused."""
    rule = TABLE[step]
    held = (Export.objects if among is None else among).filter(
        pk=export.pk, state__in=rule.begins, attempt=export.attempt
    )
    if not held.update(state=rule.to, **values):
        raise Refused("This export has moved on meanwhile. Look at it again.")
    export.state = rule.to
    for name, value in values.items():
        setattr(export, name, value)


def _named(export):
    kind = kind_of(export)
    return f"{kind.title.lower()} ({export.format}; {kind.words(export)})"


def _record(export, action, by, summary, **more):
    detail = {"export": str(export.public_id), "asked": export.asked, "format": export.format, **more}
    return record_event(action=action, by=by, summary=summary, detail=detail)
