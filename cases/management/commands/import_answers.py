"""`import_answers SLUG FILE --by EMAIL [--dry-run] [--seen N] [--replace REASON]`."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from cases.bulk.actions import ChangedMeanwhile, Faulty, Replaces, dry_run, import_answers, why_no_import
from cases.bulk.reading import opened
from cases.caseload.reading import MOST_BYTES
from inspections.access import access_to
from inspections.errors import Refused
from inspections.models import Inspection


class Command(BaseCommand):
    """Imports answers that were given elsewhere, all of a file or nothing."""

    help = "Import a table of answers (CSV, .xlsx or .ods): one row for each case, one column for each question."

    def add_arguments(self, parser):
        """Take the inspection, the file, whose answers they are, and what is to be done where others stand."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="who gives these answers, a member of the team"
        )
        parser.add_argument("--dry-run", action="store_true", help="check the file, and import nothing")
        parser.add_argument(
            "--seen", metavar="N", type=int, help="import nothing where answers of the file changed since that dry run"
        )
        parser.add_argument("--replace", metavar="REASON", default="", help="replace answers that stand, and say why")

    def handle(self, *, slug, file, by, dry_run, seen, replace, **options):
        """Print the counts as JSON. Raises CommandError, with every fault on a line of its own."""
        inspection = Inspection.objects.select_related("lifecycle", "standards").filter(slug=slug).first()
        if inspection is None:
            raise CommandError(f"There is no inspection {slug}.")
        person, own = self.person(inspection, by)
        why = why_no_import(inspection)
        if why:
            raise CommandError(why)
        try:
            with file.open("rb") as held:
                data = held.read(MOST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            checked, seen = self.look(inspection, data, person, own, dry_run, seen, replace)
        except Replaces as refusal:
            listed = "\n".join(map(str, [*refusal.checked.replaced, *refusal.checked.turned]))
            raise CommandError(f"{listed}\n{refusal} Say so with --replace REASON.") from None
        except ChangedMeanwhile as refusal:
            listed = "\n".join(
                f"{held.case.reference}, {held.question}: {held.by.name}, {timezone.localtime(held.at):%-d %B %Y, %H:%M}"
                for held in refusal.since
            )
            raise CommandError(f"{listed}\n{refusal}") from None
        except Faulty as refusal:
            checked = refusal.checked
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if checked.faults:
            count = len(checked.faults)
            listed = "\n".join(map(str, checked.faults))
            raise CommandError(f"{listed}\n{count} fault{'' if count == 1 else 's'}. Nothing was imported.")
        for held in (*checked.replaced, *checked.turned):
            self.stderr.write(str(held))
        printed = {
            "rows": checked.rows,
            "cases": checked.cases,
            "new": checked.new,
            "replaced": checked.changed,
            "unchanged": checked.unchanged,
            "no_longer_asked": len(checked.left_out),
            "asked_again": len(checked.asked_again),
            "not_read": checked.unread,
            "notes": checked.notes,
            "dry_run": dry_run,
            "seen": seen,
            "changed": bool(checked.changes) and not dry_run,
        }
        self.stdout.write(json.dumps(printed, indent=2, ensure_ascii=False))

    def person(self, inspection, email):
        """Return (the person, whether only cases of their own are theirs to answer). Raises CommandError."""
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {email}. Name a member of the team.")
        try:
            access = access_to(person, inspection)
        except Http404:
            raise CommandError(f"{person.name} has no access to this inspection. Name a member of the team.") from None
        if not access.may(Permission.ANSWER_CASES):
            raise CommandError(f"{person.name} is {access.role.label.lower()} here, and cannot answer cases.")
        return person, access.role.own_cases_only

    def look(self, inspection, data, person, own, only_look, seen, replace):
        """Return (what was found in the file, the sequence as at which that was looked at).

        Imports it unless it is to be looked at only. Raises Refused.
        """
        table = opened(data)
        if only_look:
            return dry_run(inspection=inspection, table=table, by=person, own=own)
        checked = import_answers(
            inspection=inspection, table=table, by=person, own=own, replace_because=replace, seen=seen
        )
        return checked, seen
