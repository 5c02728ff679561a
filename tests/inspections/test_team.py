"""Roles in the team of an inspection."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.roles import DISCIPLINES
from audit.models import Event
from inspections.actions import add_member
from inspections.errors import Refused
from inspections.models import Membership

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_a_partner_inspector_comes_from_a_discipline(inspection, stranger, lead, discipline):
    membership = add_member(
        inspection=inspection, user=stranger, role="partner_inspector", discipline=discipline, by=lead
    )
    label = f"Partner inspector ({DISCIPLINES[discipline].lower()})"
    assert membership.role_label == label
    assert Event.objects.latest("pk").summary == f"Gave Sam Frost the role {label.lower()}."


@pytest.mark.parametrize(
    ("role", "discipline", "sentence"),
    [
        ("partner_inspector", "", "Say which discipline Sam Frost comes from .*: police, health, social care, educ"),
        ("partner_inspector", "fire", "Say which discipline"),
        ("inspector", "police", "Only a partner inspector has a discipline"),
    ],
)
def test_others_are_refused(inspection, stranger, lead, role, discipline, sentence):
    with pytest.raises(Refused, match=sentence):
        add_member(inspection=inspection, user=stranger, role=role, discipline=discipline, by=lead)
    assert not Membership.objects.filter(user=stranger).exists()


def test_the_database_knows_the_disciplines(inspection, stranger):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(inspection=inspection, user=stranger, role="partner_inspector", discipline="fire")


def test_the_command_takes_a_discipline(inspection, stranger, capsys):
    given = ("join_team", inspection.slug, stranger.email, "partner_inspector")
    call_command(*given, "--discipline", "education")
    assert capsys.readouterr().out == "Partner inspector (education)\n"
    with pytest.raises(CommandError, match="Say which discipline"):
        call_command(*given)
