"""What the facts leave out goes from the page at once and comes back with its answers."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.actions import record_answer
from cases.answers import Given

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


@pytest.fixture
def form(page, sign_in, inspector, case):
    """Return the page with the facts about the review, on which nothing is answered."""
    sign_in(page, inspector)
    page.goto(reverse("cases:form", args=[case.public_id, "2.4"]))
    expect(page.locator("#save-status[data-kind]")).to_be_attached()
    return page


def answer(page, code, label):
    page.locator(f'[data-question="{code}"]').get_by_role("radio", name=label, exact=True).check()


def prompt(page, code="2.4.1.a"):
    return page.locator(f'[data-question="{code}"]')


def test_a_fact_folds_its_question_away_and_brings_it_back_with_its_answers(form, axe, case):
    answer(form, "2.4.1.a", "No")
    answer(form, "review_required", "No")
    expect(prompt(form)).to_be_hidden()
    expect(form.get_by_role("heading", name=re.compile("^Not asked:"))).to_be_visible()
    expect(form.get_by_text("Key question 2.4.1 and its prompts are no longer asked.")).to_be_attached()
    expect(prompt(form, "2.4.2.a")).to_be_visible()
    axe(form)
    answer(form, "review_required", "Yes")
    expect(prompt(form)).to_be_visible()
    expect(prompt(form).get_by_role("radio", name="No", exact=True)).to_be_checked()
    expect(form.get_by_role("heading", name=re.compile("^Not asked:"))).to_have_count(0)
    expect(form.get_by_text("Key question 2.4.1 and its prompts are asked again.")).to_be_attached()
    assert case.answers.get(question="2.4.1.a").value == "no"


def test_the_form_of_a_page_with_folded_questions_changes_nothing_of_them(form, case):
    answer(form, "2.4.1.a", "No")
    answer(form, "review_required", "No")
    expect(prompt(form)).to_be_hidden()
    expect(form.locator("#save-status")).to_have_text(SAVED)
    version = case.answers.get(question="2.4.1.a").version
    form.get_by_role("button", name="Save and return to the case").click()
    form.wait_for_url(lambda url: "standards" not in url)
    assert (case.answers.get(question="2.4.1.a").value, case.answers.get(question="2.4.1.a").version) == ("no", version)


def test_a_question_asked_only_now_is_shown_with_a_reload(form, axe):
    answer(form, "review_required", "No")
    expect(prompt(form)).to_be_hidden()
    form.reload()
    expect(form.locator("#save-status[data-kind]")).to_be_attached()
    expect(prompt(form)).to_have_count(0)
    answer(form, "review_required", "Yes")
    button = form.get_by_role("button", name=re.compile(r"^Show this question.*2\.4\.1"))
    expect(button).to_be_visible()
    axe(form)
    button.click()
    expect(prompt(form)).to_be_visible()


def test_a_left_out_question_can_be_asked_anyway(form):
    answer(form, "review_required", "No")
    form.get_by_role("button", name=re.compile(r"^Ask it anyway.*2\.4\.1")).click()
    reason = form.locator('[name="asked_because-2.4.1"]')
    expect(reason).to_be_focused()
    expect(form.locator("form[data-started]")).to_be_attached()


def test_why_it_is_asked_anyway_is_saved_as_it_is_typed(form, axe, inspector, case):
    record_answer(case=case, by=inspector, given=Given("2.4.1", "no", note="Kept.", source="file"))
    answer(form, "review_required", "No")
    form.get_by_role("button", name=re.compile(r"^Ask it anyway.*2\.4\.1")).click()
    reason = form.locator('[name="asked_because-2.4.1"]')
    expect(form.locator("form[data-started]")).to_be_attached()
    reason.fill("The family asked for it.")
    expect(form.locator("#question-2\\.4\\.1 .eh-question__mark")).to_have_text("Saved")
    row = case.answers.get(question="2.4.1")
    assert (row.asked, row.asked_because) == (True, "The family asked for it.")
    assert (row.value, row.note, row.source) == ("no", "Kept.", "file")
    axe(form)
    form.get_by_role("button", name=re.compile(r"^Show this question.*2\.4\.1")).click()
    expect(prompt(form)).to_be_visible()
    reason.fill("")
    expect(form.locator("#save-status")).to_have_text(SAVED)
    form.locator('[name="answer-2.4.2"]').first.focus()  # nothing goes from under the fingers
    expect(form.get_by_role("heading", name=re.compile("^Not asked:"))).to_be_attached()
    assert case.answers.get(question="2.4.1").asked is False


def test_why_it_is_asked_anyway_is_kept_like_every_answer(form, watch, case):
    watch.allow("net::ERR|Failed to load")
    answer(form, "review_required", "No")
    form.get_by_role("button", name=re.compile(r"^Ask it anyway.*2\.4\.1")).click()
    expect(form.locator("form[data-started]")).to_be_attached()
    form.route(re.compile("/saves/$"), lambda route: route.abort())
    form.locator('[name="asked_because-2.4.1"]').fill("The family asked for it.")
    expect(form.locator("#save-status")).to_contain_text("kept on this device")
    form.reload()
    expect(form.locator('[name="asked_because-2.4.1"]')).to_have_value("The family asked for it.")
    form.unroute(re.compile("/saves/$"))
    expect(form.locator("#save-status")).to_have_text(SAVED)
    assert case.answers.get(question="2.4.1").asked_because == "The family asked for it."


def test_nothing_goes_from_under_the_fingers(form, case):
    answer(form, "2.4.1.a", "No")
    expect(form.locator("#save-status")).to_have_text(SAVED)
    form.locator('[name="note-2.4.1"]').focus()
    # Saved by a script of the same page, as an answer that waited would be.
    form.evaluate('document.querySelector(\'[name="answer-review_required"][value="false"]\').click()')
    expect(form.locator("#save-status")).to_have_text(SAVED)
    form.locator('[name="note-2.4.1"]').type("still typing")
    expect(form.locator('[name="note-2.4.1"]')).to_have_value("still typing")
    form.keyboard.press("Shift+Tab")
    form.locator('[name="answer-2.4.2"]').first.focus()
    expect(prompt(form)).to_be_hidden()
