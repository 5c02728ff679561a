"""Queries at their questions, in a real browser: read, replied to, and nothing else that was typed lost."""

import pytest
from playwright.sync_api import expect

from cases.actions import set_imported_state
from cases.models import QueryReply
from cases.reviews import raise_query, return_case
from inspections.actions import add_member
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def query(case, lead):
    """A query on the key question 2.1.1, in a case that was returned with it."""
    quality = person("Quin Lewis")
    add_member(inspection=case.inspection, user=quality, role="quality_lead", by=lead)
    set_imported_state(case=case, state="submitted", by=lead)
    case.refresh_from_db()
    query = raise_query(case=case, by=quality, question="2.1.1", text="Where is it written?")
    return_case(case=case, by=quality, text="See the query.", question="")
    return query


@pytest.mark.parametrize("device", ["page", "plain_page", "phone"])
def test_it_is_replied_to_where_it_stands(request, device, sign_in, watch, axe, inspector, case, query):
    watch.allow("status of 400")  # an empty reply
    page = sign_in(request.getfixturevalue(device), inspector)
    page.goto(f"/cases/{case.public_id}/standards/2.1/")
    page.get_by_role("region", name="Queries on this page").get_by_role("link").click()
    asked = page.get_by_role("group", name="Query on 2.1.1")
    expect(asked).to_be_in_viewport()
    expect(asked).to_contain_text("Where is it written?")
    axe(page)
    asked.get_by_role("button", name="Reply to the query of Quin Lewis").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    if device != "plain_page":
        page.wait_for_selector("form[data-started]")
    axe(page)
    page.locator('[name="note-2.1.1"]').fill("Typed and not saved yet")
    asked.get_by_role("textbox").fill("On page 3.")
    asked.get_by_role("button", name="Reply to the query of Quin Lewis").click()
    expect(asked).to_contain_text("Reply by Ines Archer")
    expect(page.locator('[name="note-2.1.1"]')).to_have_value("Typed and not saved yet")
    assert QueryReply.objects.get().text == "On page 3."
    row = case.answers.get(question="2.1.1")
    assert (row.note, row.version) == ("Typed and not saved yet", 1)
    if device == "phone":
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_reply_that_was_typed_is_not_lost_by_going_on(page, sign_in, inspector, case, query):
    sign_in(page, inspector).goto(f"/cases/{case.public_id}/standards/2.1/")
    page.wait_for_selector("form[data-started]")
    page.get_by_role("group", name="Query on 2.1.1").get_by_role("textbox").fill("On page 3.")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/standards/2.2/")
    assert QueryReply.objects.get().text == "On page 3."
