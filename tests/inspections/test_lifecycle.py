"""How an inspection moves on, and what each state takes."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, transaction

from accounts.roles import ROLES
from audit.models import Event
from cases.actions import create_case, exclude_case, record_answer, set_imported_state, submit_case
from cases.answers import Given
from inspections import policies
from inspections.actions import move_on, record_judgement
from inspections.drawing import BEGIN, END, drawing, redrawn
from inspections.errors import InspectionLocked, NotBegun, Refused
from inspections.lifecycle import TABLE, Step, check_step, steps_from
from inspections.models import Lifecycle, LifecycleStep, State

PAGE = settings.BASE_DIR / "docs" / "lifecycle.md"
ON = (Step.BEGIN_FIELDWORK, Step.BEGIN_MODERATION, Step.AGREE_RATINGS, Step.SEND_FOR_ACCURACY, Step.PUBLISH)


def state_of(inspection):
    return Lifecycle.objects.get(inspection=inspection).state


def put(inspection, state):
    """Set a state aside from every step, as if all before it had been taken."""
    Lifecycle.objects.filter(inspection=inspection).update(state=state)
    inspection.lifecycle.state = state


@pytest.fixture
def planned(make_inspection):
    return make_inspection(state=State.PLANNED)


class TestTheTable:
    def test_the_steps_lead_through_the_states_in_order(self):
        state, passed = State.PLANNED, [State.PLANNED]
        for step in ON:
            state = check_step(step, state)
            passed.append(state)
        assert passed == list(State)

    @pytest.mark.parametrize("step", Step)
    @pytest.mark.parametrize("state", State)
    def test_a_step_is_taken_from_its_own_states_only(self, step, state):
        if state in TABLE[step].begins:
            assert check_step(step, state) == TABLE[step].to
            assert step in steps_from(state)
            return
        assert step not in steps_from(state)
        with pytest.raises(Refused, match=f"is at “{state.label}”"):
            check_step(step, state)

    def test_every_step_can_be_taken_by_somebody(self):
        for rule in TABLE.values():
            assert any(rule.permission in role.permissions for role in ROLES.values())

    def test_unlocking_takes_two_roles_that_have_it(self):
        assert (
            sum(TABLE[Step.UNLOCK].permission in role.permissions for role in ROLES.values()) >= 2
        )  # one asks, another grants


class TestWhatAStateTakes:
    @pytest.mark.parametrize(
        ("state", "open_", "answers"),
        [
            (State.PLANNED, True, False),
            (State.FIELDWORK, True, True),
            (State.MODERATION, True, True),
            (State.LOCKED, False, False),
            (State.FACTUAL_ACCURACY, False, False),
            (State.PUBLISHED, False, False),
        ],
    )
    def test_state(self, state, open_, answers):
        assert policies.is_open(state) is open_
        assert policies.is_locked(state) is not open_
        assert policies.takes_answers(state) is answers

    def test_their_refusals(self):
        with pytest.raises(NotBegun, match="has not begun"):
            policies.check_takes_answers(State.PLANNED)
        for check in (policies.check_open, policies.check_takes_answers):
            with pytest.raises(InspectionLocked, match="locked"):
                check(State.PUBLISHED)


@pytest.mark.django_db
class TestPlanned:
    def test_cases_are_put_into_the_sample_and_taken_out(self, planned, lead):
        case = create_case(
            inspection=planned, reference="C1", sample="court", disposal="referral_order", by=lead, profile={}
        )
        assert exclude_case(case=case, reason="Not eligible.", by=lead).excluded_reason

    def test_nothing_is_answered_submitted_or_judged(self, planned, lead, make_case):
        case = make_case(planned)
        for attempt in (
            lambda: record_answer(case=case, by=lead, given=Given("2.1.1", "yes")),
            lambda: submit_case(case=case, by=lead),
            lambda: set_imported_state(case=case, state="submitted", by=lead),
            lambda: record_judgement(inspection=planned, standard="1.1", rating="good", rationale="Seen.", by=lead),
        ):
            with pytest.raises(NotBegun), transaction.atomic():
                attempt()
        assert set_imported_state(case=case, state="allocated", by=lead)

    def test_an_answer_that_was_sent_all_the_same_is_held(self, planned, make_case, inspector):
        from cases.actions import receive_answer

        held = receive_answer(case=make_case(planned), by=inspector, given=Given("2.1.1", "yes"), leads=False)
        assert held.why.startswith("Fieldwork of this inspection had not begun")


@pytest.mark.django_db
class TestMovingOn:
    def test_each_step_is_kept_and_audited(self, planned, lead):
        move_on(inspection=planned, step=Step.BEGIN_FIELDWORK, by=lead)
        move_on(inspection=planned, step=Step.BEGIN_MODERATION, by=lead)
        move_on(inspection=planned, step=Step.BACK_TO_FIELDWORK, by=lead, reason=" Two files came late. ")
        assert state_of(planned) == State.FIELDWORK
        kept = LifecycleStep.objects.filter(inspection=planned).order_by("pk")
        assert [(held.step, held.state, held.reason, held.by) for held in kept] == [
            ("begin_fieldwork", "fieldwork", "", lead),
            ("begin_moderation", "moderation", "", lead),
            ("back_to_fieldwork", "fieldwork", "Two files came late.", lead),
        ]
        event = Event.objects.filter(action="inspection.moved_on").latest("id")
        assert event.summary == "Moved the inspection on from moderation to fieldwork: go back to fieldwork."
        assert (event.reason, event.detail["from"], event.detail["to"]) == (
            "Two files came late.",
            "moderation",
            "fieldwork",
        )

    def test_what_a_step_says_is_never_changed(self, planned, lead):
        move_on(inspection=planned, step=Step.BEGIN_FIELDWORK, by=lead)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            LifecycleStep.objects.update(reason="Otherwise.")

    @pytest.mark.parametrize("reason", ["", " \n\t "])
    def test_going_back_needs_a_reason(self, inspection, lead, reason):
        put(inspection, State.MODERATION)
        with pytest.raises(Refused, match="needs a reason"), transaction.atomic():
            move_on(inspection=inspection, step=Step.BACK_TO_FIELDWORK, by=lead, reason=reason)
        assert state_of(inspection) == State.MODERATION

    @pytest.mark.parametrize("step", [Step.AGREE_RATINGS, Step.UNLOCK, Step.PUBLISH])
    @pytest.mark.parametrize("state", State)
    def test_locking_unlocking_and_publishing_are_not_taken_by_their_word_alone(self, inspection, lead, step, state):
        put(inspection, state)
        with pytest.raises(Refused, match="page of its own"):
            move_on(inspection=inspection, step=step, by=lead, reason="Please.")
        assert state_of(inspection) == state


class TestTheDrawing:
    def test_the_page_shows_what_the_table_says(self):
        text = PAGE.read_text(encoding="utf-8")
        assert redrawn(text) == text, "Run `manage.py draw_lifecycle`: the table was changed."

    def test_it_follows_the_table(self, monkeypatch):
        assert "locked --> moderation: unlock the ratings" in drawing()
        monkeypatch.delitem(TABLE, Step.UNLOCK)
        assert "unlock" not in drawing()

    def test_it_names_every_state_step_and_role(self):
        drawn = drawing()
        for words in (
            *State.labels,
            *(rule.words.capitalize() for rule in TABLE.values()),
            *(role.label for role in ROLES.values()),
        ):
            assert words in drawn

    def test_a_page_without_a_place_for_it_is_refused(self):
        with pytest.raises(ValueError, match="no place for the drawing"):
            redrawn("Nothing here.")

    def test_the_command_writes_the_page(self, settings, tmp_path, capsys):
        settings.BASE_DIR = tmp_path
        (tmp_path / "docs").mkdir()
        page = tmp_path / "docs" / "lifecycle.md"
        page.write_text(f"Before\n{BEGIN}\nold\n{END}\nAfter")
        call_command("draw_lifecycle")
        assert page.read_text() == f"Before\n{BEGIN}\n\n{drawing()}\n\n{END}\nAfter"
        assert capsys.readouterr().out == "Drew docs/lifecycle.md.\n"
