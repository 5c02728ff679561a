"""`join_team SLUG EMAIL ROLE [--discipline DISCIPLINE]`."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import DISCIPLINES, TEAM_ROLES
from inspections.actions import add_member
from inspections.errors import Refused
from inspections.models import Inspection


class Command(BaseCommand):
    """Gives a person a role in the team of an inspection."""

    help = "Give a person a role in the team of an inspection."

    def add_arguments(self, parser):
        """Take the inspection, the person and the role."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("role", choices=TEAM_ROLES)
        parser.add_argument("--discipline", choices=DISCIPLINES, default="", help="of a partner inspector")

    def handle(self, *, slug, email, role, discipline, **options):
        """Print the role. Raises CommandError for an inspection or a person that is not there."""
        inspection = Inspection.objects.filter(slug=slug).first()
        if inspection is None:
            raise CommandError(f"There is no inspection {slug}.")
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"There is nobody with the address {email}. Add them first: manage.py add_person.")
        try:
            membership = add_member(
                inspection=inspection, user=person, role=role, discipline=discipline, by=User.objects.command_line()
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(membership.role_label)
