"""What the morning page tells, found and put in order."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from cases import morning
from cases.actions import exclude_case, record_answers, restore_case, set_imported_state
from cases.answers import Given
from cases.arrangements import arrange_interview, say_no_file

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)


@pytest.fixture
def cases(inspection, make_case, inspector, other_inspector):
    """Return six court cases: two of each inspector, two of nobody."""
    people = (inspector, inspector, other_inspector, other_inspector, None, None)
    return [make_case(inspection, allocated_to=somebody) for somebody in people]


@pytest.fixture
def arrange(inspector):
    """Return a function that arranges the interview of a case at so many hours from the beginning of today."""

    def arrange(case, hours):
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        arrange_interview(case=case, at=today + timedelta(hours=hours), was=None, by=inspector)

    return arrange


def references(found):
    return [case.reference for case in found]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 20, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 8, tzinfo=UTC), datetime(2026, 11, 20, 0, tzinfo=UTC)),
        # Midnight in London is an hour earlier in summer: 23:30 of Tuesday is Wednesday there.
        (datetime(2026, 7, 14, 23, 30, tzinfo=UTC), datetime(2026, 7, 13, 23, tzinfo=UTC)),
        (datetime(2026, 3, 30, 8, tzinfo=UTC), datetime(2026, 3, 27, 0, tzinfo=UTC)),
    ],
)
def test_since_yesterday(now, expected):
    assert morning.since(now) == expected


class TestInterviews:
    def test_of_a_day_by_person_and_time(self, inspection, cases, arrange):
        for case, hours in zip(cases, (14, 9, 10, 34, 8, 24), strict=True):
            arrange(case, hours)
        found = morning.interviews_on(timezone.localdate(), morning.counted_cases(inspection))
        assert [(name, references(held)) for name, held in found] == [
            ("Ines Archer", ["C02", "C01"]),
            ("Omar Brandt", ["C03"]),
            ("Nobody", ["C05"]),
        ]

    def test_the_next_of_a_person(self, inspection, cases, arrange):
        now = timezone.now()
        for case, at in zip(cases, (-1, 30, 20), strict=False):
            case.interview_at = now + timedelta(hours=at)
        assert morning.next_interview(cases, now) == cases[2]
        assert morning.next_interview(cases[:1], now) is None


class TestBlocked:
    def test_each_case_for_one_reason(self, inspection, cases, arrange, give, inspector):
        first, second, third, fourth, *_ = cases
        say_no_file(case=first, because="Archived.", was="", by=inspector)
        arrange(second, 10)
        give(second, "SUP9", "no")
        give(third, "SUP9", "yes")
        arrange(fourth, 10)
        found = morning.blocked(morning.counted_cases(inspection), morning.interviews_recorded(inspection))
        assert [(words, [(held.case.reference, held.why) for held in group]) for words, group in found] == [
            ("No file", [("C01", "Archived.")]),
            ("Interview not held", [("C02", "")]),
            ("No interview arranged", [("C05", ""), ("C06", "")]),
        ]

    @pytest.mark.parametrize("state", ["submitted", "agreed"])
    def test_what_is_finished_is_not_blocked(self, inspection, case, lead, state):
        set_imported_state(case=case, state=state, by=lead)
        assert morning.blocked(morning.counted_cases(inspection), {}) == []

    def test_an_excluded_case_is_not_blocked(self, inspection, case, lead):
        exclude_case(case=case, reason="No file.", by=lead)
        assert morning.blocked(morning.counted_cases(inspection), {}) == []


class TestDaysLeft:
    @pytest.mark.parametrize(
        ("starts", "ends", "expected"),
        [
            (None, None, "No last day of fieldwork is set."),
            (0, 0, "1 working day of fieldwork is left, today included: it ends on Monday 23 November 2026."),
            (-7, 4, "5 working days of fieldwork are left, today included: it ends on Friday 27 November 2026."),
            (None, 4, "5 working days of fieldwork are left, today included: it ends on Friday 27 November 2026."),
            (-7, -3, "Fieldwork ended on Friday 20 November 2026."),
            (1, 4, "Fieldwork is from Tuesday 24 November 2026 to Friday 27 November 2026: 4 working days."),
        ],
    )
    def test_on_a_monday(self, starts, ends, expected):
        def day(days):
            return None if days is None else MONDAY + timedelta(days=days)

        planned = SimpleNamespace(fieldwork_started=day(starts), fieldwork_ends=day(ends))
        assert morning.days_left(planned, MONDAY) == expected

    def test_at_a_weekend(self):
        planned = SimpleNamespace(fieldwork_started=date(2026, 11, 16), fieldwork_ends=date(2026, 11, 27))
        assert morning.days_left(planned, date(2026, 11, 22)).startswith("5 working days of fieldwork are left: ")
        planned.fieldwork_ends = date(2026, 11, 22)
        assert morning.days_left(planned, date(2026, 11, 22)).startswith("No working days of fieldwork are left: ")


class TestProgress:
    def steps(self, inspection):
        rows = morning.progress_by_standard(inspection, morning.counted_cases(inspection))
        return {row.code: (row.untouched, row.begun, row.answered) for row in rows}

    def test_by_standard(self, inspection, cases, give, inspector, lead):
        give(cases[0], "2.1.1.a", "yes")
        rated = [
            question
            for question in cases[1].questions.values()
            if question.kind == "rated" and question.standard == "2.2"
        ]
        record_answers(case=cases[1], by=inspector, answers=[Given(question.code, "yes") for question in rated])
        exclude_case(case=cases[5], reason="No file.", by=lead)
        steps = self.steps(inspection)
        assert steps["2.1"] == (4, 1, 0)
        assert steps["2.2"] == (4, 0, 1)
        assert steps["2.3"] == (5, 0, 0)
        assert steps["3.1"] == (0, 0, 0)

    def test_an_awaited_reason_is_not_yet_an_answer(self, inspection, case, inspector, give):
        rated = [
            question for question in case.questions.values() if question.kind == "rated" and question.standard == "2.2"
        ]
        record_answers(case=case, by=inspector, answers=[Given(question.code, "yes") for question in rated])
        give(case, "2.2.1", "not_applicable")
        assert self.steps(inspection)["2.2"] == (0, 1, 0)
        give(case, "2.2.1", "not_applicable", reason="Nothing was planned then.")
        assert self.steps(inspection)["2.2"] == (0, 0, 1)

    def test_what_the_facts_leave_out_is_not_waited_for(self, inspection, case, give):
        for code in ("safety_factors", "harm_factors"):
            give(case, code, "false")
        left = [
            question
            for question in case.questions.values()
            if question.kind == "rated"
            and question.standard == "2.3"
            and case.answers.get(question=question.code).asked
        ]
        for question in left:
            give(case, question.code, "no")
        assert self.steps(inspection)["2.3"] == (0, 0, 1)


class TestSinceYesterday:
    @pytest.fixture
    def before(self):
        return timezone.now() - timedelta(hours=1)

    def test_key_questions_and_prompts_made_not_applicable(self, inspection, cases, give, before):
        give(cases[0], "2.1.1", "not_applicable", reason="None.")
        give(cases[0], "2.1.1", "not_applicable", reason="None at all.")
        give(cases[1], "2.1.2.a", "not_applicable")
        give(cases[1], "2.1.2.b", "not_applicable")
        give(cases[1], "notebook", "not_applicable")
        key_questions, prompts = morning.not_applicable_since(inspection, before)
        assert [(held.case, held.question, held.reason) for held in key_questions] == [(cases[0], "2.1.1", "None.")]
        assert prompts == [(cases[1], 2)]
        assert morning.not_applicable_since(inspection, timezone.now()) == ([], [])

    def test_taken_back_and_made_so_again_is_listed_again(self, inspection, case, give, before):
        for value in ("not_applicable", "yes", "not_applicable"):
            give(case, "2.1.1", value)
        key_questions, _ = morning.not_applicable_since(inspection, before)
        assert [held.version for held in key_questions] == [3, 1]

    def test_facts_that_were_changed(self, inspection, case, give, before):
        give(case, "safety_factors", "true")
        give(case, "harm_factors", "true")
        give(case, "safety_factors", "true", note="As the referral says.")
        assert morning.facts_changed_since(inspection, before) == []
        give(case, "safety_factors", "false")
        give(case, "harm_factors", None)
        give(case, "harm_factors", "true")
        found = morning.facts_changed_since(inspection, before)
        assert [(held.question, held.before, held.value) for held in found] == [
            ("harm_factors", "true", None),
            ("safety_factors", "true", "false"),
        ]
        assert morning.facts_changed_since(inspection, timezone.now()) == []

    def test_exclusions(self, inspection, cases, lead, before):
        exclude_case(case=cases[0], reason="No file.", by=lead)
        exclude_case(case=cases[0], reason="No file.", by=lead)
        exclude_case(case=cases[1], reason="Not required.", by=lead)
        found = morning.exclusions_since(inspection, before)
        assert [(held.case, held.excluded_reason) for held in found] == [
            (cases[1], "Not required."),
            (cases[0], "No file."),
        ]
        assert morning.exclusions_since(inspection, timezone.now()) == []
        restore_case(case=cases[1], reason="It was required.", by=lead)
        found = morning.exclusions_since(inspection, before)
        assert [(held.case, held.excluded_reason) for held in found][:2] == [
            (cases[1], ""),
            (cases[1], "Not required."),
        ]

    def test_nothing_of_another_inspection(self, inspection, make_inspection, make_case, give, lead, before):
        other = make_case(make_inspection())
        give(other, "2.1.1", "not_applicable")
        give(other, "safety_factors", "true")
        give(other, "safety_factors", "false", change_reason="Read on.")
        exclude_case(case=other, reason="No file.", by=lead)
        assert morning.not_applicable_since(inspection, before) == ([], [])
        assert morning.facts_changed_since(inspection, before) == []
        assert morning.exclusions_since(inspection, before) == []


class TestNextCase:
    def test_returned_then_begun_then_not_started(self, inspection, cases, lead):
        for case, state in zip(cases, ("agreed", "allocated", "in_progress", "returned", "submitted"), strict=False):
            set_imported_state(case=case, state=state, by=lead)
        found = morning.counted_cases(inspection)
        order = []
        while case := morning.next_case(found):
            order.append(case.reference)
            found.remove(case)
        assert order == ["C04", "C03", "C02", "C06"]

    def test_the_one_with_the_nearest_interview_first(self, inspection, cases, arrange):
        arrange(cases[3], 30)
        arrange(cases[2], 40)
        assert morning.next_case(morning.counted_cases(inspection)) == cases[3]

    def test_a_case_without_its_file_is_passed_over(self, inspection, cases, inspector):
        for case in cases[:5]:
            say_no_file(case=case, because="Archived.", was="", by=inspector)
        found = morning.counted_cases(inspection)
        assert morning.next_case(found) == cases[5]
        assert morning.next_case(found[:5]) is None
