"""Files that are there whole or not at all."""

import os


def as_bytes(content):
    """Return what a format renders, text or bytes, as the bytes of a file."""
    return content.encode() if isinstance(content, str) else content


def write_whole(path, content):
    """Write text or bytes as a file, so that whoever looks finds the old one or all of the new one. Raises OSError."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("xb") as file:
            file.write(as_bytes(content))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
