"""People and teams from the command line, until there are pages for them."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import Event
from inspections.models import Membership
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(monkeypatch):
    """Return a function that runs add_person with a password on standard input and returns what it printed."""

    def run(*arguments, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        printed = io.StringIO()
        call_command("add_person", *arguments, stdout=printed)
        return printed.getvalue()

    return run


class TestAddPerson:
    def test_they_are_added_and_it_is_in_the_record(self, add):
        assert add("Maya@Example.org", "Maya Green", "--role", "manager") == "maya@example.org\n"
        person = User.objects.get(email="maya@example.org")
        assert (person.name, person.role, person.is_demo) == ("Maya Green", "manager", False)
        assert person.check_password(PASSWORD)
        event = Event.objects.get(action="person.added")
        assert event.summary == "Added Maya Green as manager."
        assert PASSWORD not in str(event.detail)

    def test_without_a_role(self, add):
        add("ned@example.org", "Ned Hill")
        assert User.objects.get(email="ned@example.org").role == ""

    @pytest.mark.parametrize(
        ("arguments", "password", "sentence"),
        [
            (("nobody", "No Body"), PASSWORD, "nobody is not an e-mail address"),
            (("SAM.FROST@example.org", "Sam"), PASSWORD, "There is already a person"),
            (("new@example.org", "New"), "short", "too short"),
            (("new@example.org", "New"), "", "too short"),
            (("new@example.org", "New", "--role", "inspector"), PASSWORD, "invalid choice"),
        ],
    )
    def test_refused(self, add, stranger, arguments, password, sentence):
        with pytest.raises(CommandError, match=sentence):
            add(*arguments, password=password)
        assert User.objects.count() == 1


class TestJoinTeam:
    def test_they_are_in_the_team(self, inspection, stranger):
        printed = io.StringIO()
        call_command("join_team", inspection.slug, "Sam.Frost@example.org", "inspector", stdout=printed)
        assert printed.getvalue() == "Inspector\n"
        assert Membership.objects.get(user=stranger).role == "inspector"
        assert Event.objects.filter(action="team.joined", detail__person=stranger.email).exists()

    @pytest.mark.parametrize(
        ("slug", "email", "sentence"),
        [
            ("nowhere", "sam.frost@example.org", "no inspection nowhere"),
            (None, "x@example.org", "nobody with the address"),
        ],
    )
    def test_refused(self, inspection, stranger, slug, email, sentence):
        with pytest.raises(CommandError, match=sentence):
            call_command("join_team", slug or inspection.slug, email, "inspector")
