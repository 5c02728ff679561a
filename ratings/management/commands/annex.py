"""`annex SLUG --format CODE [--tables-alone] [--output FILE]`."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from ratings.actions import record_export
from ratings.exports import FORMATS, FormatNotAvailable, get_format
from ratings.exports.files import write_whole
from ratings.exports.taking import take_out
from ratings.management.find import find_inspection
from ratings.policies import can_see_figures, progress_of


class Command(BaseCommand):
    """Prints Annex 2, with every change up to now in it. Whoever runs commands sees figures that pages still hide."""

    help = "Write Annex 2 of an inspection as a file."

    def add_arguments(self, parser):
        """Take the slug, the format and where to."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--format", required=True, help=", ".join(FORMATS))
        parser.add_argument(
            "--tables-alone", action="store_true", help="without the preamble of sample sizes and rules (docx, odt)"
        )
        parser.add_argument("--output", metavar="FILE", type=Path, help="write to this file, whole or not at all")

    def handle(self, *, slug, format, tables_alone, output, **options):
        """Print the Annex, or write it to the file. Raises CommandError, which exits with 1."""
        try:
            chosen = get_format(format)
            chosen.renderer(tables_alone=tables_alone)
            inspection = find_inspection(slug)
            annex, content, cases = take_out(inspection, chosen, tables_alone=tables_alone)
        except FormatNotAvailable as error:
            raise CommandError(str(error)) from None
        if output is None and isinstance(content, bytes) and self.stdout.isatty():
            raise CommandError(
                "This format is no text for a screen. Name a file with --output, or send it into one with >."
            )
        record_export(
            annex=annex,
            inspection=inspection,
            format=chosen.code,
            by=User.objects.command_line(),
            tables_alone=tables_alone,
            cases=cases,
        )
        if not can_see_figures(inspection, progress_of(inspection)):
            self.stderr.write("Not every case is submitted: pages and downloads hide some of these figures until then.")
        if output is None:
            self._print(content)
            return
        output = output.resolve()
        if output.exists() and not output.is_file():
            raise CommandError(f"{output} is not a file.")
        try:
            write_whole(output, content)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {os.strerror(error.errno)}.") from None
        self.stderr.write(f"Wrote {output}.")

    def _print(self, content):
        if isinstance(content, str):
            self.stdout.write(content, ending="")
        else:
            self.stdout.flush()
            self.stdout.buffer.write(content)
            self.stdout.buffer.flush()
