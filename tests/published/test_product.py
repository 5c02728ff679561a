"""The five inspections through the product itself: from the bundle to the stored result and the Annex."""

import json
from pathlib import Path

import pytest

from ratings.annex import as_data
from tests.published.expected import OVERALL, PERCENTAGES, RATINGS, SCORES

EXAMPLES = Path(__file__).parents[2] / "inspections" / "examples"
SLUGS = sorted(SCORES)

pytestmark = pytest.mark.django_db


@pytest.fixture
def annexes(example_annex):
    """Return the Annex of each example as data."""
    return {slug: as_data(example_annex(slug)) for slug in SLUGS}


def standards(annex):
    return {held["code"]: held for domain in annex["domains"] for held in domain["standards"]}


def test_there_is_much_to_compare():
    assert sum(len(held) for held in PERCENTAGES.values()) == 115
    assert sum(len(held) for held in RATINGS.values()) == 60


@pytest.mark.parametrize(("slug", "code"), [(slug, code) for slug in SLUGS for code in PERCENTAGES[slug]])
def test_percentage(annexes, slug, code):
    questions = {
        question["code"]: question for held in standards(annexes[slug]).values() for question in held["key_questions"]
    }
    assert questions[code]["percent"] == PERCENTAGES[slug][code]


@pytest.mark.parametrize(("slug", "code"), [(slug, code) for slug in SLUGS for code in RATINGS[slug]])
def test_rating(annexes, slug, code):
    assert standards(annexes[slug])[code]["rating"] == RATINGS[slug][code]


@pytest.mark.parametrize("slug", SLUGS)
def test_score_and_overall_rating(annexes, slug):
    assert annexes[slug]["score"] == SCORES[slug]
    assert annexes[slug]["maximum"] == 36
    assert annexes[slug]["overall"] == OVERALL[slug]


def test_the_two_uses_of_discretion_and_no_other(annexes):
    used = {
        (slug, code): (held["discretion"]["from"], held["discretion"]["to"], held["discretion"]["percent"])
        for slug in SLUGS
        for code, held in standards(annexes[slug]).items()
        if held["discretion"]
    }
    assert used == {
        ("nottingham-city-2020", "2.4"): ("inadequate", "requires_improvement", 45),
        ("essex-2019", "3.4"): ("requires_improvement", "good", 63),
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_the_counts_of_a_question_add_up_to_the_cases_of_its_sample(annexes, slug):
    bundle = json.loads((EXAMPLES / f"{slug}.json").read_text(encoding="utf-8"))
    cases = {"2": 0, "3": 0}
    for case in bundle["cases"]:
        if "excluded" not in case:
            cases["2" if case["sample"] == "court" else "3"] += 1
    for code, held in standards(annexes[slug]).items():
        for question in held["key_questions"]:
            counted = sum(question[name] for name in ("yes", "no", "not_applicable", "not_asked", "unanswered"))
            assert counted == cases[code[0]]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_answers_are_said_to_be_invented(annexes, slug):
    assert annexes[slug]["invented_answers"] is True
