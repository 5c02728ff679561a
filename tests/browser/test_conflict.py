"""Two people answer one question: both answers are shown, one person chooses, and nothing is overwritten in silence."""

import re

import pytest
from playwright.sync_api import expect

from cases.actions import exclude_case, record_answer
from cases.answers import Given
from cases.pages import gated_by
from tests.browser.forms import NOISE, SAVED, answer, note, open_form, question, status, stored
from tests.browsing import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_conflict(new_page, sign_in, watch, inspector, other_inspector, case):
    """Return the page of one who answered "no" with a note where another had answered "yes" meanwhile."""
    watch.allow(NOISE)

    def both_answer(**options):
        one, other = sign_in(new_page(**options), inspector), sign_in(new_page(), other_inspector)
        open_form(one, case)
        open_form(other, case)
        note(other, "2.1.1.a").fill("Seen in the plan of May.")
        answer(other, "2.1.1.a", "Yes")
        expect(status(other)).to_have_text(SAVED)
        answer(one, "2.1.1.a", "No")
        note(one, "2.1.1.a").fill("There is no plan.")
        expect(choice(one)).to_be_visible()
        return one

    return both_answer


def choice(page):
    return question(page, "2.1.1.a").get_by_role("group", name="Omar Brandt changed this")


def test_both_answers_are_shown(in_conflict, axe, case):
    page = in_conflict()
    expect(choice(page)).to_contain_text("Omar Brandt changed this at")
    expect(choice(page)).to_contain_text("Yes")
    expect(choice(page)).to_contain_text("Seen in the plan of May.")
    expect(choice(page)).to_contain_text("No")
    expect(choice(page)).to_contain_text("There is no plan.")
    expect(status(page)).to_contain_text("Changed by someone else: choose at question 2.1.1.a")
    axe(page)
    assert (stored(case, "2.1.1.a").value, stored(case, "2.1.1.a").version) in (("yes", 1), ("yes", 2))


def test_both_answers_are_shown_whole(page, sign_in, watch, axe, inspector, other_inspector, case):
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    record_answer(
        case=case, by=other_inspector, given=Given("2.1.1.a", "yes", note="Seen.", source="file", at_interview=True)
    )
    note(page, "2.1.1.a")
    page.locator('[name="source-2.1.1.a"]').select_option("both")
    answer(page, "2.1.1.a", "Yes")
    theirs, mine = (choice(page).get_by_role("group", name=name) for name in ("Their answer", "My answer"))
    for words in ("Yes", "Note: Seen.", "Evidence from: The case file", "Ask at interview: yes"):
        expect(theirs).to_contain_text(words)
    for words in ("Yes", "Note: none", "Evidence from: Both", "Ask at interview: no"):
        expect(mine).to_contain_text(words)
    expect(choice(page)).to_contain_text(re.compile(r"You, \d\d:\d\d, not saved yet"))
    expect(choice(page)).to_contain_text(re.compile(r"Omar Brandt, \d\d:\d\d"))
    axe(page)
    page.get_by_role("button", name="Use mine").click()
    expect(status(page)).to_have_text(SAVED)
    row = stored(case, "2.1.1.a")
    assert (row.note, row.source, row.at_interview) == ("", "both", False)


def test_on_a_phone(in_conflict, axe):
    page = in_conflict(viewport=PHONE)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_theirs_is_kept(in_conflict, case):
    page = in_conflict()
    before = stored(case, "2.1.1.a").version
    page.get_by_role("button", name="Keep theirs").press("Enter")
    expect(choice(page)).to_have_count(0)
    expect(question(page, "2.1.1.a").get_by_role("radio", name="Yes")).to_be_checked()
    expect(question(page, "2.1.1.a").get_by_role("radio", name="Yes")).to_be_focused()
    expect(note(page, "2.1.1.a")).to_have_value("Seen in the plan of May.")
    expect(status(page)).not_to_contain_text("Changed")
    assert stored(case, "2.1.1.a").version == before
    answer(page, "2.1.1.a", "No")
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "no"


def test_mine_is_given_on_top_of_theirs(in_conflict, inspector, case):
    page = in_conflict()
    note(page, "2.1.1.a").fill("There is no plan at all.")
    expect(choice(page)).to_contain_text("There is no plan at all.")
    page.get_by_role("button", name="Use mine").press("Enter")
    expect(status(page)).to_have_text(SAVED)
    row = stored(case, "2.1.1.a")
    assert (row.value, row.note, row.answered_by) == ("no", "There is no plan at all.", inspector)
    assert "yes" in case.revisions.filter(question="2.1.1.a").values_list("value", flat=True)
    expect(choice(page)).to_have_count(0)


def test_the_choice_outlives_the_page(in_conflict, case):
    page = in_conflict()
    expect(page.locator('[data-saving="changed"]')).to_have_count(1)
    page.reload()
    expect(choice(page)).to_contain_text("There is no plan.")
    expect(note(page, "2.1.1.a")).to_have_value("There is no plan.")
    page.get_by_role("button", name="Use mine").click()
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1.a").value == "no"


