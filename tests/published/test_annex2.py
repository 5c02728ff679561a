"""The table of expected figures against the print: the five Annex 2 passages, read by the machine."""

import re
from pathlib import Path

import pytest

from .expected import OVERALL, PERCENTAGES, RATINGS, SCORES, SLUGS, STANDARDS

PASSAGES = Path(__file__).parent / "annex2"
POINTS = {"inadequate": 0, "requires_improvement": 1, "good": 2, "outstanding": 3}


def passage(slug):
    return (PASSAGES / f"{slug}.txt").read_text(encoding="utf-8")


def percentages_printed(text):
    """The first percentage after each key question's number."""
    printed = {}
    for block in re.split(r"^(?:<p>)?(?=[23]\.\d\.\d\. )", text, flags=re.MULTILINE)[1:]:
        code, rest = block[:5], re.split(r"^(?:<p>)?[123]\.\d\.? [A-Z]", block[6:], flags=re.MULTILINE)[0]
        found = re.search(r"(\d{1,3})%", rest)
        printed[code] = int(found[1]) if found else None
    return printed


def ratings_printed(text):
    """The first rating after each standard's number."""
    printed = {}
    for block in re.split(r"^(?:- |<p>)*(?=[123]\.\d\.? [A-Z])", text, flags=re.MULTILINE)[1:]:
        found = re.search(r"Requires\s+improvement|Inadequate|Good|Outstanding", block)
        printed[block[:3]] = re.sub(r"\s+", "_", found[0]).lower() if found else None
    return printed


def test_there_is_a_passage_and_an_acknowledgement_for_each_report():
    assert {path.stem for path in PASSAGES.glob("*.txt")} == set(SLUGS)
    acknowledgement = (PASSAGES / "ACKNOWLEDGEMENT.md").read_text(encoding="utf-8")
    assert "Open Government Licence v3.0" in acknowledgement
    assert all(f"`{slug}.txt`" in acknowledgement for slug in SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_expected_percentages_are_those_printed(slug):
    assert percentages_printed(passage(slug)) == PERCENTAGES[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_expected_ratings_are_those_printed(slug):
    assert ratings_printed(passage(slug)) == RATINGS[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_expected_scores_follow_from_the_ratings(slug):
    score = sum(POINTS[rating] for rating in RATINGS[slug].values())
    assert score == SCORES[slug]
    # 0-6, 7-18, 19-30 and 31-36, as the passages of 2020 say.
    assert ["inadequate", "requires_improvement", "good", "outstanding"][
        (score > 6) + (score > 18) + (score > 30)
    ] == OVERALL[slug]


def test_the_table_holds_every_figure():
    assert sum(len(percentages) for percentages in PERCENTAGES.values()) == 115
    assert sum(len(ratings) for ratings in RATINGS.values()) == 60
    assert all(tuple(ratings) == STANDARDS for ratings in RATINGS.values())
    assert len(SCORES) == len(OVERALL) == 5
