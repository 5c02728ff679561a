"""Annex 2 as Evenhand writes it against the five published ones, line by line: what differs is listed and explained."""

import re
from pathlib import Path

import pytest

from ratings.exports import FORMATS
from tests.published.beside import differences, lines_of, lines_of_document, normal, taken_apart
from tests.published.expected import SLUGS, STANDARDS
from tests.published.test_annex2 import passage
from tests.ratings.documents import READERS

PAGE = Path(__file__).parents[2] / "docs" / "annex-2-beside-print.md"
NOT_THERE = "(not there)"
# The others have the preamble.
TABLES_ALONE = ("sefton-2019", "essex-2019")

pytestmark = pytest.mark.django_db


def explained(slug):
    """Return what docs/annex-2-beside-print.md lists for a report, as `differences` gives it, with the explanations."""
    section = re.search(rf"^## .*`{slug}`.*?\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.split("\n") if line.startswith("|")
    ]
    return [(where, *(normal(text).replace(NOT_THERE, "") for text in two), why) for where, *two, why in rows[2:]]


@pytest.fixture(params=SLUGS)
def slug(request):
    """Return the slug of each report in turn."""
    return request.param


@pytest.mark.parametrize("code", READERS)
def test_every_difference_is_listed_and_explained(example_annex, slug, code):
    annex = example_annex(slug)
    document = READERS[code](FORMATS[code].renderer(tables_alone=slug in TABLES_ALONE)(annex))
    printed = taken_apart(lines_of(passage(slug)))
    ours = taken_apart(lines_of_document(document, f"{annex.heading}: Inspection results"), document.footnotes)
    listed = explained(slug)
    assert [row[:3] for row in listed] == differences(printed, ours)
    assert all(why for *_, why in listed)


def test_each_passage_is_taken_apart_whole(slug):
    """Nothing that is printed escapes the comparison: each standard, question and figure is a part of its own."""
    before, parts = taken_apart(lines_of(passage(slug)))
    ratings = {where for where in parts if where.endswith(" rating")}
    assert ratings == {f"{standard} rating" for standard in STANDARDS}
    questions = {where for where in parts if re.fullmatch(r"\d\.\d\.\d", where)}
    assert len(questions) == 37
    assert {where for where in parts if where.endswith("% yes")} == {
        f"{code} % yes" for code in questions if code[0] in "23"
    }
    said = re.sub(r"\W", "", normal(" ".join(lines_of(passage(slug)))))
    held = sum(len(re.sub(r"\W", "", text)) for text in [*before, *parts.values()])
    # What is left over are the numbers: of standards and key questions, of domains, and of footnotes.
    numbers = 12 * 2 + 37 * 3 + 3 + 2 * len(re.findall(r"^\d{2} [A-Z]", passage(slug), re.MULTILINE)) * 2
    assert len(said) - held == numbers
