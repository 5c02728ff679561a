"""The notebook and the interview sheet in a real browser."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.actions import record_answer
from cases.answers import Given

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


@pytest.mark.parametrize("device", ["page", "phone"])
def test_the_notebook_saves_itself(request, device, sign_in, axe, inspector, case):
    page = request.getfixturevalue(device)
    record_answer(
        case=case, by=inspector, given=Given("2.1.1.a", "yes", note="Not in the file.", at_interview=True, base=0)
    )
    sign_in(page, inspector)
    page.goto(reverse("cases:form", args=[case.public_id, "2.2"]))
    page.get_by_role("link", name="Notebook and interview").click()
    expect(page.locator("#save-status[data-kind]")).to_be_attached()
    page.get_by_label("Notebook").fill("Ask about school.")
    expect(page.locator("#save-status")).to_have_text(SAVED)
    assert case.answers.get(question="notebook").value == "Ask about school."
    axe(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="To ask at interview")).to_be_visible()
    expect(page.get_by_text("Not in the file.")).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(re.escape(reverse("cases:case", args=[case.public_id]))))
