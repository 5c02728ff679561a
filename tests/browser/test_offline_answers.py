"""Answers given without a connection: kept, shown, handed out, and sent once and in order when it is back."""

import json
import re
import socket
import socketserver
import threading
from contextlib import suppress
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from cases.models import AnswerRevision
from tests.browser.test_offline_pages import CUT, case_path, form_path, wait_until_kept
from tests.browsing import DESKTOP, FLAGS, PATIENCE, find_chromium
from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


class Gate(socketserver.ThreadingTCPServer):
    """A way to the live server that can be cut, for whatever the browser sends.

    Playwright's `set_offline` lets pass what a page sends while it goes away.
    """

    daemon_threads = True
    request_queue_size = 50

    def __init__(self, port):
        self.open, self.held, self.behind = True, set(), port
        super().__init__(("localhost", 0), None)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return f"http://localhost:{self.server_address[1]}"

    def finish_request(self, request, client_address):
        if not self.open:
            return
        with socket.create_connection(("localhost", self.behind)) as server:
            self.held |= {request, server}
            back = threading.Thread(target=self._pass_on, args=(server, request), daemon=True)
            back.start()
            self._pass_on(request, server)
            back.join()

    def _pass_on(self, source, target):
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self, *contexts):
        self.open = False
        for end in list(self.held):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for context in contexts:
            context.set_offline(True)

    def mend(self, *contexts):
        self.open = True
        for context in contexts:
            context.set_offline(False)


@pytest.fixture
def gate(live_server):
    gate = Gate(urlsplit(live_server.url).port)
    yield gate
    gate.cut()
    gate.shutdown()
    gate.server_close()


def answer(page, code, label):
    page.locator(f'[data-question="{code}"]').get_by_role("radio", name=label, exact=True).check()


def chosen(page, code):
    return page.locator(f'[data-question="{code}"] [name="answer-{code}"]:checked')


def bar(page):
    return page.get_by_role("region", name="Waiting answers")


def note(page, code, text):
    question = page.locator(f'[data-question="{code}"]')
    question.locator("summary", has_text="note").click()
    question.get_by_label("Note").fill(text)


def ready(page):
    expect(page.locator("#save-status[data-kind]")).to_be_attached()


def revisions(case):
    return [(held.question, held.value, held.note) for held in AnswerRevision.objects.filter(case=case).order_by("pk")]


@pytest.fixture
def opened(gate, page, sign_in, inspector, case, watch):
    """Return the first page of a case, opened by the inspector and kept, with the connection cut."""
    watch.allow(f"{CUT}|net::ERR|status of 401")
    sign_in(page, inspector)
    page.goto(gate.url + form_path(case))
    wait_until_kept(page, form_path(case), case_path(case))
    ready(page)
    gate.cut(page.context)
    return page


# In the order they were given; the second answer to the first question follows the first, which was under way.
GIVEN = [
    ("2.1.1.a", "yes", ""),
    ("2.1.1.b", "no", ""),
    ("2.1.1.a", "no", ""),
    ("2.1.1.c", None, "Late, and thin."),
]


def give_three(page):
    answer(page, "2.1.1.a", "Yes")
    answer(page, "2.1.1.b", "No")
    answer(page, "2.1.1.a", "No")
    note(page, "2.1.1.c", "Late, and thin.")
    expect(bar(page)).to_contain_text("3 answers waiting to be sent")


def test_answers_given_offline_are_shown_again_and_sent_when_the_connection_is_back(opened, gate, case, axe):
    give_three(opened)
    expect(opened.locator("#save-status")).to_contain_text("kept on this device")
    axe(opened)
    opened.reload()
    ready(opened)
    expect(chosen(opened, "2.1.1.a")).to_have_value("no")
    expect(chosen(opened, "2.1.1.b")).to_have_value("no")
    expect(opened.locator('[name="note-2.1.1.c"]')).to_have_value("Late, and thin.")
    expect(bar(opened)).to_contain_text("3 answers waiting to be sent")
    expect(bar(opened)).to_contain_text("You see this page as it was at")
    assert revisions(case) == []
    gate.mend(opened.context)
    expect(opened.locator("#save-status")).to_have_text(SAVED)
    expect(bar(opened)).not_to_contain_text("waiting")
    assert revisions(case) == GIVEN


def test_the_bar_stands_on_pages_without_a_form_and_they_send_too(opened, gate, case, axe):
    give_three(opened)
    opened.goto(gate.url + case_path(case))
    expect(bar(opened)).to_contain_text("3 answers waiting to be sent")
    axe(opened)
    opened.goto(f"{gate.url}/inspections/{case.inspection.public_id}/annex/")
    expect(opened.get_by_role("heading", level=1)).to_have_text("There is no connection")
    expect(bar(opened)).to_contain_text("3 answers waiting to be sent")
    axe(opened)
    gate.mend(opened.context)
    opened.goto(gate.url + case_path(case))
    wait_for(lambda: revisions(case) == GIVEN, "What waited was not sent.")
    expect(bar(opened)).to_be_hidden()


def test_one_click_hands_them_out_as_a_file(opened, case, inspector):
    give_three(opened)
    with opened.expect_download() as download:
        bar(opened).get_by_role("button", name="Download them").click()
    content = json.loads(download.value.path().read_text())
    assert (content["format"], content["person"]) == ("evenhand-waiting/1", str(inspector.public_id))
    assert {held["case"] for held in content["commands"]} == {str(case.public_id)}
    assert {held["question"] for held in content["commands"]} == {"2.1.1.a", "2.1.1.b", "2.1.1.c"}
    assert all(
        held["format"] == "evenhand-save/1" and held["command"] and held["given_at"] for held in content["commands"]
    )


