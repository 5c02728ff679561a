"""How well a sample matches, worked by hand and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.balance import balances, largest_gap, parts
from cases.sampling import Candidate, margin_of_error
from standards.reader import load

YOUTH = load("youth-2018")


def candidate(number, sample="court", sex="male", disposal="referral_order", harm="low", safety=""):
    return Candidate(f"C{number}", sample, (sex, disposal, harm, safety))


# 8 boys and 2 girls at court, 4 boys out of court; drawn are 4 and 1 of the first, 2 of the last.
THERE = [
    *(candidate(number, sex="male" if number < 8 else "female") for number in range(10)),
    *(candidate(number, "out_of_court", disposal="youth_caution", safety="high") for number in range(10, 14)),
]
DRAWN = {"C0", "C1", "C2", "C3", "C8", "C10", "C11"}


class TestBalance:
    def test_kinds_are_held_against_their_own_population(self):
        court, out_of_court = balances(YOUTH, THERE, DRAWN)
        assert (court.eligible, court.drawn, out_of_court.eligible, out_of_court.drawn) == (10, 5, 4, 2)
        assert [(s.value, s.eligible, s.drawn, s.gap) for s in court.of_field("sex")] == [
            ("female", 2, 1, 0.0),
            ("male", 8, 4, 0.0),
        ]
        assert [s.value for s in out_of_court.of_field("disposal")] == ["youth_caution"]

    def test_values_stand_as_in_the_document_and_what_is_not_classified_last(self):
        there = [candidate(n, harm=harm) for n, harm in enumerate(["", "very_high", "low", "high", "medium"])]
        (court, _) = balances(YOUTH, there, set())
        assert [share.value for share in court.of_field("harm_classification")] == [
            "low",
            "medium",
            "high",
            "very_high",
            "",
        ]

    def test_the_largest_gap_either_way(self):
        sample, share = largest_gap(balances(YOUTH, THERE, {"C0", "C1", "C2", "C3", "C10"}))
        assert (sample, share.field, share.value, share.gap) == ("court", "sex", "female", -20.0)

    def test_a_kind_of_which_nothing_is_drawn_has_none(self):
        assert largest_gap(balances(YOUTH, THERE, set())) is None

    @given(st.sets(st.sampled_from([held.reference for held in THERE])))
    def test_every_field_adds_up_to_its_kind(self, drawn):
        for balance in balances(YOUTH, THERE, drawn):
            for field in YOUTH.sampling.stratify_by:
                held = balance.of_field(field)
                assert sum(share.eligible for share in held) == balance.eligible
                assert sum(share.drawn for share in held) == balance.drawn


class TestParts:
    def test_the_whole_the_kinds_and_every_value_with_its_margin(self):
        found = {(p.sample, p.field, p.value): p for p in parts(YOUTH, balances(YOUTH, THERE, DRAWN))}
        assert (found["", "", ""].eligible, found["", "", ""].drawn) == (14, 7)
        assert found["", "", ""].margin == margin_of_error(YOUTH.sampling, 7, 14)
        assert (found["court", "", ""].eligible, found["court", "", ""].drawn) == (10, 5)
        assert (found["", "sex", "male"].eligible, found["", "sex", "male"].drawn) == (12, 6)
        assert found["", "sex", "female"].margin == pytest.approx(64.08)
        assert found["", "safety_classification", ""].drawn == 5

    def test_what_is_not_in_the_sample_has_no_margin(self):
        found = {(p.field, p.value): p.margin for p in parts(YOUTH, balances(YOUTH, THERE, {"C0", "C10"}))}
        assert found["sex", "female"] is None

    @given(st.sets(st.sampled_from([held.reference for held in THERE]), min_size=1))
    def test_a_value_taken_in_the_proportion_of_the_whole_or_less_has_a_wider_margin(self, drawn):
        whole, *others = parts(YOUTH, balances(YOUTH, THERE, drawn))
        for part in others:
            if part.drawn and part.drawn * whole.eligible <= whole.drawn * part.eligible and part.eligible > 1:
                assert part.margin >= whole.margin - 1e-9
