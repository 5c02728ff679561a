"""A sample planned, adjusted and drawn by a lead inspector, looked at by axe on a desktop and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.models import Draw
from inspections.models import State
from tests.cases.caseloads import FIELDWORK, eligible, import_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "phone"])
def test_from_the_plan_to_the_balance(request, device, sign_in, axe, watch, lead, make_inspection):
    page = request.getfixturevalue(device)
    watch.allow("status of 400")
    inspection = make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)
    import_rows(inspection, eligible(43, 28), lead)

    def look():
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def press(name):
        page.get_by_role("button", name=name).click()

    sign_in(page, lead)
    page.goto(reverse("cases:plan", args=[inspection.public_id]))
    look()
    page.get_by_role("link", name="Adjust the plan").click()
    page.get_by_label("Confidence, in per cent").fill("90")
    press("Save the adjustment")
    expect(page.get_by_role("alert")).to_contain_text("Say why the plan is adjusted.")
    look()
    expect(page.get_by_label("Confidence, in per cent")).to_have_value("90")
    page.get_by_label("Why is the plan adjusted?").fill("A closer look was agreed.")
    press("Save the adjustment")
    expect(page.get_by_text("Confidence: 90%, 80% in the standards")).to_be_visible()
    look()
    press("Go on to the draw")
    look()
    press("Draw the sample")
    expect(page.get_by_role("alert")).to_contain_text("The sample is drawn: 57 cases.")
    page.get_by_text("How anybody can repeat the draw").click()
    look()
    page.get_by_role("link", name="Balance").click()
    expect(page.get_by_role("img", name="Sex of court cases")).to_be_visible()
    look()
    assert Draw.objects.get().plan["total"] == 57
