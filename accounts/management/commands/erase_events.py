"""`erase_events`."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from audit.actions import erase_events
from audit.errors import Refused


class Command(BaseCommand):
    """Erases events of the audit record for good, as the law may demand."""

    help = (
        "Erase events from the audit record for good. Their seals stay, and an event tells which were erased and why."
    )

    def add_arguments(self, parser):
        """Take the ids and the reason."""
        parser.add_argument(
            "ids", metavar="ID", nargs="+", type=int, help="the id of an event, as the column event of the CSV has it"
        )
        parser.add_argument("--reason", required=True, help="why, and on whose order; it stays in the record")

    def handle(self, *, ids, reason, **options):
        """Erase them and print how many. Raises CommandError, which exits with 1, where that is refused."""
        try:
            told = erase_events(ids=ids, by=User.objects.command_line(), reason=reason)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(told.summary)
