"""The case form by keys alone: what each key does, when none does anything, and a whole case without the mouse."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.walking import Keys, focused, ready, walk_through, words_of_focus

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


def form_path(case, standard="2.1"):
    return reverse("cases:form", args=[case.public_id, standard])


def radio(page, code, value):
    return page.locator(f'[name="answer-{code}"][value="{value}"]')


@pytest.fixture
def form(page, sign_in, inspector, case):
    sign_in(page, inspector)
    page.goto(form_path(case))
    ready(page)
    return page


def test_keys_answer_the_question_that_has_the_focus(form, case):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("n")
    expect(radio(form, "2.1.1.a", "no")).to_be_checked()
    expect(radio(form, "2.1.1.a", "no")).to_be_focused()
    form.keyboard.press("y")
    expect(radio(form, "2.1.1.a", "yes")).to_be_checked()
    form.keyboard.press("a")
    assert focused(form) == ["2.1.1.a", "reason-2.1.1.a"]
    form.keyboard.type("any yes")
    expect(radio(form, "2.1.1.a", "not_applicable")).to_be_checked()
    form.keyboard.press("Escape")
    expect(radio(form, "2.1.1.a", "not_applicable")).to_be_focused()
    expect(form.locator("#save-status")).to_have_text(SAVED)
    assert case.answers.get(question="2.1.1.a").reason == "any yes"


def test_facts_are_answered_by_the_same_keys(form, case):
    fact = form.locator('[data-question] [name^="answer-"][value="true"]').first
    name = fact.get_attribute("name")
    fact.focus()
    form.keyboard.press("n")
    expect(form.locator(f'[name="{name}"][value="false"]')).to_be_checked()


def test_u_goes_to_the_next_question_without_an_answer(form):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("y")
    form.keyboard.press("u")
    assert focused(form) == ["2.1.1.b", "answer-2.1.1.b"]
    form.keyboard.press("y")
    form.keyboard.press("Shift+Tab")
    form.keyboard.press("u")
    assert focused(form)[0] not in ("2.1.1.a", "2.1.1.b", None)


def test_control_z_takes_the_last_answer_back(form):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("y")
    form.keyboard.press("n")
    form.keyboard.press("Control+z")
    expect(radio(form, "2.1.1.a", "yes")).to_be_checked()
    expect(radio(form, "2.1.1.a", "yes")).to_be_focused()
    form.keyboard.press("Meta+z")
    expect(form.locator('[name="answer-2.1.1.a"]:checked')).to_have_count(0)


def test_no_key_works_while_somebody_types(form):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("y")
    note = form.locator('[name="note-2.1.1"]')
    note.focus()
    form.keyboard.type("Any? unanimously")
    expect(note).to_have_value("Any? unanimously")
    expect(form.locator('[name="answer-2.1.1"]:checked')).to_have_count(0)
    form.keyboard.press("Control+z")
    expect(note).not_to_have_value("Any? unanimously")
    expect(radio(form, "2.1.1.a", "yes")).to_be_checked()


@pytest.mark.parametrize("keys", ["Control+y", "Alt+n", "Meta+a", "Shift+Y", "x"])
def test_other_keys_and_held_keys_answer_nothing(form, keys):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press(keys)
    expect(form.locator('[name="answer-2.1.1.a"]:checked')).to_have_count(0)


def test_arrows_and_tab_are_what_they_are_and_radios_stay_plain(form):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("ArrowDown")
    expect(radio(form, "2.1.1.a", "no")).to_be_checked()
    form.keyboard.press("Tab")
    assert not focused(form)[1].startswith("answer-2.1.1.a")
    added = form.evaluate(
        """[...document.querySelectorAll('[type=radio]')].flatMap((radio) => radio.getAttributeNames())
            .filter((name) => /^(role|accesskey|aria-keyshortcuts|tabindex)$/.test(name))"""
    )
    assert added == []


def test_the_keys_are_listed_and_can_be_switched_off_for_good(form, axe, case):
    radio(form, "2.1.1.a", "yes").focus()
    form.keyboard.press("?")
    dialog = form.get_by_role("dialog", name="Keys for answering")
    expect(dialog).to_be_visible()
    axe(form)
    form.keyboard.press("y")
    expect(form.locator('[name="answer-2.1.1.a"]:checked')).to_have_count(0)
    dialog.get_by_label("Answer with keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    expect(form.get_by_text("Keys for answering are off.")).to_be_attached()
    expect(radio(form, "2.1.1.a", "yes")).to_be_focused()
    form.keyboard.press("y")
    form.keyboard.press("?")
    expect(form.locator('[name="answer-2.1.1.a"]:checked')).to_have_count(0)
    expect(dialog).to_be_hidden()
    form.goto(form_path(case, "2.2"))
    control = form.get_by_label("Answer with keys: Y, N, A, U")
    expect(control).not_to_be_checked()
    control.check()
    radio(form, "2.2.1.a", "yes").focus()
    form.keyboard.press("y")
    expect(radio(form, "2.2.1.a", "yes")).to_be_checked()


def test_a_whole_case_is_completed_without_the_mouse(page, sign_in, inspector, case, capsys):
    """Every rated question and fact, with an evidence note at each key question; the keys pressed are counted."""
    sign_in(page, inspector)
    page.goto(form_path(case))
    walk = walk_through(page, case)
    keys = Keys(page)
    while words_of_focus(page) != "Submit this case":
        keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url(lambda url: "/submit/" not in url)
    case.refresh_from_db()
    assert case.state == "submitted"
    with capsys.disabled():
        print(f"\nA whole case by keys alone: {walk}.")
