"""Open pages say that results have changed, politely, and only as long as they are asked to."""

import re
from time import monotonic

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Session
from cases.actions import record_answer
from cases.answers import Given
from inspections.recompute import Recompute
from tests.browser.forms import NOISE, SAVED, answer, open_form, status
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LIVE = re.compile("/live/$")
CHANGED = "Results have changed. Show them"
SOON = 20  # seconds. Seen is a save within two of them; a machine that is busy with the other tests takes longer


@pytest.fixture(autouse=True)
def no_rest():
    """Let each test queue at once, whatever the one before it did to the broker."""
    Recompute._rests_until = 0.0
    Recompute._sent.clear()


def open_results(page, inspection, name="ratings:results"):
    """Open a page of figures, and return it once it has asked whether anything changed."""
    with page.expect_response(LIVE):
        page.goto(reverse(name, args=[inspection.public_id]))
    expect(line(page)).to_contain_text("Changes are announced here.")
    return page


def line(page):
    return page.locator("[data-live-line]")


def news(page):
    return page.locator(".eh-live").get_by_role("status")


def change(case, by, value="yes", base=0):
    given = Given(question="2.1.1", value=value, base=base, change_reason="Read again." if base else "")
    return record_answer(case=case, by=by, given=given).version


def asks(page):
    """Return the list that every question of this page is added to."""
    asked = []
    page.on("request", lambda request: asked.append(request.url) if LIVE.search(request.url) else None)
    return asked


class TestWithAWorker:
    def test_a_save_is_seen_on_another_screen(self, worker, new_page, sign_in, axe, inspector, lead, case, capsys):
        worker.wait_until_settled()
        theirs = open_results(sign_in(new_page(), lead), case.inspection)
        expect(theirs.locator("main")).not_to_contain_text("100%")
        axe(theirs)
        mine = open_form(sign_in(new_page(), inspector), case)
        expect(news(theirs)).to_be_empty()
        answer(mine, "2.1.1", "Yes")
        expect(status(mine)).to_have_text(SAVED)
        start = monotonic()
        expect(news(theirs)).to_have_text(CHANGED, timeout=SOON * 1000)
        took = monotonic() - start
        with capsys.disabled():
            print(f"\n  seen on another screen {took:.1f} s after it was saved")
        assert took < SOON
        axe(theirs)
        news(theirs).get_by_role("link", name="Show them").click()
        expect(theirs.locator("main")).to_contain_text("100%")
        expect(news(theirs)).to_be_empty()

    def test_a_worker_that_does_not_run_is_said(self, worker, page, sign_in, axe, lead, case):
        worker.wait_until_settled()
        open_results(sign_in(page, lead), case.inspection)
        worker.kill()
        change(case, lead)
        expect(news(page)).to_contain_text("The worker that computes results is not running.")
        axe(page)
        worker.start(beat=True)
        expect(news(page)).to_have_text(CHANGED, timeout=60_000)


@pytest.fixture
def results(page, sign_in, lead, case, settle):
    """Return a page of results that asks whether anything changed."""
    settle()
    return open_results(sign_in(page, lead), case.inspection)


@pytest.mark.parametrize("name", ["ratings:inspection", "ratings:annex", "ratings:results"])
def test_each_page_of_figures_says_so(page, sign_in, lead, case, settle, name):
    settle()
    open_results(sign_in(page, lead), case.inspection, name)
    change(case, lead)
    settle()
    expect(news(page)).to_have_text(CHANGED)


def test_the_list_of_cases_says_so(page, sign_in, lead, case, axe, settle):
    open_results(sign_in(page, lead), case.inspection, "cases:list")
    change(case, lead)
    expect(news(page)).to_have_text("Cases have changed. Show them")
    axe(page)
    news(page).get_by_role("link").click()
    expect(news(page)).to_be_empty()


def test_what_changes_back_is_no_news_any_more(results, lead, case, settle):
    version = change(case, lead)
    settle()
    expect(news(results)).to_have_text(CHANGED)
    change(case, lead, None, base=version)
    settle()
    expect(news(results)).to_be_empty()


