"""The case form in a real browser: an answer given before any script has come, and a whole case by keys alone."""

import os
import shutil
from time import perf_counter

from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from accounts.models import User
from bench.form import longest, make_inspection
from bench.measure import Fact, Heading
from bench.pages import sign_in
from bench.serving import web_server
from cases.actions import create_case
from cases.models import Answer
from inspections.actions import add_member
from tests.browser.forms import HeldScripts
from tests.browser.walking import walk_through
from tests.chromium import FLAGS, find_chromium
from tests.servers import temporary_folder, wait_for

PATIENCE = 60_000  # milliseconds


def compared():
    """Return the lines, and the sentences about what was not measured."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    by = User.objects.command_line()
    inspection = make_inspection(by, "browser")
    inspector = User.objects.create_user(email="browsing@example.org", name="Ines Inspector")
    add_member(inspection=inspection, user=inspector, role="inspector", by=by)
    cases = [
        create_case(inspection=inspection, reference=f"{number}", sample="court", disposal="referral_order", by=by)
        for number in range(2)
    ]
    name, value = sign_in(inspector).split("=", 1)
    connection.close()
    folder = temporary_folder()
    expect.set_options(timeout=PATIENCE)
    try:
        with sync_playwright() as playwright, web_server(folder) as (_, port):
            path = find_chromium(playwright)
            if not path:
                return [], ["No Chromium was found: install chromium, or set CHROMIUM to its path."]
            address = f"http://localhost:{port}"
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            context = browser.new_context(
                base_url=address, viewport={"width": 1280, "height": 900}, service_workers="block"
            )
            context.set_default_timeout(PATIENCE)
            context.add_cookies([{"name": name, "value": value, "url": address}])
            rows = [*_before_scripts(context, cases[0]), _by_keys(context, cases[1])]
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [Heading("The case form in Chromium"), *rows], []


def _before_scripts(context, case):
    """Give answers while every script is kept from coming: one that is posted, and one that waits for them."""
    standard = longest(case)
    posted, kept = "yes", "no"
    address = reverse("cases:form", args=[case.public_id, standard])
    first, second = [
        code for code, held in case.questions.items() if held.standard == standard and held.role == "prompt"
    ][:2]
    page = context.new_page()
    scripts = HeldScripts(page)
    context.request.get(address)  # a server that has just started takes longer
    started = perf_counter()
    page.goto(address, wait_until="commit")
    page.check(f'[name="answer-{first}"][value="{posted}"]')
    answered = perf_counter() - started
    page.get_by_role("button", name="Save and continue").click(no_wait_after=True)
    page.wait_for_url(lambda url: not url.endswith(address), wait_until="commit")
    was_posted = _value(case, first) == posted

    scripts.forget()
    page.goto(address, wait_until="commit")
    page.check(f'[name="answer-{second}"][value="{kept}"]')
    came = perf_counter()
    scripts.let_come()
    expect(page.locator("#save-status[data-kind=saved]")).to_be_attached()
    saved = perf_counter() - came
    wait_for(lambda: _value(case, second) == kept, "The answer given before the scripts was not stored.")
    page.close()
    return [
        Fact("first answer given, while no script has come yet", f"{answered * 1000:,.0f} ms", "possible"),
        Fact("  posted without any script", "stored" if was_posted else "lost", "stored", not was_posted),
        Fact("an answer given before the scripts: saved, after they came, within", f"{saved * 1000:,.0f} ms", "saved"),
    ]


def _by_keys(context, case):
    page = context.new_page()
    page.goto(reverse("cases:form", args=[case.public_id, "2.1"]))
    walk = walk_through(page, case)
    page.close()
    return Fact(f"a whole case of {len(case.questions)} fields by keys alone: {walk}", "")


def _value(case, question):
    return Answer.objects.get(case=case, question=question).value
