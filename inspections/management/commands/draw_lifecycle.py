"""`draw_lifecycle`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from inspections.drawing import redrawn


class Command(BaseCommand):
    """Puts the drawing of `inspections.drawing` into its page."""

    help = "Draw how an inspection moves on, and who may move it, into docs/lifecycle.md."

    def handle(self, **options):
        """Write the page anew."""
        page = settings.BASE_DIR / "docs" / "lifecycle.md"
        page.write_text(redrawn(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Drew {page.relative_to(settings.BASE_DIR)}.")
