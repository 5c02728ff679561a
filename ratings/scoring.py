"""From counted answers to ratings: tally, percentage, band, standard, score, overall, professional discretion.

Values in, new values out: nothing here reads a database, knows the time or changes what it is given. Whole
numbers throughout: percentages are whole numbers from 0 to 100, counts are cases, scores are points. What
the rules are, with worked tables, is in docs/rules.md; each docstring names the section it carries out.
Bands, boundaries, totals and the settings of discretion come from the standards document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from standards.document import Band, Direction, Document, Method, Standard

DiscretionState = Literal["none", "applied", "lapsed"]
Refusal = Literal[
    "judged", "no_rating", "unknown_rating", "unchanged", "one_band", "direction", "margin", "other_questions"
]


@dataclass(frozen=True)
class Tally:
    """How the cases of a sample stand on one key question, in cases ("The five states of an answer").

    The states are never merged. Raises ValueError if a count is negative.
    """

    yes: int = 0
    no: int = 0
    not_applicable: int = 0
    not_asked: int = 0
    unanswered: int = 0

    def __post_init__(self) -> None:
        if min(self.yes, self.no, self.not_applicable, self.not_asked, self.unanswered) < 0:
            raise ValueError(f"A count of cases cannot be negative: {self}.")

    @property
    def relevant(self) -> int:
        """The cases that make the percentage: those answered yes or no."""
        return self.yes + self.no

    @property
    def cases(self) -> int:
        """Every case of the sample, whatever its state."""
        return self.relevant + self.not_applicable + self.not_asked + self.unanswered


@dataclass(frozen=True)
class Decision:
    """A ratified use of professional discretion: the standard, the rating calculated then, the rating decided."""

    standard: str
    from_rating: str
    to_rating: str


@dataclass(frozen=True)
class KeyQuestionResult:
    """A key question's counts, whole percentage and band. The last two are None without a relevant case."""

    code: str
    tally: Tally
    percent: int | None
    band: str | None


@dataclass(frozen=True)
class StandardResult:
    """A standard's rating, as the code of a band, and how it came about.

    `calculated` is what the key questions give: None for a judged standard, and where no key question is
    banded. `rating` is what is published. It differs from `calculated` only where the standard is judged
    or `discretion` is "applied". "lapsed" means that a decision was given and no longer fits.
    A judged standard has no key question results.
    """

    code: str
    method: Method
    key_questions: tuple[KeyQuestionResult, ...]
    calculated: str | None
    rating: str | None
    discretion: DiscretionState = "none"


@dataclass(frozen=True)
class InspectionResult:
    """Every standard in printed order, the score out of `maximum`, and the overall rating.

    `score` and `overall` are None until every standard that counts is rated.
    """

    standards: tuple[StandardResult, ...]
    score: int | None
    maximum: int
    overall: str | None

    def standard(self, code: str) -> StandardResult:
        """Return the result of that standard. Raises KeyError."""
        return {result.code: result for result in self.standards}[code]


@dataclass(frozen=True)
class Opportunity:
    """A standard whose rating discretion may move. An option, never a right.

    `key_question` is the one that drives the calculated rating; it stands `points` percentage points from
    the band `to_rating`.
    """

    standard: str
    from_rating: str
    to_rating: str
    key_question: KeyQuestionResult
    points: int


