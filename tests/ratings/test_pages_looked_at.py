"""What the crawl over every page does not come across: figures hidden, lapsed, locked, behind, and the printed page."""

import pytest
from django.urls import reverse

from cases.actions import record_answer
from cases.answers import Given
from ratings.actions import lock_ratings
from ratings.annex import build_annex
from ratings.exports import FORMATS

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
    watch.allow("status of 403")
    sign_in(screen, lead)
    look(
        screen,
        axe,
        reverse("ratings:inspections"),
        *pages(closed),
        reverse("ratings:question", args=[closed.public_id, "2.1.1"]),
        reverse("ratings:export", args=[closed.public_id, "html"]),
    )


def test_a_lapsed_discretion_then_locked_ratings(screen, sign_in, axe, lead, make_example, sefton, settle):
    nottingham = make_example("nottingham-city-2020")
    case = nottingham.cases.filter(answers__question="2.4.3", answers__value="yes").first()
    answer = case.answers.get(question="2.4.3")
    record_answer(case=case, by=lead, given=Given("2.4.3", "no", note=answer.note, base=answer.version))
    settle()
    lock_ratings(inspection=sefton, by=lead)
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
