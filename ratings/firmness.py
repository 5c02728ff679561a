"""How firm a rating is: how few single answers would have to change to move it, and what its percentages rest on.

Values in, new values out, like `ratings.scoring`, whose rules decide everything here too. A change of a single answer
turns a "yes" into a "no" or a "no" into a "yes" in one relevant case; no case becomes relevant or ceases to be. Counts of
changes are the least that are enough, found exactly. Source: the rules page, "How firm is it?".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from cases.sampling import margin_of_error
from ratings.scoring import (
    Decision,
    InspectionResult,
    KeyQuestionResult,
    StandardResult,
    Tally,
    band_of,
    meets_a_trigger,
    overall_rating,
    percentage,
    rate_key_question,
    rate_standard,
)
from standards.document import Document, Standard

Rounding = Literal["", "up", "down"]


@dataclass(frozen=True)
class Moves:
    """The least number of answers whose change moves something down or up; None where no number does."""

    down: int | None
    up: int | None


@dataclass(frozen=True)
class KeyQuestionFirmness:
    """How firm the band of a key question is.

    `rounding` says whether rounding its percentage up, or down, decides the band. `margin` is in percentage points, either
    way, None without a relevant case. `few` marks that few cases are relevant.
    """

    result: KeyQuestionResult
    band: Moves
    rounding: Rounding
    margin: float | None
    few: bool


@dataclass(frozen=True)
class StandardFirmness:
    """How firm the rating of a standard is, discretion included. A judged one is moved by no answer."""

    result: StandardResult
    key_questions: tuple[KeyQuestionFirmness, ...]
    rating: Moves


@dataclass(frozen=True)
class Firmness:
    """How firm an inspection's ratings are. `score` and `overall` move nowhere until every standard that counts is rated."""

    standards: tuple[StandardFirmness, ...]
    score: Moves
    overall: Moves


NOWHERE = Moves(None, None)


def firmness(
    document: Document,
    result: InspectionResult,
    decisions: Iterable[Decision] = (),
    populations: Mapping[str, int] | None = None,
) -> Firmness:
    """Return how firm a result is. `decisions` are the uses of discretion that it was rated with, and `populations` how
    many cases were eligible, by sample, where that is known.

    - A key question moves by its own answers.
    - A standard falls when one key question falls far enough, and rises when all its lowest do; where discretion stands on
      it, also when the answers leave the decision no longer fitting.
    - The score moves when one standard that counts does; the overall rating takes the standards that are moved most
      cheaply together.

    Raises what `ratings.scoring.rate` raises.
    """
    standing = {decision.standard: decision for decision in decisions}
    standards, costs = [], []
    for held in result.standards:
        standard = document.standards[held.code]
        by_rating = _standard_costs(document, standard, held, standing.get(held.code))
        population = (populations or {}).get(document.domain_of_standard(held.code).sample or "")
        standards.append(
            StandardFirmness(
                held,
                tuple(_key_question(document, question, population) for question in held.key_questions),
                _moves(by_rating, _rank(document, held.rating), lambda rating: _rank(document, rating)),
            )
        )
        if standard.counts_in_total:
            costs.append(_by_score(document, by_rating))
    if result.score is None or result.overall is None:
        return Firmness(tuple(standards), NOWHERE, NOWHERE)
    totals = _totals(costs)
    return Firmness(
        tuple(standards),
        _moves(totals, result.score, lambda score: score),
        _moves(totals, _rank(document, result.overall), lambda score: _rank(document, overall_rating(document, score))),
    )


