"""`dump_inspection SLUG`."""

from django.core.management.base import BaseCommand

from accounts.models import User
from audit.actions import record_event
from ratings.bundle.dump import as_json, dump_bundle
from ratings.management.find import find_inspection


class Command(BaseCommand):
    """Writes an inspection as a bundle to standard output."""

    help = "Write an inspection as a bundle. Loading it again gives the same Annex. It is not a backup."

    def add_arguments(self, parser):
        """Take the slug."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *, slug, **options):
        """Print the bundle, and record that it was taken out."""
        inspection = find_inspection(slug)
        bundle = as_json(dump_bundle(inspection))
        record_event(
            action="bundle.exported",
            by=User.objects.command_line(),
            inspection=inspection,
            summary="Took the whole inspection out as a bundle, case answers included.",
        )
        self.stdout.write(bundle, ending="")
