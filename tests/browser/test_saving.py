"""An answer is saved as it is given, each note as it is typed, and nothing but a confirmation is called saved."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.forms import NOISE, SAVED, SAVES, answer, open_form, question, status, stored

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_click_is_saved(page, sign_in, axe, inspector, case):
    open_form(sign_in(page, inspector), case)
    axe(page)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text(SAVED)
    row = stored(case, "2.1.1.a")
    assert (row.value, row.version, row.answered_by) == ("yes", 1, inspector)
    assert page.locator('[name="version-2.1.1.a"]').input_value() == "1"
    axe(page)


# Nothing but a confirmation

REMEMBER = """
window.said = [];
const region = document.getElementById("save-status");
new MutationObserver(() => window.said.push(region.textContent)).observe(region, {childList: true});
"""


def confirmation(route, **other):
    sent = route.request.post_data_json
    usual = {
        "format": "evenhand-confirmation/1",
        "command": sent["command"],
        "state": "saved",
        "question": sent["question"],
        "version": 1,
        "sequence": 1,
        "saved_at": "2026-05-03T14:02:00+01:00",
        "asked": [],
    }
    return json.dumps(usual | other)


def with_status(code):
    return lambda route: route.fulfill(status=code, json={"state": "saved"})


def as_json(**other):
    return lambda route: route.fulfill(body=confirmation(route, **other), content_type="application/json")


FAILURES = {
    "403 for another person": lambda route: route.fulfill(
        status=403, json={"format": "evenhand-confirmation/1", "state": "forbidden", "rule": "other_person"}
    ),
    "401": with_status(401),
    "403": with_status(403),
    "404": with_status(404),
    "409 without the other answer": with_status(409),
    "413": with_status(413),
    "422 of something else": with_status(422),
    "429": with_status(429),
    "500": with_status(500),
    "202 of something else": with_status(202),
    "redirect to sign-in": lambda route: route.fulfill(status=302, headers={"Location": "/accounts/login/"}),
    "HTML page": lambda route: route.fulfill(status=200, body="<h1>Saved</h1>", content_type="text/html"),
    "confirmation called HTML": lambda route: route.fulfill(body=confirmation(route), content_type="text/html"),
    "broken JSON": lambda route: route.fulfill(body='{"state": "saved"', content_type="application/json"),
    "cut connection": lambda route: route.abort("connectionreset"),
    "no connection": lambda route: route.abort("internetdisconnected"),
    "confirmation for another command": as_json(command="00000000-0000-4000-8000-000000000000"),
    "confirmation for another question": as_json(question="2.1.2"),
    "confirmation of another format": as_json(format="evenhand-confirmation/2"),
    "confirmation of another state": as_json(state="held"),
    "confirmation with status 201": lambda route: route.fulfill(
        status=201, body=confirmation(route), content_type="application/json"
    ),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_is_never_called_saved(page, sign_in, watch, inspector, case, failure):
    watch.allow(NOISE)
    commands = []

    def fail(route):
        commands.append(route.request.post_data_json["command"])
        failure(route)

    page.route(SAVES, fail)
    open_form(sign_in(page, inspector), case)
    page.evaluate(REMEMBER)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Not saved")
    expect(status(page)).to_contain_text("kept on this device")
    expect(question(page, "2.1.1.a")).to_contain_text("Not saved yet")
    with page.expect_request(SAVES):
        page.evaluate("dispatchEvent(new Event('online'))")
    assert not [text for text in page.evaluate("window.said") if "Saved" in text]
    assert stored(case, "2.1.1.a").version == 0

    page.unroute(SAVES)
    expect(status(page)).to_have_text(SAVED)  # of itself, after a pause
    assert len(commands) >= 2
    assert stored(case, "2.1.1.a").value == "yes"
    assert {str(stored(case, "2.1.1.a").last_command)} == set(commands)


def test_no_answer_in_time_is_never_called_saved(page, sign_in, inspector, case):
    page.clock.install()
    waiting = []
    page.route(SAVES, lambda route: waiting.append(route))
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text("Saving…")
    page.clock.run_for(1_000)
    page.wait_for_function("document.querySelector('[data-saving=waiting]')")
    page.clock.run_for(8_000)
    expect(status(page)).to_have_text("Saving…")
    page.clock.run_for(2_000)
    expect(status(page)).to_have_text("Not saved: kept on this device, will try again.")


def test_the_others_go_on_where_one_fails(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)

    def fail_one(route):
        if route.request.post_data_json["question"] == "2.1.1.a":
            route.fulfill(status=500)
        else:
            route.continue_()

    page.route(SAVES, fail_one)
    open_form(sign_in(page, inspector), case)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Not saved")
    answer(page, "2.1.1.b", "No")
    expect(question(page, "2.1.1.b").locator(".eh-question__mark")).to_have_text("Saved")
    expect(status(page)).to_have_text("Not saved: kept on this device, will try again.")
