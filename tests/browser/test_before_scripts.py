"""Answering does not wait for scripts, however long they take to come."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.forms import SAVED, HeldScripts, answer, status, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(page, sign_in, inspector, case):
    """Return a page of the form whose scripts are held, and what holds them."""
    sign_in(page, inspector)
    scripts = HeldScripts(page)
    page.goto(reverse("cases:form", args=[case.public_id, "2.1"]), wait_until="commit")
    return page, scripts


def test_an_answer_is_given_and_posted_before_any_script_has_come(waiting, case):
    page, _ = waiting
    answer(page, "2.1.1.a", "Yes")
    page.get_by_role("button", name="Save and continue").click(no_wait_after=True)
    page.wait_for_url("**/2.2/", wait_until="commit")
    assert stored(case, "2.1.1.a").value == "yes"


def test_an_answer_that_was_given_before_the_scripts_is_saved_when_they_come(waiting, case):
    page, scripts = waiting
    answer(page, "2.1.1.a", "No")
    scripts.let_come()
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "no"
    assert page.evaluate("document.body.className").split().count("govuk-frontend-supported") == 1
