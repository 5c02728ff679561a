"""The Design System's own examples: our bridge renders every one to the same HTML."""

import json
from pathlib import Path

import pytest
from django.utils.safestring import mark_safe

from govuk import components
from govuk.vendor import EXAMPLES
from tests.govuk.markup import Markup

FIXTURES = Path(__file__).parent / "fixtures"


def trusted(value, key=""):
    """Return parameters whose HTML is marked safe, as a page author would."""
    if isinstance(value, dict):
        return {name: trusted(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [trusted(item, key) for item in value]
    return mark_safe(value) if isinstance(value, str) and components.is_html(key) else value


@pytest.mark.parametrize("component", EXAMPLES)
def test_component_matches_every_example(component):
    examples = json.loads((FIXTURES / f"{component}.json").read_text())
    assert examples
    for name, options, expected in examples:
        rendered = components.render(component, trusted(options))
        assert Markup(rendered).events == Markup(expected).events, f"{component}: {name}"


def test_every_fixture_is_used():
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(EXAMPLES)
