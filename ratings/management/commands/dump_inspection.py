"""`dump_inspection SLUG`."""

from django.core.management.base import BaseCommand

from ratings.bundle.dump import as_json, dump_bundle
from ratings.management.find import find_inspection


class Command(BaseCommand):
    """Writes an inspection as a bundle to standard output."""

    help = "Write an inspection as a bundle. Loading it again gives the same Annex. It is not a backup."

    def add_arguments(self, parser):
        """Take the slug."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *, slug, **options):
        """Print the bundle."""
        self.stdout.write(as_json(dump_bundle(find_inspection(slug))), ending="")
