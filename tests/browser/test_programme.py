"""The programme and one's exports in a browser: free of violations, on a phone, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from ratings.exporting.actions import ask_export
from ratings.exporting.making import make_export
from ratings.models import Export, ExportState
from tests.ratings.programmes import read
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {
    "desktop": {},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "twice the size": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}


@pytest.fixture(autouse=True)
def folder(exports_folder):
    return exports_folder


@pytest.mark.parametrize("size", SIZES)
def test_every_page(size, new_page, sign_in, axe, manager, inspection, make_case, watch, settle):
    make_case(inspection)
    settle()
    page = sign_in(new_page(**SIZES[size]), manager)
    watch.allow("status of 400")

    def look():
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    asked = [
        ask_export(kind="programme", asked={"tables": ["inspections"]}, format="csv", by=manager) for _ in range(2)
    ]
    make_export(asked[0].pk)
    page.goto("/")
    page.get_by_role("link", name="Programme", exact=True).click()
    page.get_by_text("Choose inspections").click()
    look()
    page.get_by_label("Case answers").check()
    page.get_by_label("Excel workbook").check()
    page.get_by_role("button", name="Make the file").click()
    expect(page).to_have_title("Error: Programme – Evenhand")
    look()
    page.get_by_role("link", name="My exports", exact=True).click()
    look()
    for export in asked:
        page.goto(f"/exports/{export.public_id}/")
        look()


@pytest.mark.both_databases
def test_taking_it_out_without_javascript(plain_page, sign_in, manager, inspection, settle, computing, tmp_path):
    settle()
    page = sign_in(plain_page, manager)
    page.goto("/programme/")
    page.get_by_label("Ratings and percentages").check()
    page.get_by_label("Excel workbook").check()
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Programme")
    wait_for(lambda: Export.objects.get().state == ExportState.DONE, "The export was not made.")
    if page.get_by_role("link", name="Refresh").count():
        page.get_by_role("link", name="Refresh").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert [row["Inspection"] for row in read(file)["inspections"]] == [inspection.slug]


def test_an_open_page_says_that_the_export_has_moved_on(page, sign_in, manager, inspection):
    export = ask_export(kind="programme", asked={"tables": ["inspections"]}, format="csv", by=manager)
    sign_in(page, manager)
    page.goto(f"/exports/{export.public_id}/")
    expect(page.get_by_text("Changes are announced here.")).to_be_visible()
    make_export(export.pk)
    news = page.get_by_role("status").filter(has_text="State and rows of this export have changed.")
    news.get_by_role("link", name="Show them").click()
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible()