class DiscretionRefused(ValueError):
    """The rules do not allow the move. `rule` is a stable code; the message is a sentence with the figures in it.

    The rules, in the order in which they are tested: "judged", "no_rating", "unknown_rating", "unchanged",
    "one_band", "direction", "margin" (the driving key question meets no trigger), "other_questions"
    (another key question in the same band meets none).
    """

    def __init__(self, rule: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule


def percentage(yes: int, relevant: int) -> int | None:
    """Return what share of `relevant` cases is `yes`, as a whole percentage, halves rounded up.

    None where no case is relevant: neither 0 nor 100 would be true. Raises ValueError unless
    0 <= yes <= relevant. Source: "Percentages".
    """
    if not 0 <= yes <= relevant:
        raise ValueError(f"{yes} of {relevant} cases is not a share.")
    if relevant == 0:
        return None
    return (200 * yes + relevant) // (2 * relevant)


def band_of(document: Document, percent: int) -> str:
    """Return the code of the band that holds the whole percentage. Raises ValueError outside 0-100. Source: "Bands"."""
    for band in document.bands:
        if band.minimum <= percent <= band.maximum:
            return band.code
    raise ValueError(f"{percent}% lies in no band of {document.code}.")


def rate_key_question(document: Document, code: str, tally: Tally) -> KeyQuestionResult:
    """Return the percentage of yes among relevant cases, and its band; both None without a relevant case.

    Raises ValueError for a key question that the document does not have. Source: "Percentages", "Bands".
    """
    if code not in document.key_questions:
        raise ValueError(f"{document.code} has no key question {code}.")
    percent = percentage(tally.yes, tally.relevant)
    return KeyQuestionResult(code, tally, percent, None if percent is None else band_of(document, percent))


def rate(
    document: Document,
    tallies: Mapping[str, Tally],
    judgements: Mapping[str, str],
    decisions: Iterable[Decision] = (),
) -> InspectionResult:
    """Return every standard's rating, the score and the overall rating.

    `tallies` are by key question, a missing one being no cases at all; `judgements` are ratings by judged
    standard; `decisions` hold at most one for a standard, the one that stands.

    - A percentage standard is rated as its lowest banded key question; None if it has none ("From key
      questions to a standard").
    - A judged standard has the rating given in `judgements`, or None while there is none.
    - A decision is applied while it fits: the calculated rating is the one it was made on, and
      `check_discretion` still allows it. Otherwise it has lapsed and the calculated rating stands
      ("When a decision lapses"). Nothing is remembered here: whoever keeps decisions records the lapse, and
      leaves a lapsed decision out from then on.
    - The score adds up the standards that count, after discretion. One of them unrated: neither score nor
      overall rating ("Score and overall rating").

    Raises ValueError, with a sentence, for a tally, judgement or decision that has no place in the document.
    """
    _refuse_strangers(document, tallies, judgements)
    standing = _by_standard(document, decisions)
    results = tuple(
        _judged(standard, judgements.get(standard.code))
        if standard.method == "judgement"
        else rate_standard(document, standard, tallies, standing.get(standard.code))
        for standard in document.standards.values()
    )
    score = _score(document, results)
    overall = None if score is None else overall_rating(document, score)
    return InspectionResult(results, score, document.maximum, overall)


def rate_standard(
    document: Document, standard: Standard, tallies: Mapping[str, Tally], decision: Decision | None = None
) -> StandardResult:
    """Return the result of one standard that is rated from cases, as `rate` does."""
    result = _calculated(document, standard, tallies)
    if decision is None:
        return result
    if decision.from_rating == result.calculated and can_use_discretion(document, result, decision.to_rating):
        return replace(result, rating=decision.to_rating, discretion="applied")
    return replace(result, discretion="lapsed")


def overall_rating(document: Document, score: int) -> str:
    """Return the overall rating that a total score gives. Raises ValueError for a score outside the document's bands."""
    for band in document.overall_bands:
        if band.minimum <= score <= band.maximum:
            return band.rating
    raise ValueError(f"A score of {score} lies in no overall band of {document.code}.")


def driving_key_question(document: Document, result: StandardResult) -> KeyQuestionResult | None:
    """Return the key question that holds the standard's rating down, or None if none is banded.

    The lowest by band, then by percentage; of equals, the first in printed order. Source: "From key questions
    to a standard".
    """
    return min(
        (held for held in result.key_questions if held.band is not None),
        key=lambda held: (_rank(document, held.band or ""), held.percent or 0),
        default=None,
    )


def check_discretion(document: Document, result: StandardResult, to_rating: str) -> None:
    """Return if the standard's calculated rating may be moved to `to_rating`; raise DiscretionRefused if not.

    The gate, from "Professional discretion":

    - the standard is calculated, has a rating, and `to_rating` is the next band up or down, in a direction
      that the document allows;
    - the driving key question meets a trigger of the document: within the margin of the next band, counted
      in whole points on the rounded percentage, ends inclusive; or one case would change its band; or it
      has few relevant cases;
    - for raising, so does every other key question in the same band, since moving only those that do must
      be enough to lift the standard. For lowering, one low key question is enough, as it always is.

    Raises ValueError for a result of a standard that the document does not have.
    """
    if result.code not in document.standards:
        raise ValueError(f"{document.code} has no standard {result.code}.")
    if result.method == "judgement":
        raise DiscretionRefused(
            "judged", f"{result.code} is judged by the inspectors: there is no calculated rating to move."
        )
    driving = driving_key_question(document, result)
    if result.calculated is None or driving is None:
        raise DiscretionRefused(
            "no_rating", f"{result.code} has no calculated rating: no key question has a relevant case."
        )
    if to_rating not in document.bands_by_code:
        known = ", ".join(document.bands_by_code)
        raise DiscretionRefused("unknown_rating", f"“{to_rating}” is not one of the ratings {known}.")

    calculated, target = document.bands_by_code[result.calculated], document.bands_by_code[to_rating]
    stands = f"{result.code} is calculated as {calculated.label} ({driving.code}: {driving.percent}%)"
    steps = _rank(document, to_rating) - _rank(document, result.calculated)
    if steps == 0:
        raise DiscretionRefused("unchanged", f"{stands}: it has that rating already.")
    if abs(steps) > 1:
        raise DiscretionRefused(
            "one_band", f"{stands}: {target.label} is {abs(steps)} bands away, and discretion moves one."
        )
    direction: Direction = "raise" if steps > 0 else "lower"
    if direction not in document.discretion.directions:
        raise DiscretionRefused("direction", f"{stands}: discretion may not {direction} it to {target.label}.")
    if not meets_a_trigger(document, driving, target):
        raise DiscretionRefused(
            "margin", f"{result.code} cannot be moved to {target.label}: {_shortfall(document, driving, target)}."
        )
    if direction == "raise":
        for held in result.key_questions:
            if held.band == result.calculated and not meets_a_trigger(document, held, target):
                raise DiscretionRefused(
                    "other_questions",
                    f"{result.code} cannot be moved to {target.label}, though {driving.code} would allow it: "
                    f"{_shortfall(document, held, target)}.",
                )


def meets_a_trigger(document: Document, held: KeyQuestionResult, target: Band) -> bool:
    """Return whether a key question is close enough to the band `target`, by a trigger of the document.

    Source: "Professional discretion".
    """
    if held.percent is None:
        return False
    settings = document.discretion
    return (
        _points_from(held.percent, target) <= settings.margin
        or (settings.few_cases is not None and held.tally.relevant <= settings.few_cases)
        or (settings.one_case and _one_case_changes_band(document, held, 1 if held.percent < target.minimum else -1))
    )


def can_use_discretion(document: Document, result: StandardResult, to_rating: str) -> bool:
    """Return whether `check_discretion` lets the calculated rating be moved to `to_rating`."""
    try:
        check_discretion(document, result, to_rating)
    except DiscretionRefused:
        return False
    return True


def opportunities(document: Document, result: InspectionResult) -> list[Opportunity]:
    """Return every move that discretion allows, in printed order, those already decided included.

    Source: "Professional discretion". Where a document allows both directions, a standard may appear twice,
    the raise first.
    """
    found = []
    for held in result.standards:
        driving = driving_key_question(document, held)
        if driving is None or driving.percent is None or held.calculated is None:
            continue
        for target in reversed(document.bands):
            if can_use_discretion(document, held, target.code):
                points = _points_from(driving.percent, target)
                found.append(Opportunity(held.code, held.calculated, target.code, driving, points))
    return found


def _refuse_strangers(document: Document, tallies: Mapping[str, Tally], judgements: Mapping[str, str]) -> None:
    counted = {
        question.code
        for standard in document.standards.values()
        if standard.method == "percentage"
        for question in standard.key_questions
    }
    for code in tallies:
        if code not in counted:
            raise ValueError(f"{document.code} has no key question {code} that is rated from cases.")
    for code, rating in judgements.items():
        if code not in document.standards:
            raise ValueError(f"{document.code} has no standard {code} to judge.")
        if document.standards[code].method != "judgement":
            raise ValueError(f"{code} is rated from cases, not judged.")
        if rating not in document.bands_by_code:
            raise ValueError(f"{code} is judged “{rating}”, which is not a rating of {document.code}.")


def _by_standard(document: Document, decisions: Iterable[Decision]) -> dict[str, Decision]:
    standing: dict[str, Decision] = {}
    for decision in decisions:
        code = decision.standard
        if code not in document.standards:
            raise ValueError(f"{document.code} has no standard {code} to decide on.")
        if document.standards[code].method == "judgement":
            raise ValueError(f"{code} is judged by the inspectors: no discretion can stand on it.")
        for rating in (decision.from_rating, decision.to_rating):
            if rating not in document.bands_by_code:
                raise ValueError(f"The decision on {code} names “{rating}”, which is not a rating of {document.code}.")
        if code in standing:
            raise ValueError(f"{code} has two decisions; only one can stand.")
        standing[code] = decision
    return standing


def _judged(standard: Standard, rating: str | None) -> StandardResult:
    return StandardResult(standard.code, "judgement", (), None, rating)


def _calculated(document: Document, standard: Standard, tallies: Mapping[str, Tally]) -> StandardResult:
    key_questions = tuple(
        rate_key_question(document, question.code, tallies.get(question.code, Tally()))
        for question in standard.key_questions
    )
    bands = [held.band for held in key_questions if held.band is not None]
    lowest = min(bands, key=lambda code: _rank(document, code), default=None)
    return StandardResult(standard.code, "percentage", key_questions, lowest, lowest)


def _score(document: Document, results: Iterable[StandardResult]) -> int | None:
    score = 0
    for result in results:
        if document.standards[result.code].counts_in_total:
            if result.rating is None:
                return None
            score += document.bands_by_code[result.rating].score
    return score


def _rank(document: Document, code: str) -> int:
    return [band.code for band in document.bands].index(code)


def _points_from(percent: int, band: Band) -> int:
    return max(band.minimum - percent, percent - band.maximum, 0)


def _one_case_changes_band(document: Document, held: KeyQuestionResult, step: Literal[1, -1]) -> bool:
    # There is a case to change: with none left, the question is at 0% or 100%, and no band lies beyond.
    percent = percentage(held.tally.yes + step, held.tally.relevant)
    return percent is not None and band_of(document, percent) != held.band


def _shortfall(document: Document, held: KeyQuestionResult, target: Band) -> str:
    settings, percent = document.discretion, held.percent or 0
    points = _points_from(percent, target)
    said = (
        f"{held.code} is {percent}% ({held.tally.yes} of {held.tally.relevant} relevant cases), "
        f"{points} percentage point{'' if points == 1 else 's'} {'below' if percent < target.minimum else 'above'} "
        f"{target.label}, and the margin is {settings.margin}"
    )
    if settings.one_case:
        said += "; one case would not change its band"
    if settings.few_cases is not None:
        said += f"; it has more than {settings.few_cases} relevant cases"
    return said
