"""`draw_exports`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from ratings.exporting.drawing import redrawn


class Command(BaseCommand):
    """Puts the drawing of `ratings.exporting.drawing` into its page."""

    help = "Draw how an export moves on into docs/exports.md."

    def handle(self, **options):
        """Write the page anew."""
        page = settings.BASE_DIR / "docs" / "exports.md"
        page.write_text(redrawn(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Drew {page.relative_to(settings.BASE_DIR)}.")
