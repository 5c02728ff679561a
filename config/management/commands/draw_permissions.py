"""`draw_permissions`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from config.permissions_page import redrawn


class Command(BaseCommand):
    """Puts the drawing of `config.who_may` into its page."""

    help = "Draw the roles, and who gets what at every address, into docs/permissions.md."

    def handle(self, **options):
        """Write the page anew."""
        page = settings.BASE_DIR / "docs" / "permissions.md"
        page.write_text(redrawn(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Drew {page.relative_to(settings.BASE_DIR)}.")
