"""The first journey: sign in, change an answer, and see the rating follow, with and without JavaScript."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.actions import record_judgement
from ratings.models import Result
from standards import reader
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

DOCUMENTS = Path(__file__).parents[1] / "documents"


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def any_page(request, new_page):
    return new_page(javascript=request.param == "with JavaScript")


def sign_in_by_form(page, user):
    page.get_by_label("Email").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def answer(page, code, value):
    page.locator(f"[data-question='{code}']").get_by_label(value, exact=True).check()


def open_case(page, inspection, reference, standard):
    page.goto(reverse("cases:list", args=[inspection.public_id]))
    page.get_by_role("link", name=reference).click()
    page.get_by_role("link", name=standard).click()


def result_of(page, code):
    return page.get_by_role("row").filter(has=page.get_by_text(re.compile(rf"^\s*{re.escape(code)}(?!\.?\w)")))


def test_signed_out_one_signs_in_and_is_brought_back(any_page, inspection, lead):
    wanted = reverse("cases:list", args=[inspection.public_id])
    any_page.goto(wanted)
    expect(any_page).to_have_title(re.compile("Sign in"))
    sign_in_by_form(any_page, lead)
    expect(any_page).to_have_url(re.compile(re.escape(wanted) + "$"))


def test_an_answer_changed_in_a_case_moves_percentage_band_standard_and_score(
    any_page, sign_in, lead, sefton, computing
):
    sign_in(any_page, lead)
    results = reverse("ratings:results", args=[sefton.public_id])
    any_page.goto(results)
    # Sefton 2.1.2 is 13 of 24, 54%: two more "no" make 11 of 24, 46%, and with it standard 2.1 Inadequate.
    expect(result_of(any_page, "2.1.2")).to_contain_text("54%")
    expect(any_page.get_by_text("12/36")).to_be_visible()

    yes = sefton.cases.filter(answers__question="2.1.2", answers__value="yes").order_by("reference")[:2]
    for case in yes:
        open_case(any_page, sefton, case.reference, "2.1 Assessment")
        answer(any_page, "2.1.2", "No")
        any_page.get_by_role("button", name="Save and return to the case").click()
        expect(any_page).to_have_url(re.compile(reverse("cases:case", args=[case.public_id]) + "$"))
        assert case.answers.get(question="2.1.2").value == "no"
    computing.wait_until_settled()

    any_page.goto(results)
    expect(result_of(any_page, "2.1.2")).to_contain_text("46%")
    expect(result_of(any_page, "2.1.2")).to_contain_text("Inadequate")
    expect(any_page.get_by_text("11/36")).to_be_visible()
    assert Result.objects.get(inspection=sefton).standards["2.1"] == ["inadequate", "inadequate", "none"]


def test_another_sector_goes_through_form_rating_and_annex(any_page, sign_in, lead, make_inspection, make_case, settle):
    document = reader.load("bakery-hygiene", [DOCUMENTS])
    inspection = make_inspection(document=document)
    judged = [held for held in document.standards.values() if held.method == "judgement"]
    for standard in judged:
        record_judgement(
            inspection=inspection, standard=standard.code, rating=document.bands[-1].code, rationale="Seen.", by=lead
        )
    (sample,) = document.samples
    case = make_case(inspection, sample=sample.code, disposal=sample.disposals[0].code)
    sign_in(any_page, lead)

    for standard in document.domain_of_sample(sample.code).standards:
        any_page.goto(reverse("cases:form", args=[case.public_id, standard.code]))
        for question in case.questions.values():
            if question.standard == standard.code and question.role in ("fact", "key_question", "prompt"):
                answer(any_page, question.code, "Yes")
        any_page.get_by_role("button", name="Save and return to the case").click()
        expect(any_page).to_have_url(re.compile(reverse("cases:case", args=[case.public_id]) + "$"))
    settle()

    any_page.goto(reverse("ratings:annex", args=[inspection.public_id]))
    top = document.bands[-1].label
    expect(any_page.get_by_role("main")).to_contain_text(top)
    expect(any_page.get_by_role("main")).to_contain_text("100%")
    result = Result.objects.get(inspection=inspection)
    assert (result.score, result.overall) == (document.maximum, document.overall_bands[-1].rating)
