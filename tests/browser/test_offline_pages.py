"""Pages without a connection: those of a case that was opened, for the person who opened it, and plain words for the rest."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

CUT = "ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to fetch|ERR_FAILED"


def kept(page):
    """Return the addresses of the pages kept, once the service worker is at work."""
    return page.evaluate(
        """async () => {
            await navigator.serviceWorker.ready;
            const vault = await (await import("/static/js/case/vault.js")).openVault();
            return navigator.serviceWorker.controller ? [...(await vault.times("pages")).keys()] : [];
        }"""
    )


def wait_until_kept(page, *paths):
    wait_for(lambda: set(paths) <= set(kept(page)), f"Not kept: {', '.join(paths)}")


def form_path(case, standard="2.1"):
    return reverse("cases:form", args=[case.public_id, standard])


def case_path(case):
    return reverse("cases:case", args=[case.public_id])


@pytest.fixture
def standards(case):
    document = case.inspection.document
    return [held.code for held in document.domain_of_sample(case.sample).standards]


@pytest.fixture
def opened(page, sign_in, inspector, case, standards, watch):
    """Return a page on which the inspector has opened the first page of a case, and all its pages are kept."""
    watch.allow(CUT)
    sign_in(page, inspector)
    page.goto(form_path(case))
    wait_until_kept(page, case_path(case), *(form_path(case, code) for code in standards))
    return page


def test_every_page_of_an_opened_case_opens_offline(opened, case, standards):
    opened.context.set_offline(True)
    opened.reload()
    expect(opened.get_by_role("heading", level=1)).to_contain_text("2.1")
    expect(opened.get_by_text("You see this page as it was at")).to_be_visible()
    opened.get_by_role("link", name="Back to case").click()
    expect(opened.get_by_role("heading", level=1)).to_contain_text(f"Case {case.reference}")
    for code in standards:
        opened.goto(form_path(case, code))
        expect(opened.get_by_role("heading", level=1)).to_contain_text(code)
        expect(opened.get_by_role("radio").first).to_be_enabled()


def test_whoever_came_from_a_percentage_finds_the_same_pages_offline(opened, case, standards):
    opened.context.set_offline(True)
    for code in standards:
        opened.goto(f"{form_path(case, code)}?from=2.1.1")
        expect(opened.get_by_role("heading", level=1)).to_contain_text(code)
        expect(opened.get_by_role("radio").first).to_be_enabled()


def test_kept_pages_have_their_look_and_their_policy(opened, case):
    opened.context.set_offline(True)
    response = opened.goto(form_path(case))
    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert (
        opened.evaluate("getComputedStyle(document.querySelector('.eh-header')).backgroundColor") == "rgb(15, 61, 70)"
    )
    assert opened.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Atkinson Hyperlegible Next\"'))"
    )


def test_a_page_kept_before_an_update_gets_the_scripts_of_now(opened, case):
    opened.evaluate(
        """async (path) => {
            const vault = await (await import("/static/js/case/vault.js")).openVault();
            const kept = await vault.get("pages", path);
            kept.html = kept.html.replaceAll(/(static\\/[^"]+)\\.(js|css)"/g, '$1.0123456789ab.$2"');
            if (!kept.html.includes("main.0123456789ab.js")) throw new Error("Nothing was replaced.");
            await vault.put("pages", path, kept);
        }""",
        form_path(case),
    )
    opened.context.set_offline(True)
    opened.goto(form_path(case))
    expect(opened.locator("#save-status[data-kind]")).to_be_attached()
    assert (
        opened.evaluate("getComputedStyle(document.querySelector('.eh-header')).backgroundColor") == "rgb(15, 61, 70)"
    )


def test_a_page_that_is_not_kept_says_so_and_what_can_be_opened(opened, case, axe):
    opened.context.set_offline(True)
    opened.goto(f"/inspections/{case.inspection.public_id}/annex/")
    expect(opened.get_by_role("heading", level=1)).to_have_text("There is no connection")
    expect(opened.get_by_text("Answers that wait to be sent are safe")).to_be_visible()
    axe(opened)
    opened.get_by_role("link", name=f"Case {case.reference}", exact=False).last.click()
    expect(opened.get_by_role("heading", level=1)).to_contain_text(case.reference)


def test_a_slow_network_gives_the_kept_page(opened, case, live_server):
    # Held back below the service worker: its own requests pass through the context's routes.
    opened.context.route(f"**{form_path(case)}", lambda route: None)
    opened.goto(form_path(case), wait_until="commit")
    expect(opened.get_by_text("You see this page as it was at")).to_be_visible()


def test_nothing_is_served_after_signing_out(opened, case):
    opened.get_by_role("button", name="Sign out").click()
    opened.wait_for_url("**/accounts/login/")
    opened.context.set_offline(True)
    opened.goto(form_path(case))
    expect(opened.get_by_role("heading", level=1)).to_have_text("There is no connection")
    expect(opened.get_by_role("heading", name="What you can open now")).to_be_hidden()


def test_the_next_person_is_served_nothing_of_the_first(opened, case, sign_in, stranger):
    sign_in(opened, stranger)
    opened.goto("/inspections/")
    wait_until_kept(opened, "/inspections/")
    opened.context.set_offline(True)
    opened.goto(form_path(case))
    expect(opened.get_by_role("heading", level=1)).to_have_text("There is no connection")
    expect(opened.get_by_text(case.reference)).to_have_count(0)


def test_what_is_no_page_of_this_person_is_not_kept(opened, sign_in, case, watch, stranger):
    watch.allow("404")
    missing = form_path(case, "9.9")
    opened.goto(missing)
    opened.goto("/")
    opened.goto(case_path(case))
    wait_until_kept(opened, case_path(case))
    assert missing not in kept(opened)
    assert "/" not in kept(opened)


def test_the_cache_holds_no_page_of_a_case(opened, case):
    cached = opened.evaluate(
        """async () => {
            const urls = [];
            for (const name of await caches.keys()) {
                for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
            }
            return urls;
        }"""
    )
    assert "/static/js/case/vault.js" in cached
    assert [path for path in cached if not path.startswith("/static/")] == ["/offline/"]


def test_the_form_sent_without_a_connection_says_so(opened, case):
    opened.context.set_offline(True)
    opened.evaluate("document.querySelector('main form').submit()")
    expect(opened.get_by_text("What you sent just now did not reach Evenhand")).to_be_visible()


def test_the_worker_is_served_at_the_root_and_asked_for_each_time(client, db):
    response = client.get("/sw.js")
    assert response["Content-Type"] == "text/javascript"
    assert response["Service-Worker-Allowed"] == "/"
    assert response["Cache-Control"] == "no-cache"


def test_the_page_of_today_counts_what_waits_on_the_device(opened, case):
    today = reverse("cases:today", args=[case.inspection.public_id])
    opened.goto(today)
    expect(opened.locator("[data-unsent]")).to_have_text("None on this device.")
    wait_until_kept(opened, today)
    opened.goto(form_path(case))
    expect(opened.locator("#save-status[data-kind]")).to_be_attached()
    opened.context.set_offline(True)
    opened.locator('[data-question="2.1.1.a"]').get_by_role("radio", name="Yes", exact=True).check()
    expect(opened.get_by_role("region", name="Waiting answers")).to_contain_text("1 answer waiting to be sent")
    opened.goto(today)
    expect(opened.locator("[data-unsent]")).to_have_text("1 answer waiting on this device.")
