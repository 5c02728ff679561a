"""A real Chromium that fails the test on any error of the page.

    def test_it(page, sign_in, axe, lead, sefton):
        sign_in(page, lead)
        page.goto("/inspections/")
        axe(page)

`page` is a desktop's, `phone` a phone's, `plain_page` one without JavaScript; `new_page(...)` makes more, each a
browser of its own with its own cookies.
"""

import re
from contextlib import contextmanager
from weakref import WeakSet

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from tests.chromium import FLAGS, find_chromium

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds; a busy machine takes long, a quick one does not wait

WITHOUT_JAVASCRIPT = WeakSet()

TELL_OF_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error(
    `Content security policy: ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}`))
"""


@pytest.fixture(scope="session")
def chromium():
    """Give the browser that all tests share."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if not path:
            pytest.skip("no Chromium was found: install chromium, or set CHROMIUM to its path")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()
        # While Playwright's loop runs Django keeps this thread's connections apart, and afterwards nobody would find them.
        connections.close_all()


class Watch:
    """Collects what pages complain of. `allow` lets pass what a test provokes on purpose."""

    def __init__(self):
        self.complaints = []
        self._allowed = []

    def allow(self, pattern):
        """Let complaints pass that this regular expression is found in, such as "status of 403"."""
        self._allowed.append(re.compile(pattern))

    def over(self, page):
        """Listen to a page."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._heard)

    def _heard(self, message):
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.complaints.append(f"{where}: {message.type}: {message.text}")

    @property
    def unexpected(self):
        """The complaints that were not allowed."""
        return [text for text in self.complaints if not any(pattern.search(text) for pattern in self._allowed)]


@pytest.fixture
def watch():
    """Give the `Watch` over all pages of the test, and fail the test when one complained."""
    watch = Watch()
    yield watch
    assert not watch.unexpected, "Pages complained:\n" + "\n".join(watch.unexpected)


@pytest.fixture
def new_page(chromium, live_server, watch):
    """Return a function that opens a page in a fresh browser context; paths are relative to the live server."""
    contexts = []

    def new(*, viewport=DESKTOP, javascript=True, **options):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport,
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_OF_VIOLATIONS)
        page = context.new_page()
        if not javascript:
            WITHOUT_JAVASCRIPT.add(page)
        watch.over(page)
        return page

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    """Return a page on a desktop."""
    return new_page()


@pytest.fixture
def phone(new_page):
    """Return a page on a phone."""
    return new_page(viewport=PHONE, has_touch=True)


@pytest.fixture
def plain_page(new_page):
    """Return a page with JavaScript off."""
    return new_page(javascript=False)


@pytest.fixture
def sign_in(live_server):
    """Return a function that signs a person in to a page's browser, without the form, and returns the page."""

    def into(page, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return into


@contextmanager
def seen_with_scripts(page):
    """Give a page that axe can run in: this one, or where JavaScript is off a twin of the same HTML without its scripts.

    A script of the tests would wait for ever in a page where JavaScript is off.
    """
    if page not in WITHOUT_JAVASCRIPT:
        yield page
        return
    html = re.sub(r"<script\b.*?</script>|</?noscript>", "", page.content(), flags=re.DOTALL)
    context = page.context.browser.new_context(
        viewport=page.viewport_size, storage_state=page.context.storage_state(), reduced_motion="reduce"
    )
    twin = context.new_page()
    twin.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    twin.goto(page.url)
    yield twin
    context.close()


@pytest.fixture
def axe():
    """Return a function that asserts that a page has no accessibility violation that axe can find."""
    rules = Axe()

    def check(page):
        page.wait_for_load_state("load")
        with seen_with_scripts(page) as seen:
            results = rules.run(seen)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"

    return check
