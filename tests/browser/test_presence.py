"""Who else is on a page is said quietly, and stands in nobody's way."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def open_form(page, case, standard="2.1"):
    page.goto(reverse("cases:form", args=[case.public_id, standard]))
    expect(page.locator("#save-status[data-kind]")).to_be_attached()
    return page


def who(page):
    return page.locator("[data-presence]")


def look_again(page):
    """Let the page look at once, as it does when somebody comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_two_people_on_one_page_see_each_other(new_page, sign_in, axe, inspector, other_inspector, case):
    mine = open_form(sign_in(new_page(), inspector), case)
    theirs = open_form(sign_in(new_page(), other_inspector), case)
    expect(who(theirs)).to_have_text("Ines Archer is also on this page.")
    look_again(mine)
    expect(who(mine)).to_have_text("Omar Brandt is also on this page.")
    axe(mine)
    mine.locator('[name="answer-2.1.1.a"][value="yes"]').check()
    expect(mine.locator("#save-status[data-kind=saved]")).to_be_attached()


def test_who_is_on_another_page_is_not_named(new_page, sign_in, inspector, other_inspector, case):
    open_form(sign_in(new_page(), inspector), case, "2.2")
    theirs = sign_in(new_page(), other_inspector)
    with theirs.expect_response("**/presence/"):
        open_form(theirs, case)
    expect(who(theirs)).to_have_text("")


def test_a_second_tab_is_told(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    second = page.context.new_page()
    open_form(second, case)
    expect(who(second)).to_have_text("You have this page open in another tab.")


@pytest.mark.parametrize("status", [500, 403, 302])
def test_what_goes_wrong_with_it_is_nobodys_business(page, sign_in, inspector, case, watch, status):
    watch.allow("presence/|status of|Failed to fetch|ERR_")
    page.route("**/presence/", lambda route: route.fulfill(status=status, headers={"Location": "/accounts/login/"}))
    open_form(sign_in(page, inspector), case)
    page.locator('[name="answer-2.1.1.a"][value="yes"]').check()
    expect(page.locator("#save-status[data-kind=saved]")).to_be_attached()
    expect(who(page)).to_have_text("")
