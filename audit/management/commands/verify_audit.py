"""`verify_audit`."""

import re

from django.core.management.base import BaseCommand, CommandError

from audit.actions import record_verification
from audit.verifying import verify


class Command(BaseCommand):
    """Checks every seal of the audit against its event."""

    help = "Check the whole audit record. Exit 1 and the first event that is changed, missing, inserted or unsealed for long."

    def add_arguments(self, parser):
        """Take the head that somebody kept."""
        parser.add_argument(
            "--expect", metavar="HEAD", default="", help="a head that was printed before and must still be in the chain"
        )

    def handle(self, *, expect, **options):
        """Print count and head, and record the check. Raises CommandError, which exits with 1, for the first fault."""
        if expect and not re.fullmatch(r"[0-9a-f]{64}", expect):
            raise CommandError("A head is 64 digits from 0 to f, as verify_audit prints it.", returncode=2)
        report = verify(expect=expect)
        record_verification(report=report)
        hold = f"{report.count:,} sealed events hold"
        if report.erased:
            hold += f", of which {report.erased:,} were erased lawfully since"
        if report.fault:
            head = f"the head there is {report.head}" if report.head else "there is no head"
            raise CommandError(f"{report.fault}\n{hold}; {head}.")
        self.stdout.write(f"{hold}; {report.unsealed:,} wait for their seal.\nHead: {report.head or 'none yet'}")
