"""From moderation to the public page, in a browser: each page at its stage, free of violations on a desktop and a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.models import Lifecycle
from ratings.actions import recompute
from tests.people import PASSWORD
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def look(axe):
    """Return a function that asserts that a page has no violation and does not scroll sideways."""

    def at(page):
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), (
            page.url
        )

    return at


def sign_in_again(page):
    """Give the password that is asked for again."""
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("device", ["page", "phone", "plain_page"])
def test_from_moderation_to_the_public_page_and_back(
    request, new_page, watch, device, sign_in, look, sefton, lead, manager
):
    page = request.getfixturevalue(device)
    public = new_page(javascript=False)

    def address(name):
        return reverse(f"ratings:{name}", args=[sefton.public_id])

    make_ready(sefton, lead)
    recompute(inspection_id=sefton.pk)
    sign_in(page, lead)
    page.goto(address("stages"))
    look(page)
    page.get_by_role("button", name="Agree and lock the ratings").click()
    expect(page.get_by_text("Nothing is missing.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Agree and lock the ratings").click()
    sign_in_again(page)
    expect(page.get_by_text("The ratings are agreed and locked.")).to_be_visible()
    look(page)

    page.context.clear_cookies()
    sign_in(page, manager)
    page.goto(address("stages"))
    page.get_by_role("button", name="Send for factual accuracy").click()
    page.get_by_role("button", name="Publish").click()
    look(page)
    page.get_by_role("button", name="Publish the ratings").click()
    sign_in_again(page)
    expect(page.get_by_text("The ratings are published.")).to_be_visible()
    public.goto("/published/")
    look(public)
    public.get_by_role("link", name=sefton.service.name).click()
    expect(public.get_by_role("heading", level=1)).to_contain_text(sefton.service.name)
    look(public)

    page.goto(address("unlock"))
    page.get_by_label("Why should the ratings be unlocked?").fill("A case was counted twice.")
    page.get_by_role("button", name="Ask for the ratings to be unlocked").click()
    expect(page.get_by_text("A second person grants it.")).to_be_visible()
    page.goto(address("unlock"))
    look(page)

    page.context.clear_cookies()
    sign_in(page, lead)
    page.goto(address("unlock"))
    look(page)
    page.get_by_role("button", name="Grant it and unlock the ratings").click()
    sign_in_again(page)
    expect(page.get_by_text("They have to be agreed anew.")).to_be_visible()
    assert Lifecycle.objects.get(inspection=sefton).state == "moderation"
    watch.allow("status of 404")
    assert public.goto(address("published")).status == 404
