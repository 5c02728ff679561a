"""`annex_one SLUG [--format json|text]`."""

from django.core.management.base import BaseCommand

from accounts.models import User
from ratings.actions import record_export
from ratings.annex_one.data import as_json, as_text
from ratings.annex_one.gathering import gather
from ratings.management.find import find_inspection
from ratings.policies import can_see_figures, progress_of

FORMATS = {"json": as_json, "text": as_text}


class Command(BaseCommand):
    """Prints Annex 1 as it is now. Whoever runs commands sees figures that pages still hide."""

    help = "Write the figures of Annex 1 of an inspection: its sample, and how evidence was gathered."

    def add_arguments(self, parser):
        """Take the slug and the format."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--format", choices=FORMATS, default="text", help="json, or text: the sentences alone")

    def handle(self, *, slug, format, **options):
        """Print Annex 1. Raises CommandError, which exits with 1."""
        inspection = find_inspection(slug)
        figures = gather(inspection, everything=True)
        record_export(annex=figures, inspection=inspection, format=format, by=User.objects.command_line())
        if not can_see_figures(inspection, progress_of(inspection)):
            self.stderr.write("Not every case is submitted: pages and downloads hide some of these figures until then.")
        if figures.unread:
            self.stderr.write(figures.unread)
        self.stdout.write(FORMATS[format](figures), ending="")
