"""What the crawl over every page does not come across: figures hidden, lapsed, locked, behind, and the printed page."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cases.actions import record_answer
from cases.answers import Given
from ratings.actions import lock_ratings
from ratings.annex import build_annex
from ratings.exports import FORMATS
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = ("ratings:inspection", "ratings:annex", "ratings:results")


@pytest.fixture(params=["page", "phone"])
def screen(request):
    """Return a page on a desktop, then on a phone."""
    return request.getfixturevalue(request.param)


def look(page, axe, *addresses):
    for address in addresses:
        page.goto(address)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), address


def pages(inspection):
    return [reverse(name, args=[inspection.public_id]) for name in SCREENS]


def test_hidden_figures(screen, sign_in, axe, watch, lead, closed):
    watch.allow("status of 40[03]")
    sign_in(screen, lead)
    look(
        screen,
        axe,
        reverse("ratings:inspections"),
        *pages(closed),
        reverse("ratings:question", args=[closed.public_id, "2.1.1"]),
        reverse("ratings:export", args=[closed.public_id, "html"]),
    )
    look(screen, axe, reverse("ratings:provisional", args=[closed.public_id]))
    screen.get_by_label("2. Court disposals: 22 of 24 cases submitted").check()
    screen.get_by_role("button", name="Open and record it").click()
    expect(screen).to_have_title(re.compile("^Error: "))
    axe(screen)
    screen.get_by_label("Why do you open them?").fill("The team meets tonight.")
    screen.get_by_role("button", name="Open and record it").click()
    expect(screen.get_by_role("heading", level=1)).to_contain_text("Provisional percentages of 2. Court disposals")
    look(screen, axe, screen.url, reverse("ratings:provisional", args=[closed.public_id]))


def test_a_lapsed_discretion_then_locked_ratings(screen, sign_in, axe, lead, make_example, sefton, settle):
    nottingham = make_example("nottingham-city-2020")
    case = nottingham.cases.filter(answers__question="2.4.3", answers__value="yes").first()
    answer = case.answers.get(question="2.4.3")
    record_answer(case=case, by=lead, given=Given("2.4.3", "no", note=answer.note, base=answer.version))
    settle()
    lock_ratings(inspection=make_ready(sefton, lead), by=lead)
    sign_in(screen, lead)
    look(screen, axe, *pages(nottingham), *pages(sefton))


def test_figures_that_are_behind_while_the_worker_is_away(screen, sign_in, axe, lead, inspection, make_case):
    make_case(inspection)
    sign_in(screen, lead)
    look(screen, axe, reverse("ratings:inspections"), *pages(inspection))


def test_the_page_to_print_stands_alone(screen, axe, make_example):
    inspection = make_example("nottingham-city-2020")
    asked = []
    screen.on("request", lambda request: asked.append(request.url))
    screen.set_content(FORMATS["html"].render(build_annex(inspection, inspection.result)))
    axe(screen)
    assert not screen.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert asked == []


def test_how_firm_it_is_and_what_was_changed_afterwards(screen, sign_in, axe, lead, inspector, sefton, settle):
    how_firm = reverse("ratings:how_firm", args=[sefton.public_id])
    sign_in(screen, lead)
    look(screen, axe, how_firm)
    for _ in range(2):
        screen.get_by_role("button", name="Open and record it").first.click()
        screen.wait_for_load_state()
    look(screen, axe, how_firm)
    expect(screen.get_by_role("table", name="The whole inspection")).to_be_visible()
    case = sefton.cases.filter(answers__question="2.1.1", answers__value="yes").first()
    answer = case.answers.get(question="2.1.1")
    record_answer(case=case, by=inspector, given=Given("2.1.1", "no", base=answer.version))
    settle()
    look(screen, axe, reverse("ratings:later_changes", args=[sefton.public_id]))
    screen.get_by_role("checkbox").check()
    screen.get_by_role("button", name="Agree the chosen changes").click()
    expect(screen.get_by_text("1 change is agreed.")).to_be_visible()
    axe(screen)
