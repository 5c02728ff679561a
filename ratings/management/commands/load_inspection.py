"""`load_inspection FILE [--replace]`."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from ratings.bundle.load import load_bundle
from ratings.bundle.shape import LARGEST, MalformedBundle


class Command(BaseCommand):
    """Loads one inspection bundle, all or nothing, and prints its slug once its results are stored."""

    help = "Load an inspection bundle (docs/formats.md). All or nothing; every fault is named with its path."

    def add_arguments(self, parser):
        """Take the file and whether it replaces."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="archive the inspection of the same slug first")

    def handle(self, *, file, replace, **options):
        """Print the slug. Raises CommandError, which exits with 1."""
        try:
            with file.open("rb") as source:
                raw = source.read(LARGEST + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {os.strerror(error.errno)}.") from None
        try:
            inspection = load_bundle(raw=raw, by=User.objects.command_line(), replace_existing=replace)
        except MalformedBundle as error:
            raise CommandError(f"{file} was not loaded.\n{error}") from None
        self.stdout.write(inspection.slug)
