"""`recount`."""

from django.core.management.base import BaseCommand, CommandError

from inspections.models import Inspection
from ratings.recount import differences


class Command(BaseCommand):
    """Counts every answer anew and holds the figures against the stored ones, and each frozen Annex against its checksum."""

    help = "Hold a full recount against the stored results, and each frozen Annex against its checksum. Exit 1 when they differ."

    def handle(self, **options):
        """Print how many inspections agree. Raises CommandError, which exits with 1, with one line for each difference."""
        found = []
        inspections = list(Inspection.objects.select_related("standards").order_by("slug"))
        for inspection in inspections:
            found += [f"{inspection.slug}: {difference}" for difference in differences(inspection)]
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{len(inspections)} inspections recounted, no difference.")
