"""The cast, and the inspection they work in, all made by the product's own actions.

`inspector` and `lead` are in the team of `inspection`; `other_inspector` too. `manager` and `administrator` hold
their roles everywhere. `stranger` has no role anywhere.
"""

import time
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from accounts.models import User
from accounts.roles import ROLES, TEAM_ROLES
from cases.actions import create_case
from config.who_may import Somebody
from inspections.actions import add_member, create_inspection
from ratings.actions import recompute
from ratings.annex import build_annex
from ratings.annex_one.gathering import gather
from ratings.bundle.load import load_bundle
from ratings.freshness import behind
from ratings.models import Result
from ratings.recount import differences
from standards import reader

PASSWORD = "a-password-for-the-tests"
EXAMPLES = Path(django_settings.BASE_DIR) / "inspections" / "examples"


def person(name, role="", **fields):
    """Create and return somebody who can sign in with `PASSWORD`. `role` is one that holds everywhere, or ""."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return User.objects.create_user(email=email, name=name, password=PASSWORD, role=role, **fields)


@pytest.fixture
def inspector(db):
    """Return an inspector in the team of `inspection`."""
    return person("Ines Archer")


@pytest.fixture
def other_inspector(db):
    """Return another inspector in the team of `inspection`."""
    return person("Omar Brandt")


@pytest.fixture
def lead(db):
    """Return the lead inspector of `inspection`."""
    return person("Leah Costa")


@pytest.fixture
def manager(db):
    """Return a manager."""
    return person("Mani Doyle", role="manager")


@pytest.fixture
def administrator(db):
    """Return an administrator."""
    return person("Ada Evans", role="administrator")


@pytest.fixture
def stranger(db):
    """Return somebody who signs in and has no role anywhere."""
    return person("Sam Frost")


@pytest.fixture
def everybody(stranger, inspection, lead):
    """Return somebody of each role in `inspection`, and the stranger, by role or `Somebody`."""
    people = {Somebody.STRANGER: stranger}
    for role in ROLES.values():
        people[role] = person(f"One {role.label}", role=role.code if role.everywhere else "")
        if role.code in TEAM_ROLES:
            discipline = "health" if role.has_discipline else ""
            add_member(inspection=inspection, user=people[role], role=role.code, discipline=discipline, by=lead)
    return people


@pytest.fixture
def join_team(inspector, other_inspector, lead):
    """Return a function that puts the inspectors and the lead into the team of an inspection, and returns it."""

    def join(inspection):
        for user, role in ((inspector, "inspector"), (other_inspector, "inspector"), (lead, "lead_inspector")):
            add_member(inspection=inspection, user=user, role=role, by=lead)
        return inspection

    return join


@pytest.fixture
def make_inspection(lead, join_team):
    """Return a function that creates an inspection with its team; what is given overrides the usual."""
    numbers = count(1)

    def make(document=None, **given):
        number = next(numbers)
        usual = {
            "by": lead,
            "slug": f"testshire-{number}",
            "service_slug": f"testshire-{number}",
            "service_name": f"Testshire {number} Youth Offending Team",
            "service_short_name": f"Testshire {number}",
            "document": document or reader.load("youth-2018"),
            "figures_open": True,
        }
        return join_team(create_inspection(**usual | given))

    return make


@pytest.fixture
def inspection(make_inspection):
    """Return an inspection in fieldwork on youth-2018, figures open, with the team and no cases."""
    return make_inspection()


@pytest.fixture
def make_case(lead):
    """Return a function that adds a case to an inspection; what is given overrides the usual."""
    numbers = count(1)

    def make(inspection, **given):
        usual = {"reference": f"C{next(numbers):02}", "sample": "court", "disposal": "referral_order", "by": lead}
        return create_case(inspection=inspection, **usual | given)

    return make


@pytest.fixture
def case(make_case, inspection):
    """Return a court case with a referral order, in which nothing is answered."""
    return make_case(inspection)


@pytest.fixture(scope="session")
def _example(django_db_setup, django_db_blocker):
    @cache
    def both_of(slug):
        with django_db_blocker.unblock(), transaction.atomic():
            raw = (EXAMPLES / f"{slug}.json").read_bytes()
            inspection = load_bundle(raw=raw, by=User.objects.command_line())
            assert differences(inspection) == []
            both = build_annex(inspection, Result.objects.get(inspection=inspection)), gather(inspection)
            transaction.set_rollback(True)
        return both

    return both_of


@pytest.fixture(scope="session")
def example_annex(_example):
    """Return a function that gives the Annex of an example as the product works it out; what that stores is taken back."""
    return lambda slug: _example(slug)[0]


@pytest.fixture(scope="session")
def example_annex_one(_example):
    """Return a function that gives the figures of Annex 1 of an example, in the same way."""
    return lambda slug: _example(slug)[1]


@pytest.fixture
def make_example(lead, join_team):
    """Return a function that loads one of the five example inspections by its slug, with its team and its results."""

    def make(slug):
        return join_team(load_bundle(raw=(EXAMPLES / f"{slug}.json").read_bytes(), by=lead))

    return make


@pytest.fixture
def sefton(make_example):
    """Return Sefton's inspection, loaded from its example."""
    return make_example("sefton-2019")


@pytest.fixture
def settle(db):
    """Return a function that brings every stored result up to date here and now, whoever else should have."""

    def bring_up_to_date():
        for inspection_id in behind():
            recompute(inspection_id=inspection_id)

    return bring_up_to_date


def sign_in_freshly(client, user):
    """Sign a person in to a test client as if by password just now, so that it is a fresh sign-in; return the client."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.fixture
def signed_in(client):
    """Return a function that signs a person in to the test client, and returns the client. The sign-in is not fresh."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
