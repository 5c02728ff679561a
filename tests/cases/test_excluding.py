"""Proposing, agreeing and declining exclusions, and restoring cases: the table, its words, and the writers."""

import re

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import Permission
from accounts.roles import ROLES
from audit.models import Event
from cases.actions import exclude_case, record_answer
from cases.answers import Given
from cases.excluding import (
    agree_exclusion,
    decline_exclusion,
    exclude_at_once,
    proposals_waiting,
    propose_exclusion,
    restore_to_sample,
    standing_of,
)
from cases.exclusions import TABLE, WORDS, WORK_NOT_DONE, Reason, Standing, Step, sentences, standing_after
from cases.models import Case, CaseRevision, ExclusionStep
from inspections.errors import InspectionLocked, Refused, Unfit
from inspections.models import Lifecycle, Sequence
from tests.ratings.worked import table

# In each row the standings that follow from counts, proposed and excluded; "" where the step cannot be taken.
EXPECTED = {
    "proposed": ("proposed", "", ""),
    "declined": ("", "counts", ""),
    "agreed": ("", "excluded", ""),
    "excluded": ("excluded", "", ""),
    "restored": ("", "", "counts"),
}


class TestTable:
    def test_the_steps_are_those_of_the_rules_page(self):
        """The first word of a cell is what is stored."""
        read = {
            (*(re.match(r"\w+", row[cell])[0] for cell in ("From", "Step", "To")), row["By"] == "the lead inspector")
            for row in table("The five states of an answer", 1)
        }
        assert read == {
            (standing, step, after, rule.permission == Permission.AGREE_EXCLUSIONS)
            for step, rule in TABLE.items()
            for standing, after in rule.then.items()
            if isinstance(after, Standing)
        }

    @pytest.mark.parametrize("standing", Standing)
    @pytest.mark.parametrize("step", EXPECTED)
    def test_what_follows(self, step, standing):
        expected = EXPECTED[step][list(Standing).index(standing)]
        if expected:
            assert standing_after(Step(step), standing) == expected
        else:
            with pytest.raises(Refused, match=r"^(This|The|No) .*Nothing was changed\.$"):
                standing_after(Step(step), standing)

    def test_it_speaks_of_every_step_and_standing(self):
        assert set(TABLE) == set(Step) == set(EXPECTED)
        assert all(list(rule.then) == list(Standing) for rule in TABLE.values())

    def test_whoever_answers_proposes_and_the_lead_inspector_decides(self):
        who = {
            step: {code for code, role in ROLES.items() if rule.permission in role.permissions}
            for step, rule in TABLE.items()
        }
        assert who.pop(Step.PROPOSED) == {"inspector", "lead_inspector", "local_assessor"}
        assert set(map(frozenset, who.values())) == {frozenset({"lead_inspector"})}
        assert {rule.permission for rule in TABLE.values()} == {Permission.ANSWER_CASES, Permission.AGREE_EXCLUSIONS}


class TestSentences:
    @pytest.mark.parametrize(
        ("replaced", "others", "expected"),
        [
            ([], [], []),
            (
                ["no_file", "not_eligible", "no_file"],
                [],
                ["3 cases were replaced: the files of 2 could not be had, and 1 was not eligible."],
            ),
            (["no_file"], [], ["1 case was replaced: its file could not be had."]),
            (["no_file"] * 2, [], ["2 cases were replaced: their files could not be had."]),
            (
                ["conflict"],
                ["", "other", "not_required"],
                [
                    "1 case was replaced: there was a conflict of interest.",
                    "3 cases were excluded and not replaced: 2 were left out for other reasons, and the work on 1 was never "
                    "required.",
                ],
            ),
            (
                list(Reason),
                [],
                [
                    "5 cases were replaced: 1 was not eligible, the file of 1 could not be had, there was a conflict of "
                    "interest about 1, the work on 1 was never required, and 1 was left out for another reason.",
                ],
            ),
        ],
    )
    def test_they_say_how_many_and_why(self, replaced, others, expected):
        assert sentences(replaced, others) == expected

    @given(replaced=st.lists(st.sampled_from(["", *Reason])), others=st.lists(st.sampled_from(["", *Reason])))
    def test_their_numbers_add_up(self, replaced, others):
        for sentence in sentences(replaced, others):
            first, *rest = map(int, re.findall(r"\d+", sentence))
            assert sum(rest) == first or not rest

    def test_every_reason_is_explained(self):
        assert list(WORDS) == list(Reason)
        assert all(words.means.endswith(".") for words in WORDS.values())


