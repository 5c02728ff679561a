"""How firm ratings are: the worked tables of docs/rules.md, and every number held against trying all answers out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sampling import margin_of_error
from ratings.firmness import NOWHERE, Moves, firmness, rounding_decides
from ratings.scoring import Decision, Tally, rate
from standards.document import Discretion, Document
from standards.reader import load
from tests.ratings.worked import five_bands, give, rated_alike, rating, table, tallies

YOUTH = load("youth-2018")
HEADING = "How firm is it?"
DOWN, UP = "Answers to move it down", "Answers to move it up"


def number(cell: str) -> int | None:
    """Read "3", or "none"."""
    return None if cell == "none" else int(cell)


def moves(row: dict[str, str]) -> Moves:
    """Read the two columns of a worked table."""
    return Moves(number(row[DOWN]), number(row[UP]))


@pytest.mark.parametrize("row", table(HEADING), ids=lambda row: row["Key question"])
def test_worked_key_questions(row):
    (tally,) = tallies(row["Key question"])
    held = firmness(YOUTH, rate(YOUTH, {"2.2.1": tally}, {})).standards[5].key_questions[0]
    assert held.result.code == "2.2.1"
    assert held.result.band == rating(YOUTH, row["Band"])
    assert held.band == moves(row)
    assert held.rounding == {"no": ""}.get(row["Rounding"], row["Rounding"]) == rounding_decides(YOUTH, tally)


@pytest.mark.parametrize("row", table(HEADING, 1), ids=lambda row: row["Key questions"])
def test_worked_standards(row):
    result = rate(YOUTH, give(YOUTH, "2.2", tallies(row["Key questions"])), {})
    held = {standard.result.code: standard for standard in firmness(YOUTH, result).standards}["2.2"]
    assert held.result.rating == rating(YOUTH, row["Rating"])
    assert held.rating == moves(row)


@pytest.mark.parametrize(
    "row", table(HEADING, 2), ids=lambda row: f"{row['Relevant cases']} of {row['Eligible cases']}"
)
def test_worked_margins(row):
    population = None if row["Eligible cases"] == "unknown" else int(row["Eligible cases"])
    found = margin_of_error(YOUTH.sampling, int(row["Relevant cases"]), population)
    assert f"{found:.1f}" == row["Margin of error"]


def test_a_margin_needs_a_case_and_no_more_cases_than_there_are():
    assert margin_of_error(YOUTH.sampling, 0) is None
    assert margin_of_error(YOUTH.sampling, 1, 1) == 0
    with pytest.raises(ValueError, match="7 relevant cases cannot come from a population of 6"):
        margin_of_error(YOUTH.sampling, 7, 6)


@pytest.mark.parametrize(("relevant", "few"), [(0, False), (1, True), (5, True), (6, False)])
def test_few_relevant_cases_are_marked_as_the_document_says(relevant, few):
    def marked(document: Document) -> bool:
        result = rate(document, {"2.1.1": Tally(yes=relevant)}, {})
        return firmness(document, result).standards[4].key_questions[0].few

    assert marked(YOUTH) == few
    assert not marked(replace(YOUTH, sampling=replace(YOUTH.sampling, few_cases=0)))


def test_score_and_overall_rating_of_an_inspection():
    # Twelve times Good is 24 of 36: Good from 19 to 30. Each key question stands at 65 of 100.
    found = firmness(YOUTH, rated_alike(YOUTH, ["good"] * 12))
    assert found.score == Moves(1, 30)  # 3.4 has two key questions, each 15 answers from Outstanding
    # Down by six points: a standard loses one point for one answer, or two for sixteen.
    assert found.overall.down == 6
    # Up by seven, from eight standards that can: 3.4 for 30, six others for 45.
    assert found.overall.up == 30 + 6 * 45


def test_without_a_rating_of_every_standard_nothing_moves_the_score():
    found = firmness(YOUTH, rate(YOUTH, {"2.1.1": Tally(11, 6)}, {}))
    assert (found.score, found.overall) == (NOWHERE, NOWHERE)


def test_discretion_that_would_lapse_moves_the_standard():
    # Nottingham City 2.4, raised from Inadequate: at 4 of 11, 36%, the decision lapses; at 8 of 11 it is Good by itself.
    counts = give(YOUTH, "2.4", tallies("73%, 73%, 5/11"))
    decision = Decision("2.4", "inadequate", "requires_improvement")
    found = firmness(YOUTH, rate(YOUTH, counts, {}, [decision]), [decision])
    held = {standard.result.code: standard for standard in found.standards}["2.4"]
    assert held.result.rating == "requires_improvement"
    assert held.rating == Moves(1, 3)
    assert held.key_questions[2].band == Moves(None, 1)


# Against trying everything out.

small = st.integers(0, 3)
discretions = st.builds(
    Discretion,
    margin=st.integers(0, 20),
    directions=st.sampled_from([("raise",), ("lower",), ("raise", "lower")]),
    one_case=st.booleans(),
    few_cases=st.none() | st.integers(1, 4),
)


@st.composite
def inspections(draw):
    """A small inspection of another sector: four key questions with up to six relevant cases each, and its decisions."""
    document = replace(five_bands(), discretion=draw(discretions))
    codes = list(document.bands_by_code)
    counts = {code: Tally(draw(small), draw(small), draw(small)) for code in ("B1.1", "B1.2", "B1.3", "B2.1")}
    judgements = {"C1": draw(st.sampled_from(codes))} if draw(st.integers(0, 5)) else {}
    result = rate(document, counts, judgements)
    decisions = []
    for code in ("B1", "B2"):
        calculated = result.standard(code).calculated
        if calculated and draw(st.booleans()):
            decisions.append(Decision(code, calculated, draw(st.sampled_from(codes))))
    return document, counts, judgements, decisions


def brute(document, counts, judgements, decisions, place):
    """Return the least numbers of changes that move `place` of the result down and up, by trying out every combination."""
    now = place(rate(document, counts, judgements, decisions))
    down = up = None
    for changed in product(*(range(held.relevant + 1) for held in counts.values())):
        changes = sum(abs(yes - held.yes) for yes, held in zip(changed, counts.values(), strict=True))
        moved = {
            code: replace(held, yes=yes, no=held.relevant - yes)
            for yes, (code, held) in zip(changed, counts.items(), strict=True)
        }
        there = place(rate(document, moved, judgements, decisions))
        if now is None or there is None:
            continue
        if there < now:
            down = changes if down is None else min(down, changes)
        elif there > now:
            up = changes if up is None else min(up, changes)
    return Moves(down, up)


@given(inspections())
@settings(deadline=None, max_examples=60)
def test_every_number_is_the_least_that_is_enough(inspection):
    document, counts, judgements, decisions = inspection
    result = rate(document, counts, judgements, decisions)
    found = firmness(document, result, decisions)

    def rank(code):
        return None if code is None else list(document.bands_by_code).index(code)

    for held in found.standards:
        code = held.result.code
        own = {question: tally for question, tally in counts.items() if question.startswith(code)}
        standing = [decision for decision in decisions if decision.standard == code]

        def of(rated, code=code):
            return rank(rated.standard(code).rating)

        assert held.rating == brute(document, own, judgements, standing, of), code
        for question in held.key_questions:
            alone = {question.result.code: counts[question.result.code]}

            def band(rated, code=code, question=question):
                bands = {asked.code: asked.band for asked in rated.standard(code).key_questions}
                return rank(bands[question.result.code])

            assert question.band == brute(document, alone, judgements, [], band), question.result.code
    # B2 does not count in the total, so its answers move nothing there.
    counting = {code: tally for code, tally in counts.items() if code.startswith("B1")}
    standing = [decision for decision in decisions if decision.standard == "B1"]
    assert found.score == brute(document, counting, judgements, standing, lambda rated: rated.score)
    assert found.overall == brute(document, counting, judgements, standing, lambda rated: rank(rated.overall))


@given(st.integers(0, 400), st.integers(0, 400))
@settings(deadline=None)
def test_rounding_decides_where_the_exact_share_and_its_number_fall_apart(yes, no):
    if yes + no == 0:
        assert rounding_decides(YOUTH, Tally(yes, no)) == ""
        return
    boundaries = [band.minimum for band in YOUTH.bands[1:]]
    near = [boundary for boundary in boundaries if 0 < boundary * (yes + no) - 100 * yes < yes + no]
    wanted = ""
    if near:
        wanted = "up" if 2 * (near[0] * (yes + no) - 100 * yes) <= yes + no else "down"
    assert rounding_decides(YOUTH, Tally(yes, no)) == wanted
