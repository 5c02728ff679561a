"""Answering No to the open prompts of a page at once, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "plain_page"])
def test_with_and_without_scripts(request, device, sign_in, axe, inspector, case):
    page = request.getfixturevalue(device)
    sign_in(page, inspector)
    page.goto(reverse("cases:form", args=[case.public_id, "2.4"]))
    page.locator('[name="note-2.4.1"]').fill("Typed and not saved yet")
    page.locator('[name="answer-2.4.1.b"][value="yes"]').check()
    page.get_by_text("No review took place").click()
    if device == "page":
        axe(page)
    page.get_by_role("button", name="Answer No to the open prompts").click()
    expect(
        page.get_by_text("prompts answered No. Each can be changed; the key questions are yours to answer.")
    ).to_be_visible()
    expect(page.locator('[name="answer-2.4.1.a"][value="no"]')).to_be_checked()
    expect(page.locator('[name="answer-2.4.1.b"][value="yes"]')).to_be_checked()
    expect(page.locator('[name="note-2.4.1"]')).to_have_value("Typed and not saved yet")
    expect(page.locator('[name="answer-2.4.1"]:checked')).to_have_count(0)
    if device == "page":
        axe(page)


@pytest.mark.parametrize("device", ["page", "plain_page"])
def test_enter_saves_and_answers_nothing_for_anybody(request, device, sign_in, inspector, case):
    page = sign_in(request.getfixturevalue(device), inspector)
    page.goto(reverse("cases:form", args=[case.public_id, "2.4"]))
    page.locator('[name="answer-2.4.1.a"][value="yes"]').check()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert case.answers.get(question="2.4.1.a").value == "yes"
    assert not case.answers.filter(value="no").exists()
