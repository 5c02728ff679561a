"""Which reserve takes the place of an excluded case, and taking it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from cases.actions import exclude_case, record_answer
from cases.answers import Given
from cases.excluding import agree_exclusion, exclude_at_once, propose_exclusion, restore_to_sample
from cases.models import Case, ExclusionStep
from cases.replacements import next_reserve, reader_for, take_reserve, why_no_reserve
from cases.sampling import nearest
from inspections.errors import InspectionLocked, Refused
from inspections.models import Lifecycle
from inspections.team import declare_conflict
from tests.cases.draws import case_with_reserves, drawn_from, reserves

STRATA = [
    ("court", ("male", "referral_order", "low")),
    ("court", ("male", "referral_order", "*")),
    ("court", ("male", "*")),
    ("court", ("female", "referral_order", "low")),
    ("court", ("*",)),
    ("out_of_court", ("male", "youth_caution", "low")),
]


class TestNearest:
    @pytest.mark.parametrize(
        ("own", "order"),
        [(0, [0, 1, 2, 3, 4]), (1, [1, 0, 2, 3, 4]), (3, [3, 0, 1, 2, 4]), (4, [4, 0, 1, 2, 3]), (5, [5])],
    )
    def test_the_most_alike_from_the_left_come_first(self, own, order):
        assert nearest(STRATA, own) == order

    @given(data=st.data())
    def test_every_stratum_of_the_sample_comes_once_and_its_own_first(self, data):
        values = st.lists(st.sampled_from("ab*"), max_size=4).map(tuple)
        strata = data.draw(st.lists(st.tuples(st.sampled_from(["court", "out_of_court"]), values), min_size=1))
        own = data.draw(st.integers(0, len(strata) - 1))
        found = nearest(strata, own)
        assert found[0] == own
        assert sorted(found) == [place for place, held in enumerate(strata) if held[0] == strata[own][0]]


@pytest.fixture
def drawn(make_inspection, lead):
    return drawn_from(make_inspection, lead)


def exclude(case, by, **more):
    return exclude_at_once(case=case, reason="no_file", words="It was lost.", by=by, **more)


@pytest.mark.django_db
class TestWhichIsNext:
    def test_the_first_of_the_same_stratum_that_is_in_no_sample(self, drawn, lead):
        case = case_with_reserves(drawn)
        stratum = case.candidate.place.stratum
        waiting = reserves(drawn, stratum)
        reserve = next_reserve(case)
        assert (reserve.candidate.reference, reserve.same) == (waiting[0], True)
        exclude(case, lead, reserve=reserve.candidate)
        assert reserves(drawn, stratum) == waiting[1:]

    def test_where_none_is_left_the_nearest_stratum_of_the_same_sample(self, drawn):
        case = case_with_reserves(drawn, wanted=False)
        strata = [(held["sample"], tuple(held["values"])) for held in drawn.draw.strata]
        stratum = next(held for held in nearest(strata, case.candidate.place.stratum) if reserves(drawn, held))
        reserve = next_reserve(case)
        assert not reserve.same
        assert reserve.candidate.reference == reserves(drawn, stratum)[0]
        assert reserve.candidate.sample == case.sample

    def test_at_last_there_is_none(self, drawn, lead):
        for case in drawn.cases.filter(sample="out_of_court"):
            reserve = next_reserve(case)
            if reserve is None:
                break
            exclude(case, lead, reserve=reserve.candidate)
        assert drawn.cases.filter(sample="out_of_court", replaces__isnull=False).count() == 8
        assert (
            why_no_reserve(case) == "No reserve is left among the out-of-court cases: the sample gets one case smaller."
        )
        assert next_reserve(drawn.cases.filter(sample="court").first()) is not None

    def test_a_case_that_was_not_drawn_has_none(self, case):
        assert next_reserve(case) is None
        assert why_no_reserve(case).startswith("This case was not drawn from a caseload")


@pytest.mark.django_db
class TestTakingIt:
    def test_in_one_step_with_agreeing(self, drawn, inspector, lead):
        case = case_with_reserves(drawn)
        Case.objects.filter(pk=case.pk).update(allocated_to=inspector)
        record_answer(case=case, by=inspector, given=Given("2.1.1" if case.sample == "court" else "3.1.1", "yes"))
        proposal = propose_exclusion(case=case, reason="no_file", words="It was lost.", by=inspector)
        reserve = next_reserve(case).candidate
        agree_exclusion(proposal=proposal, by=lead, reserve=reserve)
        taken = Case.objects.get(replaces=case)
        assert (taken.reference, taken.candidate, taken.disposal) == (reserve.reference, reserve, reserve.disposal)
        day = {"disposal_date": reserve.disposal_date.isoformat()}
        assert (taken.profile, taken.allocated_to, taken.state) == (reserve.profile | day, inspector, "allocated")
        assert not taken.answers.exclude(value=None).exists()
        assert taken.case_revisions.count() == 1
        event = Event.objects.get(action="case.replaced")
        assert event.summary == (
            f"Took case {taken.reference} into the sample in the place of case {case.reference}, and gave it to Ines Archer."
        )
        assert event.case == str(case.public_id)

    def test_later_too_and_once(self, drawn, lead):
        case = case_with_reserves(drawn)
        exclude(case, lead)
        assert take_reserve(case=case, candidate=next_reserve(case).candidate, by=lead).allocated_to is None
        with pytest.raises(Refused, match=r"took the place of case .* already\. Nothing was changed\."):
            take_reserve(case=case, candidate=next_reserve(case).candidate, by=lead)

    def test_what_took_a_place_is_replaced_in_turn(self, drawn, lead):
        first = case_with_reserves(drawn)
        exclude(first, lead, reserve=next_reserve(first).candidate)
        second = Case.objects.get(replaces=first)
        exclude(second, lead, reserve=next_reserve(second).candidate)
        assert Case.objects.get(replaces=second).candidate.sample == first.sample
        assert drawn.cases.filter(excluded_reason="").count() == 50

    def test_another_than_the_next_takes_everything_back(self, drawn, lead):
        case, other = drawn.cases.filter(sample="court")[:2]
        seen = next_reserve(case).candidate
        exclude(other, lead)
        Case.objects.create(inspection=drawn, reference="X", sample="court", disposal="referral_order", candidate=seen)
        with pytest.raises(Refused, match=r"is the next reserve now\. Nothing was changed"), transaction.atomic():
            exclude(case, lead, reserve=seen)
        assert Case.objects.get(pk=case.pk).excluded_reason == ""
        assert not ExclusionStep.objects.filter(case=case).exists()

    def test_not_in_the_place_of_a_case_that_counts_nor_once_locked(self, drawn, lead):
        case = case_with_reserves(drawn)
        with pytest.raises(Refused, match="is in the sample, so nothing takes its place"):
            take_reserve(case=case, candidate=next_reserve(case).candidate, by=lead)
        exclude(case, lead)
        Lifecycle.objects.filter(inspection=drawn).update(state="locked")
        with pytest.raises(InspectionLocked):
            take_reserve(case=case, candidate=next_reserve(case).candidate, by=lead)

    def test_without_a_reserve(self, case, lead, drawn):
        exclude_case(case=case, reason="Lost.", by=lead)
        with pytest.raises(Refused, match="not drawn from a caseload"):
            take_reserve(case=case, candidate=drawn.candidates.first(), by=lead)

    def test_restoring_keeps_what_took_the_place(self, drawn, lead):
        case = case_with_reserves(drawn)
        exclude(case, lead, reserve=next_reserve(case).candidate)
        restore_to_sample(case=case, words="It was found.", by=lead)
        assert drawn.cases.filter(excluded_reason="").count() == 51

    def test_nobody_with_a_conflict_of_interest_is_given_it(self, drawn, inspector, stranger):
        case = drawn.cases.first()
        for person, expected in ((inspector, inspector), (stranger, None), (None, None)):
            case.allocated_to = person
            assert reader_for(case) == expected
        declare_conflict(user=inspector, service=drawn.service, text="Worked there.", by=inspector)
        case.allocated_to = inspector
        assert reader_for(case) is None


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_take_the_same_reserve(drawn, lead, manager):
    cases = list(drawn.cases.filter(sample="out_of_court")[:4])

    def attempt(case):
        try:
            exclude(case, lead, reserve=next_reserve(case).candidate)
        except Refused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(cases)) as threads:
        done = list(threads.map(attempt, cases))
    taken = list(Case.objects.exclude(replaces=None).values_list("candidate", flat=True))
    assert len(taken) == len(set(taken)) == done.count(None) >= 1
    assert all("is the next reserve now" in said for said in done if said)
    assert drawn.cases.filter(excluded_reason="").count() == 50
