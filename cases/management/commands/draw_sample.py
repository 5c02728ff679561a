"""`draw_sample SLUG [--dry-run]`."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from cases import drawing
from cases.caseload.policies import check_can_draw
from cases.models import Caseload, Draw
from cases.plans import plan_of
from inspections.errors import Refused
from inspections.models import Inspection


class Command(BaseCommand):
    """Draws the sample of an inspection; with --dry-run of one that is drawn, draws it again to compare."""

    help = "Draw the sample of an inspection from its caseload, once and for good."

    def add_arguments(self, parser):
        """Take the inspection."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="store nothing: print the sizes of a draw that is to come, or repeat one that was made and compare",
        )

    def handle(self, *, slug, dry_run, **options):
        """Print the draw as JSON. Raises CommandError, which exits with 1."""
        inspection = Inspection.objects.select_related("lifecycle", "standards").filter(slug=slug).first()
        if inspection is None:
            raise CommandError(f"There is no inspection {slug}.")
        try:
            printed = self.repeated(inspection) if dry_run else None
            if printed is None:
                printed = self.to_come(inspection) if dry_run else self.drawn(inspection)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(json.dumps({**printed, "dry_run": dry_run}, indent=2, ensure_ascii=False))

    def drawn(self, inspection):
        """Draw the sample, and return what is printed."""
        draw = drawing.draw_sample(inspection=inspection, by=User.objects.command_line())
        return self.told(draw, drawing.references_of(draw))

    def repeated(self, inspection):
        """Return what is printed of a draw that was made, with whether it comes out the same again; None without one."""
        draw = Draw.objects.filter(inspection=inspection).first()
        if draw is None:
            return None
        stored = drawing.references_of(draw)
        again = drawing.drawn_again(draw)
        return {**self.told(draw, stored), "same_again": again == stored}

    def to_come(self, inspection):
        """Return what is printed of a draw that may be made now: sizes, and no cases before the draw is final."""
        check_can_draw(inspection, inspection.lifecycle.state)
        planned = plan_of(inspection)
        drawing.check_can_be_drawn(inspection, planned)
        seed = Caseload.objects.values_list("seed", flat=True).get(inspection=inspection)
        strata = drawing.strata_drawn(planned, inspection.candidates.all(), seed)
        return {
            **self.sizes(planned.stored),
            "strata": [
                {
                    "sample": stratum.sample,
                    "values": list(stratum.values),
                    "eligible": stratum.eligible,
                    "size": len(stratum.drawn),
                }
                for stratum in strata
            ],
        }

    def told(self, draw, strata):
        """Return what is printed of a draw."""
        return {
            "seed": draw.seed,
            "checksum": draw.checksum,
            "drawn_by": draw.by.name,
            "drawn_at": draw.at.isoformat(),
            **self.sizes(draw.plan),
            "strata": [
                {**stratum, "eligible": len(drawn) + len(reserves), "drawn": drawn, "reserves": reserves}
                for stratum, (drawn, reserves) in zip(draw.strata, strata, strict=True)
            ],
        }

    def sizes(self, plan):
        """Return the sizes of a plan, as `sample_plan` prints them."""
        return {
            "population": plan["population"],
            "confidence": plan["confidence"],
            "margin_of_error": plan["margin_of_error"],
            "total": plan["total"],
            **{side["sample"]: side["size"] for side in plan["sides"]},
            "adjusted": plan["adjusted"],
        }
