"""Files that somebody sends: they hold evidence about children, so they are kept in memory and never lie on a disk."""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class KeptInMemory(FileUploadHandler):
    """Keeps a file in memory, and of one above FILE_UPLOAD_MAX_MEMORY_SIZE no more than that many bytes.

    The file's `size` is that of the whole. That limit is above what any form takes, so a form that looks at the size, or
    reads a byte more than it takes, refuses the file in its own words.
    """

    def new_file(self, *args, **kwargs):
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data, start):
        """Keep a part of the file, while there is room."""
        room = settings.FILE_UPLOAD_MAX_MEMORY_SIZE - self.kept.tell()
        self.kept.write(raw_data[: max(0, room)])

    def file_complete(self, file_size):
        """Return the file."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
