"""A case proposed for exclusion, agreed, replaced and restored, looked at by axe on a desktop and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.models import Case
from cases.replacements import next_reserve
from tests.cases.draws import case_with_reserves, drawn_from

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "phone"])
def test_out_of_the_sample_and_back(request, device, sign_in, axe, watch, inspector, lead, make_inspection):
    page = request.getfixturevalue(device)
    watch.allow("status of 400")
    inspection = drawn_from(make_inspection, lead)
    case = case_with_reserves(inspection)
    reserve = next_reserve(case).candidate.reference

    def look():
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def press(name):
        page.get_by_role("button", name=name).click()

    sign_in(page, inspector)
    page.goto(reverse("cases:case", args=[case.public_id]))
    page.get_by_role("link", name="Propose to exclude this case").click()
    page.get_by_label("No assessment, plan or review was done where one was due").check()
    page.get_by_label("What did you find?").fill("It was lost in a flood.")
    press("Propose to exclude this case")
    expect(page.get_by_role("alert")).to_contain_text("is a “no”, so the case stays in the sample")
    look()
    expect(page.get_by_label("What did you find?")).to_have_value("It was lost in a flood.")
    page.get_by_label("The file cannot be had").check()
    press("Propose to exclude this case")
    expect(page.get_by_role("alert")).to_contain_text("The exclusion is proposed.")
    look()

    page.context.clear_cookies()
    sign_in(page, lead)
    page.goto(reverse("cases:exclusions", args=[inspection.public_id]))
    look()
    page.get_by_role("link", name=f"Case {case.reference}").click()
    taking = page.get_by_label(f"Take case {reserve} into the sample in its place")
    expect(taking).to_be_hidden()
    page.get_by_label("Yes, I agree: it counts nowhere").check()
    expect(taking).to_be_checked()
    look()
    press("Save this decision")
    expect(page.get_by_text(f"Case {reserve} took its place.")).to_be_visible()
    look()
    page.get_by_label("Why does it come back?").fill("It was found.")
    press("Restore this case")
    expect(page.get_by_role("alert")).to_contain_text("The case is back in the sample.")
    look()
    assert inspection.cases.filter(excluded_reason="").count() == 51
    assert Case.objects.get(replaces=case).reference == reserve
