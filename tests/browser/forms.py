"""A case form in the browser: opening it, answering, and what it says."""

import re

from django.urls import reverse

SAVED = re.compile(r"^Saved at \d\d:\d\d$")
SAVES = re.compile("/saves/$")
NOISE = "Failed to load resource|net::ERR"  # what Chromium says to the console of a request that came to nothing


def open_form(page, case, standard="2.1"):
    """Open a page of a case, and return it when its scripts run."""
    page.goto(reverse("cases:form", args=[case.public_id, standard]))
    page.wait_for_selector("form[data-started]")
    return page


def status(page):
    return page.locator("#save-status")


def question(page, code):
    return page.locator(f'[data-question="{code}"]')


def answer(page, code, label):
    question(page, code).get_by_role("radio", name=label, exact=True).check()


def stored(case, code):
    return case.answers.get(question=code)


def note(page, code):
    """Return the note of a question, opened."""
    field = page.locator(f'[name="note-{code}"]')
    if not field.is_visible():
        question(page, code).locator("summary", has_text=re.compile("note", re.I)).last.click()
    return field


class HeldScripts:
    """Keeps every script of a page from coming until it is let."""

    def __init__(self, page):
        self._held, self._let = [], False
        page.route("**/*.js", self._take)

    def let_come(self):
        """Let those come that were asked for, and all that follow."""
        self._let = True
        for script in self._held:
            script.continue_()

    def forget(self):
        """Forget those of a page that was left."""
        self._held.clear()

    def _take(self, script):
        if self._let:
            script.continue_()
        else:
            self._held.append(script)
