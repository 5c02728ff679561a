"""Facts that sit oddly together, and work that was not done at all, as standards documents say them."""

from dataclasses import replace

import pytest

from standards.checks import faults_of
from standards.document import OddPair
from standards.reader import canonical_json, load, read_json

YOUTH = load("youth-2018")


def faults(**changes):
    return [str(fault) for fault in faults_of(replace(YOUTH, **changes))]


def of_standard(code, **changes):
    """Return the domains with one standard changed."""
    return tuple(
        replace(
            domain,
            standards=tuple(
                replace(standard, **changes) if standard.code == code else standard for standard in domain.standards
            ),
        )
        for domain in YOUTH.domains
    )


def test_the_pairs_and_the_words_that_ship():
    assert ("safety_changes", "safety_factors") in [(pair.if_true, pair.if_false) for pair in YOUTH.odd_pairs]
    assert {code: held.nothing_done for code, held in YOUTH.standards.items() if held.nothing_done} == {
        "2.2": "No plan was made",
        "2.3": "Nothing was delivered",
        "2.4": "No review took place",
        "3.2": "No plan was made",
        "3.3": "Nothing was delivered",
    }


@pytest.mark.parametrize(
    ("pair", "start"),
    [
        (OddPair("moonlight", "harm_factors", "Odd."), 'odd_pairs[0].if_true: There is no fact "moonlight"'),
        (OddPair("harm_factors", "moonlight", "Odd."), 'odd_pairs[0].if_false: There is no fact "moonlight"'),
        (OddPair("harm_factors", "harm_factors", "Odd."), "odd_pairs[0].if_false: A pair takes two different facts."),
        (OddPair("harm_factors", "harm_changes", " "), "odd_pairs[0].sentence: This is empty: write something here."),
        (OddPair("harm_factors", "harm_changes", "{x}"), "odd_pairs[0].sentence: {x} is not among the terms"),
    ],
)
def test_a_pair_that_cannot_be_is_named(pair, start):
    (fault,) = faults(odd_pairs=(pair,))
    assert fault.startswith(start)


def test_words_for_nothing_done_are_words_and_stand_where_there_are_prompts():
    assert faults(domains=of_standard("2.1", nothing_done="Nothing")) == []
    (blank,) = faults(domains=of_standard("2.1", nothing_done="  "))
    assert blank == "domains[1].standards[0].nothing_done: This is empty: write something here."
    (judged,) = faults(domains=of_standard("1.1", nothing_done="Nothing"))
    assert judged.startswith("domains[0].standards[0].nothing_done: Only a standard that is read in cases")


def test_where_they_say_nothing_they_are_not_written():
    silent = replace(YOUTH, odd_pairs=(), domains=of_standard("2.2", nothing_done=""))
    assert "odd_pairs" not in canonical_json(silent)
    assert canonical_json(silent).count("nothing_done") == 4
    assert read_json(canonical_json(YOUTH)) == YOUTH
    assert read_json(canonical_json(silent)) == silent
