"""An inspection created and its team built by a manager, looked at by axe on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from inspections.models import Inspection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "phone"])
def test_from_the_list_to_a_team_with_a_lead(request, device, sign_in, axe, watch, manager, lead, inspection):
    page = request.getfixturevalue(device)
    watch.allow("status of 400")

    def look():
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def press(name):
        page.get_by_role("button", name=name).click()

    sign_in(page, manager)
    page.goto("/inspections/")
    press("Create an inspection")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create an inspection")
    look()
    page.get_by_label("A new service").check()
    press("Create the inspection")
    expect(page.get_by_role("alert")).to_contain_text("Enter the name of the service.")
    look()
    page.get_by_label("Name of the service").fill("Anywhere Youth Justice Service")
    page.get_by_label("Short name").fill("Anywhere")
    for which, day in (("First", "1"), ("Last", "12")):
        for part, value in (("Day", day), ("Month", "3"), ("Year", "2027")):
            page.get_by_role("group", name=f"{which} day of fieldwork").get_by_label(part).fill(value)
    press("Create the inspection")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Team")
    look()
    press("Add somebody to the team")
    page.get_by_label("Who?").select_option(label=f"{lead.name}, {lead.email}")
    page.get_by_label("Lead inspector").check()
    page.get_by_label("A conflict of interest").fill("Worked there until 2020.")
    look()
    press("Add to the team")
    expect(page.get_by_role("alert")).to_contain_text("is in the team: lead inspector.")
    page.get_by_role("link", name=lead.name).click()
    expect(page.get_by_label("Why may they be in the team all the same?")).to_be_visible()
    look()
    created = Inspection.objects.get(service__short_name="Anywhere")
    assert created.memberships.get().user == lead
