"""The case form as the server alone gives it: errors, conflicts, what is not asked; axe on each, and by keyboard."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["page", "phone"])
def server_page(request, watch):
    """Return a page, on a desktop and on a phone, that never gets the scripts of the case form."""
    page = request.getfixturevalue(request.param)
    watch.allow(r"js/case/|status of 4\d\d")
    page.route("**/js/case/**", lambda route: route.abort())
    return page


def question(page, code):
    return page.locator(f"[data-question='{code}']")


def answer(page, code, value):
    question(page, code).get_by_role("radio", name=value, exact=True).check()


def save(page):
    page.get_by_role("button", name="Save and continue").click()


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_a_conflict_and_an_error(server_page, sign_in, axe, inspector, lead, case, give, page_of):
    page = sign_in(server_page, inspector)
    give(case, "2.2.3.a", "yes")
    give(case, "2.2.3", "yes")
    page.goto(page_of(case, "2.2"))
    give(case, "2.2.1", "no", by=lead, note="Read on Monday.")
    answer(page, "2.2.1", "Yes")
    question(page, "2.2.1").get_by_label("Evidence note").fill("Read on Tuesday.")
    answer(page, "2.2.3.a", "Not applicable")
    answer(page, "2.2.2", "No")
    save(page)

    expect(page.get_by_role("alert")).to_contain_text(
        re.compile(r"Saved 1 answer at \d\d:\d\d\. 2 answers were not saved\.")
    )
    axe(page)
    assert not sideways(page)
    page.get_by_role("link", name=re.compile("Leah Costa changed 2.2.1")).click()
    expect(question(page, "2.2.1").get_by_role("radio", name="Leah Costa’s answer")).to_be_focused()
    expect(question(page, "2.2.1")).to_contain_text("Read on Monday.")
    expect(question(page, "2.2.1").get_by_label("Evidence note")).to_have_value("Read on Tuesday.")
    question(page, "2.2.1").get_by_role("radio", name="My answer below").check()
    page.get_by_role("link", name=re.compile("Say why 2.2.3.a")).click()
    reason = question(page, "2.2.3.a").get_by_label("Why is it not applicable?")
    expect(reason).to_be_focused()
    reason.fill("No one was at risk.")
    save(page)
    expect(page.get_by_text(re.compile(r"Saved 2 answers at"))).to_be_visible()
    assert case.answers.get(question="2.2.1").note == "Read on Tuesday."


def test_a_reason_beside_another_answer_is_seen(server_page, sign_in, axe, inspector, case, page_of):
    page = sign_in(server_page, inspector)
    page.goto(page_of(case, "2.2"))
    answer(page, "2.2.1", "Not applicable")
    question(page, "2.2.1").get_by_label("Why is it not applicable?").fill("A reason.")
    answer(page, "2.2.1", "Yes")
    save(page)
    expect(question(page, "2.2.1").get_by_label("Why is it not applicable?")).to_be_visible()
    axe(page)


def test_what_is_not_asked_is_asked_anyway(server_page, sign_in, axe, inspector, case, give, page_of):
    give(case, "2.2.2", "no")
    give(case, "safety_factors", "false", change_reason="None found.")
    page = sign_in(server_page, inspector)
    page.goto(page_of(case, "2.2"))
    part = page.get_by_role("region", name="Key question 2.2.2")
    part.get_by_text("1 answer kept").click()
    part.get_by_text("Ask it anyway").click()
    axe(page)
    assert not sideways(page)
    part.get_by_label("Why are you asking it?").fill("The file speaks of it.")
    save(page)
    expect(page).to_have_url(re.compile("#question-2.2.2.a$"))
    expect(question(page, "2.2.2").get_by_role("radio", name="No", exact=True)).to_be_checked()


def test_read_only(server_page, sign_in, axe, manager, case, give, page_of):
    give(case, "2.2.1", "not_applicable", note="Seen.")
    page = sign_in(server_page, manager)
    page.goto(page_of(case, "2.2"))
    expect(page.get_by_role("radio")).to_have_count(0)
    expect(page.get_by_text("Reason awaited")).to_be_visible()
    axe(page)


def test_a_form_that_cannot_be_read(server_page, sign_in, axe, inspector, case, page_of):
    page = sign_in(server_page, inspector)
    page.goto(page_of(case, "2.2"))
    page.locator("input[name='version-2.2.1']").evaluate("input => { input.value = 'x' }")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("This form cannot be read")
    axe(page)


def test_submission(server_page, sign_in, axe, inspector, case):
    page = sign_in(server_page, inspector)
    page.goto(reverse("cases:submit", args=[case.public_id]))
    page.get_by_role("link", name="Answer 2.2.1", exact=True).click()
    expect(question(page, "2.2.1")).to_be_in_viewport()
    axe(page)


def test_by_keyboard_alone(page, watch, sign_in, inspector, case, page_of):
    watch.allow("js/case/")
    page.route("**/js/case/**", lambda route: route.abort())
    sign_in(page, inspector).goto(page_of(case, "2.2"))
    question(page, "2.2.1.a").get_by_role("radio", name="Yes").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Not in this case.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Ask the case manager.")
    following = question(page, "2.2.1.b").get_by_role("radio", name="Yes")
    for _ in range(5):
        page.keyboard.press("Tab")
        if following.evaluate("radio => radio === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Saved 2 answers"))).to_be_visible()
    first = case.answers.get(question="2.2.1.a")
    assert (first.value, first.reason, first.note) == ("not_applicable", "Not in this case.", "Ask the case manager.")
    assert case.answers.get(question="2.2.1.b").value == "yes"


def test_the_reason_follows_its_answer_without_any_script(plain_page, sign_in, inspector, case, page_of):
    sign_in(plain_page, inspector).goto(page_of(case, "2.2"))
    reason = question(plain_page, "2.2.1").get_by_label("Why is it not applicable?")
    expect(reason).to_be_hidden()
    answer(plain_page, "2.2.1", "Not applicable")
    expect(reason).to_be_visible()
