"""Held answers: the lead inspector sees both, and accepts or rejects."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from cases.actions import decide_held, exclude_case, receive_answer, record_answer, set_imported_state
from cases.answers import Given
from cases.errors import StaleAnswer
from cases.held import waiting
from cases.models import AnswerRevision, HeldAnswer, HeldDecision
from inspections.errors import InspectionLocked, Refused
from inspections.models import State

pytestmark = pytest.mark.django_db

GIVEN_AT, OFFLINE = datetime(2026, 5, 3, 13, 2, tzinfo=UTC), datetime(2026, 5, 3, 8, 30, tzinfo=UTC)


def lock(inspection, state=State.LOCKED):
    inspection.lifecycle.state = state
    inspection.lifecycle.save()


@pytest.fixture
def hold(case, inspector):
    """Return a function that lets an answer come while the ratings are locked, and opens them again."""

    def come(question="2.1.1", value="no", **parts):
        lock(case.inspection)
        given = Given(question=question, value=value, given_at=GIVEN_AT, offline_since=OFFLINE, **parts)
        held = receive_answer(case=case, by=inspector, given=given, leads=False)
        lock(case.inspection, State.FIELDWORK)
        return held

    return come


def accept(held, by, base=0, reason="It was given in time."):
    return decide_held(held=held, accepted=True, reason=reason, by=by, base=base)


class TestAccepting:
    def test_it_is_stored_as_the_answer_of_whoever_gave_it(self, hold, case, inspector, lead):
        held = hold(note="Typed on a train.", source="file", at_interview=True, change_reason="Read again.")

        decision = accept(held, lead)

        assert (decision.accepted, decision.reason, decision.by) == (True, "It was given in time.", lead)
        row = case.answers.get(question="2.1.1")
        assert (row.value, row.note, row.source, row.at_interview) == ("no", "Typed on a train.", "file", True)
        assert row.answered_by == inspector
        revision = case.revisions.get(question="2.1.1")
        assert (revision.by, revision.given_at, revision.offline_since) == (inspector, GIVEN_AT, OFFLINE)
        assert revision.change_reason == f"Read again.\nAccepted by {lead.name}: It was given in time."
        event = Event.objects.get(action="held.accepted")
        assert (event.who, event.reason, event.case) == (lead.name, "It was given in time.", str(case.public_id))
        assert inspector.name in event.summary

    def test_it_stands_on_the_version_that_the_lead_saw(self, hold, case, lead, other_inspector):
        held = hold()
        record_answer(case=case, by=other_inspector, given=Given(question="2.1.1", value="yes"))
        with pytest.raises(StaleAnswer, match=other_inspector.name):
            accept(held, lead, base=0)
        assert not HeldDecision.objects.exists()
        accept(held, lead, base=1)
        assert case.answers.get(question="2.1.1").value == "no"

    def test_the_command_is_still_answered_with_held(self, hold, case, inspector, lead):
        held = hold()
        accept(held, lead)
        given = Given(question="2.1.1", value="no", command_id=held.command_id)
        assert receive_answer(case=case, by=inspector, given=given, leads=False) == held
        assert not AnswerRevision.objects.filter(command_id=held.command_id).exists()

    def test_a_fact_that_was_settled_has_its_reason(self, hold, case, inspector, lead):
        for question, value in (("safety_factors", "true"), ("2.2.2", "yes")):
            record_answer(case=case, by=inspector, given=Given(question=question, value=value))
        accept(hold("safety_factors", "false"), lead, base=1)
        assert not case.answers.get(question="2.2.2").asked

    def test_a_question_that_is_not_asked_takes_it(self, hold, case, inspector, lead):
        held = hold("2.2.3", "yes")
        record_answer(case=case, by=inspector, given=Given(question="harm_factors", value="false"))
        accept(held, lead)
        row = case.answers.get(question="2.2.3")
        assert (row.value, row.asked) == ("yes", False)

    def test_locked_ratings_take_none_but_a_rejection(self, hold, case, lead):
        held = hold()
        lock(case.inspection)
        with pytest.raises(InspectionLocked, match=r"Reject this one, or leave it here"):
            accept(held, lead)
        assert not HeldDecision.objects.exists()
        decide_held(held=held, accepted=False, reason="Too late.", by=lead)
        assert case.answers.get(question="2.1.1").value is None

    def test_an_agreed_and_an_excluded_case_say_what_to_do_first(self, hold, case, lead):
        held = hold()
        set_imported_state(case=case, state="agreed", by=lead)
        with pytest.raises(Refused, match="return it first"):
            accept(held, lead)
        exclude_case(case=case, reason="The file was lost.", by=lead)
        with pytest.raises(Refused, match="Restore it first"):
            accept(held, lead)
        assert not HeldDecision.objects.exists()


class TestDeciding:
    def test_rejecting_changes_no_answer(self, hold, case, lead):
        decision = decide_held(held=hold(), accepted=False, reason="Overtaken.", by=lead)
        assert (decision.accepted, case.revisions.count()) == (False, 0)
        assert Event.objects.get(action="held.rejected").reason == "Overtaken."

    @pytest.mark.parametrize("accepted", [True, False])
    def test_a_reason_is_needed(self, hold, lead, accepted):
        with pytest.raises(Refused, match=r"Say why you (accept|reject)"):
            decide_held(held=hold(), accepted=accepted, reason=" ", by=lead, base=0)

    def test_it_is_decided_once(self, hold, lead):
        held = hold()
        decide_held(held=held, accepted=False, reason="Overtaken.", by=lead)
        with pytest.raises(Refused, match=f"{lead.name} rejected this answer already"):
            accept(held, lead)
        assert waiting(held.case.inspection).count() == 0
        with pytest.raises(IntegrityError), transaction.atomic():
            HeldDecision.objects.create(held=held, accepted=True, reason="Again.", by=lead)


class TestPage:
    @pytest.fixture
    def post(self, client, lead, case):
        """Return a function that decides on the page as the lead, on the version that the page shows."""

        def decide(held, decision, reason="It was given in time.", version=0, by=None):
            client.force_login(by or lead)
            fields = {
                "held": str(held.command_id),
                "decision": decision,
                f"held-{held.command_id}-reason": reason,
                f"held-{held.command_id}-version": version,
            }
            return client.post(address(case), fields)

        return decide

    def test_both_answers_stand_side_by_side(self, hold, client, case, inspector, other_inspector, lead):
        record_answer(case=case, by=other_inspector, given=Given(question="2.1.1", value="yes", note="Clear."))
        hold(note="Typed on a train.", source="interview")
        client.force_login(lead)
        text = client.get(address(case)).content.decode()
        for words in (
            other_inspector.name,
            "Clear.",
            inspector.name,
            "Typed on a train.",
            "An interview",
            "3 May 2026, 14:02",
            "offline since 3 May 2026, 09:30",
            "were locked before this answer arrived",
        ):
            assert words in text

    def test_accepting(self, hold, post, case):
        response = post(hold(), "accept")
        assert response.status_code == 302
        assert case.answers.get(question="2.1.1").value == "no"

    def test_rejecting(self, hold, post, client, case):
        post(hold(note="Typed on a train."), "reject", "Overtaken.")
        text = client.get(address(case)).content.decode()
        assert case.answers.get(question="2.1.1").value is None
        for words in ("No answer waits.", "Decided", "Overtaken.", "Typed on a train."):
            assert words in text

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"reason": ""}, "Say why you accept this answer."),
            ({"version": ""}, "This form could not be read."),
            ({"version": "x"}, "This form could not be read."),
            ({"decision": "maybe"}, "This form could not be read."),
            ({"reason": "x" * 100_001}, "Shorten it"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, hold, post, changes, sentence):
        response = post(hold(), **({"decision": "accept", "reason": "Typed already."} | changes))
        assert response.status_code == 400
        text = response.content.decode()
        assert sentence in text
        assert changes.get("reason", "Typed already.")[:50] in text
        assert not HeldDecision.objects.exists()

    def test_an_answer_that_changed_meanwhile_is_shown_before_anything_is_decided(
        self, hold, post, case, other_inspector
    ):
        held = hold()
        record_answer(case=case, by=other_inspector, given=Given(question="2.1.1", value="not_applicable"))
        response = post(held, "accept")
        assert response.status_code == 400
        text = response.content.decode()
        assert f"{other_inspector.name} changed 2.1.1" in text
        assert f'name="held-{held.command_id}-version"\n                       value="1"' in text

    def test_one_that_somebody_decided_meanwhile(self, hold, post, client, lead, case):
        held = hold()
        decide_held(held=held, accepted=False, reason="Overtaken.", by=lead)
        response = post(held, "accept")
        assert response.status_code == 302
        assert "rejected this answer already" in client.get(address(case)).content.decode()

    def test_while_locked_only_rejecting_is_offered(self, hold, client, case, lead):
        hold()
        lock(case.inspection)
        client.force_login(lead)
        text = client.get(address(case)).content.decode()
        assert "It cannot be accepted now. The ratings of this inspection are locked" in text
        assert 'value="accept"' not in text
        assert 'value="reject"' in text

    def test_only_the_lead_decides(self, hold, post, client, case, inspector, manager, stranger):
        held = hold()
        for user, status in ((inspector, 403), (manager, 403), (stranger, 404)):
            assert post(held, "accept", by=user).status_code == status
            assert client.get(address(case)).status_code == status
        assert not HeldDecision.objects.exists()

    def test_of_another_inspection_or_of_none(self, hold, post, make_inspection, make_case, inspector):
        other = make_case(make_inspection())
        lock(other.inspection)
        elsewhere = receive_answer(case=other, by=inspector, given=Given(question="2.1.1", value="no"), leads=False)
        assert post(elsewhere, "accept").status_code == 404
        assert post(HeldAnswer(command_id=uuid.uuid4()), "accept").status_code == 404
        assert post(HeldAnswer(command_id="x"), "accept").status_code == 404

    def test_the_cases_tell_the_lead_how_many_wait(self, hold, client, case, lead, inspector):
        hold()
        hold("2.1.2", "yes")
        page = f"/inspections/{case.inspection.public_id}/cases/"
        client.force_login(lead)
        assert "2 held answers wait to be accepted or rejected" in client.get(page).content.decode()
        client.force_login(inspector)
        assert "held answer" not in client.get(page).content.decode()

    def test_the_number_of_queries_stays(self, hold, client, case, lead, django_assert_num_queries):
        client.force_login(lead)
        for count in (1, 5):
            for _ in range(count):
                hold("2.1.2")
            with django_assert_num_queries(PAGE):
                assert client.get(address(case)).status_code == 200


PAGE = 9


def address(case):
    return f"/inspections/{case.inspection.public_id}/held/"