def test_other_questions_go_on(in_conflict, case):
    page = in_conflict()
    answer(page, "2.1.1.b", "No")
    expect(question(page, "2.1.1.b").locator(".eh-question__mark")).to_have_text("Saved")
    expect(status(page)).to_contain_text("Changed by someone else")
    assert stored(case, "2.1.1.b").value == "no"


def test_the_button_leads_to_the_choice(in_conflict):
    page = in_conflict()
    page.get_by_role("button", name="Save and continue").click()
    expect(choice(page)).to_be_focused()


def test_two_tabs_are_two_editors(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    other = page.context.new_page()
    watch.over(other)
    open_form(other, case)
    answer(other, "2.1.1.a", "Yes")
    expect(status(other)).to_have_text(SAVED)
    answer(page, "2.1.1.a", "No")
    expect(question(page, "2.1.1.a")).to_contain_text("You, in another window")
    assert stored(case, "2.1.1.a").value == "yes"


def test_the_same_answer_is_no_conflict(page, sign_in, watch, inspector, other_inspector, case):
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    record_answer(case=case, by=other_inspector, given=Given("2.1.1.a", "yes"))
    answer(page, "2.1.1.a", "Yes")
    expect(question(page, "2.1.1.a").locator(".eh-question__mark")).to_have_text("Saved")
    expect(page.locator(".eh-choice")).to_have_count(0)
    expect(page.locator('[name="version-2.1.1.a"]')).to_have_value("1")


# What the server does not take


def test_a_fact_that_needs_a_reason_asks_for_it(page, sign_in, watch, axe, inspector, case):
    watch.allow(NOISE)
    fact = "harm_factors"
    standard, key = case.questions[fact].standard, gated_by(case, case.questions[fact])[0]
    record_answer(case=case, by=inspector, given=Given(fact, "true"))
    open_form(sign_in(page, inspector), case, standard)
    record_answer(case=case, by=inspector, given=Given(key, "yes"))
    answer(page, fact, "No")
    expect(question(page, fact)).to_contain_text("Say why you are changing this")
    expect(status(page)).to_contain_text("Not saved: see why at")
    axe(page)
    reason = page.locator(f'[name="change_reason-{fact}"]')
    reason.press_sequentially("A later letter shows it.")
    reason.blur()
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, fact).value == "false"
    assert case.revisions.get(question=fact, version=2).change_reason == "A later letter shows it."
    expect(question(page, fact)).not_to_contain_text("Say why you are changing this")


def test_why_a_fact_will_be_changed_is_kept_before_it_is_changed(page, sign_in, watch, inspector, case):
    fact = "harm_factors"
    standard, key = case.questions[fact].standard, gated_by(case, case.questions[fact])[0]
    record_answer(case=case, by=inspector, given=Given(fact, "true"))
    record_answer(case=case, by=inspector, given=Given(key, "yes"))
    open_form(sign_in(page, inspector), case, standard)
    reason = page.locator(f'[name="change_reason-{fact}"]')
    reason.fill("A later letter shows it.")
    reason.blur()
    page.reload()
    page.wait_for_selector("form[data-started]")
    expect(reason).to_have_value("A later letter shows it.")
    assert stored(case, fact).version == 1
    answer(page, fact, "No")
    expect(status(page)).to_have_text(SAVED)
    assert case.revisions.get(question=fact, version=2).change_reason == "A later letter shows it."
    expect(reason).to_have_value("")
    page.reload()
    page.wait_for_selector("form[data-started]")
    expect(reason).to_have_value("")


def test_a_refused_answer_waits_until_it_is_changed(page, sign_in, watch, inspector, case):
    watch.allow(NOISE)
    open_form(sign_in(page, inspector), case)
    note(page, "2.1.1").fill("x" * 200_001)
    expect(question(page, "2.1.1")).to_contain_text("Shorten it")
    expect(status(page)).to_contain_text("Not saved: see why at question 2.1.1")
    page.reload()
    expect(question(page, "2.1.1")).to_contain_text("Shorten it")
    note(page, "2.1.1").fill("Short")
    expect(status(page)).to_have_text(SAVED)
    assert stored(case, "2.1.1").note == "Short"


def test_an_answer_that_comes_too_late_is_held(page, phone, sign_in, axe, inspector, lead, case):
    open_form(sign_in(page, inspector), case)
    exclude_case(case=case, reason="Wrong child.", by=lead)
    answer(page, "2.1.1.a", "Yes")
    expect(status(page)).to_contain_text("Held for the lead inspector")
    expect(question(page, "2.1.1.a").locator(".eh-question__mark")).to_have_text("Held for the lead inspector")
    assert "Saved" not in status(page).inner_text()
    axe(page)
    assert case.held_answers.get().value == "yes"
    page.goto("/my/saves/")
    expect(page.get_by_role("main")).to_contain_text("Held")
    axe(page)
    sign_in(phone, lead).goto(f"/inspections/{case.inspection.public_id}/held/")
    expect(phone.get_by_role("main")).to_contain_text("Ines Archer")
    axe(phone)
