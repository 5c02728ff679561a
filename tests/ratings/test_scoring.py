"""The rules at their edges, on a document with other bands, and on youth-2018."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ratings.scoring import (
    Decision,
    DiscretionRefused,
    InspectionResult,
    KeyQuestionResult,
    StandardResult,
    Tally,
    band_of,
    can_use_discretion,
    check_discretion,
    driving_key_question,
    opportunities,
    percentage,
    rate,
    rate_key_question,
)
from standards.document import Discretion, Document
from standards.reader import load
from tests.ratings.worked import five_bands, give, tallies

HARBOURS = five_bands()
YOUTH = load("youth-2018")


def moorings(cell: str, document: Document = HARBOURS) -> StandardResult:
    return rate(document, give(document, "B1", tallies(cell)), {}).standard("B1")


def with_discretion(discretion: Discretion) -> Document:
    return replace(HARBOURS, discretion=discretion)


class TestTallies:
    def test_count_cases(self):
        tally = Tally(yes=5, no=6, not_applicable=2, not_asked=4, unanswered=3)
        assert (tally.relevant, tally.cases) == (11, 20)

    def test_cannot_be_negative(self):
        with pytest.raises(ValueError, match="cannot be negative"):
            Tally(no=-1)


class TestPercentages:
    @pytest.mark.parametrize(("yes", "relevant"), [(-1, 3), (4, 3), (0, -1), (1, 0)])
    def test_what_is_not_a_share_is_refused(self, yes: int, relevant: int):
        with pytest.raises(ValueError, match=f"{yes} of {relevant} cases"):
            percentage(yes, relevant)

    @pytest.mark.parametrize("document", [HARBOURS, YOUTH], ids=lambda held: held.code)
    def test_every_percentage_has_one_band(self, document: Document):
        for percent in range(101):
            holding = [band.code for band in document.bands if band.minimum <= percent <= band.maximum]
            assert [band_of(document, percent)] == holding

    @pytest.mark.parametrize("document", [HARBOURS, YOUTH], ids=lambda held: held.code)
    def test_boundaries(self, document: Document):
        for below, above in zip(document.bands, document.bands[1:], strict=False):
            assert band_of(document, above.minimum - 1) == below.code
            assert band_of(document, above.minimum) == above.code

    @pytest.mark.parametrize("percent", [-1, 101])
    def test_beyond_the_scale(self, percent: int):
        with pytest.raises(ValueError, match=f"{percent}% lies in no band of harbours-1"):
            band_of(HARBOURS, percent)


class TestKeyQuestions:
    def test_rounded_before_banded(self):
        assert rate_key_question(HARBOURS, "B1.1", Tally(89, 111)) == KeyQuestionResult(
            "B1.1", Tally(89, 111), 45, "afloat"
        )

    def test_without_a_relevant_case(self):
        tally = Tally(not_applicable=3, not_asked=2, unanswered=1)
        assert rate_key_question(HARBOURS, "B1.1", tally) == KeyQuestionResult("B1.1", tally, None, None)

    def test_unknown(self):
        with pytest.raises(ValueError, match=r"harbours-1 has no key question 9\.9"):
            rate_key_question(HARBOURS, "9.9", Tally())


class TestInspections:
    def test_whole(self):
        counts = {"B1.1": Tally(9, 1), "B1.2": Tally(8, 2), "B1.3": Tally(10, 0), "B2.1": Tally(1, 9)}
        assert rate(HARBOURS, counts, {"C1": "shipshape"}) == InspectionResult(
            standards=(
                StandardResult(
                    "B1",
                    "percentage",
                    (
                        KeyQuestionResult("B1.1", Tally(9, 1), 90, "shipshape"),
                        KeyQuestionResult("B1.2", Tally(8, 2), 80, "steady"),
                        KeyQuestionResult("B1.3", Tally(10, 0), 100, "shipshape"),
                    ),
                    "steady",
                    "steady",
                    "none",
                ),
                StandardResult(
                    "B2", "percentage", (KeyQuestionResult("B2.1", Tally(1, 9), 10, "sunk"),), "sunk", "sunk", "none"
                ),
                StandardResult("C1", "judgement", (), None, "shipshape", "none"),
            ),
            score=7,
            maximum=8,
            overall="steady",
        )

    def test_without_anything(self):
        result = rate(YOUTH, {}, {})
        assert [held.code for held in result.standards] == list(YOUTH.standards)
        assert {(held.calculated, held.rating, held.discretion) for held in result.standards} == {(None, None, "none")}
        assert (result.score, result.maximum, result.overall) == (None, 36, None)

    def test_a_missing_tally_is_no_cases(self):
        held = moorings("90%")
        assert [question.tally for question in held.key_questions[1:]] == [Tally(), Tally()]
        assert held.calculated == "shipshape"

    def test_no_score_while_a_counting_standard_is_unrated(self):
        counted = give(HARBOURS, "B1", tallies("90%"))
        assert rate(HARBOURS, counted, {}).score is None
        assert rate(HARBOURS, {}, {"C1": "afloat"}).overall is None

    def test_what_does_not_count_is_rated_and_left_out(self):
        counted = give(HARBOURS, "B1", tallies("90%"))
        result = rate(HARBOURS, counted, {"C1": "afloat"})
        assert (result.standard("B2").rating, result.score, result.overall) == (None, 6, "steady")

    def test_an_unknown_standard_has_no_result(self):
        with pytest.raises(KeyError):
            rate(HARBOURS, {}, {}).standard("B9")

    @pytest.mark.parametrize(
        ("tallies", "judgements", "decisions", "sentence"),
        [
            ({"B9.1": Tally()}, {}, [], r"harbours-1 has no key question B9\.1 that is rated from cases"),
            ({"C1.1": Tally(1)}, {}, [], r"harbours-1 has no key question C1\.1 that is rated from cases"),
            ({}, {"C9": "sunk"}, [], "harbours-1 has no standard C9 to judge"),
            ({}, {"B1": "sunk"}, [], "B1 is rated from cases, not judged"),
            ({}, {"C1": "good"}, [], "C1 is judged “good”, which is not a rating of harbours-1"),
            ({}, {}, [Decision("B9", "sunk", "listing")], "harbours-1 has no standard B9 to decide on"),
            ({}, {}, [Decision("C1", "sunk", "listing")], "C1 is judged by the inspectors"),
            ({}, {}, [Decision("B1", "poor", "listing")], "decision on B1 names “poor”"),
            ({}, {}, [Decision("B1", "sunk", "good")], "decision on B1 names “good”"),
            ({}, {}, [Decision("B1", "sunk", "listing")] * 2, "B1 has two decisions"),
        ],
    )
    def test_strangers_are_refused(self, tallies, judgements, decisions, sentence):
        with pytest.raises(ValueError, match=sentence):
            rate(HARBOURS, tallies, judgements, decisions)


class TestDrivingKeyQuestions:
    @pytest.mark.parametrize(
        ("cell", "driving"),
        [
            ("95%, 40%, 70%", "B1.2"),
            ("44%, 40%, 42%", "B1.2"),
            ("70%, 40%, 2/5", "B1.2"),
            ("none, 95%, none", "B1.2"),
            ("none, none, none", None),
        ],
    )
    def test_lowest_then_first(self, cell: str, driving: str | None):
        found = driving_key_question(HARBOURS, moorings(cell))
        assert (found and found.code) == driving

    def test_a_judged_standard_has_none(self):
        assert driving_key_question(HARBOURS, rate(HARBOURS, {}, {"C1": "afloat"}).standard("C1")) is None


class TestDiscretion:
    @pytest.mark.parametrize(
        ("cell", "to", "rule", "sentence"),
        [
            ("none", "sunk", "no_rating", "B1 has no calculated rating: no key question has a relevant case."),
            (
                "42%",
                "good",
                "unknown_rating",
                "“good” is not one of the ratings sunk, listing, afloat, steady, shipshape.",
            ),
            ("42%", "listing", "unchanged", "B1 is calculated as Listing (B1.1: 42%): it has that rating already."),
            (
                "42%",
                "steady",
                "one_band",
                "B1 is calculated as Listing (B1.1: 42%): Steady is 2 bands away, and discretion moves one.",
            ),
            (
                "42%",
                "sunk",
                "direction",
                "B1 is calculated as Listing (B1.1: 42%): discretion may not lower it to Sunk.",
            ),
            (
                "41%",
                "afloat",
                "margin",
                "B1 cannot be moved to Afloat: B1.1 is 41% (41 of 100 relevant cases), 4 percentage points below "
                "Afloat, and the margin is 3.",
            ),
        ],
    )
    def test_refusals_give_the_figures(self, cell: str, to: str, rule: str, sentence: str):
        document = with_discretion(Discretion(margin=3))
        with pytest.raises(DiscretionRefused) as refused:
            check_discretion(document, moorings(cell, document), to)
        assert (refused.value.rule, str(refused.value)) == (rule, sentence)
        assert not can_use_discretion(document, moorings(cell, document), to)

    def test_the_reasons_speak_of_every_trigger_that_is_on(self):
        with pytest.raises(DiscretionRefused, match=r"margin is 3; one case would not .* more than 2 relevant"):
            check_discretion(HARBOURS, moorings("40%"), "afloat")

    def test_one_point_is_one_point(self):
        document = with_discretion(Discretion(margin=0))
        with pytest.raises(DiscretionRefused, match="1 percentage point below Afloat"):
            check_discretion(document, moorings("44%", document), "afloat")

    def test_another_question_may_stand_in_the_way(self):
        with pytest.raises(
            DiscretionRefused, match=r"though B1\.1 would allow it: B1\.2 is 36% \(36 of 100"
        ) as refused:
            check_discretion(HARBOURS, moorings("1/3, 36%"), "afloat")
        assert refused.value.rule == "other_questions"

    def test_a_judged_standard_is_not_moved(self):
        with pytest.raises(DiscretionRefused, match="C1 is judged by the inspectors") as refused:
            check_discretion(HARBOURS, rate(HARBOURS, {}, {"C1": "sunk"}).standard("C1"), "listing")
        assert refused.value.rule == "judged"

    def test_a_standard_of_another_document_is_an_error(self):
        with pytest.raises(ValueError, match=r"harbours-1 has no standard 2\.1") as error:
            check_discretion(HARBOURS, rate(YOUTH, {}, {}).standard("2.1"), "sunk")
        assert not isinstance(error.value, DiscretionRefused)

    @pytest.mark.parametrize("below", HARBOURS.bands[:-1], ids=lambda band: band.code)
    def test_the_margin_is_inclusive_at_every_boundary_both_ways(self, below):
        document = with_discretion(Discretion(margin=3, directions=("raise", "lower")))
        above = document.bands[document.bands.index(below) + 1]
        for points in range(1, 6):
            low, high = f"{above.minimum - points}%", f"{below.maximum + points}%"
            assert can_use_discretion(document, moorings(low, document), above.code) == (points <= 3)
            assert can_use_discretion(document, moorings(high, document), below.code) == (points <= 3)

    def test_one_case_works_both_ways(self):
        document = with_discretion(Discretion(margin=0, directions=("raise", "lower"), one_case=True))
        assert can_use_discretion(document, moorings("2/5", document), "afloat")
        assert can_use_discretion(document, moorings("3/6", document), "listing")
        assert not can_use_discretion(document, moorings("40/100", document), "afloat")
        assert not can_use_discretion(document, moorings("50/100", document), "listing")

    def test_one_case_at_the_ends_of_the_scale(self):
        document = with_discretion(Discretion(margin=0, directions=("raise", "lower"), one_case=True))
        assert not can_use_discretion(document, moorings("0/9", document), "listing")
        assert can_use_discretion(document, moorings("0/3", document), "listing")
        assert can_use_discretion(document, moorings("4/4", document), "steady")

    def test_the_decided_rating_is_scored(self):
        counted = give(HARBOURS, "B1", tallies("88%, 95%, 95%"))
        decision = Decision("B1", "steady", "shipshape")
        result = rate(HARBOURS, counted, {"C1": "shipshape"}, [decision])
        held = result.standard("B1")
        assert (held.calculated, held.rating, held.discretion) == ("steady", "shipshape", "applied")
        assert held.key_questions[0].percent == 88
        assert (result.score, result.overall) == (8, "shipshape")

    def test_an_unrated_standard_keeps_its_decision_in_view(self):
        held = rate(HARBOURS, {}, {}, [Decision("B1", "steady", "shipshape")]).standard("B1")
        assert (held.calculated, held.rating, held.discretion) == (None, None, "lapsed")

    def test_a_decision_for_two_bands_is_never_applied(self):
        counted = give(HARBOURS, "B1", tallies("44%"))
        held = rate(HARBOURS, counted, {}, [Decision("B1", "listing", "shipshape")]).standard("B1")
        assert (held.rating, held.discretion) == ("listing", "lapsed")

    def test_a_raise_is_never_turned_into_a_lowering(self):
        counted = give(HARBOURS, "B1", tallies("71%"))
        assert can_use_discretion(HARBOURS, moorings("71%"), "afloat")
        held = rate(HARBOURS, counted, {}, [Decision("B1", "listing", "afloat")]).standard("B1")
        assert (held.rating, held.discretion) == ("steady", "lapsed")


class TestOpportunities:
    def test_say_where_to_and_how_far(self):
        counted = {**give(HARBOURS, "B1", tallies("95%, 42%, 95%")), "B2.1": Tally(60, 40)}
        result = rate(HARBOURS, counted, {"C1": "afloat"})
        (found,) = opportunities(HARBOURS, result)
        assert (found.standard, found.from_rating, found.to_rating, found.points) == ("B1", "listing", "afloat", 3)
        assert found.key_question == result.standard("B1").key_questions[1]

    def test_both_directions_raise_first(self):
        result = rate(HARBOURS, {"B2.1": Tally(1, 1)}, {})
        assert [(found.to_rating, found.points) for found in opportunities(HARBOURS, result)] == [
            ("steady", 20),
            ("listing", 6),
        ]

    def test_are_still_there_once_taken(self):
        counted = give(HARBOURS, "B1", tallies("42%"))
        decided = rate(HARBOURS, counted, {}, [Decision("B1", "listing", "afloat")])
        assert opportunities(HARBOURS, decided) == opportunities(HARBOURS, rate(HARBOURS, counted, {}))
