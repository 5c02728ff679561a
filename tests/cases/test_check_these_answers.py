"""What "Check these answers" points out, and the list of every answer beneath it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.checks import points_of
from standards.document import NO, NOT_APPLICABLE, YES
from tests.cases.posting import said


@pytest.fixture
def points(case):
    def points(but_notes=True):
        found = points_of(case, {row.question: row for row in case.answers.all()})
        return [point for point in found if not (but_notes and point[1].endswith("has no evidence note."))]

    return points


@pytest.fixture
def prompts(case):
    return [code for code in case.questions if code.startswith("2.1.1.")]


def test_nothing_about_a_case_that_is_not_begun(points):
    assert points(but_notes=False) == []


@pytest.mark.parametrize(
    ("prompt", "answer", "sentence"),
    [
        (NO, YES, "2.1.1 is answered Yes, and every prompt that applies No."),
        (YES, NO, "2.1.1 is answered No, and every prompt that applies Yes."),
        (NO, NO, None),
        (YES, YES, None),
        (NO, NOT_APPLICABLE, None),
    ],
)
def test_prompts_that_all_say_otherwise(case, give, points, prompts, prompt, answer, sentence):
    first, *others = prompts
    give(case, first, NOT_APPLICABLE)
    for code in others:
        give(case, code, prompt)
    give(case, "2.1.1", answer, reason="Ended early." if answer == NOT_APPLICABLE else "")
    assert points() == ([("2.1.1", sentence)] if sentence else [])


def test_prompts_that_differ_or_are_open_say_nothing(case, give, points, prompts):
    for code in prompts[1:]:
        give(case, code, NO)
    give(case, "2.1.1", YES)
    assert points() == []
    give(case, prompts[0], YES)
    assert points() == []


@pytest.mark.parametrize("answer", [YES, NO, NOT_APPLICABLE])
def test_a_key_question_without_a_note_whichever_its_answer(case, give, points, answer):
    reason = "Ended early." if answer == NOT_APPLICABLE else ""
    give(case, "2.1.1", answer, reason=reason)
    assert points(but_notes=False) == [("2.1.1", "2.1.1 has no evidence note.")]
    give(case, "2.1.1", answer, reason=reason, note="Seen in the file.")
    assert points(but_notes=False) == []


def test_a_reason_that_is_awaited(case, give, points):
    give(case, "2.1.1", NOT_APPLICABLE, note="Seen.")
    assert points() == [("2.1.1", "2.1.1 is not applicable, and the reason is still to come.")]


def test_odd_pairs_of_facts(case, give, points):
    give(case, "safety_changes", "true")
    assert points() == []
    give(case, "safety_factors", "false")
    ((code, sentence),) = points()
    assert code == "safety_changes"
    assert sentence.startswith("There was a change in the child")


def test_what_is_still_to_be_asked_at_interview(case, give, points):
    give(case, "2.1.1.a", YES, at_interview=True)
    give(case, "harm_factors", "true", at_interview=True)
    assert [sentence for _, sentence in points()] == [
        "“Are there factors related to keeping other people safe?” is still to be asked at interview.",
        "2.1.1.a is still to be asked at interview.",
    ]


def test_what_is_not_asked_is_left_out(case, give, points):
    give(case, "2.2.2", YES, at_interview=True)
    give(case, "safety_factors", "false", change_reason="Read again.")
    assert points(but_notes=False) == []


class TestThePage:
    @pytest.fixture
    def url(self, case):
        return reverse("cases:submit", args=[case.public_id])

    def test_every_fact_and_key_question_with_its_answer_and_note(self, signed_in, inspector, case, give, url):
        give(case, "2.1.1", YES, note="Long. " * 100)
        give(case, "harm_factors", "false")
        response = signed_in(inspector).get(url)
        html = response.content.decode()
        listed = html[html.index('id="answers"') :]
        for code, question in case.questions.items():
            assert (f'#question-{code}"' in listed) == (question.role in ("fact", "key_question"))
        for standard in ("2.1", "2.2", "2.3", "2.4"):
            assert f'href="{reverse("cases:form", args=[case.public_id, standard])}"' in listed
        words = said(response)
        assert "Note: Long. Long." in words
        assert "Long. " * 40 not in words
        assert "Not asked, because of the facts of the case" in words

    def test_points_stop_nothing(self, signed_in, inspector, case, give, url):
        for row in case.answers.filter(kind__in=["rated", "fact"]):
            give(case, row.question, "yes" if row.kind == "rated" else "true")
        client = signed_in(inspector)
        words = said(client.get(url))
        assert "Check these answers" in words
        assert "2.4.3 has no evidence note." in words
        client.post(url)
        case.refresh_from_db()
        assert case.state == "submitted"

    def test_its_cost_does_not_grow(self, signed_in, inspector, case, give, url):
        client = signed_in(inspector)
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for row in case.answers.filter(kind="rated"):
            give(case, row.question, YES)
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(many) == len(few)
