"""The team of an inspection: roles given and taken away, and conflicts of interest."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.roles import DISCIPLINES
from audit.models import Event
from inspections.access import access_to
from inspections.actions import add_member, move_on
from inspections.errors import InspectionLocked, Refused, Unfit
from inspections.lifecycle import Step
from inspections.models import ConflictOfInterest, Lifecycle, Membership, State
from inspections.team import (
    conflicts_about,
    conflicts_of,
    declare_conflict,
    give_role,
    leave_team,
    note_skills,
    take_back_conflict,
)

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


def put(inspection, state):
    Lifecycle.objects.filter(inspection=inspection).update(state=state)


def role_of(user):
    return Membership.objects.filter(user=user).values_list("role", flat=True).first()


class TestGivingARole:
    def test_to_somebody_new_and_another_to_somebody_in_the_team(self, inspection, stranger, manager):
        give_role(inspection=inspection, user=stranger, role="partner_inspector", discipline="police", by=manager)
        assert role_of(stranger) == "partner_inspector"
        changed = give_role(inspection=inspection, user=stranger, role="observer", discipline="police", by=manager)
        assert (role_of(stranger), changed.discipline) == ("observer", "")
        assert Event.objects.latest("pk").summary == "Gave Sam Frost the role observer."

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"role": "head"}, "role"),
            ({"role": "manager"}, "role"),
            ({"role": "partner_inspector"}, "discipline"),
            ({"role": "partner_inspector", "discipline": "fire"}, "discipline"),
        ],
    )
    def test_what_does_not_fit(self, inspection, stranger, manager, given, field):
        with pytest.raises(Unfit) as refused:
            give_role(inspection=inspection, user=stranger, by=manager, **given)
        assert [*refused.value.faults] == [field]
        assert role_of(stranger) is None

    def test_a_lead_inspector_takes_no_role_away_that_holds_everywhere(self, inspection, manager, administrator, lead):
        with pytest.raises(Refused, match="is manager everywhere"):
            give_role(inspection=inspection, user=manager, role="observer", by=lead)
        assert role_of(manager) is None
        give_role(inspection=inspection, user=manager, role="quality_lead", by=administrator)
        assert role_of(manager) == "quality_lead"

    def test_not_to_oneself(self, inspection, administrator, lead):
        for user in (administrator, lead):
            with pytest.raises(Refused, match="Nobody can give their own role"):
                give_role(inspection=inspection, user=user, role="inspector", by=user)
        assert (role_of(administrator), role_of(lead)) == (None, "lead_inspector")

    def test_not_to_a_closed_account(self, inspection, stranger, manager):
        stranger.is_active = False
        with pytest.raises(Refused, match="account of Sam Frost is closed"):
            give_role(inspection=inspection, user=stranger, role="inspector", by=manager)

    def test_not_once_the_ratings_are_locked(self, inspection, stranger, manager):
        put(inspection, State.LOCKED)
        with pytest.raises(InspectionLocked):
            give_role(inspection=inspection, user=stranger, role="inspector", by=manager)

    def test_a_conflict_of_interest_is_answered_first(self, inspection, stranger, manager):
        declare_conflict(user=stranger, service=inspection.service, text="My sister works there.", by=stranger)
        for despite in ("", " \n "):
            with pytest.raises(Unfit) as refused:
                give_role(inspection=inspection, user=stranger, role="inspector", by=manager, despite=despite)
            assert [*refused.value.faults] == ["despite"]
        give_role(inspection=inspection, user=stranger, role="inspector", by=manager, despite="Not in her team.")
        event = Event.objects.get(action="team.joined_despite")
        assert (event.who, event.reason) == ("Mani Doyle", "Not in her team.")


class TestTheOnlyLead:
    @pytest.fixture(
        params=[
            lambda inspection, lead, by: give_role(inspection=inspection, user=lead, role="inspector", by=by),
            lambda inspection, lead, by: leave_team(
                membership=inspection.memberships.get(user=lead), by=by, reason="Ill."
            ),
        ],
        ids=["another role", "leaving"],
    )
    def go(self, request):
        return request.param

    @pytest.mark.parametrize("state", [State.FIELDWORK, State.MODERATION])
    def test_stays_once_fieldwork_has_begun(self, inspection, lead, manager, stranger, go, state):
        put(inspection, state)
        with pytest.raises(Refused, match="Leah Costa is the only lead inspector"):
            go(inspection, lead, manager)
        assert role_of(lead) == "lead_inspector"
        give_role(inspection=inspection, user=stranger, role="lead_inspector", by=manager)
        go(inspection, lead, manager)
        assert role_of(lead) != "lead_inspector"

    def test_may_go_before_and_then_fieldwork_does_not_begin(self, make_inspection, lead, manager, stranger, go):
        inspection = make_inspection(state=State.PLANNED)
        go(inspection, lead, manager)
        with pytest.raises(Refused, match="no lead inspector yet"):
            move_on(inspection=inspection, step=Step.BEGIN_FIELDWORK, by=manager)
        give_role(inspection=inspection, user=stranger, role="lead_inspector", by=manager)
        move_on(inspection=inspection, step=Step.BEGIN_FIELDWORK, by=stranger)

    def test_one_whose_account_is_closed_does_not_lead_on(self, inspection, lead, manager, stranger, go):
        give_role(inspection=inspection, user=stranger, role="lead_inspector", by=manager)
        stranger.is_active = False
        stranger.save()
        with pytest.raises(Refused, match="only lead inspector"):
            go(inspection, lead, manager)


class TestWhatSuitsThem:
    @pytest.fixture
    def membership(self, inspection, inspector):
        return inspection.memberships.get(user=inspector)

    def test_it_is_noted_recorded_and_stays_with_another_role(self, inspection, membership, inspector, lead):
        wanted = ["harm_classification=high", "sample=court"]
        note_skills(membership=membership, note=" Speaks Polish. ", suited_for=wanted, by=lead)
        give_role(inspection=inspection, user=inspector, role="local_assessor", by=lead)
        membership.refresh_from_db()
        assert (membership.skill_note, membership.suited_for) == (
            "Speaks Polish.",
            ["sample=court", "harm_classification=high"],
        )
        event = Event.objects.get(action="team.skills_noted")
        assert event.summary == (
            "Noted which cases Ines Archer is suited for: Court cases; The YOT's classification of risk of serious harm: High."
        )
        assert event.reason == "Speaks Polish."

    def test_the_same_again_leaves_no_trace(self, membership, lead):
        for _ in range(2):
            note_skills(membership=membership, note="Speaks Polish.", suited_for=[], by=lead)
        assert Event.objects.filter(action="team.skills_noted").count() == 1

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"note": "x" * 100_001, "suited_for": []}, "note"),
            ({"note": "", "suited_for": ["sample=none"]}, "suited_for"),
            ({"note": "", "suited_for": ["high"]}, "suited_for"),
        ],
    )
    def test_what_does_not_fit(self, membership, lead, given, field):
        with pytest.raises(Unfit) as refusal:
            note_skills(membership=membership, by=lead, **given)
        assert list(refusal.value.faults) == [field]

    def test_not_of_who_reads_no_cases_nor_of_who_left(self, inspection, membership, stranger, inspector, lead):
        add_member(inspection=inspection, user=stranger, role="observer", by=lead)
        with pytest.raises(Refused, match="reads no cases as observer"):
            note_skills(membership=inspection.memberships.get(user=stranger), note="", suited_for=[], by=lead)
        leave_team(membership=inspection.memberships.get(user=inspector), by=lead, reason="On leave.")
        with pytest.raises(Refused, match="not in the team any more"):
            note_skills(membership=membership, note="Late.", suited_for=[], by=lead)

    def test_not_once_the_ratings_are_locked(self, inspection, membership, lead):
        put(inspection, State.LOCKED)
        with pytest.raises(InspectionLocked):
            note_skills(membership=membership, note="Late.", suited_for=[], by=lead)


class TestLeaving:
    def test_ends_access_at_once_and_is_kept(self, inspection, inspector, lead):
        access_to(inspector, inspection)
        leave_team(membership=inspection.memberships.get(user=inspector), by=lead, reason=" On leave. ")
        with pytest.raises(Http404):
            access_to(inspector, inspection)
        event = Event.objects.latest("pk")
        assert (event.action, event.summary, event.reason) == (
            "team.left",
            "Took Ines Archer out of the team, as inspector.",
            "On leave.",
        )

    def test_is_possible_when_the_ratings_are_locked(self, inspection, inspector, lead):
        put(inspection, State.LOCKED)
        leave_team(membership=inspection.memberships.get(user=inspector), by=lead, reason="On leave.")
        assert role_of(inspector) is None

    def test_twice_is_said(self, inspection, inspector, lead):
        membership = inspection.memberships.get(user=inspector)
        leave_team(membership=membership, by=lead, reason="On leave.")
        with pytest.raises(Refused, match="not in the team any more"):
            leave_team(membership=membership, by=lead, reason="On leave.")

    def test_needs_a_reason_and_somebody_else(self, inspection, inspector, lead):
        membership = inspection.memberships.get(user=inspector)
        with pytest.raises(Unfit, match="Say why Ines Archer leaves"):
            leave_team(membership=membership, by=lead, reason=" \t")
        with pytest.raises(Refused, match="Nobody can take away their own role"):
            leave_team(membership=membership, by=inspector, reason="Tired.")


class TestConflicts:
    def test_the_newest_counts_in_every_inspection_of_the_service(self, inspection, inspector, lead):
        service = inspection.service
        declare_conflict(user=inspector, service=service, text=" I worked there. ", by=inspector)
        declare_conflict(user=inspector, service=service, text="I worked there until 2024.", by=lead)
        stands = conflicts_about(service)
        assert [(key, held.text, held.by) for key, held in stands.items()] == [
            (inspector.pk, "I worked there until 2024.", lead)
        ]
        assert [held.service for held in conflicts_of(inspector)] == [service]
        assert list(
            Event.objects.filter(action="team.conflict_declared").order_by("pk").values_list("who", "summary", "reason")
        ) == [
            ("Ines Archer", f"Declared a conflict of interest with {service}.", "I worked there."),
            (
                "Leah Costa",
                f"Recorded a conflict of interest of Ines Archer with {service}.",
                "I worked there until 2024.",
            ),
        ]

    def test_the_same_words_again_change_nothing(self, inspection, inspector):
        for _ in range(2):
            declare_conflict(user=inspector, service=inspection.service, text="I worked there.", by=inspector)
        assert ConflictOfInterest.objects.count() == 1

    def test_somebody_else_takes_it_back_with_a_reason(self, inspection, inspector, lead):
        service = inspection.service
        declare_conflict(user=inspector, service=service, text="I worked there.", by=inspector)
        with pytest.raises(Refused, match="Somebody else has to agree"):
            take_back_conflict(user=inspector, service=service, reason="Long ago.", by=inspector)
        with pytest.raises(Unfit, match="Say why"):
            take_back_conflict(user=inspector, service=service, reason=" ", by=lead)
        assert conflicts_about(service)
        take_back_conflict(user=inspector, service=service, reason="Another service.", by=lead)
        assert not conflicts_about(service)
        assert not conflicts_of(inspector)
        assert ConflictOfInterest.objects.count() == 2
        assert Event.objects.latest("pk").reason == "Another service."
        with pytest.raises(Refused, match="No conflict of interest"):
            take_back_conflict(user=inspector, service=service, reason="Again.", by=lead)

    def test_an_empty_one_is_none(self, inspection, inspector):
        with pytest.raises(Unfit, match="Say what the conflict"):
            declare_conflict(user=inspector, service=inspection.service, text=" \n", by=inspector)

    def test_asking_takes_one_query(self, inspection, everybody, lead, django_assert_num_queries):
        for user in everybody.values():
            declare_conflict(user=user, service=inspection.service, text="I worked there.", by=lead)
        with django_assert_num_queries(1):
            assert len({(held.user.name, held.by.name) for held in conflicts_about(inspection.service).values()}) > 5
