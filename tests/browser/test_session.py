"""The end of a session: a warning in good time, and signing in again without leaving the page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Session
from tests.browser.forms import NOISE, SAVED, SAVES, answer, note, open_form, question, status, stored
from tests.browsing import PHONE
from tests.people import PASSWORD
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def end_session():
    Session.objects.all().delete()


def sign_in_dialog(page):
    return page.get_by_role("dialog", name="Sign in to go on")


def warning(page):
    return page.get_by_role("dialog", name="You will be signed out at")


def sign_in_here(page, user, password=PASSWORD):
    dialog = sign_in_dialog(page)
    dialog.get_by_label("Email address").fill(user.email)
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def signed_out(new_page, sign_in, watch, inspector, case):
    """Return a page on which a note was typed when the session had ended."""
    watch.allow(NOISE)

    def typed(**options):
        page = sign_in(new_page(**options), inspector)
        with page.expect_response("**/my/session/"):  # so that it is the answer which finds the session ended
            open_form(page, case)
        end_session()
        note(page, "2.1.1").fill("Typed while signed out")
        expect(sign_in_dialog(page)).to_be_visible()
        return page

    return typed


def test_signing_in_happens_in_place(signed_out, axe, inspector, case):
    page = signed_out()
    expect(status(page)).to_contain_text("Sign in to save: kept on this device.")
    axe(page)
    assert stored(case, "2.1.1").version == 0
    sign_in_here(page, inspector)
    expect(sign_in_dialog(page)).to_be_hidden()
    expect(status(page)).to_have_text(SAVED)
    expect(note(page, "2.1.1")).to_have_value("Typed while signed out")
    expect(note(page, "2.1.1")).to_be_focused()
    assert stored(case, "2.1.1").note == "Typed while signed out"
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "yes"


def test_on_a_phone(signed_out, axe):
    page = signed_out(viewport=PHONE)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_wrong_password_is_told(signed_out, axe, inspector, case):
    page = signed_out()
    sign_in_here(page, inspector, "not-the-password")
    expect(sign_in_dialog(page).get_by_role("alert")).not_to_be_empty()
    axe(page)
    sign_in_here(page, inspector)
    expect(status(page)).to_have_text(SAVED)


def test_signing_in_may_be_put_off(signed_out, axe, inspector, case):
    page = signed_out()
    page.keyboard.press("Escape")
    expect(sign_in_dialog(page)).to_be_hidden()
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Sign in to save: kept on this device. 2 answers wait.")
    axe(page)
    status(page).get_by_role("button", name="Sign in").click()
    sign_in_here(page, inspector)
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "yes"
    assert stored(case, "2.1.1").note == "Typed while signed out"


def test_signing_in_in_another_tab_goes_on_here(signed_out, sign_in, inspector, case):
    page = signed_out()
    sign_in(page, inspector)  # as another tab of this browser would
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(sign_in_dialog(page)).to_be_hidden()
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1").note == "Typed while signed out"


def test_another_person_neither_sees_nor_sends_what_was_typed(signed_out, other_inspector, inspector, case, sign_in):
    page = signed_out()
    with page.expect_navigation():
        sign_in_here(page, other_inspector)
    expect(page.locator(".eh-header__person-name")).to_have_text("Omar Brandt")
    page.wait_for_selector("form[data-started]")
    expect(note(page, "2.1.1")).to_have_value("")
    answer(page, "2.1.1.a", "Yes")
    expect(question(page, "2.1.1.a").locator(".eh-question__mark")).to_have_text("Saved")
    assert stored(case, "2.1.1.a").answered_by == other_inspector
    assert stored(case, "2.1.1").version == 0

    open_form(sign_in(page, inspector), case)
    expect(status(page)).to_have_text(SAVED)
    expect(note(page, "2.1.1")).to_have_value("Typed while signed out")
    assert stored(case, "2.1.1").answered_by == inspector


def test_another_person_in_another_tab_cannot_send_it_either(page, sign_in, watch, inspector, other_inspector, case):
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    page.context.clear_cookies(name="sessionid")
    browser = page.context.request  # with the cookies of the page
    form = browser.get("/accounts/login/").text()
    token = re.search('name="csrfmiddlewaretoken" value="(.+?)"', form)[1]
    given = {"login": other_inspector.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/accounts/login/", form=given).ok
    with page.expect_navigation():
        note(page, "2.1.1").fill("Not for Omar")
    expect(page.locator(".eh-header__person-name")).to_have_text("Omar Brandt")
    page.wait_for_selector("form[data-started]")
    expect(note(page, "2.1.1")).to_have_value("")
    assert stored(case, "2.1.1").version == 0


def test_a_tab_that_does_not_know_yet_saves_nothing_under_who_signed_in_since(
    page, sign_in, watch, inspector, other_inspector, case
):
    """The token of the page still fits, so that only the person named in the command tells the two apart."""
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    page.context.clear_cookies(name="sessionid")
    sign_in(page, other_inspector)
    refused = []

    def keep(route):
        # The page moves on at once, and what it was told goes with it.
        response = route.fetch()
        refused.append((response.status, response.json()["rule"]))
        route.fulfill(response=response)

    page.route(SAVES, keep, times=1)
    with page.expect_navigation():
        answer(page, "2.1.1.a", "Yes")
    assert refused == [(403, "other_person")]
    expect(page.locator(".eh-header__person-name")).to_have_text("Omar Brandt")
    page.wait_for_selector("form[data-started]")
    expect(question(page, "2.1.1.a").locator("input:checked")).to_have_count(0)
    assert stored(case, "2.1.1.a").version == 0

    open_form(sign_in(page, inspector), case)
    expect(status(page)).to_have_text(SAVED)
    assert (stored(case, "2.1.1.a").value, stored(case, "2.1.1.a").answered_by) == ("yes", inspector)


def test_the_warning_comes_in_good_time_and_the_session_can_be_kept(page, sign_in, axe, inspector, case):
    sign_in(page, inspector)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=4))
    open_form(page, case)
    expect(warning(page)).to_be_visible()
    expect(warning(page).get_by_role("heading")).to_be_focused()
    axe(page)
    warning(page).get_by_role("button", name="Stay signed in").click()
    expect(warning(page)).to_be_hidden()
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=11)


def test_escape_means_stay(page, sign_in, inspector, case):
    sign_in(page, inspector)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=4))
    open_form(page, case)
    expect(warning(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=11)


def test_the_warning_comes_while_the_page_stands(page, sign_in, inspector, case):
    sign_in(page, inspector)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=8))
    page.clock.install()
    with page.expect_response("**/my/session/"):
        open_form(page, case)
    page.wait_for_load_state("networkidle")
    expect(warning(page)).to_be_hidden()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=4))
    page.clock.pause_at(timezone.now() + timedelta(minutes=3, seconds=5))  # and no time-out runs while a server is slow
    expect(warning(page)).to_be_visible()


def test_where_the_session_ends_unseen_the_answer_says_so(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    sign_in(page, inspector)
    with page.expect_response("**/my/session/"):
        open_form(page, case)
    end_session()
    with page.expect_response(SAVES) as response:
        answer(page, "2.1.1.a", "Yes")
    assert response.value.status == 401
    expect(sign_in_dialog(page).get_by_role("heading")).to_be_focused()
    expect(question(page, "2.1.1.a")).to_contain_text("Not saved yet")


class TestFormsSavedByTheirButton:
    @pytest.fixture
    def filled(self, new_page, sign_in, watch, inspector, inspection):
        """Return a page of evidence that is filled in, when the session has ended."""
        watch.allow(NOISE)
        page = sign_in(new_page(), inspector)
        page.goto(reverse("inspections:add_evidence", args=[inspection.public_id]))
        page.get_by_label("Document", exact=True).check()
        page.get_by_label("Title").fill("The plan")
        for part, value in (("Day", "2"), ("Month", "3"), ("Year", "2026")):
            page.get_by_role("group", name="Date", exact=True).get_by_label(part).fill(value)
        page.get_by_label("What does it show?").fill("It is ambitious.")
        end_session()
        page.get_by_role("button", name="Record this evidence").click()
        return page

    def test_what_was_typed_is_saved_after_signing_in_again(self, filled, axe, inspector, inspection):
        expect(sign_in_dialog(filled)).to_be_visible()
        axe(filled)
        assert not inspection.evidence_entries.exists()
        sign_in_here(filled, inspector)
        expect(filled.get_by_role("heading", name="E1 The plan")).to_be_visible()
        assert inspection.evidence_entries.get().shows == "It is ambitious."

    def test_put_off_it_stays_typed_and_is_asked_again(self, filled, inspector, inspection):
        sign_in_dialog(filled).get_by_role("button", name="Not now").click()
        expect(filled.get_by_label("What does it show?")).to_have_value("It is ambitious.")

        def asked_again():
            # Buttons overlook a second press that comes at once.
            filled.get_by_role("button", name="Record this evidence").click()
            return sign_in_dialog(filled).is_visible()

        wait_for(asked_again, "Pressing the button again did not ask to sign in.")
        sign_in_here(filled, inspector)
        expect(filled.get_by_role("heading", name="E1 The plan")).to_be_visible()
        assert inspection.evidence_entries.count() == 1
