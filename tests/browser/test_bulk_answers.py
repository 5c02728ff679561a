"""Answers from a file, from a table with faults to its import, each page looked at by axe, on a desktop and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.actions import record_answer
from cases.answers import Given
from tests.cases.caseloads import as_csv

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ["reference", "2.1.1", "2.1.1.note", "2.1.2"]


@pytest.mark.parametrize("device", ["page", "phone"])
def test_from_a_table_with_faults_to_its_import(request, device, sign_in, axe, watch, inspector, inspection, case):
    page = request.getfixturevalue(device)
    watch.allow("status of 400")
    record_answer(case=case, by=inspector, given=Given("2.1.1", "no", note="There was no plan. " * 30))

    def look(title):
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def choose(*rows):
        file = {"name": "answers.csv", "mimeType": "text/csv", "buffer": as_csv([HEADER, *rows])}
        page.get_by_label("The table of answers").set_input_files(file)
        page.get_by_role("button", name="Check the answers").click()

    sign_in(page, inspector)
    page.goto(reverse("cases:list", args=[inspection.public_id]))
    page.get_by_role("link", name="Answers from a file").click()
    page.get_by_text("What may stand in a cell").click()
    look("Answers from a file")
    choose([case.reference, "perhaps", "w" * 200, "no"])
    expect(page.get_by_role("alert")).to_contain_text("There is 1 fault in this file.")
    look("Answers from a file")
    choose([case.reference, "yes", "Read again. " * 40, "no"])
    page.get_by_text("Case by case").click()
    look("Check the answers")
    page.get_by_role("button", name="Import these 2 answers").click()
    expect(page.get_by_role("alert")).to_contain_text("1 answer that stands differs from the file.")
    look("Check the answers")
    page.get_by_label("Replace the answer that stands").check()
    page.get_by_label("Why?").fill("Read again on paper")
    look("Check the answers")
    page.get_by_role("button", name="Import these 2 answers").click()
    expect(page.get_by_role("alert")).to_contain_text("2 answers were imported in 1 case.")
    assert case.answers.get(question="2.1.1").value == "yes"
