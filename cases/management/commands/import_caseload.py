"""`import_caseload SLUG FILE [--dry-run] [--column TARGET=NAME] [--every-disposal]`."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from cases.caseload.actions import counts_of, import_caseload
from cases.caseload.policies import why_no_import
from cases.caseload.reading import MOST_BYTES
from cases.caseload.uploads import by_labels, checked_upload, chosen_over, opened, sentence_of_missing, targets_of
from inspections.errors import Refused
from inspections.models import Inspection


class Command(BaseCommand):
    """Imports the list of its cases that a service sends, all of it or nothing."""

    help = "Import a service's list of cases (CSV, .xlsx or .ods), from which the sample is drawn."

    def add_arguments(self, parser):
        """Take the inspection, the file, and how to read it."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check the file, and import nothing")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="TARGET=NAME",
            help="read the column NAME as TARGET, such as reference=YJS-Nr",
        )
        parser.add_argument(
            "--every-disposal", action="store_true", help="take each disposal of a child as a case of its own"
        )

    def handle(self, *, slug, file, dry_run, column, every_disposal, **options):
        """Print the counts as JSON. Raises CommandError, with every fault on a line of its own."""
        inspection = Inspection.objects.select_related("lifecycle", "standards").filter(slug=slug).first()
        if inspection is None:
            raise CommandError(f"There is no inspection {slug}.")
        why = why_no_import(inspection, inspection.lifecycle.state)
        if why:
            raise CommandError(why)
        try:
            with file.open("rb") as opened_file:
                data = opened_file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            upload = self.read(inspection, data, column, every_disposal)
            if upload.checked.faults:
                count = len(upload.checked.faults)
                listed = "\n".join(map(str, upload.checked.faults))
                raise CommandError(f"{listed}\n{count} fault{'' if count == 1 else 's'}. Nothing was imported.")
            changed = False
            if not dry_run:
                changed = import_caseload(inspection=inspection, upload=upload, by=User.objects.command_line())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        rows = upload.stored
        printed = {
            "rows": upload.checked.rows,
            "candidates": len(rows),
            "samples": counts_of(inspection, rows),
            "not_classified": dict(upload.checked.unclassified),
            "notes": list(upload.table.notes),
            "dry_run": dry_run,
            "changed": bool(changed),
        }
        self.stdout.write(json.dumps(printed, indent=2, ensure_ascii=False))

    def read(self, inspection, data, chosen, every_disposal):
        """Return the upload. Raises Refused, and CommandError where columns are not known."""
        table, matching = opened(inspection, data)
        parts = dict(part.partition("=")[::2] for part in chosen)
        matching = chosen_over(matching, by_labels(inspection, parts, table.header))
        if not matching.settled:
            codes = ", ".join(held.code for held in targets_of(inspection))
            raise CommandError(
                f"{sentence_of_missing(inspection, matching)} Say which column it is with --column TARGET=NAME. "
                f"Targets: {codes}."
            )
        return checked_upload(inspection, table, matching.columns, every_disposal=every_disposal)
