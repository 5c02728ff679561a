"""`try_out`."""

import errno
import socket
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.demo import DEMO_ACCOUNTS, PASSWORD
from accounts.models import User
from accounts.roles import ROLES, TEAM_ROLES
from cases.caseload.invented import invented_list
from cases.enquiries import LineGiven, add_line
from inspections.actions import add_member
from inspections.models import Inspection, Membership
from inspections.policies import takes_answers
from inspections.team import Plan, plan_inspection
from ratings.bundle.load import load_bundle
from standards.reader import load

EXAMPLES = settings.BASE_DIR / "inspections" / "examples"
PLANNED = "Exampleshire"
CASELOAD = "exampleshire-caseload.csv"
CANDIDATES = 160
AHEAD = timedelta(days=21)
QUESTION = (
    "Do health services know what the case managers know, and the other way round?"  # invented, as the answers are
)


class Command(BaseCommand):
    """Prepares this installation for trying out: tables, demonstration accounts and the five example inspections.

    Run again it adds only what is missing, and changes nothing that somebody did.
    """

    help = "Prepare for trying out: tables, demonstration accounts, the example inspections. Adds only what is missing."

    def add_arguments(self, parser):
        """Take the port that the pages will be served at, to see first whether it is free."""
        parser.add_argument("--port", type=int, help="see whether this port is free, and print the address")

    def handle(self, *, port, **options):
        """Print the address and the accounts. Raises CommandError in production and when the port is taken."""
        if settings.PRODUCTION:
            raise CommandError(
                "This is a production installation, and demonstration accounts are never added to one. Unset EVENHAND_ENV "
                "to try Evenhand out."
            )
        if port:
            check_free(port)
        call_command("migrate", verbosity=0)
        people = {account.email: demo_person(account) for account in DEMO_ACCOUNTS}
        for path in sorted(EXAMPLES.glob("*.json")):
            inspection = Inspection.objects.filter(slug=path.stem).first()
            if inspection is None:
                self.stdout.write(f"Loading {path.stem}")
                inspection = load_bundle(raw=path.read_bytes(), by=User.objects.command_line())
            join(inspection, people)
        planned = Inspection.objects.filter(service__short_name=PLANNED).first()
        if planned is None:
            planned = plan_example()
        join(planned, people)
        self.stdout.write(self.greeting(port))

    def greeting(self, port):
        """Return what a newcomer needs to know."""
        accounts = "\n".join(f"  {account.email:<28}{ROLES[account.role].label.lower()}" for account in DEMO_ACCOUNTS)
        address = f"Evenhand is at http://localhost:{port} (stop it with Ctrl+C)\n\n" if port else ""
        return (
            f"\n{address}"
            f"Demonstration accounts, all with the password {PASSWORD}:\n{accounts}\n"
            "They are for trying out only: everybody knows their password. Production refuses them.\n\n"
            f"To draw a sample, import {settings.VAR_DIR / CASELOAD} into the inspection of {PLANNED}.\n"
        )


def check_free(port):
    """Raise CommandError when somebody listens on this port of this machine already."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind((address, port))
        except PermissionError:
            raise CommandError(f"Port {port} is not for everybody. Choose one above 1023: make run PORT=8001") from None
        except OverflowError:
            raise CommandError(f"Port {port} is none: choose one between 1024 and 65535.") from None
        except OSError as error:
            if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:
                continue  # a machine without IPv6
            raise CommandError(
                f"Port {port} is taken, perhaps by an Evenhand that is still running. Stop that, or choose another "
                "port: make run PORT=8001"
            ) from None


def demo_person(account):
    """Return the person of a demonstration account, adding them at the first time."""
    person = User.objects.filter(email=account.email).first()
    if person is None:
        role = "" if account.role in TEAM_ROLES else account.role
        person = User.objects.create_user(account.email, account.name, PASSWORD, role=role, is_demo=True)
    return person


def plan_example():
    """Plan an inspection some weeks ahead, from a Monday to a Friday, and write the list of cases that its service sends."""
    today = timezone.localdate()
    starts = today + AHEAD - timedelta(days=today.weekday())
    plan = Plan(f"{PLANNED} Youth Justice Service", PLANNED, starts, starts + timedelta(days=4))
    inspection = plan_inspection(plan=plan, document=load("youth-2018"), by=User.objects.command_line())
    text = invented_list(inspection.document, starts, CANDIDATES)
    (settings.VAR_DIR / CASELOAD).write_text(text, encoding="utf-8", newline="")
    return inspection


def join(inspection, people):
    """Give those with a role in teams that role in the inspection, unless they have one there.

    A partner inspector sees the cases of the lines of enquiry that they follow and no others, so they get one to follow.
    """
    by = User.objects.command_line()
    for account in DEMO_ACCOUNTS:
        person = people[account.email]
        if account.role not in TEAM_ROLES or Membership.objects.filter(inspection=inspection, user=person).exists():
            continue
        add_member(inspection=inspection, user=person, role=account.role, discipline=account.discipline, by=by)
        if account.discipline and takes_answers(inspection.lifecycle.state):
            cases = tuple(inspection.cases.order_by("reference").values_list("reference", flat=True)[:2])
            add_line(inspection=inspection, given=LineGiven(QUESTION, cases, (person.pk,)), by=by)
