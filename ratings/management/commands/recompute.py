"""`recompute [SLUG|--all]`."""

from django.core.management.base import BaseCommand, CommandError

from inspections.models import Inspection
from ratings import actions
from ratings.management.find import find_inspection


class Command(BaseCommand):
    """Computes stored results anew."""

    help = "Compute the results of one inspection, or of all, anew and store them."

    def add_arguments(self, parser):
        """Take a slug or --all."""
        parser.add_argument("slug", metavar="SLUG", nargs="?")
        parser.add_argument("--all", action="store_true", help="every inspection")

    def handle(self, *, slug, all, **options):
        """Print the slug of each inspection done."""
        if bool(slug) == all:
            raise CommandError("Name one inspection, or give --all.")
        found = [find_inspection(slug)] if slug else Inspection.objects.order_by("slug")
        for inspection in found:
            actions.recompute(inspection_id=inspection.pk, anew=True)
            self.stdout.write(inspection.slug)
