"""The audit record in a browser: free of violations, on a phone, with everything typed kept, and without JavaScript."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit.models import Event
from audit.sealing import seal
from cases.actions import record_answer
from cases.answers import Given

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answered(case, inspector, lead):
    record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
    record_answer(
        case=case, by=lead, given=Given(question="2.1.1", value="not_applicable", reason="Not yet due.", base=1)
    )
    seal()
    return case


def no_sideways(page):
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("device", ["page", "phone"])
@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_the_whole_installation(request, device, who, sign_in, axe, answered):
    page = request.getfixturevalue(device)
    sign_in(page, request.getfixturevalue(who))
    page.goto("/")
    page.get_by_role("link", name="Audit", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Audit")).to_be_visible()
    axe(page)
    no_sideways(page)
    page.get_by_text("Choose what is shown").click()
    page.get_by_text("The head now").click()
    axe(page)
    no_sideways(page)


@pytest.mark.both_databases
def test_asking_without_javascript(plain_page, watch, sign_in, axe, lead, answered):
    watch.allow("status of 400")
    page = plain_page
    sign_in(page, lead)
    page.goto(reverse("cases:audit", args=[answered.inspection.public_id]))
    page.get_by_text("Choose what is shown").click()
    page.get_by_label("Question").fill("2.1.1")
    page.get_by_label("Person").fill("costa")
    page.get_by_role("group", name="From").get_by_label("Day").fill("40")
    page.get_by_role("button", name="Show these").click()
    expect(page).to_have_title("Error: Audit – Testshire 1 Youth Offending Team – Evenhand")
    page.get_by_role("link", name="Enter a real date to look from.").click()
    axe(page)
    assert page.get_by_label("Person").input_value() == "costa"
    page.get_by_role("group", name="From").get_by_label("Day").fill("")
    page.get_by_role("button", name="Show these").click()
    told = page.locator(".eh-history__what")
    expect(told).to_have_text([f"Leah Costa changed 2.1.1 in case {answered.reference} from Yes to Not applicable."])
    expect(page.get_by_text("Not yet due.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take out as CSV").click()
    assert "Not yet due." in download.value.path().read_text()
    assert Event.objects.latest("pk").action == "audit.exported"
    page.get_by_role("link", name="Who else changed this answer").click()
    expect(told).to_have_count(2)
