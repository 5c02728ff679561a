"""Template tags."""

import doctest

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.utils.safestring import mark_safe

from govuk import vendor
from govuk.templatetags import govuk
from tests.govuk.markup import assert_sound


def rendered(source, **context):
    return assert_sound(engines["django"].from_string("{% load govuk %}" + source).render(context))


@pytest.mark.parametrize("module", [govuk, vendor])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_component_from_dictionary_and_arguments():
    markup = rendered(
        '{% govuk_component "tag" params classes="a" attributes__data_case="7" %}', params={"text": "x", "classes": "b"}
    )
    assert markup.one("strong") == {"class": "govuk-tag a", "data-case": "7"}


def test_block_gives_html_and_escapes_its_variables():
    markup = rendered('{% govuk_block "details" summaryText="More" %}<p>{{ text }}</p>{% endgovuk_block %}', text="<i>")
    assert markup.all("p")
    assert not markup.all("i")
    assert "<i>" in markup.text


@pytest.mark.parametrize(("step", "of", "filled"), [(1, 4, 1), (3, 4, 3), (5, 5, 5), (1, 1, 1), (2, 2, 2)])
def test_rating_tag_says_its_word_and_draws_its_step(step, of, filled):
    markup = rendered("{% rating_tag label step=step of=of %}", label="Good <ish>", step=step, of=of)
    assert markup.text == "Good <ish>"
    assert len(markup.all("rect", class_="eh-rating__bar")) == filled
    assert len(markup.all("rect")) == of
    assert markup.one("svg")["aria-hidden"] == "true"


def test_rating_not_yet_given():
    markup = rendered('{% rating_tag "Not yet rated" %}')
    assert markup.one("strong")["class"] == "eh-rating eh-rating--none"
    assert not markup.all("svg")


def test_rating_tag_does_not_remember_a_safe_label_for_an_unsafe_one():
    assert "<b>" in govuk.rating_tag(mark_safe("<b>x</b>"))
    assert "<b>" not in govuk.rating_tag("<b>x</b>")


def test_table_region_can_be_reached_and_is_named():
    markup = rendered('{% table_region "Table 1" %}<table></table>{% endtable_region %}')
    assert markup.one("div") == {
        "class": "eh-table-region",
        "role": "region",
        "aria-label": "Table 1",
        "tabindex": "0",
    }


def test_notice_and_counts():
    markup = rendered(
        '{% notice "Invented case answers" %}Fitted.{% endnotice %}{% counts tally %}', tally={"yes": 3, "no": 0}
    )
    assert markup.text == "Invented case answers Fitted. 3 yes 0 no"
    assert markup.one("aside")["aria-label"] == "Invented case answers"
    assert rendered("{% counts tally %}", tally=[("yes", 3)]).text == "3 yes"


def test_messages_by_kind():
    messages = [
        Message(constants.SUCCESS, "Saved."),
        Message(constants.ERROR, "Not <sent>."),
        Message(constants.INFO, "Read this."),
        Message(constants.WARNING, "And this."),
    ]
    markup = rendered("{% govuk_messages messages %}", messages=messages)
    banners = markup.all("div", data_module="govuk-notification-banner")
    assert [banner["role"] for banner in banners] == ["alert", "alert", "region"]
    assert markup.text.index("Not <sent>.") < markup.text.index("Saved.") < markup.text.index("And this.")


def test_no_messages_is_nothing():
    assert rendered("{% govuk_messages messages %}").elements == []


def test_error_summary_of_no_form_is_nothing():
    assert rendered("{% govuk_error_summary form other %}", other="text").elements == []


def test_navigation_item():
    markup = rendered(
        '<ul>{% govuk_navigation_item "A" "/a" %}{% govuk_navigation_item "B" "/b" current="page" %}</ul>'
    )
    assert [link.get("aria-current") for link in markup.all("a")] == [None, "page"]
