"""Where the evidence came from and what is to be asked at interview, in a real browser."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


@pytest.mark.parametrize("device", ["page", "phone"])
def test_both_are_saved_as_they_are_given(request, device, sign_in, axe, inspector, case):
    page = request.getfixturevalue(device)
    sign_in(page, inspector)
    page.goto(reverse("cases:form", args=[case.public_id, "2.1"]))
    expect(page.locator("#save-status[data-kind]")).to_be_attached()
    question = page.locator('[data-question="2.1.1.a"]')
    question.get_by_text("Add a note").click()
    question.get_by_label("Where the evidence came from").select_option(label="Both")
    question.get_by_label("Ask at interview").check()
    key_question = page.locator('[data-question="2.1.1"]')
    key_question.get_by_text("Source and interview").click()
    key_question.get_by_label("Ask at interview").check()
    expect(page.locator("#save-status")).to_have_text(SAVED)
    axe(page)
    row = case.answers.get(question="2.1.1.a")
    assert (row.source, row.at_interview) == ("both", True)
    assert case.answers.get(question="2.1.1").at_interview
    page.reload()
    expect(question.get_by_label("Where the evidence came from")).to_have_value("both")
    expect(key_question.get_by_label("Ask at interview")).to_be_checked()
