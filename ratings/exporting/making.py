"""Making an export: the file first, whole and on the disk; then the word that it is there."""

import errno
import logging
import shutil
from time import monotonic

from django.db import DatabaseError

from accounts.models import User
from inspections.errors import Refused
from ratings.exporting import files
from ratings.exporting.actions import Stopped, begin_export, fail_export, finish_export, note_progress, send_next
from ratings.exporting.kinds import kind_of

logger = logging.getLogger(__name__)

TELL_SECONDS = 1


def make_export(export_id):
    """Make an export that waits, unless another is being made. Raises DatabaseError alone: the sweep repairs that."""
    export = begin_export(export_id)
    if export is None:
        return
    folder = None
    try:
        folder = files.working_folder(export)
        _make(export, folder)
    except Stopped:
        pass
    except Refused as refusal:
        fail_export(export=export, why=str(refusal))
    except DatabaseError:
        raise
    except OSError as error:
        logger.exception("An export could not be written.")
        fail_export(export=export, why=_sentence(error))
    except Exception:
        logger.exception("An export failed.")
        fail_export(
            export=export,
            why="Something went wrong that should not have. It is in the log: tell your administrator, and make it again.",
        )
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    send_next()


def _make(export, folder):
    kind = kind_of(export)
    # Roles change while an export waits.
    kind.check(User.objects.get(pk=export.by_id))
    note_progress(export, rows_of=kind.count(export))
    file, written = kind.write(export, folder, Told(export))
    name = f"{export.public_id}-{export.attempt}.{kind.ending(export)}"
    size = files.keep(file, name)
    try:
        finish_export(export=export, file_name=name, size=size, written=written, by=export.by)
    except Stopped:
        files.remove(name)
        raise


class Told:
    """Passes on how far an export is, at most once a second."""

    def __init__(self, export):
        self.export, self.at = export, monotonic()

    def __call__(self, rows):
        """Say how many rows are done. Raises `Stopped` when nobody wants them any more."""
        if monotonic() - self.at >= TELL_SECONDS:
            note_progress(self.export, rows_done=rows)
            self.at = monotonic()


def _sentence(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "There was no room left on the disk. Tell your administrator, and make it again when there is."
    return "The file could not be written. It is in the log why: tell your administrator, and make it again."
