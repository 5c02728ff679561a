"""Who reads which case: giving cases to people, taking them back, and the page on which that is done."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case, record_answer
from cases.allocation import Move, allocate_cases, readers_of
from cases.answers import Given
from cases.models import Case
from inspections.actions import add_member
from inspections.errors import InspectionLocked, Refused, Unfit
from inspections.models import Lifecycle, Membership, Sequence
from inspections.team import declare_conflict, note_skills
from tests.cases.posting import change, fields_of, said, send
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def give(inspection, lead):
    """Return a function that gives a case to a person as the lead, as somebody would who sees it as it stands."""

    def give(case, to, by=lead, was=Ellipsis, **given):
        case.refresh_from_db(fields=["allocated_to"])
        was = case.allocated_to_id if was is Ellipsis else was
        return allocate_cases(inspection=inspection, moves=[Move(case, was, to and to.pk)], by=by, **given)

    return give


@pytest.fixture
def conflict(inspection, other_inspector):
    """Let the other inspector have a conflict of interest about the service."""
    return declare_conflict(
        user=other_inspector, service=inspection.service, text="My sister works there.", by=other_inspector
    )


def holder(case):
    case.refresh_from_db()
    return case.allocated_to


class TestTheWriter:
    def test_a_case_is_given_taken_and_taken_back(self, case, inspector, other_inspector, give):
        give(case, inspector)
        give(case, other_inspector)
        give(case, None)
        assert holder(case) is None
        said = Event.objects.filter(action="case.allocated").order_by("pk").values_list("summary", flat=True)
        assert list(said) == [
            f"Gave case {case.reference} to Ines Archer.",
            f"Took case {case.reference} from Ines Archer and gave it to Omar Brandt.",
            f"Took case {case.reference} from Omar Brandt.",
        ]

    def test_what_was_answered_stays(self, case, inspector, other_inspector, give):
        give(case, inspector)
        record_answer(case=case, by=inspector, given=Given("2.1.1.a", "yes", note="Seen."))
        give(case, other_inspector)
        answer = case.answers.get(question="2.1.1.a")
        assert (answer.value, answer.note, answer.answered_by) == ("yes", "Seen.", inspector)
        assert case.revisions.count() == 1
        assert holder(case) == other_inspector

    def test_who_reads_on_has_what_was_answered_and_its_history(
        self, signed_in, case, inspector, other_inspector, give
    ):
        give(case, inspector)
        record_answer(case=case, by=inspector, given=Given("2.1.1.a", "yes", note="Seen."))
        give(case, other_inspector)
        base = case.answers.get(question="2.1.1.a").version
        record_answer(case=case, by=other_inspector, given=Given("2.1.1.a", "no", base=base, note="Not there."))
        history = said(signed_in(other_inspector).get(reverse("cases:history", args=[case.public_id])))
        assert all(held in history for held in ("Ines Archer", "Seen.", "Omar Brandt", "Not there."))

    def test_it_moves_no_rating(self, case, inspector, give):
        numbers = Sequence.objects.values_list("value", flat=True)
        before = numbers.get(inspection=case.inspection)
        give(case, inspector)
        assert numbers.get(inspection=case.inspection) == before

    def test_giving_it_to_who_has_it_leaves_no_trace(self, case, inspector, give):
        give(case, inspector)
        count = Event.objects.count()
        assert give(case, inspector, was=None) == []
        assert Event.objects.count() == count

    def test_who_may_be_given_cases(self, inspection, inspector, other_inspector, lead):
        assessor, observer = person("Lola Grant"), person("Oda Hill")
        add_member(inspection=inspection, user=assessor, role="local_assessor", by=lead)
        add_member(inspection=inspection, user=observer, role="observer", by=lead)
        add_member(inspection=inspection, user=person("Gone Away", is_active=False), role="inspector", by=lead)
        assert list(readers_of(inspection)) == [inspector, lead, assessor, other_inspector]

    def test_somebody_outside_the_team_is_refused(self, case, stranger, manager, give):
        for somebody in (stranger, manager):
            with pytest.raises(Unfit) as refusal:
                give(case, somebody)
            assert "only to people of the team who read cases" in refusal.value.faults[str(case.public_id)]
        assert holder(case) is None

    def test_somebody_else_was_quicker(self, case, inspector, other_inspector, give):
        give(case, inspector)
        with pytest.raises(Unfit, match="was given to Ines Archer after you opened"):
            give(case, other_inspector, was=None)
        assert holder(case) == inspector

    def test_a_conflict_of_interest_needs_a_reason(self, case, other_inspector, conflict, give):
        for despite in ("", "   "):
            with pytest.raises(Unfit, match="has a conflict of interest about this service"):
                give(case, other_inspector, despite=despite)
        assert holder(case) is None
        give(case, other_inspector, despite="She left last year.")
        event = Event.objects.latest("pk")
        assert (event.action, event.reason) == ("case.allocated", "She left last year.")

    def test_nothing_happens_when_one_is_refused(
        self, inspection, make_case, inspector, other_inspector, conflict, lead
    ):
        cases = [make_case(inspection) for _ in range(3)]
        people = [inspector.pk, other_inspector.pk, inspector.pk]
        moves = [Move(case, None, to) for case, to in zip(cases, people, strict=True)]
        with pytest.raises(Unfit) as refusal:
            allocate_cases(inspection=inspection, moves=moves, by=lead)
        assert list(refusal.value.faults) == [str(cases[1].public_id)]
        assert [holder(case) for case in cases] == [None] * 3
        assert not Event.objects.filter(action="case.allocated").exists()

    def test_an_excluded_case_is_nobodys(self, case, inspector, lead, give):
        exclude_case(case=case, reason="No file.", by=lead)
        with pytest.raises(Unfit, match="is excluded"):
            give(case, inspector)

    def test_a_case_of_another_inspection_is_refused(self, case, make_inspection, make_case, inspector, lead):
        other = make_case(make_inspection())
        with pytest.raises(Refused, match="another inspection"):
            allocate_cases(inspection=case.inspection, moves=[Move(other, None, inspector.pk)], by=lead)

    def test_locked(self, case, inspector, give):
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        with pytest.raises(InspectionLocked):
            give(case, inspector)

    def test_before_fieldwork_too(self, case, inspector, give):
        Lifecycle.objects.filter(inspection=case.inspection).update(state="planned")
        give(case, inspector)
        assert holder(case) == inspector


class TestThePage:
    @pytest.fixture
    def url(self, inspection):
        return reverse("cases:allocation", args=[inspection.public_id])

    def test_cases_are_given_with_one_button(
        self, signed_in, lead, inspection, make_case, inspector, other_inspector, url
    ):
        first, second, third = (make_case(inspection) for _ in range(3))
        client = signed_in(lead)
        wanted = {str(first.public_id): str(inspector.pk), str(third.public_id): str(other_inspector.pk)}
        response = send(client, url, change(fields_of(client.get(url)), wanted))
        assert response["Location"] == url
        assert [holder(case) for case in (first, second, third)] == [inspector, None, other_inspector]
        page = said(client.get(url))
        assert "2 cases have changed hands." in page
        assert "Ines Archer 1 0 0 64 Leah Costa 0 0 0 0 Omar Brandt 1 0 0 64 Nobody 1 0 0" in page

    def test_an_administrator_sees_no_disposal_and_a_manager_is_recorded(
        self, signed_in, inspection, case, administrator, manager, url
    ):
        disposal = inspection.worded(inspection.document.disposal(case.disposal).label)
        page = said(signed_in(administrator).get(url))
        assert case.reference in page
        assert disposal not in page
        assert not Event.objects.filter(action="evidence.read").exists()
        assert disposal in said(signed_in(manager).get(url))
        read = Event.objects.get(action="evidence.read")
        assert (read.who_email, "the allocation of cases" in read.summary) == (manager.email, True)

    def test_nothing_typed_is_lost(self, signed_in, lead, inspection, make_case, inspector, other_inspector, give, url):
        first, second = make_case(inspection), make_case(inspection)
        client = signed_in(lead)
        wanted = {str(first.public_id): str(inspector.pk), str(second.public_id): str(inspector.pk)}
        fields = change(fields_of(client.get(url)), wanted | {"despite": "Because."})
        give(first, other_inspector)
        response = send(client, url, fields)
        assert response.status_code == 400
        assert f"Case {first.reference} was given to Omar Brandt after you opened this page." in said(response)
        assert (holder(first), holder(second)) == (other_inspector, None)
        again = fields_of(response)
        assert {name: again[name] for name in wanted} == wanted
        assert again["despite"] == "Because."
        assert again[f"was-{first.public_id}"] == str(other_inspector.pk)
        assert send(client, url, again).status_code == 302
        assert (holder(first), holder(second)) == (inspector, inspector)

    def test_what_somebody_else_moved_meanwhile_stays(
        self, signed_in, lead, inspection, make_case, inspector, other_inspector, give, url
    ):
        first, second = make_case(inspection), make_case(inspection)
        client = signed_in(lead)
        fields = change(fields_of(client.get(url)), {str(second.public_id): str(inspector.pk)})
        give(first, other_inspector)
        added = make_case(inspection)
        give(added, other_inspector)
        assert send(client, url, fields).status_code == 302
        assert [holder(case) for case in (first, second, added)] == [other_inspector, inspector, other_inspector]

    def test_a_conflict_of_interest_is_shown_and_asks_for_a_reason(
        self, signed_in, lead, case, other_inspector, conflict, url
    ):
        client = signed_in(lead)
        shown = client.get(url)
        assert "Omar Brandt (conflict of interest)" in shown.content.decode()
        assert "My sister works there." in said(shown)
        fields = change(fields_of(shown), {str(case.public_id): str(other_inspector.pk)})
        response = send(client, url, fields)
        assert response.status_code == 400
        assert f'href="#id_{case.public_id}"' in response.content.decode()
        assert send(client, url, change(fields_of(response), {"despite": "She left."})).status_code == 302
        assert holder(case) == other_inspector

    @pytest.mark.parametrize("forged", ["0", "x", "99999999999999999999"])
    def test_a_forged_person(self, signed_in, lead, case, url, forged):
        response = signed_in(lead).post(url, {str(case.public_id): forged, f"was-{case.public_id}": ""})
        assert response.status_code == 400
        assert holder(case) is None

    @pytest.mark.parametrize("forged", ["-1", "x", "9" * 40])
    def test_a_forged_past(self, signed_in, lead, case, inspector, url, forged):
        signed_in(lead).post(url, {str(case.public_id): str(inspector.pk), f"was-{case.public_id}": forged})
        assert holder(case) is None

    def test_who_left_the_team_keeps_their_cases_until_somebody_takes_them(
        self, signed_in, lead, case, inspector, give, url
    ):
        give(case, inspector)
        Membership.objects.filter(user=inspector).delete()
        client = signed_in(lead)
        shown = client.get(url)
        assert "Ines Archer, not a reader in the team any more" in shown.content.decode()
        assert send(client, url, fields_of(shown)).status_code == 302
        assert holder(case) == inspector

    def test_not_for_inspectors(self, signed_in, inspector, case, url):
        client = signed_in(inspector)
        assert client.get(url).status_code == 403
        posted = {str(case.public_id): str(inspector.pk), f"was-{case.public_id}": ""}
        assert client.post(url, posted).status_code == 403
        assert holder(case) is None

    def test_an_administrator_gives_cases_without_reading_them(self, signed_in, administrator, case, inspector, url):
        client = signed_in(administrator)
        shown = client.get(url)
        assert reverse("cases:case", args=[case.public_id]) not in shown.content.decode()
        assert send(client, url, change(fields_of(shown), {str(case.public_id): str(inspector.pk)})).status_code == 302
        assert holder(case) == inspector

    def test_locked(self, signed_in, lead, case, inspector, url):
        client = signed_in(lead)
        fields = change(fields_of(client.get(url)), {str(case.public_id): str(inspector.pk)})
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        response = send(client, url, fields)
        assert response.status_code == 409
        assert "are locked" in said(response)
        assert "<select" not in client.get(url).content.decode()

    def test_its_cost_does_not_grow(
        self, signed_in, lead, inspection, make_case, inspector, other_inspector, give, url
    ):
        client = signed_in(lead)
        give(make_case(inspection), inspector)
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for to in (inspector, other_inspector, None) * 3:
            give(make_case(inspection), to)
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(many) == len(few)


class TestAProposal:
    @pytest.fixture
    def url(self, inspection):
        return reverse("cases:allocation", args=[inspection.public_id])

    @pytest.fixture
    def suited(self, inspection, other_inspector, lead):
        membership = inspection.memberships.get(user=other_inspector)
        wanted = ["sample=out_of_court", "harm_classification=high"]
        return note_skills(membership=membership, note="New to custody.", suited_for=wanted, by=lead)

    def test_it_selects_who_might_read_each_with_the_reason_and_stores_nothing(
        self, signed_in, lead, inspection, make_case, inspector, other_inspector, give, suited, url
    ):
        court = make_case(inspection)
        high = make_case(inspection, profile={"harm_classification": "high"})
        out = make_case(inspection, sample="out_of_court", disposal="youth_caution")
        has = make_case(inspection)
        give(has, lead)
        excluded = make_case(inspection)
        exclude_case(case=excluded, reason="No file.", by=lead)
        client, events = signed_in(lead), Event.objects.count()
        assert "Propose who reads them" in client.get(url).content.decode()
        shown = client.get(f"{url}?propose=yes")
        page = said(shown)
        fields = fields_of(shown)
        assert fields[str(has.public_id)] == str(lead.pk)
        assert str(excluded.public_id) not in fields
        given = {case: fields[str(case.public_id)] for case in (court, high, out)}
        assert (given[high], given[out]) == (str(other_inspector.pk), str(other_inspector.pk))
        assert given[court] == str(inspector.pk)
        assert "Suited for “Out-of-court cases”" in page
        assert "Suited for “The YOT's classification of risk of serious harm: High”" in page
        assert "Least left to read so far" in page
        assert "New to custody." in page
        assert Event.objects.count() == events
        assert [holder(case) for case in given] == [None] * 3
        assert send(client, url, fields).status_code == 302
        assert {case: str(holder(case).pk) for case in given} == given

    def test_finished_cases_count_as_done_and_are_not_proposed(
        self, signed_in, lead, inspection, make_case, inspector, give, url
    ):
        done = [make_case(inspection) for _ in range(3)]
        for case in done[:2]:
            give(case, inspector)
        Case.objects.filter(pk__in=[case.pk for case in done]).update(state="submitted")
        fresh = make_case(inspection)
        fields = fields_of(signed_in(lead).get(f"{url}?propose=yes"))
        assert fields[str(fresh.public_id)] == str(
            min(inspector.pk, lead.pk, *[held.pk for held in readers_of(inspection)])
        )
        assert fields[str(done[2].public_id)] == ""

    def test_nobody_can_take_them(self, signed_in, lead, inspection, case, inspector, other_inspector, url):
        for person_of_team in (inspector, other_inspector, lead):
            declare_conflict(user=person_of_team, service=inspection.service, text="Worked there.", by=person_of_team)
        shown = signed_in(lead).get(f"{url}?propose=yes")
        assert f"Nobody in the team can be given {case.reference}" in said(shown)
        assert fields_of(shown)[str(case.public_id)] == ""

    def test_who_may_not_read_cases_is_not_told_what_they_are(
        self, signed_in, administrator, inspection, make_case, suited, url
    ):
        make_case(inspection, profile={"harm_classification": "high"})
        page = said(signed_in(administrator).get(f"{url}?propose=yes"))
        assert "Suited for this kind of case" in page
        assert "Suited for “" not in page

    def test_locked(self, signed_in, lead, inspection, case, url):
        Lifecycle.objects.filter(inspection=inspection).update(state="locked")
        shown = signed_in(lead).get(f"{url}?propose=yes")
        assert "<select" not in shown.content.decode()
        assert "Propose who" not in said(shown)

    def test_its_cost_does_not_grow(self, signed_in, lead, inspection, make_case, suited, url):
        client = signed_in(lead)
        counts = []
        for many in (1, 12):
            for _ in range(many):
                make_case(inspection)
            client.get(f"{url}?propose=yes")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"{url}?propose=yes")
            counts.append(len(queries))
        assert counts[0] == counts[1]
