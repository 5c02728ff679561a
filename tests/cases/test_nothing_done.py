"""Work that was not done at all: one press answers the open prompts of a page, and leaves its key questions."""

import re
import uuid

import pytest

from cases.actions import set_imported_state
from cases.models import AnswerRevision
from cases.pages import open_prompts, pages_of
from standards.document import NO, YES
from tests.cases.posting import change, fields_of, said, send

OFFER = "No plan was made"


@pytest.fixture
def press(signed_in, inspector, page_of):
    def press(case, standard="2.2", by=inspector, **changes):
        client, url = signed_in(by), page_of(case, standard)
        fields = change(fields_of(client.get(url)), {"nothing_done": "1", **changes})
        fields.setdefault("command", str(uuid.uuid4()))
        response = send(client, url, fields)
        return client.get(response["Location"]) if response.status_code == 302 else response

    return press


@pytest.fixture
def rows(case):
    return lambda: {row.question: row for row in case.answers.all()}


@pytest.fixture
def page(case):
    return pages_of(case.document, case.sample)["2.2"]


def test_offered_in_the_words_of_the_standard(signed_in, inspector, case, page_of):
    client = signed_in(inspector)
    assert OFFER in said(client.get(page_of(case, "2.2")))
    assert "No review took place" in said(client.get(page_of(case, "2.4")))
    assert 'name="nothing_done"' not in client.get(page_of(case, "2.1")).content.decode()


def test_it_answers_the_open_prompts_and_nothing_else(press, case, give, page, rows):
    give(case, "2.2.1.a", YES, note="There was a letter.")
    give(case, "2.2.1.b", None, note="To be read.", source="file", at_interview=True)
    count = len(open_prompts(page, rows()))
    response = press(case)
    assert f"{count} prompts answered No. Each can be changed; the key questions are yours to answer." in said(response)
    now = rows()
    assert (now["2.2.1.a"].value, now["2.2.1.a"].note) == (YES, "There was a letter.")
    kept = now["2.2.1.b"]
    assert (kept.value, kept.note, kept.source, kept.at_interview) == (NO, "To be read.", "file", True)
    for part in page.parts:
        assert now[part.key_question.code].value is None
        assert {now[prompt.code].value for prompt in part.prompts} <= {YES, NO}
    assert now["2.1.1.a"].value is now["2.3.1.a"].value is None
    assert OFFER not in said(response)


def test_what_was_typed_is_saved_too(press, case, answer_of):
    typed = {"answer-2.2.1.a": "yes", "note-2.2.1.b": "Nothing in the file.", "answer-2.2.1": "no"}
    response = press(case, **typed)
    assert re.search(r"Saved 2 answers and 1 note at \d\d:\d\d\. \d+ prompts answered No\.", said(response))
    assert answer_of(case, "2.2.1.a").value == YES
    assert (answer_of(case, "2.2.1.b").value, answer_of(case, "2.2.1.b").note) == (NO, "Nothing in the file.")
    assert answer_of(case, "2.2.1").value == NO
    assert answer_of(case, "2.2.2").value is None


def test_what_cannot_be_saved_is_shown_again_and_the_rest_waits(press, case, answer_of):
    response = press(
        case, **{"answer-2.2.1.a": "yes", "reason-2.2.1.b": "Typed beside no answer.", "note-2.2.1.c": "Kept"}
    )
    assert response.status_code == 400
    assert "The open prompts were not answered" in said(response)
    assert fields_of(response)["reason-2.2.1.b"] == "Typed beside no answer."
    assert (answer_of(case, "2.2.1.a").value, answer_of(case, "2.2.1.c").note) == (YES, "Kept")
    assert answer_of(case, "2.2.1.d").value is None


def test_each_can_be_changed_again(press, save, case, answer_of):
    press(case)
    save(case, "2.2", {"answer-2.2.1.a": "yes", "answer-2.2.1.b": ""})
    assert answer_of(case, "2.2.1.a").value == YES
    assert answer_of(case, "2.2.1.b").value is None


def test_what_is_not_asked_is_left_alone(press, case, give, answer_of):
    give(case, "safety_factors", "false")
    press(case)
    assert answer_of(case, "2.2.2.a").value is None
    assert answer_of(case, "2.2.1.a").value == NO


def test_pressing_twice_changes_nothing_more(press, case):
    press(case)
    count = AnswerRevision.objects.count()
    assert "Every prompt of this page is answered already, so nothing was changed." in said(press(case))
    assert AnswerRevision.objects.count() == count


def test_only_where_the_standard_offers_it(press, case, answer_of):
    assert press(case, "2.1").status_code == 400
    assert answer_of(case, "2.1.1.a").value is None


def test_a_case_that_takes_no_answers(press, case, lead, answer_of):
    set_imported_state(case=case, state="agreed", by=lead)
    assert "This case is agreed, so its answers are not changed." in said(press(case))
    assert answer_of(case, "2.2.1.a").value is None


def test_who_may_not_answer(press, case, manager, stranger):
    assert press(case, by=manager).status_code == 403
    assert press(case, by=stranger).status_code == 404