def propose(case, by, reason="no_file", words="Nobody can find it."):
    return propose_exclusion(case=case, reason=reason, words=words, by=by)


def fresh(case):
    return Case.objects.get(pk=case.pk)


@pytest.mark.django_db
class TestWriters:
    def test_a_proposal_moves_nothing_and_waits(self, case, inspector):
        before = Sequence.objects.get(inspection=case.inspection).value
        step = propose(case, inspector)
        assert (step.step, step.reason, step.words, step.by) == (
            "proposed",
            "no_file",
            "Nobody can find it.",
            inspector,
        )
        assert fresh(case).excluded_reason == ""
        assert standing_of(fresh(case)) == Standing.PROPOSED
        assert Sequence.objects.get(inspection=case.inspection).value == before
        assert list(proposals_waiting(case.inspection)) == [step]
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.reason) == ("exclusion.proposed", "Ines Archer", "Nobody can find it.")

    def test_agreed_it_takes_the_case_out(self, case, inspector, lead):
        step = agree_exclusion(proposal=propose(case, inspector), words="I asked too.", by=lead)
        held, revision = fresh(case), CaseRevision.objects.latest("pk")
        assert (step.step, step.reason, step.words) == ("agreed", "no_file", "I asked too.")
        for found in (held, revision):
            assert found.excluded_reason == "The file cannot be had: Nobody can find it."
            assert found.excluded_as == "no_file"
        assert (held.excluded_label, step.sequence) == ("The file cannot be had", revision.sequence)
        assert revision.sequence == Sequence.objects.get(inspection=case.inspection).value
        assert not proposals_waiting(case.inspection).exists()
        assert Event.objects.latest("pk").action == "case.excluded"

    def test_declined_it_stays_and_may_be_proposed_again(self, case, inspector, lead):
        decline_exclusion(proposal=propose(case, inspector), words="It came today.", by=lead)
        assert standing_of(fresh(case)) == Standing.COUNTS
        assert not proposals_waiting(case.inspection).exists()
        assert Event.objects.latest("pk").reason == "It came today."
        assert propose(case, inspector, reason="conflict").step == "proposed"

    def test_the_lead_excludes_without_a_proposal_and_it_is_recorded_so(self, case, lead):
        step = exclude_at_once(case=case, reason="conflict", words=" My sister's son. ", by=lead)
        assert (step.step, step.words) == ("excluded", "My sister's son.")
        assert fresh(case).excluded_reason == "Conflict of interest: My sister's son."

    def test_the_lead_may_agree_their_own_proposal(self, case, lead):
        assert agree_exclusion(proposal=propose(case, lead), by=lead).words == ""
        assert fresh(case).excluded_as == "no_file"

    def test_restored_it_has_its_answers_as_they_were(self, case, inspector, lead):
        record_answer(case=case, by=inspector, given=Given("2.1.1", "yes", note="Seen."))
        before = list(case.answers.order_by("question").values())
        exclude_at_once(case=case, reason="no_file", words="Lost.", by=lead)
        step = restore_to_sample(case=case, words="It was found.", by=lead)
        assert (step.step, step.reason, step.words) == ("restored", "", "It was found.")
        assert list(case.answers.order_by("question").values()) == before
        held, revision = fresh(case), CaseRevision.objects.latest("pk")
        assert (held.excluded_reason, held.excluded_as, held.state) == ("", "", "in_progress")
        assert (revision.excluded_reason, revision.excluded_as) == ("", "")
        assert standing_of(held) == Standing.COUNTS
        assert Event.objects.latest("pk").action == "case.restored"

    def test_one_that_came_excluded_is_restored_too(self, case, lead):
        exclude_case(case=case, reason="not eligible", by=lead)
        assert fresh(case).excluded_label == "not eligible"
        restore_to_sample(case=case, words="It is.", by=lead)
        assert fresh(case).excluded_reason == ""

    @pytest.mark.parametrize(
        ("reason", "words", "faults"),
        [
            (WORK_NOT_DONE, "No plan.", {"reason": "Work that should have been done and was not is a “no”"}),
            ("", "Lost.", {"reason": "Select why"}),
            ("bored", "Lost.", {"reason": "Select why"}),
            ("other", " \n", {"words": "Enter what you found"}),
            ("", "", {"reason": "Select why", "words": "Enter what you found"}),
            ("other", "x" * 100_001, {"words": "character"}),
        ],
    )
    @pytest.mark.parametrize("write", [propose_exclusion, exclude_at_once])
    def test_what_is_no_reason_is_refused(self, case, lead, write, reason, words, faults):
        with pytest.raises(Unfit) as unfit:
            write(case=case, reason=reason, words=words, by=lead)
        assert set(unfit.value.faults) == set(faults)
        assert all(said in unfit.value.faults[name] for name, said in faults.items())
        assert not ExclusionStep.objects.exists()

    def test_declining_and_restoring_need_words(self, case, inspector, lead):
        with pytest.raises(Unfit, match="Say why the case stays"):
            decline_exclusion(proposal=propose(case, inspector), words=" ", by=lead)
        exclude_case(case=case, reason="Lost.", by=lead)
        with pytest.raises(Unfit, match="Say why the case comes back"):
            restore_to_sample(case=case, words="", by=lead)

    def test_a_proposal_is_decided_once(self, case, inspector, lead):
        proposal = propose(case, inspector)
        decline_exclusion(proposal=proposal, words="It came.", by=lead)
        with pytest.raises(Refused, match=r"Leah Costa declined this exclusion already\. Nothing was changed\."):
            agree_exclusion(proposal=proposal, by=lead)
        propose(case, inspector)
        with pytest.raises(Refused, match="Leah Costa declined this exclusion already"):
            agree_exclusion(proposal=proposal, by=lead)
        assert fresh(case).excluded_reason == ""

    def test_nothing_once_the_ratings_are_locked(self, case, make_case, inspector, lead):
        proposal = propose(make_case(case.inspection), inspector)
        excluded = make_case(case.inspection)
        exclude_case(case=excluded, reason="Lost.", by=lead)
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        for write in (
            lambda: propose(case, inspector),
            lambda: exclude_at_once(case=case, reason="no_file", words="Lost.", by=lead),
            lambda: agree_exclusion(proposal=proposal, by=lead),
            lambda: decline_exclusion(proposal=proposal, words="No.", by=lead),
            lambda: restore_to_sample(case=excluded, words="Found.", by=lead),
        ):
            with pytest.raises(InspectionLocked):
                write()

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.sampled_from(Step), max_size=8))
    def test_whatever_is_tried_a_case_is_where_the_table_says(self, case, inspector, lead, steps):
        def newest():
            return ExclusionStep.objects.filter(case=case, step="proposed").last() or ExclusionStep(case=case, pk=0)

        writers = {
            Step.PROPOSED: lambda: propose(case, inspector),
            Step.DECLINED: lambda: decline_exclusion(proposal=newest(), words="No.", by=lead),
            Step.AGREED: lambda: agree_exclusion(proposal=newest(), by=lead),
            Step.EXCLUDED: lambda: exclude_at_once(case=case, reason="other", words="Said so.", by=lead),
            Step.RESTORED: lambda: restore_to_sample(case=case, words="Yes.", by=lead),
        }
        with transaction.atomic():
            standing, taken = Standing.COUNTS, []
            for step in steps:
                after = EXPECTED[step][list(Standing).index(standing)]
                if after:
                    writers[step]()
                    standing = Standing(after)
                    taken.append(step)
                else:
                    with pytest.raises(Refused), transaction.atomic():
                        writers[step]()
                assert standing_of(fresh(case)) == standing
                assert proposals_waiting(case.inspection).count() == (standing == Standing.PROPOSED)
            assert list(case.exclusion_steps.order_by("pk").values_list("step", flat=True)) == taken
            transaction.set_rollback(True)
