"""The bridge to the macros: what is escaped, what is kept to the letter."""

import pytest
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe

from govuk import components

ATTACK = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("tag", {"text": ATTACK}),
        ("tag", {"text": "x", "classes": ATTACK}),
        ("tag", {"text": "x", "attributes": {"data-x": ATTACK}}),
        ("tag", {"html": ATTACK}),
        ("inset-text", {"html": ATTACK}),
        ("input", {"name": ATTACK, "label": {"text": "x"}, "value": ATTACK}),
        ("textarea", {"name": "x", "label": {"text": "x"}, "value": ATTACK}),
        ("button", {"text": ATTACK, "href": ATTACK}),
        ("radios", {"name": "x", "items": [{"value": ATTACK, "text": ATTACK, "conditional": {"html": ATTACK}}]}),
    ],
)
def test_what_is_not_safe_is_escaped(name, params):
    assert "<script>" not in components.render(name, params)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("tag", {"text": "x", "classes": mark_safe(ATTACK)}),
        ("tag", {"text": "x", "attributes": {"data-x": mark_safe(ATTACK)}}),
        ("input", {"name": "x", "label": {"text": "x"}, "value": mark_safe(ATTACK)}),
        ("select", {"name": "x", "label": {"text": "x"}, "items": [{"value": mark_safe(ATTACK), "text": "x"}]}),
        ("textarea", {"name": "x", "label": {"text": "x"}, "value": mark_safe(ATTACK)}),
    ],
)
def test_safe_text_does_not_break_out_of_an_attribute(name, params):
    assert "<script>" not in components.render(name, params)


def test_safe_html_and_safe_text_stay():
    assert "<b>x</b>" in components.render("tag", {"html": mark_safe("<b>x</b>")})
    assert "<b>x</b>" in components.render("tag", {"text": mark_safe("<b>x</b>")})


def test_lazy_text_is_rendered():
    assert "Soon" in components.render("tag", {"text": lazystr("Soon")})


def test_none_is_as_if_not_given():
    assert components.render("tag", {"text": "x", "classes": None}) == components.render("tag", {"text": "x"})


@pytest.mark.parametrize("name", ["textarea", "character-count"])
@pytest.mark.parametrize("text", ["one\n  two\n\nfour\n", "\nfirst line empty", "a &amp; <b>", "[0]"])
def test_textarea_keeps_its_text_to_the_letter(name, text):
    html = components.render(name, {"name": "x", "label": {"text": "x"}, "value": text, "maxlength": 100})
    shown = html.split(">", html.index("<textarea"))  # nothing before the textarea holds the text
    body = html[html.index(">", html.index("<textarea")) + 1 : html.index("</textarea>")]
    assert shown
    # A browser drops one line break at the start of a textarea.
    assert body.removeprefix("\n") == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").removeprefix(
        "" if body.startswith("\n\n") else "\n"
    )


def test_nested_html_is_not_indented():
    note = components.render("textarea", {"name": "n", "label": {"text": "Note"}, "value": "one\ntwo"})
    details = components.render("details", {"summaryText": "Note", "html": note})
    item = {"value": "a", "text": "A", "conditional": {"html": details}}
    html = components.render("radios", {"name": "q", "fieldset": {"legend": {"text": "Q"}}, "items": [item]})
    assert ">one\ntwo</textarea>" in html


def test_a_placeholder_typed_by_somebody_stays_text():
    html = components.render("inset-text", {"html": mark_safe("[0]"), "classes": f"[{'0' * 16}:0]"})
    assert "[0]" in html
    assert f"[{'0' * 16}:0]" in html
