"""The one door for answers: what it stores, confirms and refuses."""

import uuid

import pytest
from django.db import transaction

from audit.models import Event
from cases.actions import create_case, exclude_case, missing_answers, record_answer, record_answers, submit_case
from cases.answers import Given
from cases.errors import (
    CommandReused,
    InvalidAnswer,
    NotSubmittable,
    ReasonNeeded,
    StaleAnswer,
    UnknownQuestion,
)
from cases.models import AnswerRevision, CaseRevision, CaseState
from inspections.errors import InspectionLocked, Refused
from inspections.models import Sequence, State

pytestmark = pytest.mark.django_db


def give(case, by, question, value, **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts))


def row(case, question):
    return case.answers.get(question=question)


def sequence(inspection):
    return Sequence.objects.get(inspection=inspection).value


class TestRecording:
    def test_the_first_value_is_stored_revised_audited_and_confirmed(self, case, inspector):
        before = sequence(case.inspection)
        command = uuid.uuid4()

        confirmation = give(case, inspector, "2.1.1", "yes", note="Clear analysis.", command_id=command)

        answer = row(case, "2.1.1")
        assert (answer.value, answer.note, answer.version) == ("yes", "Clear analysis.", 1)
        assert (answer.answered_by, answer.last_command) == (inspector, command)
        revision = AnswerRevision.objects.get(command_id=command)
        assert (revision.value, revision.note, revision.version, revision.by) == (
            "yes",
            "Clear analysis.",
            1,
            inspector,
        )
        assert revision.sequence == confirmation.sequence == before + 1 == sequence(case.inspection)
        assert (confirmation.command_id, confirmation.version) == (command, 1)
        assert confirmation.saved_at == revision.at == answer.answered_at
        event = Event.objects.get(action="answer.recorded")
        assert event.summary == f"Answered 2.1.1 in case {case.reference}: Yes."
        assert (event.who, event.case) == (inspector.name, str(case.public_id))

    def test_the_first_answer_starts_the_case(self, case, inspector):
        give(case, inspector, "2.1.1", "yes")
        case.refresh_from_db()
        assert case.state == CaseState.IN_PROGRESS
        assert CaseRevision.objects.filter(case=case).latest("sequence").state == CaseState.IN_PROGRESS

    def test_a_null_value_is_cleared_or_a_note_only(self, case, inspector):
        give(case, inspector, "2.1.1", "yes", note="Kept.")
        give(case, inspector, "2.1.1", None, note="Kept.", base=1)
        assert (row(case, "2.1.1").value, row(case, "2.1.1").note) == (None, "Kept.")
        assert [held.value for held in case.revisions.order_by("version")] == ["yes", None]

    def test_the_same_command_gives_the_same_confirmation(self, case, inspector):
        given = Given(question="2.1.1", value="yes")
        first = record_answer(case=case, by=inspector, given=given)
        assert record_answer(case=case, by=inspector, given=given) == first
        assert case.revisions.count() == 1

    def test_the_same_command_is_confirmed_even_when_the_ratings_were_locked_meanwhile(self, case, inspector):
        given = Given(question="2.1.1", value="yes")
        first = record_answer(case=case, by=inspector, given=given)
        lock(case.inspection)
        assert record_answer(case=case, by=inspector, given=given) == first

    @pytest.mark.parametrize("changes", [{"value": "no"}, {"note": "Other"}, {"question": "2.1.2"}])
    def test_a_command_id_with_other_content_is_refused(self, case, inspector, changes):
        command = uuid.uuid4()
        give(case, inspector, "2.1.1", "yes", command_id=command)
        with pytest.raises(CommandReused, match="reload the page"):
            record_answer(
                case=case,
                by=inspector,
                given=Given(**{"question": "2.1.1", "value": "yes", "command_id": command, **changes}),
            )
        assert case.revisions.count() == 1

    def test_a_command_id_of_another_person_is_refused(self, case, inspector, lead):
        given = Given(question="2.1.1", value="yes")
        record_answer(case=case, by=inspector, given=given)
        with pytest.raises(CommandReused):
            record_answer(case=case, by=lead, given=given)

    def test_a_stale_version_gives_the_other_answer_and_changes_nothing(self, case, inspector, lead):
        give(case, inspector, "2.1.1", "yes")
        before = sequence(case.inspection)
        with pytest.raises(StaleAnswer, match=inspector.name) as refusal:
            give(case, lead, "2.1.1", "no", base=0)
        assert refusal.value.current.value == "yes"
        assert row(case, "2.1.1").value == "yes"
        assert sequence(case.inspection) == before

    def test_an_answer_may_be_based_on_the_command_before_it(self, case, inspector, lead):
        first = give(case, inspector, "2.1.1", "yes")
        second = give(case, inspector, "2.1.1", "yes", note="And why.", base=first.command_id)
        assert second.version == 2
        with pytest.raises(StaleAnswer):
            give(case, inspector, "2.1.1", "no", base=first.command_id)

    def test_several_answers_are_all_or_nothing(self, case, inspector):
        with pytest.raises(InvalidAnswer):
            record_answers(
                case=case,
                by=inspector,
                answers=[Given(question="2.1.1", value="yes"), Given(question="2.1.2", value="maybe")],
            )
        assert case.revisions.count() == 0

    def test_several_answers_share_one_step_of_the_sequence(self, case, inspector):
        before = sequence(case.inspection)
        answers = [Given(question="2.1.1", value="yes"), Given(question="2.1.2", value="no")]
        assert [held.sequence for held in record_answers(case=case, by=inspector, answers=answers)] == [before + 1] * 2


