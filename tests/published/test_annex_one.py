"""What the five reports state about their samples against the figures and sentences of Annex 1 from the examples."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from inspections.delivery import Methodology, methodology
from inspections.models import EvidenceKind, Surveyed
from ratings.annex_one.figures import Drawn, figures_of_draw
from ratings.annex_one.sentences import sections
from standards import reader
from tests.published.expected import DISPOSALS, FACTS, INTERVIEWS, SAMPLES, SLUGS

PAGE = (Path(__file__).parents[2] / "docs" / "annex-1-beside-print.md").read_text()
NOT_THERE = "(not there)"
DOCUMENT = reader.load("youth-2018")
WORDS = {
    word: number
    for number, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
WORDS |= {"forty": 40, "sixty": 60}
# Eligible cases that lead to samples of the sizes printed: docs/rules.md, "The sample".
POPULATIONS = {
    "sefton-2019": 50,
    "lancashire-2019": 161,
    "nottingham-city-2020": 71,
    "oxfordshire-2020": 42,
    "essex-2019": 123,
}

pytestmark = pytest.mark.django_db


def rows(heading):
    """Return the rows of the table under a heading of the page, as lists of cells."""
    section = re.search(rf"^## [^\n]*{heading}[^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    lines = [line for line in section.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def numbers(text):
    """Return the numbers of a text, in figures or in words, but for months and quarters."""
    text = re.sub(r"\w+ to \w+ months|three-quarters", "", text, flags=re.IGNORECASE)
    return {int(found) for found in re.findall(r"\d+", text)} | {
        WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS
    }


def sentences(figures):
    return [sentence.text for section in sections(figures) for sentence in section.sentences]


def by_sample(figures):
    return {sample.code: sample for sample in figures.samples}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_of_the_page_is_so(example_annex_one, slug):
    said = sentences(example_annex_one(slug))
    for printed, ours, remark in rows(f"`{slug}`"):
        assert remark
        if ours == NOT_THERE:
            continue
        assert ours in said
        missing = numbers(printed) - numbers(ours)
        assert bool(missing) == remark.startswith("Differs"), (printed, ours)
        assert missing or remark.startswith("Agrees")


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_stated_is_given(example_annex_one, slug):
    """The same numbers, typed apart from the page."""
    samples = by_sample(example_annex_one(slug))
    assert {code: sample.cases for code, sample in samples.items()} == SAMPLES[slug]
    disposals = Counter()
    for sample in samples.values():
        for held in sample.disposals:
            disposals[held.group or held.code] += held.cases
    stated = DISPOSALS.get(slug, {})
    assert {code: disposals[code] for code in stated} == stated
    for code, facts in FACTS.get(slug, {}).items():
        held = {fact.code: fact.holds for fact in samples[code].facts}
        assert {fact: held[fact] for fact in facts} == facts
    for code, interviews in INTERVIEWS.get(slug, {}).items():
        assert samples[code].interviews.held == interviews


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_stated_stands_on_the_page(slug):
    """Nothing that was typed from the reports is missing from the page."""
    printed = " ".join(row[0] for row in rows(f"`{slug}`") if not row[2].startswith("Differs"))
    stated = [
        *SAMPLES[slug].values(),
        *DISPOSALS.get(slug, {}).values(),
        *INTERVIEWS.get(slug, {}).values(),
        *(FACTS.get(slug, {}).get("court") or {}).values(),
    ]
    # Essex counts facts in words, and Oxfordshire's 12 changes stand in the chapter on reviewing as "nine out of twelve".
    assert set(stated) - numbers(printed) <= ({12} if slug == "oxfordshire-2020" else set())


@pytest.mark.parametrize("slug", SLUGS)
def test_without_a_draw_nothing_is_said_of_confidence(example_annex_one, slug):
    figures = example_annex_one(slug)
    assert figures.draw is None
    assert not [text for text in sentences(figures) if "confidence" in text or "margin" in text]


@pytest.mark.parametrize("slug", SLUGS)
def test_with_a_draw_it_reads_as_printed(example_annex_one, slug):
    figures = example_annex_one(slug)
    court, other = SAMPLES[slug].values()
    drawn = Drawn(
        {"court": POPULATIONS[slug] - other, "out_of_court": other}, DOCUMENT.sampling, court + other, court + other
    )
    drawn = figures_of_draw(DOCUMENT, drawn, court + other, worded=lambda text: DOCUMENT.worded(text, {}))
    said = " ".join(sentences(replace(figures, draw=drawn)))
    assert (
        "The sample size was set to achieve a confidence level of 80 per cent (with a margin of error of 5), from "
        in said
    )
    assert drawn.margin <= 5


def held(kind, held=1, met=(), surveyed="", responses=None):
    return SimpleNamespace(
        kind=kind,
        held=held,
        met=met,
        surveyed=surveyed,
        responses=responses,
        date=date(2019, 2, 4),
        withdrawn_because="",
    )


def survey(who, responses):
    return held(EvidenceKind.SURVEY, surveyed=who, responses=responses)


WITH = ((3, "managers"), (2, "partner organisations"), (1, "staff"))
# What the reports state; where they give only the sum of meetings and focus groups, one of each.
RECORDED = {
    "sefton-2019": [survey(Surveyed.STAFF, 10)],
    "essex-2019": [
        survey(Surveyed.STAFF, 52),
        survey(Surveyed.VOLUNTEERS, 36),
        held(EvidenceKind.MEETING, 13),
        held(EvidenceKind.FOCUS_GROUP),
        held(EvidenceKind.OBSERVATION),
    ],
    "lancashire-2019": [survey(Surveyed.STAFF, 37), held(EvidenceKind.MEETING, 45), held(EvidenceKind.FOCUS_GROUP)],
    "nottingham-city-2020": [
        held(EvidenceKind.INTERVIEW, 26, [(26, "case managers")]),
        held(EvidenceKind.MEETING, 30, WITH),
    ],
    "oxfordshire-2020": [
        held(EvidenceKind.INTERVIEW, 32, [(32, "case managers")]),
        held(EvidenceKind.MEETING, 11, WITH),
    ],
}


@pytest.mark.parametrize("slug", SLUGS)
def test_organisational_delivery_as_recorded(example_annex_one, slug):
    ((_, printed, ours),) = (row for row in rows("Organisational delivery") if row[0] == f"`{slug}`")
    recorded = methodology(RECORDED[slug], date(2019, 3, 1))
    figures = example_annex_one(slug)
    assert figures.methodology == Methodology()
    assert sentences(replace(figures, methodology=recorded))[0] == ours
    assert numbers(printed) <= numbers(ours)
