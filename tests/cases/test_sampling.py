"""The size of a sample and the draw: worked by hand, by properties, and against a plain second way."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from math import ceil

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from cases.sampling import (
    REST,
    Candidate,
    draw,
    largest_remainders,
    margin_of_error,
    order_by,
    plan,
    sample_sizes,
    shares,
    window,
)
from standards.reader import load
from tests.ratings.worked import table

YOUTH = load("youth-2018")
COURT, OUT_OF_COURT = YOUTH.samples
FIELDS = YOUTH.sampling.stratify_by
SIDES = [side.code for side in YOUTH.samples]

counts = st.fixed_dictionaries({code: st.integers(0, 400) for code in SIDES})
candidates = st.lists(
    st.builds(
        Candidate,
        st.text(min_size=1, max_size=8),
        st.sampled_from(SIDES),
        st.tuples(*(st.sampled_from(["", "low", "high"]) for _ in FIELDS)),
    ),
    max_size=60,
    unique_by=lambda candidate: candidate.reference,
)


class TestSize:
    @pytest.mark.parametrize("row", table("The sample"), ids=lambda row: row["Eligible cases"])
    def test_the_samples_of_the_five_reports(self, row):
        made = plan(YOUTH, int(row["Eligible cases"]))
        assert f"{made.infinite:.1f}" == "164.2"
        assert f"{made.needed:.1f}" == row["Before rounding"]
        assert (made.total, made.size("court"), made.size("out_of_court")) == (
            int(row["Sample"]), int(row["Court"]), int(row["Out of court"]),
        )  # fmt: skip

    @given(st.integers(0, 5000))
    def test_it_rises_with_the_population_and_never_above_it(self, population):
        total = sample_sizes(population, YOUTH.sampling)[2]
        assert total <= population
        assert total <= sample_sizes(population + 1, YOUTH.sampling)[2] <= total + 1
        assert total <= ceil(164.3)

    def test_a_margin_of_that_size_is_what_was_asked_for(self):
        for population in range(20, 400):
            total = plan(YOUTH, population).total
            assert margin_of_error(YOUTH.sampling, total, population) <= 5.0
            assert margin_of_error(YOUTH.sampling, total - 1, population) > 4.9

    @given(counts)
    def test_a_short_side_is_taken_whole_and_the_other_fills(self, eligible):
        made = plan(YOUTH, eligible)
        assert sum(side.size for side in made.sides) == made.total == plan(YOUTH, sum(eligible.values())).total
        for side in made.sides:
            assert side.size <= side.eligible
            assert not side.taken_whole or side.size == side.eligible
            assert side.size >= min(side.wanted, side.eligible)

    def test_the_side_that_fills(self):
        made = plan(YOUTH, {"court": 20, "out_of_court": 51})
        assert [(side.wanted, side.size, side.taken_whole) for side in made.sides] == [
            (30, 20, True),
            (20, 30, False),
        ]

    @pytest.mark.parametrize("population", [-1, {"court": -1}, {"elsewhere": 3}])
    def test_what_is_no_population_is_refused(self, population):
        with pytest.raises(ValueError):
            plan(YOUTH, population)


class TestWindow:
    @pytest.mark.parametrize(
        ("sample", "fieldwork", "days"),
        [
            (COURT, date(2019, 2, 4), (date(2018, 5, 4), date(2018, 8, 4))),
            (OUT_OF_COURT, date(2019, 2, 4), (date(2018, 9, 4), date(2018, 11, 4))),
            (OUT_OF_COURT, date(2020, 5, 31), (date(2019, 12, 31), date(2020, 2, 29))),
        ],
    )
    def test_months_are_counted_back_to_the_same_day(self, sample, fieldwork, days):
        assert window(sample, fieldwork) == days


class TestLargestRemainders:
    @given(st.lists(st.integers(0, 50), min_size=1), st.data())
    def test_parts_are_whole_near_their_proportion_and_never_too_large(self, sizes, data):
        total = data.draw(st.integers(0, sum(sizes)))
        parts = largest_remainders(sizes, total)
        assert sum(parts) == total
        for size, part in zip(sizes, parts, strict=True):
            assert part <= size
            assert not sum(sizes) or abs(part - total * size / sum(sizes)) < 1

    def test_the_first_of_equals_comes_first(self):
        assert largest_remainders([2, 2, 2], 2) == [1, 1, 0]

    def test_more_than_there_are_is_refused(self):
        with pytest.raises(ValueError):
            largest_remainders([1, 2], 4)


class TestDraw:
    @given(candidates, st.text(), st.randoms(), st.data())
    def test_the_same_list_in_any_order_gives_the_same_sample(self, there, seed, random, data):
        found = Counter(candidate.sample for candidate in there)
        sizes = {code: data.draw(st.integers(0, found[code])) for code in SIDES}
        strata = draw(there, sizes, seed)
        shuffled = list(there)
        random.shuffle(shuffled)
        assert draw(shuffled, sizes, seed) == strata
        for code in SIDES:
            of_sample = [stratum for stratum in strata if stratum.sample == code]
            assert sum(len(stratum.drawn) for stratum in of_sample) == sizes[code]
        everybody = [reference for stratum in strata for reference in (*stratum.drawn, *stratum.reserves)]
        assert sorted(everybody) == sorted(candidate.reference for candidate in there)

    @given(candidates, st.text())
    def test_within_a_stratum_the_hash_decides(self, there, seed):
        found = Counter(candidate.sample for candidate in there)
        for stratum in draw(there, {code: found[code] // 2 for code in SIDES}, seed):
            listed = [*stratum.drawn, *stratum.reserves]
            assert listed == sorted(listed, key=order_by(seed))

    def test_the_order_is_the_one_that_anybody_can_compute(self):
        there = [Candidate(f"C{number:03}", "court", ("a", "b", "c", "d")) for number in range(100)]
        (stratum,) = draw(there, {"court": 7}, "2019-02-04")
        by_hand = sorted((hashlib.sha256(f"2019-02-04\nC{n:03}".encode()).hexdigest(), f"C{n:03}") for n in range(100))
        assert list(stratum.drawn) == [reference for _, reference in by_hand[:7]]
        assert stratum.drawn[:3] == ("C089", "C065", "C071")

    def test_strata_below_one_case_are_put_together_from_the_last_field_on(self):
        groups = {
            ("f", "x", "low", "low"): 20,
            ("f", "x", "high", "low"): 1,
            ("f", "x", "high", "high"): 1,
            ("m", "x", "low", "low"): 1,
            ("m", "y", "low", "low"): 1,
        }
        there = [
            Candidate(f"{'-'.join(values)}-{number}", "court", values)
            for values, size in groups.items()
            for number in range(size)
        ]
        strata = draw(there, {"court": 12}, "s")
        assert {stratum.values: stratum.eligible for stratum in strata} == {
            ("f", "x", "high", *REST): 2,
            ("f", "x", "low", "low"): 20,
            ("m", *REST): 2,
        }
        assert [len(stratum.drawn) for stratum in strata] == [1, 10, 1]

    def test_too_many_or_the_same_case_twice_are_refused(self):
        one = Candidate("C1", "court", ("", "", "", ""))
        with pytest.raises(ValueError, match="2 cases cannot be drawn from 1"):
            draw([one], {"court": 2}, "s")
        with pytest.raises(ValueError, match="C1 is there twice"):
            draw([one, one], {"court": 1}, "s")


class TestShares:
    def test_each_value_is_held_against_the_population(self):
        there = [Candidate(str(n), "court", ("m" if n < 8 else "f", "x", "", "")) for n in range(10)]
        found = shares(there, ["0", "1", "8", "9"], FIELDS)
        by_value = {(share.field, share.value): (share.eligible, share.drawn, share.gap) for share in found}
        assert by_value["sex", "f"] == (2, 2, 30.0)
        assert by_value["sex", "m"] == (8, 2, -30.0)
        assert by_value["harm_classification", ""] == (10, 4, 0.0)

    @given(candidates, st.data())
    def test_gaps_of_a_field_cancel_out(self, there, data):
        drawn = data.draw(st.sets(st.sampled_from([c.reference for c in there]))) if there else set()
        for field in FIELDS:
            gaps = [share.gap for share in shares(there, drawn, FIELDS) if share.field == field]
            assert abs(sum(gaps)) < 1e-9


class TestCommand:
    def test_a_number_of_cases(self, capsys):
        call_command("sample_plan", population="123")
        printed = json.loads(capsys.readouterr().out)
        assert [printed[name] for name in ("total", "court", "out_of_court")] == [71, 43, 28]

    def test_a_number_for_each_side(self, capsys):
        call_command("sample_plan", population="court=20, out_of_court=51")
        printed = json.loads(capsys.readouterr().out)
        assert [printed[name] for name in ("total", "court", "out_of_court")] == [50, 20, 30]
        assert printed["sides"][0]["taken_whole"] is True

    @pytest.mark.parametrize("population", ["many", "-3", "court=1,court=2", "elsewhere=4", ""])
    def test_what_is_no_population_is_refused_in_a_sentence(self, population):
        with pytest.raises(CommandError, match=f"^--population {population}: "):
            call_command("sample_plan", population=population)

    def test_unknown_standards_are_refused(self):
        with pytest.raises(CommandError, match="adult-2031"):
            call_command("sample_plan", population="5", standards="adult-2031")

    def test_standard_output_is_json_alone(self):
        done = subprocess.run(
            [sys.executable, "manage.py", "sample_plan", "--population", "50"], capture_output=True, check=True
        )
        assert json.loads(done.stdout)["total"] == 39
