"""A caseload from the first list to the candidates, each page looked at by axe, on a desktop and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.models import State
from tests.cases.caseloads import FIELDWORK, HEADER, ROWS, as_csv

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "phone"])
def test_from_the_first_list_to_the_candidates(request, device, sign_in, axe, watch, lead, make_inspection):
    inspection = make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)
    page = request.getfixturevalue(device)
    watch.allow("status of 400")

    def look(title):
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def choose(data):
        page.get_by_label("The service’s list of cases").set_input_files(
            {"name": "cases.csv", "mimeType": "text/csv", "buffer": data}
        )
        page.get_by_role("button", name="Check the list").click()

    sign_in(page, lead)
    page.goto(reverse("cases:caseload", args=[inspection.public_id]))
    page.get_by_text("What stands in each column").click()
    look("Caseload")
    data = as_csv([["Our own number", *HEADER[1:]], *ROWS])
    choose(data.replace(b"YCC", b"RO"))
    expect(page.get_by_role("heading", name="Which column is which?")).to_be_visible()
    look("Caseload")
    page.get_by_label("Case reference").select_option("Our own number")
    choose(data.replace(b"YCC", b"RO"))
    expect(page.get_by_role("alert")).to_contain_text("There is 1 fault in this file.")
    expect(page.get_by_role("row", name="4")).to_contain_text("Referral order or Reparation order")
    look("Caseload")
    choose(data)
    look("Check the list")
    page.get_by_role("button", name="Import these 3 cases").click()
    expect(page.get_by_role("alert")).to_contain_text("3 cases are imported.")
    look("Caseload")
    page.get_by_role("link", name="See the cases one by one").click()
    look("Candidates")