def test_signing_out_with_answers_waiting_warns_first(opened, gate, case, axe):
    give_three(opened)
    opened.get_by_role("button", name="Sign out").click()
    dialog = opened.get_by_role("dialog", name="Sign out with answers waiting?")
    expect(dialog).to_contain_text("3 answers")
    axe(opened)
    with opened.expect_download():
        dialog.get_by_role("button", name="Download them first").click()
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    expect(chosen(opened, "2.1.1.a")).to_have_value("no")


def test_the_next_person_sees_nothing_and_the_owners_answers_go_when_they_are_back(
    opened, gate, case, sign_in, inspector, other_inspector
):
    give_three(opened)
    opened.route("**/saves/", lambda route: route.abort())
    gate.mend(opened.context)
    opened.get_by_role("button", name="Sign out").click()
    opened.get_by_role("button", name="Sign out anyway").click()
    opened.wait_for_url("**/accounts/login/")
    opened.unroute("**/saves/")
    sign_in(opened, other_inspector)
    opened.goto(gate.url + form_path(case))
    ready(opened)
    wait_until_kept(opened, form_path(case))
    expect(chosen(opened, "2.1.1.a")).to_have_count(0)
    expect(bar(opened)).to_be_hidden()
    assert revisions(case) == []
    sign_in(opened, inspector)
    opened.goto(gate.url + case_path(case))
    wait_for(lambda: revisions(case) == GIVEN, "The owner's answers were not sent.")
    assert {row.answered_by for row in case.answers.filter(version__gt=0)} == {inspector}


def test_answers_survive_the_end_of_the_browser_and_are_sent_once_in_order(
    tmp_path, chromium, gate, sign_in, inspector, case
):
    """The browser is ended with its answers waiting, and started again on the same profile."""

    def start():
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / "profile",
            executable_path=find_chromium(SimpleNamespace(chromium=chromium.browser_type)),
            args=FLAGS,
            viewport=DESKTOP,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(PATIENCE)
        return context.pages[0]

    page = sign_in(start(), inspector)
    page.goto(gate.url + form_path(case))
    wait_until_kept(page, form_path(case), case_path(case))
    ready(page)
    gate.cut(page.context)
    give_three(page)
    page.close()
    page.context.close()

    page = start()
    page.context.set_offline(True)
    sign_in(page, inspector)  # a browser that is ended forgets cookies without an end; the vault it keeps
    page.goto(gate.url + form_path(case))
    ready(page)
    expect(chosen(page, "2.1.1.a")).to_have_value("no")
    expect(bar(page)).to_contain_text("3 answers waiting to be sent")
    assert revisions(case) == []
    answer(page, "2.1.1.d", "Yes")
    gate.mend(page.context)
    expect(page.locator("#save-status")).to_have_text(SAVED)
    page.reload()
    ready(page)
    assert revisions(case) == [*GIVEN, ("2.1.1.d", "yes", "")]
    # Since the connection was lost, also for what was given after the browser was started again.
    first, *_, last = held = AnswerRevision.objects.filter(case=case).order_by("pk")
    assert {revision.offline_since for revision in held} == {first.offline_since}
    assert first.offline_since < first.given_at < last.given_at
    page.context.close()


def test_an_answer_that_finds_no_connection_says_since_when_after_a_restart(
    gate, page, sign_in, inspector, case, watch
):
    """The browser thinks that it is connected, so that only the request which fails tells otherwise."""
    watch.allow(f"{CUT}|net::ERR")
    sign_in(page, inspector).goto(gate.url + form_path(case))
    wait_until_kept(page, form_path(case), case_path(case))
    ready(page)
    gate.cut()
    answer(page, "2.1.1.a", "Yes")
    expect(page.locator("#save-status")).to_contain_text("kept on this device")
    page.goto("about:blank")
    gate.mend()
    page.goto(gate.url + form_path(case))
    expect(page.locator("#save-status")).to_have_text(SAVED)
    revision = AnswerRevision.objects.get(case=case)
    assert revision.given_at <= revision.offline_since < revision.at
    page.reload()
    history = page.locator('[data-question="2.1.1.a"]').get_by_text("sent after being offline since")
    expect(history).to_have_count(1)


def test_the_file_is_taken_from_another_browser_and_what_waits_here_counts_no_second_time(
    opened, gate, case, new_page, sign_in, inspector, axe
):
    give_three(opened)
    with opened.expect_download() as download:
        bar(opened).get_by_role("button", name="Download them").click()

    other = sign_in(new_page(), inspector)
    other.goto("/my/waiting-answers/")
    other.get_by_label("File of waiting answers").set_input_files(download.value.path())
    other.get_by_role("button", name="Send").click()
    expect(other.get_by_role("heading", name=re.compile("^Saved"))).to_be_visible()
    axe(other)
    assert revisions(case) == GIVEN

    gate.mend(opened.context)
    expect(opened.locator("#save-status")).to_have_text(SAVED)
    expect(bar(opened)).to_be_hidden()
    opened.reload()
    ready(opened)
    expect(opened.locator('[data-saving]:not([data-saving="saved"]), .eh-choice')).to_have_count(0)
    expect(chosen(opened, "2.1.1.a")).to_have_value("no")
    assert revisions(case) == GIVEN
