"""The whole table of what may be done to a case: every action, in every state, by every role."""

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from accounts.permissions import Permission
from accounts.roles import ROLES
from cases import policies
from cases.actions import record_answer
from cases.answers import Given
from cases.models import Case, CaseState
from cases.policies import TABLE, Action, state_after
from cases.reviews import raise_query
from cases.states import BEGIN, drawing, redrawn
from inspections.drawing import END
from inspections.errors import Refused

PAGE = settings.BASE_DIR / "docs" / "case-states.md"

# In each row the states that follow from allocated, in progress, submitted, returned and agreed; "" where it cannot be done.
STATES = ("allocated", "in_progress", "submitted", "returned", "agreed")
EXPECTED = {
    "answer": ("in_progress", "in_progress", "submitted", "returned", ""),
    "submit": ("submitted", "submitted", "", "submitted", ""),
    "take_back": ("", "", "in_progress", "", ""),
    "raise_query": ("", "in_progress", "submitted", "returned", ""),
    "reply": ("", "in_progress", "submitted", "returned", ""),
    "close_query": ("", "in_progress", "submitted", "returned", ""),
    "return": ("", "", "returned", "", "returned"),
    "agree": ("", "", "agreed", "", ""),
}
ANSWERERS = {"inspector", "lead_inspector", "local_assessor"}
REVIEWERS = {"lead_inspector", "quality_lead"}
WHO = {
    "answer": ANSWERERS,
    "submit": ANSWERERS,
    "take_back": ANSWERERS,
    "reply": ANSWERERS,
    "raise_query": REVIEWERS,
    "close_query": REVIEWERS,
    "return": REVIEWERS,
    "agree": REVIEWERS,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", EXPECTED)
def test_who_may_do_what_in_which_state(action, state, role):
    allowed = TABLE[Action(action)].permission in ROLES[role].permissions
    assert allowed == (role in WHO[action])
    expected = EXPECTED[action][STATES.index(state)]
    case = Case(state=state)
    if expected:
        assert state_after(Action(action), case) == expected
    else:
        with pytest.raises(Refused) as refused:
            state_after(Action(action), case)
        assert str(refused.value).startswith(("This case", "Nothing"))
        assert str(refused.value).endswith(".")


def test_every_action_and_state_stands_in_the_table():
    assert set(TABLE) == set(Action) == set(EXPECTED) == set(WHO)
    assert tuple(CaseState.values) == STATES
    for action, rule in TABLE.items():
        assert list(rule.then) == list(CaseState), f"{action} does not speak of every state."


def test_every_action_has_its_two_functions():
    for action in Action:
        assert callable(getattr(policies, f"check_can_{action.value}"))
        assert callable(getattr(policies, f"can_{action.value}"))


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_done_to_an_excluded_case(action, state):
    with pytest.raises(Refused, match="excluded from the sample"):
        state_after(action, Case(state=state, excluded_reason="conflict of interest"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", [action for action in Action if action != Action.AGREE])
def test_button_and_guard_agree(action, state):
    case = Case(state=state)
    expected = EXPECTED[action][STATES.index(state)]
    assert getattr(policies, f"can_{action.value}")(case) == bool(expected)


def test_only_the_lead_settles_alerts_and_only_quality_leads_draw():
    assert {code for code, role in ROLES.items() if Permission.RESOLVE_ALERTS in role.permissions} == {"lead_inspector"}
    assert {code for code, role in ROLES.items() if Permission.DRAW_SAMPLES in role.permissions} == {"quality_lead"}


@pytest.mark.django_db
class TestAgreeing:
    @pytest.fixture
    def submitted(self, case, inspector):
        for question in ("2.1.1", "2.1.2"):
            record_answer(case=case, by=inspector, given=Given(question, "yes"))
        case.state = "submitted"
        case.save()
        return case

    def test_by_a_second_pair_of_eyes(self, submitted, lead):
        assert policies.can_agree(submitted, lead)

    def test_not_by_the_person_it_is_allocated_to(self, submitted, lead):
        submitted.allocated_to = lead
        with pytest.raises(Refused, match="allocated to you"):
            policies.check_can_agree(submitted, lead)

    def test_not_by_whoever_gave_most_answers(self, submitted, inspector):
        with pytest.raises(Refused, match="You gave most answers"):
            policies.check_can_agree(submitted, inspector)

    def test_a_few_answers_do_not_make_most(self, submitted, lead):
        record_answer(case=submitted, by=lead, given=Given("2.1.3", "yes"))
        assert policies.can_agree(submitted, lead)

    def test_those_who_gave_as_many_as_one_another_both_gave_most(self, submitted, inspector, lead):
        record_answer(case=submitted, by=lead, given=Given("2.1.3", "yes"))
        record_answer(case=submitted, by=lead, given=Given("2.1.1.a", "yes"))
        assert not policies.can_agree(submitted, lead)
        assert not policies.can_agree(submitted, inspector)

    def test_notes_alone_are_no_answers(self, case, lead):
        record_answer(case=case, by=lead, given=Given("2.1.1", note="See the referral."))
        assert policies.most_answers_by(case) == set()

    def test_not_while_a_query_is_open(self, submitted, lead):
        raise_query(case=submitted, by=lead, text="Why?")
        with pytest.raises(Refused, match="1 query is open"):
            policies.check_can_agree(submitted, lead)

    def test_with_nobody_allocated(self, submitted):
        assert submitted.allocated_to_id is None
        assert policies.can_agree(submitted, User(pk=999_999))


class TestTheDrawing:
    def test_the_page_shows_what_the_table_says(self):
        text = PAGE.read_text(encoding="utf-8")
        assert redrawn(text) == text, "Run `manage.py draw_case_states`: the table was changed."

    def test_it_follows_the_table(self, monkeypatch):
        before = drawing()
        monkeypatch.delitem(TABLE, Action.TAKE_BACK)
        assert "submitted --> in_progress: take back" in before
        assert "take back" not in drawing()

    def test_it_names_every_state_action_and_role(self):
        drawn = drawing()
        for words in (
            *CaseState.labels,
            *(rule.words.capitalize() for rule in TABLE.values()),
            *(role.label for role in ROLES.values()),
        ):
            assert words in drawn

    def test_only_the_drawing_is_put_in_anew(self):
        assert redrawn(f"Before\n{BEGIN}\nold\n{END}\nAfter") == f"Before\n{BEGIN}\n\n{drawing()}\n\n{END}\nAfter"

    def test_a_page_without_a_place_for_it_is_refused(self):
        with pytest.raises(ValueError, match="no place for the drawing"):
            redrawn("Nothing here.")

    def test_the_command_writes_the_page(self, settings, tmp_path, capsys):
        settings.BASE_DIR = tmp_path
        (tmp_path / "docs").mkdir()
        page = tmp_path / "docs" / "case-states.md"
        page.write_text(f"{BEGIN}\n{END}")
        call_command("draw_case_states")
        assert drawing() in page.read_text()
        assert capsys.readouterr().out == "Drew docs/case-states.md.\n"