def test_showing_stays_at_the_same_place(new_page, sign_in, lead, case, settle):
    settle()
    page = open_results(sign_in(new_page(viewport={"width": 640, "height": 400}), lead), case.inspection)
    page.get_by_role("heading", name="3. Out-of-court disposals").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 400
    change(case, lead)
    settle()
    link = news(page).get_by_role("link", name="Show them")
    expect(link).to_be_in_viewport()
    link.click()
    expect(line(page)).to_be_focused()
    expect(page.locator("main")).to_contain_text("100%")
    page.wait_for_function("before => Math.abs(scrollY - before) < 150", arg=before)


def test_it_is_paused_and_resumed_and_stays_so(results, lead, case, settle, axe):
    results.get_by_role("button", name="Pause").click()
    expect(line(results)).to_contain_text("Paused: changes are not announced.")
    axe(results)
    asked = asks(results)
    change(case, lead)
    settle()
    results.reload()
    expect(line(results)).to_contain_text("Paused: changes are not announced.")
    expect(results.get_by_role("link", name="Look again")).to_be_visible()
    assert asked == []
    with results.expect_response(LIVE):
        results.get_by_role("button", name="Resume").click()
    expect(line(results)).to_contain_text("Changes are announced here.")


def test_without_a_connection_it_waits(results, lead, case, settle, watch):
    watch.allow(NOISE)
    results.context.set_offline(True)
    expect(line(results)).to_contain_text("No connection")
    change(case, lead)
    settle()
    with results.expect_response(LIVE):
        results.context.set_offline(False)
    expect(news(results)).to_have_text(CHANGED)


@pytest.fixture
def clocked(page, sign_in, lead, case, settle):
    """Return a page of results whose clock goes on only when it is told to."""
    settle()
    page.clock.install()
    return open_results(sign_in(page, lead), case.inspection)


def asked_in(page, seconds):
    """Let this time go by on the page's clock, second by second, and return how often it asked."""
    asked, answered = asks(page), []
    page.on("response", lambda response: answered.append(response.url) if LIVE.search(response.url) else None)
    for _ in range(seconds):
        page.clock.run_for(1000)
        wait_for(lambda: page.evaluate("1") and len(answered) >= len(asked), "A question was not answered.")
    return len(asked)


def test_a_page_that_is_not_looked_at_asks_nothing(clocked):
    seen = "Object.defineProperty(document, 'visibilityState', {{value: '{}', configurable: true}});"
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    clocked.evaluate(seen.format("hidden") + look)
    assert asked_in(clocked, 30) == 0
    with clocked.expect_response(LIVE):
        clocked.evaluate(seen.format("visible") + look)
    assert asked_in(clocked, 10) > 5


def test_it_asks_less_often_where_nothing_happens(clocked):
    assert asked_in(clocked, 50) > 30  # once a second
    clocked.clock.run_for(15_000)
    assert 5 <= asked_in(clocked, 40) <= 10  # every five seconds
    clocked.clock.run_for(5 * 60_000)
    assert 2 <= asked_in(clocked, 60) <= 5  # every fifteen
    with clocked.expect_response(LIVE):
        clocked.keyboard.press("Shift")
        clocked.clock.run_for(1000)
    assert asked_in(clocked, 10) > 5


def test_a_session_that_ends_is_said(results, watch):
    watch.allow(NOISE)
    Session.objects.all().delete()
    expect(line(results)).to_contain_text("You are signed out, so this page does not look for changes any more.")
    expect(results.get_by_role("link", name="Look again")).to_be_visible()
    expect(results.get_by_role("button", name="Pause")).to_be_hidden()


def test_a_server_that_is_away_is_said_and_looked_for(results, watch, lead, case, settle):
    watch.allow(NOISE)
    results.route(LIVE, lambda route: route.abort())
    expect(line(results)).to_contain_text("The server cannot be reached. This page keeps trying.")
    results.unroute(LIVE)
    change(case, lead)
    settle()
    expect(news(results)).to_have_text(CHANGED)
    expect(line(results)).to_contain_text("Changes are announced here.")


def test_on_a_phone(phone, sign_in, lead, case, settle, axe):
    settle()
    open_results(sign_in(phone, lead), case.inspection)
    change(case, lead)
    settle()
    expect(news(phone)).to_have_text(CHANGED)
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
