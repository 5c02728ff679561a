"""`add_person EMAIL NAME [--role ROLE]`."""

import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.actions import add_person
from accounts.models import User
from accounts.roles import EVERYWHERE_ROLES


class Command(BaseCommand):
    """Adds somebody who can sign in, with a password asked for, or read from standard input."""

    help = "Add a person. The password is asked for, or read from standard input where nobody can be asked."

    def add_arguments(self, parser):
        """Take the address, the name and a role that holds in every inspection."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--role", choices=EVERYWHERE_ROLES, default="", help="a role that holds in every inspection"
        )

    def handle(self, *, email, name, role, **options):
        """Print the address. Raises CommandError for an address that is taken or none, or a weak password."""
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"There is already a person with the address {email}.")
        password = getpass(f"Password for {email}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        person = add_person(email=email, name=name, role=role, password=password, by=User.objects.command_line())
        self.stdout.write(person.email)
