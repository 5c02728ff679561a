"""docs/formats.md against the product: its examples are taken, its columns and keys are those written."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import get_commands

from ratings.annex import as_data, build_annex
from ratings.annex_one.data import as_data as as_data_one
from ratings.annex_one.figures import DrawFigures, ExclusionCount
from ratings.annex_one.gathering import gather
from ratings.bundle.check import check_bundle
from ratings.bundle.shape import AnswerPart, DiscretionPart, InspectionPart, read_bundle
from ratings.exports import FORMATS
from ratings.exports.table import COLUMNS
from standards import reader

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
DRAW = DrawFigures(71, 50, 50, 0.8, 5, None, ())
BUNDLE, ANNEX, ANNEX_ONE = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_bundle_is_a_good_one():
    bundle = read_bundle(BUNDLE.encode())
    check_bundle(bundle, reader.load("youth-2018"))


@pytest.mark.parametrize("part", [InspectionPart, AnswerPart, DiscretionPart])
def test_every_key_of_the_bundle_is_described(part):
    missing = [name for name in part.model_fields if f"`{name}`" not in PAGE and f'"{name}"' not in PAGE]
    assert not missing


@pytest.mark.django_db
def test_the_annex_has_the_keys_that_it_has(make_example):
    inspection = make_example("nottingham-city-2020")
    data, shown = as_data(build_annex(inspection, inspection.result)), json.loads(ANNEX)
    assert data.pop("invented_answers") is True
    assert list(shown) == list(data)
    for described, written in (
        (shown["domains"][0], data["domains"][1]),
        (shown["domains"][0]["standards"][0], data["domains"][1]["standards"][1]),
        (
            shown["domains"][0]["standards"][0]["key_questions"][0],
            data["domains"][1]["standards"][1]["key_questions"][0],
        ),
    ):
        assert list(described) == list(written)
    for key in data["domains"][1]["standards"][3]["discretion"]:
        assert f"`{key}`" in PAGE


@pytest.mark.django_db
def test_annex_1_has_the_keys_that_it_has(make_example):
    figures = gather(make_example("nottingham-city-2020"))
    data, shown = as_data_one(figures), json.loads(ANNEX_ONE)
    assert list(shown) == list(data)
    assert list(shown["draw"]) == list(as_data_one(replace(figures, draw=DRAW))["draw"])
    (described, *_), (written, *_) = shown["samples"], data["samples"]
    assert list(described) == list(written)
    for part in ("groups", "disposals", "profile", "facts"):
        assert list(described[part][0]) == list(written[part][0])
    assert list(described["profile"][0]["counts"][0]) == list(written["profile"][0]["counts"][0])
    for part in ("dates", "interviews"):
        assert list(described[part]) == list(written[part])
    sample = replace(figures.samples[0], excluded=(ExclusionCount("not_eligible", "Not eligible", 1, 1),))
    excluded = as_data_one(replace(figures, samples=(sample,)))["samples"][0]["excluded"]
    assert described["excluded"] == excluded
    for part in ("sentences", "small_groups"):
        assert list(shown[part][0]) == list(data[part][0])
    assert {*shown["organisational_delivery"]} == {*data["organisational_delivery"]}


def test_every_column_is_described():
    section = PAGE[PAGE.index("### CSV") : PAGE.index("### HTML")]
    described = re.findall(r"`([a-z_.]+)`", section)
    # The parts of a discretion are those of the JSON, and stand here as a range.
    wanted = [name for name in COLUMNS if not name.startswith("discretion.")]
    assert not set(wanted) - set(described)
    assert {"discretion.from", "discretion.decided_at"} <= set(described)


def test_every_command_is_described():
    ours = [name for name, app in get_commands().items() if app == "ratings"]
    assert not [name for name in ours if f"`{name} " not in PAGE and f"`{name}`" not in PAGE]
    assert all(f"`{code}`" in PAGE for code in FORMATS)
