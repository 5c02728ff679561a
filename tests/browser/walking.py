"""A whole case walked through by keys alone, in any browser that shows it."""

import time
from dataclasses import dataclass

from playwright.sync_api import expect


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, key):
        self.page.keyboard.press(key)
        self.count += 1

    def type(self, text):
        self.page.keyboard.type(text)
        self.count += len(text)


@dataclass(frozen=True)
class Walk:
    """What a walk came to."""

    answers: int
    notes: int
    keys: int
    seconds: float

    def __str__(self):
        return f"{self.answers} answers and {self.notes} evidence notes, {self.keys} key presses, {self.seconds:.1f} seconds"


def walk_through(page, case):
    """Answer every rated question and fact of a case, with a note at each key question, and return the `Walk`.

    `page` shows the first page of the case's form, and "Check and submit" in the end.
    """
    keys, started, answers, notes = Keys(page), time.monotonic(), 0, 0
    for _ in case.document.domain_of_sample(case.sample).standards:
        ready(page)
        seen = set()
        while True:
            keys.press("u")
            question, name = focused(page)
            if question is None or question in seen or not name.startswith("answer-"):
                break
            seen.add(question)
            role = case.questions[question].role
            if role == "case_question":
                break
            keys.press("y")
            answers += 1
            if role == "key_question":
                while not focused(page)[1].startswith(f"note-{question}"):
                    keys.press("Tab")
                keys.type("Seen in the file.")
                keys.press("Escape")
                notes += 1
        expect(page.locator("#save-status[data-kind=saved]")).to_be_attached()
        address = page.url
        while not words_of_focus(page).startswith(("Save and continue", "Save and check")):
            keys.press("Tab")
        keys.press("Enter")
        page.wait_for_url(lambda url, address=address: url != address)
    return Walk(answers, notes, keys.count, time.monotonic() - started)


def ready(page):
    """Return once the scripts of a form have started."""
    expect(page.locator("#save-status[data-kind]")).to_be_attached()


def focused(page):
    """Return the question that has the focus, and the name of the field."""
    return page.evaluate(
        "[document.activeElement.closest('[data-question]')?.dataset.question ?? null, document.activeElement.name ?? '']"
    )


def words_of_focus(page):
    """Return the text of what has the focus."""
    return page.evaluate("document.activeElement.textContent.trim()")
