"""Finding what a command speaks of."""

from django.core.management.base import CommandError

from inspections.models import Inspection


def find_inspection(slug):
    """Return the inspection of that slug. Raises CommandError naming those there are."""
    inspection = (
        Inspection.objects.select_related("service", "standards", "lifecycle", "sequence").filter(slug=slug).first()
    )
    if inspection is None:
        slugs = ", ".join(
            Inspection.objects.filter(archived_at=None).order_by("slug").values_list("slug", flat=True)[:20]
        )
        raise CommandError(f"There is no inspection {slug}. There {'are: ' + slugs if slugs else 'is none yet'}.")
    return inspection