def rounding_decides(document: Document, tally: Tally) -> Rounding:
    """Return whether rounding up, or rounding down, decides the band of a key question; "" where its share itself does.

    11 of 17 is 64.7%, and Good only as 65%; 29 of 45 is 64.4%, and as 64% not yet Good.
    """
    percent = percentage(tally.yes, tally.relevant)
    if percent is None:
        return ""
    below = 100 * tally.yes // tally.relevant
    above = -(-100 * tally.yes // tally.relevant)
    if band_of(document, below) == band_of(document, above):
        return ""
    return "up" if percent == above else "down"


def _key_question(document: Document, held: KeyQuestionResult, population: int | None) -> KeyQuestionFirmness:
    tally = held.tally
    if population is not None and population < tally.relevant:
        population = None  # cases were added that nobody drew
    costs = _cheapest(document, held, lambda moved: moved.band)
    return KeyQuestionFirmness(
        held,
        _moves(
            {moved.band: cost for moved, cost in costs}, _rank(document, held.band), lambda band: _rank(document, band)
        ),
        rounding_decides(document, tally),
        margin_of_error(document.sampling, tally.relevant, population),
        0 < tally.relevant <= document.sampling.few_cases,
    )


def _cheapest(
    document: Document, held: KeyQuestionResult, alike: Callable[[KeyQuestionResult], object]
) -> list[tuple[KeyQuestionResult, int]]:
    """Return the key question after the fewest changes that make it different, as (result, changes), for each `alike`."""
    yes, relevant = held.tally.yes, held.tally.relevant
    found: dict[object, tuple[KeyQuestionResult, int]] = {}
    for changed in sorted(range(relevant + 1), key=lambda other: abs(other - yes)):
        moved = rate_key_question(document, held.code, Tally(changed, relevant - changed))
        found.setdefault(alike(moved), (moved, abs(changed - yes)))
    return list(found.values())


def _standard_costs(
    document: Document, standard: Standard, held: StandardResult, decision: Decision | None
) -> dict[str | None, int]:
    """Return the least number of changes that gives the standard each rating it can have; 0 for the one it has.

    Key questions that nothing in the rules tells apart are tried once, at their cheapest: without a decision those in
    one band; with one, also alike in whether they meet a trigger of it. Lowering looks at the lowest key question by its
    percentage, so there each percentage is tried.
    """
    target = document.bands_by_code[decision.to_rating] if decision else None
    lowers = decision is not None and _rank(document, decision.to_rating) < _rank(document, decision.from_rating)

    def alike(moved: KeyQuestionResult) -> object:
        if target is None:
            return moved.band
        return moved.band, meets_a_trigger(document, moved, target), moved.percent if lowers else None

    costs: dict[str | None, int] = {held.rating: 0}
    for combination in product(*(_cheapest(document, question, alike) for question in held.key_questions)):
        changes = sum(cost for _, cost in combination)
        tallies = {moved.code: moved.tally for moved, _ in combination}
        rating = rate_standard(document, standard, tallies, decision).rating if tallies else held.rating
        costs[rating] = min(changes, costs.get(rating, changes))
    return costs


def _by_score(document: Document, costs: Mapping[str | None, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for rating, cost in costs.items():
        if rating is not None:
            score = document.bands_by_code[rating].score
            found[score] = min(cost, found.get(score, cost))
    return found


def _totals(standards: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """Return the least number of changes for each total score that the standards can add up to."""
    totals = {0: 0}
    for options in standards:
        summed: dict[int, int] = {}
        for (total, spent), (score, cost) in product(totals.items(), options.items()):
            summed[total + score] = min(spent + cost, summed.get(total + score, spent + cost))
        totals = summed
    return totals


def _moves(costs: Mapping[object, int], now: int | None, place: Callable[..., int | None]) -> Moves:
    """Return the least cost of what has a place below `now`, and above it."""
    if now is None:
        return NOWHERE
    places = [(there, cost) for what, cost in costs.items() if (there := place(what)) is not None]
    return Moves(
        min((cost for there, cost in places if there < now), default=None),
        min((cost for there, cost in places if there > now), default=None),
    )


def _rank(document: Document, rating: str | None) -> int | None:
    return None if rating is None else [band.code for band in document.bands].index(rating)
