"""`programme --format xlsx|ods|csv|json --output FILE`."""

import os
import tempfile
from pathlib import Path
from time import monotonic

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from inspections.errors import Refused
from inspections.models import State
from ratings.exporting.actions import record_programme
from ratings.programme.chosen import Chosen, whole_programme
from ratings.programme.tables import FIGURES, TABLES, rows_of
from ratings.programme.writing import FORMATS, Wanted, check_wanted, write_programme


class Command(BaseCommand):
    """Writes the ratings of all inspections, or of some, into one file. Figures that pages hide are not in it."""

    _told = 0.0

    help = "Write the programme: ratings, percentages and counts of all inspections, and case answers where asked for."

    def add_arguments(self, parser):
        """Take the format, where to, and what."""
        parser.add_argument("--format", required=True, help=", ".join(FORMATS))
        parser.add_argument("--output", metavar="FILE", type=Path, required=True, help="whole or not at all")
        parser.add_argument("--table", choices=TABLES, action="append", help="only this one; may be given again")
        parser.add_argument("--year", type=int, help="only inspections whose fieldwork began in this year")
        parser.add_argument(
            "--standards", default="", metavar="CODE[/VERSION]", help="only inspections on these standards"
        )
        parser.add_argument("--state", default="", choices=State.values, help="only inspections in this state")

    def handle(self, *, format, output, table, year, standards, state, **options):
        """Write the file, saying on standard error how far it is. Raises CommandError, which exits with 1."""
        tables = tuple(table or FIGURES)
        chosen = Chosen(year, standards, state)
        wanted = Wanted(tables, format, chosen.words, chosen.as_data)
        output = output.resolve()
        if output.exists() and not output.is_file():
            raise CommandError(f"{output} is not a file.")
        try:
            check_wanted(tables, format)
            inspections = chosen.among(whole_programme())
            if not inspections.exists():
                raise Refused("No inspection is chosen: there is nothing to write.")
            expected = rows_of(inspections, tables)
            with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as folder:
                file, written = write_programme(inspections, wanted, folder, lambda rows: self._tell(rows, expected))
                with file.open("rb") as whole:
                    os.fsync(whole.fileno())
                record_programme(wanted=wanted, written=written, by=User.objects.command_line())
                file.replace(output)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {os.strerror(error.errno)}.") from None
        if written.withheld:
            count = len(written.withheld)
            inspections = "1 inspection" if count == 1 else f"{count} inspections"
            self.stderr.write(f"Figures of {inspections} are not shown until every case is submitted.")
        self.stderr.write(f"Wrote {output}: {written.rows:,} rows.")

    def _tell(self, rows, expected):
        if monotonic() - self._told > 1:
            self._told = monotonic()
            self.stderr.write(f"{rows:,} of {max(rows, expected):,} rows.")
