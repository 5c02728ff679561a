"""Zip archives, which is what Word and OpenDocument files are."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo


def archive(members, stored=frozenset()):
    """Return a zip archive of (name, bytes) in that order, always the same for the same members; `stored` ones uncompressed."""
    file = BytesIO()
    with ZipFile(file, "w") as made:
        for name, content in members:
            about = ZipInfo(name)  # dated 1980, as nothing else is always the same
            about.compress_type = ZIP_STORED if name in stored else ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            made.writestr(about, content)
    return file.getvalue()
