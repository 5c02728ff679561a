"""Every row of every table in docs/rules.md, against youth-2018."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import get_args

import pytest

from ratings.scoring import (
    Decision,
    DiscretionRefused,
    Refusal,
    StandardResult,
    Tally,
    band_of,
    check_discretion,
    opportunities,
    percentage,
    rate,
)
from standards.document import Document
from standards.reader import load
from tests.ratings.worked import Row, all_tables, give, percent, rated_alike, rating, table, tallies

YOUTH = load("youth-2018")

READ_HERE = {
    "The five states of an answer": 2,  # the steps of an exclusion are read by tests/cases/test_excluding.py
    "Facts, and what is asked": 1,
    "Percentages": 1,
    "Bands": 2,
    "From key questions to a standard": 1,
    "Score and overall rating": 2,
    "The gate": 1,
    "Worked examples": 1,
    "How rare it is": 1,
    "What is recorded": 1,  # read by test_discretion.py
    "When a decision lapses": 1,
    "Settings": 2,
    "The sample": 1,
    "How firm is it?": 3,  # read by test_firmness.py
}


def rows(heading: str, number: int = 0) -> pytest.MarkDecorator:
    found = table(heading, number)
    return pytest.mark.parametrize("row", found, ids=[" ".join(list(row.values())[:2]) for row in found])


def standard_result(document: Document, counts: list[Tally], code: str = "2.4") -> StandardResult:
    return rate(document, give(document, code, counts), {}).standard(code)


def outcome(document: Document, row: Row) -> str:
    result = standard_result(document, tallies(row["Key questions"]))
    assert result.calculated == rating(document, row["Calculated"])
    try:
        check_discretion(document, result, rating(document, row["Moved to"]) or "")
    except DiscretionRefused as refused:
        return f"Refused: `{refused.rule}`"
    return "Allowed"


def test_no_table_of_the_page_goes_unread():
    assert {heading: len(found) for heading, found in all_tables().items()} == READ_HERE


def test_the_states_are_those_of_a_tally():
    found = table("The five states of an answer")
    assert [row["State"].replace(" ", "_") for row in found] == [field.name for field in fields(Tally)]
    for row in found:
        counted = Tally(**{row["State"].replace(" ", "_"): 1})
        assert counted.cases == 1
        assert counted.relevant == (row["Counts towards the percentage"] == "Yes")


def test_the_facts_propose_the_key_questions_of_the_document():
    gates = {rule.code: rule.fact for rule in YOUTH.applicability}
    proposed: dict[str, list[str]] = {}
    for code, question in YOUTH.key_questions.items():
        fact = gates[question.applies_when]
        if fact:
            proposed.setdefault(fact, []).append(code)
    found = [row["Key questions it proposes"] for row in table("Facts, and what is asked")]
    assert sorted(found) == sorted(", ".join(codes) for codes in proposed.values())


@rows("Percentages")
def test_percentages(row: Row):
    assert percentage(int(row["Yes"]), int(row["Relevant cases"])) == percent(row["Percentage"])


def test_the_bands_are_those_of_the_document():
    assert [tuple(row.values()) for row in table("Bands")] == [
        (band.label, f"{band.minimum}%", f"{band.maximum}%", band.phrase, str(band.score)) for band in YOUTH.bands
    ]


@rows("Bands", 1)
def test_boundaries_of_the_bands(row: Row):
    assert band_of(YOUTH, percent(row["Percentage"]) or 0) == rating(YOUTH, row["Band"])


@rows("From key questions to a standard")
def test_standards(row: Row):
    result = standard_result(YOUTH, tallies(row["Key questions"]))
    assert result.calculated == result.rating == rating(YOUTH, row["Rating"])


@rows("Score and overall rating")
def test_overall_ratings(row: Row):
    total, standing = int(row["Score"]), len(YOUTH.standards)
    scores = [total // standing + (place < total % standing) for place in range(standing)]
    by_score = {band.score: band.code for band in YOUTH.bands}
    result = rated_alike(YOUTH, [by_score[score] for score in scores])
    assert (result.score, result.maximum) == (total, 36)
    assert result.overall == rating(YOUTH, row["Overall rating"])


@rows("Score and overall rating", 1)
def test_published_scores(row: Row):
    ratings = [band.code for band in YOUTH.bands for _ in range(int(row[band.label]))]
    result = rated_alike(YOUTH, ratings)
    assert (result.score, result.overall) == (int(row["Score"]), rating(YOUTH, row["Overall rating"]))


def test_the_refusals_are_those_of_the_code():
    assert [row["Refusal"].strip("`") for row in table("The gate")] == list(get_args(Refusal))


@rows("Worked examples")
def test_worked_examples(row: Row):
    assert outcome(YOUTH, row) == row["Outcome"]


@rows("How rare it is")
def test_published_opportunities(row: Row):
    code = row["Standard"]
    (found,) = opportunities(YOUTH, rate(YOUTH, give(YOUTH, code, tallies(row["Key questions"])), {}))
    assert found.standard == code
    assert found.from_rating == rating(YOUTH, row["Calculated"])
    assert found.to_rating == rating(YOUTH, row["Could become"])
    assert found.points == int(row["Points short"])


@rows("When a decision lapses")
def test_lapses(row: Row):
    decision = Decision("2.4", "inadequate", "requires_improvement")
    given = give(YOUTH, "2.4", tallies(row["Key questions now"]))
    result = rate(YOUTH, given, {}, [decision]).standard("2.4")
    assert (result.discretion, result.rating) == (row["Decision"].lower(), rating(YOUTH, row["Rating"]))


def test_the_settings_are_those_of_the_document():
    held = YOUTH.discretion
    assert [row["2018"] for row in table("Settings")] == [
        str(held.margin),
        ", ".join(held.directions),
        "on" if held.one_case else "off",
        "off" if held.few_cases is None else str(held.few_cases),
    ]


@rows("Settings", 1)
def test_further_settings(row: Row):
    settings = {
        "One case": replace(YOUTH.discretion, one_case=True),
        "Few cases: 5": replace(YOUTH.discretion, few_cases=5),
        "Lowering": replace(YOUTH.discretion, directions=("raise", "lower")),
    }
    assert outcome(replace(YOUTH, discretion=settings[row["Setting"]]), row) == row["Outcome"]


@rows("The sample")
def test_the_arithmetic_of_the_sample(row: Row):
    without_correction = 1.2816**2 * 0.25 / 0.05**2
    needed = without_correction / (1 + (without_correction - 1) / int(row["Eligible cases"]))
    total, court = math.ceil(needed), math.ceil(math.ceil(needed) * 60 / 100)
    assert f"{needed:.1f}" == row["Before rounding"]
    assert (total, court, total - court) == (int(row["Sample"]), int(row["Court"]), int(row["Out of court"]))
