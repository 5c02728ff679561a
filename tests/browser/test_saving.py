"""An answer is saved as it is given, each note as it is typed, and nothing but a confirmation is called saved."""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile(r"^Saved at \d\d:\d\d$")


def open_form(page, case, standard="2.1"):
    page.goto(reverse("cases:form", args=[case.public_id, standard]))
    page.wait_for_function("document.querySelector('.eh-question__mark')")
    return page


def status(page):
    return page.locator("#save-status")


def question(page, code):
    return page.locator(f'[data-question="{code}"]')


def answer(page, code, label):
    question(page, code).get_by_role("radio", name=label, exact=True).check()


def stored(case, code):
    return case.answers.get(question=code)


def test_a_click_is_saved(page, sign_in, axe, inspector, case):
    open_form(sign_in(page, inspector), case)
    axe(page)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_have_text(SAVED)
    row = stored(case, "2.1.1.a")
    assert (row.value, row.version, row.answered_by) == ("yes", 1, inspector)
    assert page.locator('[name="version-2.1.1.a"]').input_value() == "1"
    axe(page)