class TestValues:
    @pytest.mark.parametrize(
        ("question", "value"), [("2.1.1", "maybe"), ("2.1.1", "true"), ("safety_factors", "yes"), ("2.1.1.a", "Yes")]
    )
    def test_a_value_outside_the_set_is_refused(self, case, inspector, question, value):
        with pytest.raises((InvalidAnswer, Refused), match="takes one of"):
            give(case, inspector, question, value)
        assert case.revisions.count() == 0

    @pytest.mark.parametrize("question", ["9.9.9", "3.1.1", "2.1.1.z", "1.1.1", ""])
    def test_a_question_the_case_does_not_have_is_refused(self, case, inspector, question):
        with pytest.raises(UnknownQuestion, match="court cases"):
            give(case, inspector, question, "yes")

    def test_a_reason_goes_with_not_applicable_only(self, case, inspector):
        with pytest.raises(InvalidAnswer, match="only goes with"):
            give(case, inspector, "2.1.1", "yes", reason="not yet due")

    @pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_001])
    def test_a_text_that_cannot_be_stored_is_refused(self, case, inspector, text):
        with pytest.raises(InvalidAnswer):
            give(case, inspector, "2.1.1", "yes", note=text)

    def test_not_applicable_without_a_reason_awaits_it(self, case, inspector):
        give(case, inspector, "2.1.1", "not_applicable")
        assert row(case, "2.1.1").reason_awaited
        assert ("2.1.1", "Say why 2.1.1 is not applicable.") in missing_answers(case)


class TestFacts:
    def test_a_fact_that_is_not_established_leaves_its_questions_asked(self, case):
        assert row(case, "2.2.2").asked

    def test_a_false_fact_hides_its_questions_and_a_true_one_brings_them_back(self, case, inspector):
        give(case, inspector, "2.2.2", "yes")
        give(case, inspector, "safety_factors", "false")
        for code in ("2.2.2", "2.2.2.a", "2.3.2"):
            assert not row(case, code).asked
        assert row(case, "2.2.1").asked
        assert row(case, "2.2.2").value == "yes"
        give(case, inspector, "safety_factors", "true", base=1, change_reason="A referral was found.")
        assert row(case, "2.2.2").asked
        assert row(case, "2.2.2").value == "yes"

    def test_an_answer_to_a_question_that_is_not_asked_is_refused(self, case, inspector):
        give(case, inspector, "harm_factors", "false")
        with pytest.raises(Refused, match="not asked in this case"):
            give(case, inspector, "2.2.3", "yes")
        with pytest.raises(Refused, match=r"key question 2.2.3"):
            give(case, inspector, "2.2.3.a", "yes")

    def test_a_reason_for_asking_brings_a_question_back(self, case, inspector):
        give(case, inspector, "harm_factors", "false")
        give(case, inspector, "2.2.3", None, asked_because="Two earlier incidents.")
        assert row(case, "2.2.3").asked
        assert row(case, "2.2.3.a").asked
        assert not row(case, "2.3.3").asked

    def test_changing_a_fact_after_its_question_was_answered_needs_a_reason(self, case, inspector):
        give(case, inspector, "safety_factors", "true")
        give(case, inspector, "2.2.2", "no")
        with pytest.raises(ReasonNeeded, match=r"2\.2\.2 has been answered"):
            give(case, inspector, "safety_factors", "false", base=1)
        give(case, inspector, "safety_factors", "false", base=1, change_reason="Mistaken identity.")
        assert case.revisions.get(question="safety_factors", version=2).change_reason == "Mistaken identity."

    def test_turning_a_prompt_not_applicable_after_its_key_question_needs_a_reason(self, case, inspector):
        give(case, inspector, "2.1.1.a", "no")
        give(case, inspector, "2.1.1", "no")
        with pytest.raises(ReasonNeeded, match=r"2\.1\.1\.a"):
            give(case, inspector, "2.1.1.a", "not_applicable", base=1)
        give(case, inspector, "2.1.1.a", "not_applicable", reason="not yet due", base=1)

    def test_a_disposal_may_hold_a_fact_true_until_the_inspector_says_otherwise(self, inspection, inspector):
        caution = create_case(
            inspection=inspection,
            reference="Y1",
            sample="out_of_court",
            disposal="youth_conditional_caution",
            by=inspector,
        )
        assert row(caution, "3.4.2").asked
        assert "police_reporting_required" not in dict(missing_answers(caution))
        give(caution, inspector, "police_reporting_required", "false")
        assert not row(caution, "3.4.2").asked

    def test_an_inspection_may_gate_a_question_by_another_rule(self, inspection, inspector):
        inspection.applicability = {"3.4.1": "ycc_or_police_reporting_required"}
        inspection.save(update_fields=["applicability"])
        case = create_case(
            inspection=inspection, reference="Y2", sample="out_of_court", disposal="community_resolution", by=inspector
        )
        give(case, inspector, "police_reporting_required", "false")
        assert not row(case, "3.4.1").asked


