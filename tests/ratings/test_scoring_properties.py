"""What holds of every inspection, whatever the answers, in both documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.scoring import (
    Decision,
    InspectionResult,
    KeyQuestionResult,
    StandardResult,
    Tally,
    band_of,
    can_use_discretion,
    driving_key_question,
    opportunities,
    percentage,
    rate,
    rate_key_question,
)
from standards.document import Band, Discretion, Document
from standards.reader import load
from tests.ratings.worked import five_bands

without_deadline = settings(deadline=None)

counts = st.integers(0, 30)
tally = st.builds(Tally, counts, counts, counts, counts, counts)
answered = st.builds(Tally, counts, counts)
discretion = st.builds(
    Discretion,
    margin=st.integers(0, 12),
    directions=st.sampled_from([("raise",), ("lower",), ("raise", "lower")]),
    one_case=st.booleans(),
    few_cases=st.none() | st.integers(0, 6),
)
documents = st.builds(
    lambda document, settled: replace(document, discretion=settled),
    st.sampled_from([five_bands(), load("youth-2018")]),
    discretion,
)


@st.composite
def inspections(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Document, dict, dict, list[Decision]]:
    """A document, and tallies, judgements and decisions that belong to it; most of them complete."""
    document: Document = draw(documents)
    codes = list(document.bands_by_code)
    given_tallies, judgements, decisions = {}, {}, []
    for code, standard in document.standards.items():
        if standard.method == "judgement":
            if draw(st.integers(0, 9)):
                judgements[code] = draw(st.sampled_from(codes))
            continue
        for question in standard.key_questions:
            if draw(st.integers(0, 9)):
                given_tallies[question.code] = draw(tally)
        if draw(st.booleans()):
            decisions.append(Decision(code, draw(st.sampled_from(codes)), draw(st.sampled_from(codes))))
    return document, given_tallies, judgements, decisions


def rank(document: Document, code: str | None) -> int:
    """Where a rating stands on the scale; "not rated" below all."""
    return -1 if code is None else list(document.bands_by_code).index(code)


def key_questions(result: InspectionResult) -> dict[str, KeyQuestionResult]:
    return {held.code: held for standard in result.standards for held in standard.key_questions}


@given(st.integers(0, 3000), st.integers(0, 3000))
@without_deadline
def test_a_percentage_is_the_exact_share_rounded_half_up(yes: int, no: int):
    if yes + no == 0:
        assert percentage(yes, yes + no) is None
    else:
        assert percentage(yes, yes + no) == floor(Fraction(100 * yes, yes + no) + Fraction(1, 2))


@given(inspections(), st.data())
@without_deadline
def test_a_no_turned_into_a_yes_lowers_nothing(inspection, data):
    document, before, judgements, decisions = inspection
    document = replace(document, discretion=replace(document.discretion, directions=("raise",)))
    turned = [code for code, held in before.items() if held.no]
    if not turned:
        return
    code = data.draw(st.sampled_from(turned))
    after = before | {code: replace(before[code], yes=before[code].yes + 1, no=before[code].no - 1)}
    old, new = (rate(document, held, judgements, decisions) for held in (before, after))
    assert (key_questions(new)[code].percent or 0) >= (key_questions(old)[code].percent or 0)
    assert rank(document, key_questions(new)[code].band) >= rank(document, key_questions(old)[code].band)
    for was, now in zip(old.standards, new.standards, strict=True):
        assert rank(document, now.calculated) >= rank(document, was.calculated)
        assert rank(document, now.rating) >= rank(document, was.rating)
    assert (new.score is None) == (old.score is None)
    if old.score is not None and new.score is not None:
        assert new.score >= old.score
        assert rank(document, new.overall) >= rank(document, old.overall)


@given(inspections(), st.data())
@without_deadline
def test_only_yes_and_no_move_a_rating(inspection, data):
    document, counted, judgements, decisions = inspection
    others = {
        code: replace(held, not_applicable=data.draw(counts), not_asked=data.draw(counts), unanswered=data.draw(counts))
        for code, held in counted.items()
    }
    old, new = (rate(document, held, judgements, decisions) for held in (counted, others))
    assert [(held.percent, held.band) for held in key_questions(new).values()] == [
        (held.percent, held.band) for held in key_questions(old).values()
    ]
    assert [(held.rating, held.discretion) for held in new.standards] == [
        (held.rating, held.discretion) for held in old.standards
    ]
    assert (new.score, new.overall) == (old.score, old.overall)


@given(inspections(), st.randoms(use_true_random=False))
@without_deadline
def test_order_never_matters(inspection, random):
    document, counted, judgements, decisions = inspection

    def shuffled(held: dict) -> dict:
        return dict(random.sample(list(held.items()), len(held)))

    assert rate(document, counted, judgements, decisions) == rate(
        document, shuffled(counted), shuffled(judgements), iter(random.sample(decisions, len(decisions)))
    )


@given(inspections())
@without_deadline
def test_a_calculated_standard_is_its_lowest_question_and_never_more(inspection):
    document, counted, judgements, decisions = inspection
    for held in rate(document, counted, judgements, decisions).standards:
        banded = [question for question in held.key_questions if question.band]
        assert rank(document, held.calculated) == min(
            (rank(document, question.band) for question in banded), default=-1
        )
        driving = driving_key_question(document, held)
        if driving:
            assert driving.band == held.calculated
            assert driving.percent == min(question.percent or 0 for question in banded)


@given(inspections())
@without_deadline
def test_discretion_moves_one_band_where_allowed_and_nothing_else(inspection):
    document, counted, judgements, decisions = inspection
    bare = rate(document, counted, judgements)
    decided = rate(document, counted, judgements, decisions)
    standing = {decision.standard: decision for decision in decisions}
    for before, after in zip(bare.standards, decided.standards, strict=True):
        assert after.key_questions == before.key_questions
        assert after.calculated == before.calculated
        decision = standing.get(after.code)
        if decision is None:
            assert after == before
            continue
        fits = decision.from_rating == before.calculated and can_use_discretion(document, before, decision.to_rating)
        assert after.discretion == ("applied" if fits else "lapsed")
        assert after.rating == (decision.to_rating if fits else before.calculated)
        moved = rank(document, after.rating) - rank(document, after.calculated)
        assert abs(moved) == (1 if fits else 0)
        assert not moved or ("raise" if moved > 0 else "lower") in document.discretion.directions


def close_enough(document: Document, held: KeyQuestionResult, target: Band) -> bool:
    """The triggers once more, slowly: every percentage and every case is tried."""
    settled = document.discretion
    reachable = [percent for percent in range(101) if abs(percent - (held.percent or 0)) <= settled.margin]
    step = 1 if target.minimum > (held.percent or 0) else -1
    changed = Tally(max(held.tally.yes + step, 0), max(held.tally.no - step, 0))
    return (
        any(band_of(document, percent) == target.code for percent in reachable)
        or (settled.few_cases is not None and held.tally.relevant <= settled.few_cases)
        or (
            settled.one_case
            and changed.relevant == held.tally.relevant
            and rate_key_question(document, held.code, changed).band != held.band
        )
    )


def gate_is_open(document: Document, held: StandardResult, to_rating: str) -> bool:
    """Rule by rule from the page: move whatever is close enough by one band and see what the standard would get."""
    driving = driving_key_question(document, held)
    if driving is None or held.calculated is None:
        return False
    step = rank(document, to_rating) - rank(document, held.calculated)
    if step not in (1, -1) or ("raise" if step == 1 else "lower") not in document.discretion.directions:
        return False
    target = document.bands_by_code[to_rating]
    if not close_enough(document, driving, target):
        return False
    bands = []
    for question in held.key_questions:
        if question.band:
            next_band = min(max(rank(document, question.band) + step, 0), len(document.bands) - 1)
            moves = close_enough(document, question, document.bands[next_band])
            bands.append(next_band if moves else rank(document, question.band))
    return step == -1 or min(bands) >= rank(document, to_rating)


@given(inspections())
@without_deadline
def test_the_gate_is_as_the_page_says(inspection):
    document, counted, judgements, _ = inspection
    result = rate(document, counted, judgements)
    allowed = [
        (held.code, code)
        for held in result.standards
        for code in reversed(document.bands_by_code)
        if gate_is_open(document, held, code)
    ]
    assert [(found.standard, found.to_rating) for found in opportunities(document, result)] == allowed
    for found in opportunities(document, result):
        assert found.points == min(
            abs(percent - (found.key_question.percent or 0))
            for percent in range(101)
            if band_of(document, percent) == found.to_rating
        )
