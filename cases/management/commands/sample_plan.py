"""`sample_plan --population N [--standards CODE]`."""

import json
from dataclasses import asdict

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.sampling import plan
from standards.reader import MalformedDocument, UnknownDocument, load


class Command(BaseCommand):
    """Prints how many cases to draw from a number of eligible ones, and how that comes about."""

    help = "Print as JSON how many cases a sample needs, in all and of each kind."

    def add_arguments(self, parser):
        """Take the number of eligible cases, or one for each kind of case, and the standards."""
        parser.add_argument(
            "--population", required=True, metavar="N", help="eligible cases, or of each kind: court=90,out_of_court=33"
        )
        parser.add_argument("--standards", default="youth-2018", metavar="CODE")

    def handle(self, *, population, standards, **options):
        """Print the plan. Raises CommandError, which exits with 1."""
        try:
            document = load(standards, settings.EVENHAND_STANDARDS_FOLDERS)
        except (MalformedDocument, UnknownDocument) as error:
            raise CommandError(str(error)) from None
        try:
            made = plan(document, read_population(population))
        except ValueError as error:
            raise CommandError(f"--population {population}: {error}") from None
        sampling = document.sampling
        printed = {
            "population": made.population,
            "confidence": sampling.confidence,
            "margin_of_error": sampling.margin_of_error,
            "without_correction": round(made.infinite, 1),
            "before_rounding": round(made.needed, 1),
            "total": made.total,
            **{side.sample: side.size for side in made.sides},
            "sides": [{**asdict(side), "taken_whole": side.taken_whole} for side in made.sides],
        }
        self.stdout.write(json.dumps(printed, indent=2))


def read_population(text):
    """Return a number of cases, or one by sample code from `court=90,out_of_court=33`. Raises ValueError."""
    try:
        if "=" not in text:
            return int(text)
        counts = {}
        for part in text.split(","):
            code, _, count = part.partition("=")
            if code.strip() in counts:
                raise ValueError
            counts[code.strip()] = int(count)
        return counts
    except ValueError:
        raise ValueError(
            "Give a number of cases such as 123, or one for each kind: court=90,out_of_court=33."
        ) from None