class TestCases:
    @pytest.mark.parametrize(
        ("parts", "sentence"),
        [
            ({"sample": "elsewhere"}, "not a sample"),
            ({"disposal": "youth_caution"}, "not a disposal of the sample court"),
            ({"reference": "  "}, "needs a reference"),
            ({"reference": "C1"}, "already a case C1"),
        ],
    )
    def test_a_case_that_does_not_fit_is_refused(self, inspection, inspector, parts, sentence):
        whole = {"reference": "C1", "sample": "court", "disposal": "referral_order"}
        create_case(inspection=inspection, by=inspector, **whole)
        with pytest.raises(Refused, match=sentence):
            create_case(inspection=inspection, by=inspector, **{**whole, "reference": "C2", **parts})

    def test_a_case_has_a_row_for_every_question(self, case):
        assert set(case.answers.values_list("question", flat=True)) == set(case.questions)

    def test_an_excluded_case_keeps_its_answers_and_takes_no_more(self, case, inspector):
        give(case, inspector, "2.1.1", "yes")
        exclude_case(case=case, reason="file cannot be had", by=inspector)
        with pytest.raises(Refused, match="excluded"):
            give(case, inspector, "2.1.2", "yes")
        assert row(case, "2.1.1").value == "yes"

    def test_excluding_needs_a_reason(self, case, inspector):
        with pytest.raises(Refused, match="Say why"):
            exclude_case(case=case, reason=" ", by=inspector)

    def test_a_case_with_gaps_is_not_submitted(self, case, inspector):
        with pytest.raises(NotSubmittable) as refusal:
            submit_case(case=case, by=inspector)
        assert "2.1.1" in dict(refusal.value.missing)
        assert "safety_factors" in dict(refusal.value.missing)
        assert "SUP1" not in dict(refusal.value.missing)

    def test_a_whole_case_is_submitted_once(self, case, inspector):
        answer_everything(case, inspector)
        assert submit_case(case=case, by=inspector).state == CaseState.SUBMITTED
        with pytest.raises(Refused, match="submitted already"):
            submit_case(case=case, by=inspector)

    def test_a_key_question_that_awaits_its_reason_keeps_the_case_from_submission(self, case, inspector):
        answer_everything(case, inspector)
        give(case, inspector, "2.1.1", "not_applicable", base=1)
        with pytest.raises(NotSubmittable) as refusal:
            submit_case(case=case, by=inspector)
        assert refusal.value.missing == [("2.1.1", "Say why 2.1.1 is not applicable.")]

    def test_questions_that_are_not_asked_do_not_hold_a_case_up(self, case, inspector):
        answer_everything(case, inspector, safety_factors="false")
        assert submit_case(case=case, by=inspector).state == CaseState.SUBMITTED


class TestLocked:
    def test_nothing_is_taken_once_the_ratings_are_locked(self, case, inspector):
        lock(case.inspection)
        for attempt in (
            lambda: give(case, inspector, "2.1.1", "yes"),
            lambda: exclude_case(case=case, reason="any", by=inspector),
            lambda: submit_case(case=case, by=inspector),
            lambda: create_case(
                inspection=case.inspection, reference="N", sample="court", disposal="referral_order", by=inspector
            ),
        ):
            with pytest.raises(InspectionLocked, match="locked"), transaction.atomic():
                attempt()
        assert case.revisions.count() == 0


def answer_everything(case, by, **facts):
    answers = [
        Given(question=code, value=facts.get(code, "true"))
        for code, question in case.questions.items()
        if question.role == "fact"
    ]
    record_answers(case=case, by=by, answers=answers)
    asked = case.answers.filter(kind="rated", asked=True).values_list("question", flat=True)
    record_answers(case=case, by=by, answers=[Given(question=code, value="yes") for code in asked])


def lock(inspection):
    inspection.lifecycle.state = State.LOCKED
    inspection.lifecycle.save()
