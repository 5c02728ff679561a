"""Where the files of exports lie: in a folder that no web server serves, each whole or not there at all."""

import os
import re
import shutil
from time import time

from django.conf import settings

# A folder of a job that nobody knows is left alone for so many seconds, in case it was made this very moment.
GRACE_SECONDS = 15 * 60
UNFINISHED = "unfinished-"
OURS = re.compile(rf"({UNFINISHED})?[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}-\d+(\.\w+)?")


def folder():
    """Return the folder of exports, making it where it is missing; nobody else on the machine can look into it."""
    settings.EXPORTS_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.EXPORTS_FOLDER


def working_name(export):
    """Return the name of the folder in which this attempt at an export is made."""
    return f"{UNFINISHED}{export.public_id}-{export.attempt}"


def working_folder(export):
    """Make and return the folder in which this attempt at an export is made."""
    path = folder() / working_name(export)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


def keep(file, name):
    """Give a whole file its name in the folder of exports, and return its size in bytes. It survives a power cut."""
    with file.open("rb") as whole:
        os.fsync(whole.fileno())
        size = os.fstat(whole.fileno()).st_size
    file.chmod(0o600)
    file.replace(folder() / name)
    shelf = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(shelf)
    finally:
        os.close(shelf)
    return size


def path_of(export):
    """Return where the file of an export lies."""
    return settings.EXPORTS_FOLDER / export.file_name


def remove(name):
    """Remove a file or a working folder from the folder of exports, if it is there."""
    path = settings.EXPORTS_FOLDER / name
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def strays(known):
    """Return the names in the folder of exports that are none of those that `known()` returns, and not of this moment.

    What is not named as exports are is somebody else's, and never a stray.
    """
    if not settings.EXPORTS_FOLDER.is_dir():
        return []
    latest = time() - GRACE_SECONDS
    ours = (path for path in settings.EXPORTS_FOLDER.iterdir() if OURS.fullmatch(path.name))
    old = [path.name for path in ours if path.lstat().st_mtime < latest]
    return [name for name in old if name not in known()] if old else []
