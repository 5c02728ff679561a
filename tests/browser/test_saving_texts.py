"""Typed text: saved as it is typed, by whatever way it comes in, and kept whatever happens to the page."""

import re
from threading import Event
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from playwright.sync_api import expect

from cases.views import saves
from tests.browser.forms import NOISE, SAVED, SAVES, answer, note, open_form, question, status, stored
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Assessment drew on the child’s own words. 👩‍👧‍👦 Roedd y plentyn yn ddiogel. ਬੱਚਾ ਸੁਰੱਖਿਅਤ ਸੀ।\n"


def test_a_typed_note_is_saved_without_leaving_it(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    field = note(page, "2.1.1.a")
    field.press_sequentially("Seen in the plan.")
    expect(status(page)).to_have_text(SAVED)
    expect(field).to_be_focused()
    assert stored(case, "2.1.1.a").note == "Seen in the plan."
    assert stored(case, "2.1.1.a").value is None


def test_a_pasted_note_is_saved(page, sign_in, inspector, case):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_form(sign_in(page, inspector), case)
    page.evaluate("navigator.clipboard.writeText('Pasted from the file')")
    note(page, "2.1.1.a").focus()
    page.keyboard.press("Control+V")
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").note == "Pasted from the file"


def test_a_dictated_note_is_saved(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1").evaluate(
        "field => { field.value = 'Said aloud'; field.dispatchEvent(new InputEvent('input', {bubbles: true})); }"
    )
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1").note == "Said aloud"


def test_ones_own_click_and_note_never_conflict(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    field = note(page, "2.1.1.a")
    for label, text in (("Yes", "one "), ("No", "two "), ("Yes", "three")):
        field.press_sequentially(text)
        answer(page, "2.1.1.a", label)
    field.press_sequentially("!")
    answer(page, "2.1.1.b", "No")
    expect(status(page)).to_have_text(SAVED)
    row = stored(case, "2.1.1.a")
    assert (row.value, row.note) == ("yes", "one two three!")
    expect(page.locator(".eh-choice")).to_have_count(0)


def test_while_one_is_under_way_the_next_follows_it(page, sign_in, inspector, case):
    held = []
    page.route(SAVES, lambda route: route.continue_() if held else held.append(route))
    open_form(sign_in(page, inspector), case)
    with page.expect_request(SAVES):
        answer(page, "2.1.1.a", "Yes")
    answer(page, "2.1.1.a", "No")
    note(page, "2.1.1.a").fill("Changed my mind")
    expect(status(page)).to_have_text("Saving…")
    held[0].continue_()
    expect(status(page)).to_have_text(SAVED)
    assert [(row.value, row.note) for row in case.revisions.order_by("version")] == [
        ("yes", ""),
        ("no", "Changed my mind"),
    ]


# A page that has no time for anything any more, as in a crash.
NO_FAREWELL = """
for (const type of ["pagehide", "visibilitychange"]) {
  addEventListener(type, (event) => event.stopImmediatePropagation(), true);
}
"""
KEPT = """
(person) => new Promise((resolve) => {
  const request = indexedDB.open(`evenhand-${person}`);
  request.onsuccess = () => {
    const count = request.result.transaction("commands").objectStore("commands").count();
    count.onsuccess = () => resolve(count.result > 0);
  };
})
"""


def test_closing_the_tab_right_after_typing_keeps_the_text(page, sign_in, watch, inspector, case):
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1.a").fill("Typed just now")
    page.close()

    again = page.context.new_page()
    watch.over(again)
    open_form(again, case)
    expect(note(again, "2.1.1.a")).to_have_value("Typed just now")
    expect(again.locator('[data-saving="waiting"]')).to_have_count(0)
    assert [row.note for row in case.revisions.all()] == ["Typed just now"]


def test_a_crash_keeps_the_text(page, sign_in, watch, axe, inspector, case):
    watch.allow(NOISE)
    page.context.route(SAVES, lambda route: route.abort())
    page.add_init_script(NO_FAREWELL)
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1.a").fill("Typed just now")
    page.wait_for_function(KEPT, arg=str(inspector.public_id))
    page.close()

    again = page.context.new_page()
    watch.over(again)
    open_form(again, case)
    expect(note(again, "2.1.1.a")).to_have_value("Typed just now")
    expect(question(again, "2.1.1.a")).to_contain_text("Not saved yet")
    expect(status(again)).to_have_text("Not saved: kept on this device, will try again.")
    axe(again)
    assert stored(case, "2.1.1.a").version == 0
    again.context.unroute(SAVES)
    expect(status(again)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").note == "Typed just now"


def test_leaving_the_page_sends_what_was_typed_last(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1.a").fill("On my way out")
    page.goto("/inspections/")
    open_form(page, case)
    expect(note(page, "2.1.1.a")).to_have_value("On my way out")
    expect(question(page, "2.1.1.a").locator(".eh-question__mark")).not_to_have_text("Not saved yet")
    assert [row.note for row in case.revisions.all()] == ["On my way out"]


def test_a_page_that_goes_sends_what_was_typed_last_by_itself(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1.a").fill("On my way out")
    page.goto("about:blank")
    wait_for(lambda: stored(case, "2.1.1.a").note == "On my way out", "Leaving the page sent nothing.")
    assert stored(case, "2.1.1.a").version == 1


def test_a_page_that_goes_while_something_is_being_sent_sends_it_again(page, sign_in, monkeypatch, inspector, case):
    came, go_on = [], Event()

    def slow(command, *, answer_to=saves.answer_to, **about):
        came.append(command["command"])
        if len(came) == 1:
            go_on.wait(60)
        return answer_to(command, **about)

    monkeypatch.setattr(saves, "answer_to", slow)
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    wait_for(lambda: came, "The answer was not sent.")
    page.goto("about:blank")
    wait_for(lambda: stored(case, "2.1.1.a").value == "yes", "The page that went sent nothing.")
    go_on.set()
    assert came == [came[0]] * 2
    assert stored(case, "2.1.1.a").version == 1


@pytest.fixture
def failing(monkeypatch):
    """Return the commands that reached the server, as they come. While it has a `question`, saves of that one fail there."""
    held = SimpleNamespace(question=None, commands=[])

    def fail(command, *, answer_to=saves.answer_to, **about):
        held.commands.append(command)
        if command["question"] == held.question:
            raise OperationalError("The disk is full.")
        return answer_to(command, **about)

    monkeypatch.setattr(saves, "answer_to", fail)
    return held


def test_a_page_that_goes_sends_nothing_ahead_of_what_waits(page, sign_in, watch, failing, inspector, case):
    watch.allow(NOISE)
    failing.question = "2.1.1.a"
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Not saved")
    note(page, "2.1.1.a").fill("This comes second")
    note(page, "2.1.1.b").fill("This waits for nothing")
    page.goto("about:blank")
    wait_for(lambda: stored(case, "2.1.1.b").note, "Leaving the page sent nothing.")
    assert "This comes second" not in [command.get("note") for command in failing.commands]
    failing.question = None
    open_form(page, case)
    expect(status(page)).to_have_text(SAVED)
    revisions = case.revisions.filter(question="2.1.1.a").order_by("version")
    assert [(row.value, row.note) for row in revisions] == [("yes", ""), ("yes", "This comes second")]
    assert not page.locator(".eh-choice").count()


def test_an_answer_whose_confirmation_was_lost_counts_once(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)

    def lose(route):
        route.fetch()
        route.abort()

    page.route(SAVES, lose)
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Not saved")
    page.unroute(SAVES)
    page.reload()
    expect(status(page)).to_have_text(SAVED)
    assert [row.value for row in case.revisions.all()] == ["yes"]


def test_an_answer_given_before_scripts_is_picked_up(page, sign_in, inspector, case):
    held = []
    page.route("**/js/case/main.js", lambda route: held.append(route))
    sign_in(page, inspector).goto(f"/cases/{case.public_id}/standards/2.1/", wait_until="commit")
    page.locator('[data-question="2.1.1.a"] input[value="yes"]').check()
    page.locator('[name="note-2.1.1"]').fill("Before any script")
    held[0].continue_()
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "yes"
    assert stored(case, "2.1.1").note == "Before any script"


def test_without_its_scripts_the_form_saves_by_its_button(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    page.route("**/js/case/form.js", lambda route: route.abort())
    sign_in(page, inspector).goto(f"/cases/{case.public_id}/standards/2.1/")
    answer(page, "2.1.1.a", "Yes")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Saved 1 answer at")).to_be_visible()
    assert stored(case, "2.1.1.a").value == "yes"


def test_with_javascript_off_the_form_saves_by_its_button(plain_page, sign_in, axe, inspector, case):
    page = sign_in(plain_page, inspector)
    page.goto(f"/cases/{case.public_id}/standards/2.1/")
    expect(status(page)).to_be_hidden()
    answer(page, "2.1.1.a", "No")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Saved 1 answer at")).to_be_visible()
    assert stored(case, "2.1.1.a").value == "no"


def test_the_button_saves_and_goes_on(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1").fill("Last words")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(re.compile("/standards/2.2/$"))
    assert stored(case, "2.1.1").note == "Last words"


def test_the_button_goes_on_with_answers_kept_on_this_device(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    page.route(SAVES, lambda route: route.abort())
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(re.compile("/standards/2.2/$"))
    expect(status(page)).to_have_text("Not saved: kept on this device, will try again.")
    page.unroute(SAVES)
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "yes"


def test_where_nothing_can_be_kept_the_page_says_so_and_stays(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    page.add_init_script("delete IDBFactory.prototype.open; indexedDB.open = () => { throw new Error('private'); }")
    page.route(SAVES, lambda route: route.abort())
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Not saved: not kept on this device, so leave this page open")
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Save and continue").click()
    expect(status(page)).to_contain_text("Not saved: not kept on this device, so leave this page open")
    expect(page).to_have_url(re.compile("/standards/2.1/$"))
    page.unroute(SAVES)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(status(page)).to_have_text(SAVED)


def test_forty_thousand_characters_come_back_unchanged(page, sign_in, inspector, case):
    text = (LONG * 400)[:40_000].rstrip()
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1").fill(text)
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1").note == text
    page.reload()
    assert note(page, "2.1.1").input_value() == text
    page.wait_for_selector("form[data-started]")
    expect(status(page)).to_be_hidden()
    assert stored(case, "2.1.1").version == 1


def test_two_tabs_send_for_each_other(page, sign_in, watch, inspector, case):
    open_form(sign_in(page, inspector), case)
    other = page.context.new_page()
    watch.over(other)
    open_form(other, case, "2.2")
    text = "What was typed while both tabs could send it. " * 3
    note(other, "2.2.1").press_sequentially(text, delay=60)
    note(page, "2.1.1").press_sequentially(text, delay=60)
    expect(status(other)).to_have_text(SAVED)
    expect(status(page)).to_have_text(SAVED)
    expect(page.locator(".eh-choice")).to_have_count(0)
    expect(other.locator(".eh-choice")).to_have_count(0)
    assert stored(case, "2.2.1").note == stored(case, "2.1.1").note == text


def height_of(page):
    return question(page, "2.1.1.a").bounding_box()["height"]


@pytest.mark.parametrize("opened", ["page", "plain_page"])
def test_clearing_is_offered_as_soon_as_there_is_an_answer(opened, request, sign_in, inspector, case):
    page = sign_in(request.getfixturevalue(opened), inspector)
    page.goto(f"/cases/{case.public_id}/standards/2.1/")
    clear = question(page, "2.1.1.a").get_by_role("radio", name="Clear this answer")
    expect(clear).to_have_count(0)
    place = height_of(page)
    answer(page, "2.1.1.a", "Yes")
    expect(clear).to_have_count(1)
    assert height_of(page) == place  # nothing moves under a pointer
    clear.check()
    expect(clear).to_be_checked()


def test_an_answer_is_cleared(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text(SAVED)
    answer(page, "2.1.1.a", "Clear this answer")
    wait_for(lambda: stored(case, "2.1.1.a").version == 2, "Clearing was not saved.")
    assert stored(case, "2.1.1.a").value is None


def test_the_last_answer_is_taken_back(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    answer(page, "2.1.1.b", "No")
    answer(page, "2.1.1.b", "Yes")
    note(page, "2.1.1.b").fill("Stays")
    undo = "document.dispatchEvent(new Event('evenhand:undo'))"
    page.evaluate(undo)
    expect(question(page, "2.1.1.b").get_by_role("radio", name="No", exact=True)).to_be_checked()
    page.evaluate(undo)
    expect(question(page, "2.1.1.b").get_by_role("radio", checked=True)).to_have_count(0)
    expect(status(page)).to_have_text(SAVED)
    assert (stored(case, "2.1.1.b").value, stored(case, "2.1.1.b").note) == (None, "Stays")
    assert stored(case, "2.1.1.a").value == "yes"


def test_other_scripts_hear_what_was_given_and_saved(page, sign_in, inspector, case):
    open_form(sign_in(page, inspector), case)
    page.evaluate(
        """() => {
          window.heard = [];
          for (const type of ["evenhand:given", "evenhand:saved"]) {
            document.addEventListener(type, ({ detail }) => window.heard.push([type, detail]));
          }
        }"""
    )
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text(SAVED)
    (given_type, given), (saved_type, saved) = page.evaluate("window.heard")
    assert (given_type, given["question"], given["value"]) == ("evenhand:given", "2.1.1.a", "yes")
    assert (saved_type, saved["question"], saved["version"]) == ("evenhand:saved", "2.1.1.a", 1)
    assert "2.1.1.a" in saved["asked"]
