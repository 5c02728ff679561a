"""What may be adjusted in the plan of a sample, and the standards document with it."""

import pytest

from cases.adjustments import adjusted_document, as_document, departures, faults
from cases.sampling import plan, window
from standards.reader import load
from tests.cases.caseloads import FIELDWORK

YOUTH = load("youth-2018")
EVERYTHING = {
    "confidence": 95,
    "margin_of_error": 6,
    "shares": {"court": 55.5},
    "windows": {"court": [5, 9], "out_of_court": [2, 5]},
    "sizes": {"court": 12},
}


class TestTheDocument:
    def test_everything_is_laid_over_it(self):
        adjusted = adjusted_document(YOUTH, EVERYTHING)
        assert (adjusted.sampling.confidence, adjusted.sampling.margin_of_error) == (0.95, 6)
        assert [sample.share for sample in adjusted.samples] == [0.555, 0.445]
        assert [sample.window_months for sample in adjusted.samples] == [(5, 9), (2, 5)]
        assert adjusted.sampling.stratify_by == YOUTH.sampling.stratify_by
        assert adjusted.domains is YOUTH.domains

    def test_nothing_adjusted_is_the_document_itself(self):
        assert adjusted_document(YOUTH, {}) is YOUTH
        assert adjusted_document(YOUTH, as_document(YOUTH)) is YOUTH

    def test_the_arithmetic_and_the_windows_follow(self):
        adjusted = adjusted_document(YOUTH, {"confidence": 95, "windows": {"court": [5, 9]}})
        made = plan(adjusted, 123)
        assert f"{made.infinite:.1f}" == "384.2"
        assert made.total == 94
        assert window(adjusted.samples[0], FIELDWORK)[1].isoformat() == "2026-06-02"

    def test_what_the_document_says_anyway_is_no_departure(self):
        given = {
            "confidence": 80.0,
            "margin_of_error": 4,
            "shares": {"court": 60},
            "windows": {"court": (6, 9), "out_of_court": (3, 6)},
            "sizes": {"court": None, "out_of_court": 3},
        }
        assert departures(YOUTH, given) == {
            "margin_of_error": 4,
            "windows": {"out_of_court": [3, 6]},
            "sizes": {"out_of_court": 3},
        }


class TestFaults:
    def test_what_fits_has_none(self):
        assert faults(YOUTH, EVERYTHING) == {}
        assert faults(YOUTH, as_document(YOUTH)) == {}
        assert faults(YOUTH, {}) == {}

    @pytest.mark.parametrize(
        ("adjusted", "field", "words"),
        [
            ({"confidence": 49}, "confidence", "from 50 to 99.9"),
            ({"confidence": 100}, "confidence", "from 50 to 99.9"),
            ({"confidence": 80.55}, "confidence", "from 50 to 99.9"),
            ({"margin_of_error": 0}, "margin_of_error", "from 1 to 50"),
            ({"margin_of_error": 51}, "margin_of_error", "from 1 to 50"),
            ({"margin_of_error": 2.5}, "margin_of_error", "whole percentage points"),
            ({"shares": {"court": 0}}, "share_court", "court cases above 0 and below 100"),
            ({"shares": {"court": 100}}, "share_court", "court cases above 0 and below 100"),
            ({"shares": {"out_of_court": 40}}, "share_out_of_court", "the rest of the sample"),
            ({"windows": {"court": [6, 61]}}, "farthest_court", "from 0 to 60"),
            ({"windows": {"court": [-1, 6]}}, "nearest_court", "from 0 to 60"),
            ({"windows": {"court": [7, 6]}}, "farthest_court", "end before it begins"),
            ({"sizes": {"out_of_court": -1}}, "size_out_of_court", "how many out-of-court cases"),
        ],
    )
    def test_each_is_said_at_its_field(self, adjusted, field, words):
        found = faults(YOUTH, adjusted)
        assert list(found) == [field]
        assert words in found[field]

    @pytest.mark.parametrize("adjusted", [{"seed": "mine"}, {"sizes": {"elsewhere": 1}}])
    def test_what_no_form_can_give_is_an_error(self, adjusted):
        with pytest.raises(ValueError):
            faults(YOUTH, adjusted)
