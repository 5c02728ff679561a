"""The pages of a team: who is in it, adding somebody, one member, and conflicts of interest of one's own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from cases.enquiries import who_may_follow
from inspections.actions import add_member, archive_inspection
from inspections.models import ConflictOfInterest, Lifecycle, Membership, State
from inspections.team import conflicts_about, declare_conflict, leave_team
from tests.cases.lines import some_line
from tests.cases.posting import fields_of, fill, said
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MINE = "/my/conflicts-of-interest/"


def team_page(inspection):
    return reverse("cases:team", args=[inspection.public_id])


def add_page(inspection):
    return reverse("inspections:add_member", args=[inspection.public_id])


def member_page(inspection, user):
    return reverse("inspections:member", args=[inspection.public_id, user.public_id])


class TestTheTeam:
    def test_shows_who_is_in_it_with_roles_and_cases(self, signed_in, inspection, make_case, inspector, lead):
        for _ in range(2):
            make_case(inspection, allocated_to=inspector)
        declare_conflict(user=inspector, service=inspection.service, text="Worked there.", by=inspector)
        shown = said(signed_in(lead).get(team_page(inspection)))
        assert "3 people in the team" in shown
        assert "Ines Archer Inspector Reads case files" in shown
        assert "2 Worked there. Omar Brandt" in shown
        assert shown.index("Leah Costa Lead inspector") < shown.index("Ines Archer Inspector")
        assert "Held by people" not in shown

    def test_conflicts_are_for_those_who_build_teams(self, signed_in, inspection, everybody, inspector):
        declare_conflict(user=inspector, service=inspection.service, text="Worked there.", by=inspector)
        seen = {
            getattr(role, "code", "")
            for role, user in everybody.items()
            if "Worked there." in said(signed_in(user).get(team_page(inspection)))
        }
        assert seen == {"lead_inspector", "manager", "administrator"}

    def test_who_left_or_cannot_answer_is_named_with_what_they_hold(
        self, signed_in, inspection, make_case, inspector, other_inspector, lead, manager
    ):
        held = [make_case(inspection, allocated_to=inspector) for _ in range(2)]
        make_case(inspection, allocated_to=other_inspector)
        some_line(held[0], lead, assigned=(inspector.pk,))
        leave_team(membership=inspection.memberships.get(user=inspector), by=lead, reason="On leave.")
        add_member(inspection=inspection, user=other_inspector, role="observer", by=lead)
        shown = said(signed_in(lead).get(team_page(inspection)))
        references = " , ".join(case.reference for case in held)
        assert (
            f"Ines Archer, who is not in the team, holds 2 cases ( {references} ) and 1 line of enquiry ( L1 )" in shown
        )
        assert "Omar Brandt, as observer, holds 1 case" in shown
        assert "Give their cases to somebody else" in shown
        theirs = said(signed_in(other_inspector).get(team_page(inspection)))
        assert "Ines Archer, who is not in the team, holds 2 cases ." in theirs.replace("cases.", "cases .")
        assert held[0].reference not in theirs
        assert "Give their cases to somebody else" not in theirs

    def test_queries_do_not_grow(self, signed_in, inspection, make_case, lead):
        client, counts = signed_in(lead), []
        for many in (2, 45):
            for number in range(many):
                user = person(f"Extra {many} {number}")
                add_member(inspection=inspection, user=user, role="inspector", by=lead)
                declare_conflict(user=user, service=inspection.service, text="Worked there.", by=lead)
            for _ in range(2):
                some_line(make_case(inspection, allocated_to=user), lead, assigned=(user.pk,))
            leave_team(membership=inspection.memberships.get(user=user), by=lead, reason="Gone.")
            asked = []
            for address in (team_page(inspection), add_page(inspection), member_page(inspection, lead)):
                client.get(address)
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                asked.append(len(queries))
            counts.append(asked)
        assert inspection.memberships.count() > 45
        assert counts[0] == counts[1]


class TestAdding:
    def test_somebody_with_a_discipline_and_a_declared_conflict(self, signed_in, inspection, stranger, lead):
        client = signed_in(lead)
        given = {
            "person": str(stranger.public_id),
            "role": "partner_inspector",
            "discipline": "health",
            "declared": "Sister works there.",
        }
        response = fill(client, add_page(inspection), given)
        assert "Sam Frost is in the team: partner inspector (health)." in said(client.get(response["Location"]))
        assert conflicts_about(inspection.service)[stranger.pk].by == lead
        assert stranger in who_may_follow(inspection)

    def test_only_those_who_can_join_are_in_the_list(self, signed_in, inspection, stranger, inspector, lead, manager):
        person("Clara Closed", is_active=False)
        shown = said(signed_in(lead).get(add_page(inspection)))
        assert "Sam Frost, sam.frost@example.org" in shown
        assert "Mani Doyle" in shown
        for name in ("Ines Archer", "Clara Closed", "Evenhand command line", "Leah Costa, leah"):
            assert name not in shown

    def test_what_is_missing_is_said_at_once_and_nothing_typed_is_lost(self, signed_in, inspection, lead):
        response = fill(signed_in(lead), add_page(inspection), {"declared": "Sister works there."})
        assert response.status_code == 400
        shown = said(response)
        assert "Select who joins the team." in shown
        assert "Select a role." in shown
        assert fields_of(response)["declared"] == "Sister works there."

    def test_a_conflict_that_stands_is_shown_and_answered(self, signed_in, inspection, stranger, lead):
        declare_conflict(user=stranger, service=inspection.service, text="Sister works there.", by=stranger)
        client, given = signed_in(lead), {"person": str(stranger.public_id), "role": "inspector"}
        response = fill(client, add_page(inspection), given)
        assert response.status_code == 400
        assert "“Sister works there.”" in said(response)
        assert not Membership.objects.filter(user=stranger).exists()
        given["despite"] = "None of her cases is in the sample."
        assert client.post(add_page(inspection), given).status_code == 302
        assert Event.objects.get(action="team.joined_despite").reason == "None of her cases is in the sample."

    def test_whoever_invites_is_led_there(self, signed_in, inspection, lead, administrator):
        assert "/people/invite/" in signed_in(administrator).get(add_page(inspection)).content.decode()
        assert "An administrator invites them." in said(signed_in(lead).get(add_page(inspection)))

    def test_forged_by_somebody_else_is_refused(self, signed_in, inspection, stranger, inspector):
        given = {"person": str(inspector.public_id), "role": "lead_inspector"}
        assert signed_in(stranger).post(add_page(inspection), given).status_code == 404
        assert signed_in(inspector).post(add_page(inspection), given).status_code == 403
        assert Membership.objects.get(user=inspector).role == "inspector"

    def test_locked_ratings_are_said_and_refused(self, signed_in, inspection, stranger, lead):
        Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)
        client = signed_in(lead)
        shown = client.get(add_page(inspection))
        assert "are locked" in said(shown)
        assert "person" not in fields_of(shown)
        given = {"person": str(stranger.public_id), "role": "inspector"}
        assert client.post(add_page(inspection), given).status_code == 409
        assert not Membership.objects.filter(user=stranger).exists()


class TestAMember:
    def test_gets_another_role(self, signed_in, inspection, inspector, lead):
        client = signed_in(lead)
        address = member_page(inspection, inspector)
        response = client.post(address, {"do": "role", "role-role": "quality_lead"})
        assert response["Location"] == address
        assert "Ines Archer is quality lead now." in said(client.get(address))

    def test_conflicts_are_recorded_and_taken_back(self, signed_in, inspection, inspector, lead):
        client, address = signed_in(lead), member_page(inspection, inspector)
        client.post(address, {"do": "conflict", "conflict-text": "Worked there."})
        assert conflicts_about(inspection.service)[inspector.pk].text == "Worked there."
        assert "Why may they be in the team all the same?" in said(client.get(address))
        assert client.post(address, {"do": "take_back", "take_back-reason": " "}).status_code == 400
        client.post(address, {"do": "take_back", "take_back-reason": "Another service."})
        assert not conflicts_about(inspection.service)

    def test_leaves_and_their_access_ends_at_once(self, client, signed_in, inspection, inspector, lead):
        address = member_page(inspection, inspector)
        refused = signed_in(lead).post(address, {"do": "leave", "leave-reason": ""})
        assert refused.status_code == 400
        assert "Say why Ines Archer leaves the team." in said(refused)
        response = signed_in(lead).post(address, {"do": "leave", "leave-reason": "On leave."}, follow=True)
        assert "Ines Archer is out of the team." in said(response)
        assert signed_in(inspector).get(team_page(inspection)).status_code == 404
        assert signed_in(lead).get(address).status_code == 404

    @pytest.mark.parametrize(
        "given",
        [
            {"do": "role", "role-role": "inspector"},
            {"do": "leave", "leave-reason": "Tired."},
            {"do": "take_back", "take_back-reason": "It is nothing."},
        ],
        ids=lambda given: given["do"],
    )
    def test_oneself_is_for_others(self, signed_in, inspection, lead, given):
        declare_conflict(user=lead, service=inspection.service, text="Worked there.", by=lead)
        client, address = signed_in(lead), member_page(inspection, lead)
        assert given["do"] not in fields_of(client.get(address)).getlist("do")
        if given["do"] == "role":
            given = given | {"role-despite": "I say so."}
        response = client.post(address, given)
        assert response.status_code == 400
        assert "There is a problem" in said(response)
        assert Membership.objects.get(user=lead).role == "lead_inspector"
        assert conflicts_about(inspection.service)

    def test_the_only_lead_stays(self, signed_in, inspection, lead, manager):
        client, address = signed_in(manager), member_page(inspection, lead)
        for given in ({"do": "leave", "leave-reason": "Ill."}, {"do": "role", "role-role": "observer"}):
            response = client.post(address, given)
            assert response.status_code == 400
            assert "Leah Costa is the only lead inspector, and fieldwork has begun." in said(response)

    @pytest.mark.parametrize("do", ["", "promote"])
    def test_anything_else_is_not_there(self, signed_in, inspection, inspector, lead, do):
        assert signed_in(lead).post(member_page(inspection, inspector), {"do": do}).status_code == 404

    def test_who_is_not_in_the_team_is_not_there(self, signed_in, inspection, stranger, lead):
        assert signed_in(lead).get(member_page(inspection, stranger)).status_code == 404


class TestOnesOwn:
    def test_is_declared_from_the_team_page(self, signed_in, inspection, inspector, manager):
        client = signed_in(inspector)
        address = f"{MINE}?inspection={inspection.public_id}"
        assert address in client.get(team_page(inspection)).content.decode()
        assert fields_of(client.get(address))["service"] == inspection.service.slug
        response = fill(client, address, {"text": "Worked there."})
        shown = said(client.get(response["Location"]))
        assert f"Your conflict of interest with {inspection.service} is recorded." in shown
        assert "Worked there. You," in shown

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"text": "Worked there."}, "Select the service."),
            ({"text": " "}, "Select the service."),
            ({"service": "no-such", "text": "Worked there."}, "Select a valid choice"),
        ],
    )
    def test_what_is_missing_is_said(self, signed_in, inspection, inspector, given, sentence):
        response = signed_in(inspector).post(MINE, given)
        assert response.status_code == 400
        assert sentence in said(response)
        assert not ConflictOfInterest.objects.exists()

    def test_services_are_told_to_the_programme_and_to_others_those_of_their_inspections(
        self, signed_in, inspection, make_inspection, everybody, lead
    ):
        other = make_inspection()
        archive_inspection(inspection=make_inspection(), by=lead)

        def told(user):
            return set(fields_of_services(signed_in(user).get(MINE)))

        names = {getattr(role, "code", "stranger"): told(user) for role, user in everybody.items()}
        everything = {inspection.service.slug, other.service.slug, "testshire-3"}
        for role in ("inspector", "lead_inspector", "quality_lead", "manager", "administrator"):
            assert names[role] == everything
        for role in ("local_assessor", "partner_inspector", "observer"):
            assert names[role] == {inspection.service.slug}
        assert names["stranger"] == set()

    def test_a_service_that_is_not_told_is_not_taken(self, signed_in, inspection, stranger):
        response = signed_in(stranger).post(MINE, {"service": inspection.service.slug, "text": "Worked there."})
        assert response.status_code == 400
        assert not ConflictOfInterest.objects.exists()

    @pytest.mark.parametrize("wanted", ["", "nothing", "00000000-0000-0000-0000-000000000007"])
    def test_an_inspection_that_is_none_selects_nothing(self, signed_in, inspection, inspector, wanted):
        assert fields_of(signed_in(inspector).get(f"{MINE}?inspection={wanted}"))["service"] == ""


def fields_of_services(response):
    """Return the services that a page has to select from, by slug."""
    form = response.context["form"]
    return [slug for slug, _ in form.fields["service"].choices if slug]


class TestWhatSuitsThem:
    def test_it_is_noted_and_shown_where_cases_are_given(self, signed_in, inspection, inspector, lead):
        client, page = signed_in(lead), member_page(inspection, inspector)
        shown = client.get(page)
        assert "Cases that suit Ines Archer" in said(shown)
        given = {
            "do": "skills",
            "skills-note": "Speaks Polish.",
            "skills-suited_0": ["sample=court"],
            "skills-suited_4": ["safety_classification=high", "safety_classification=very_high"],
        }
        response = client.post(page, given)
        assert response["Location"] == page
        again = fields_of(client.get(page))
        assert again["skills-note"] == "Speaks Polish."
        assert again.getlist("skills-suited_4") == given["skills-suited_4"]
        allocation = said(client.get(reverse("cases:allocation", args=[inspection.public_id])))
        words = "The YOT's classification of safety and wellbeing"
        assert f"Suited for Court cases; {words}: High; {words}: Very high Speaks Polish." in allocation

    def test_nothing_typed_is_lost(self, signed_in, inspection, inspector, lead):
        given = {"do": "skills", "skills-note": "x" * 100_001, "skills-suited_0": ["sample=court", "sample=nothing"]}
        response = signed_in(lead).post(member_page(inspection, inspector), given)
        assert response.status_code == 400
        assert "Select kinds of cases that the standards have." in said(response)
        assert fields_of(response)["skills-note"] == "x" * 100_001
        assert fields_of(response).getlist("skills-suited_0") == ["sample=court"]

    def test_only_of_who_reads_cases_and_also_ones_own(self, signed_in, inspection, stranger, lead):
        add_member(inspection=inspection, user=stranger, role="observer", by=lead)
        client = signed_in(lead)
        assert "Cases that suit" not in said(client.get(member_page(inspection, stranger)))
        assert client.post(member_page(inspection, stranger), {"do": "skills"}).status_code == 400
        assert client.post(member_page(inspection, lead), {"do": "skills", "skills-note": "Mine."}).status_code == 302
        assert inspection.memberships.get(user=lead).skill_note == "Mine."


def test_who_has_conflicts_and_skills_is_kept_on_no_device(signed_in, inspection, inspector, lead, manager):
    allocation = reverse("cases:allocation", args=[inspection.public_id])
    for user in (lead, manager):
        for address in (member_page(inspection, inspector), allocation):
            html = signed_in(user).get(address).content.decode()
            assert html.count("data-never-kept") == 1
