"""`draw_case_states`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from cases.states import redrawn


class Command(BaseCommand):
    """Puts the drawing of `cases.states` into its page."""

    help = "Draw the states of a case, and who may do what in which, into docs/case-states.md."

    def handle(self, **options):
        """Write the page anew."""
        page = settings.BASE_DIR / "docs" / "case-states.md"
        page.write_text(redrawn(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Drew {page.relative_to(settings.BASE_DIR)}.")
