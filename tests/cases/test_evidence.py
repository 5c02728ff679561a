"""Where the evidence came from, and what is to be asked at interview."""

import re

import pytest
from django.urls import reverse

from cases.models import AnswerRevision
from tests.cases.posting import change, fields_of, said, send

QUESTIONS = ["2.1.1", "2.1.1.a", "safety_factors"]  # a key question, a prompt, a fact


class TestOnTheForm:
    @pytest.mark.parametrize("code", QUESTIONS)
    def test_both_are_stored_beside_the_answer(self, case, save, answer_of, code):
        response = save(case, "2.1", {f"source-{code}": "both", f"at_interview-{code}": ["", "true"]})
        assert response.status_code == 302
        row = answer_of(case, code)
        assert (row.source, row.at_interview, row.value) == ("both", True, None)

    def test_a_box_that_is_not_ticked_takes_it_back(self, case, give, save, answer_of):
        give(case, "2.1.1", "yes", source="file", at_interview=True)
        save(case, "2.1", {"at_interview-2.1.1": "", "source-2.1.1": ""})
        row = answer_of(case, "2.1.1")
        assert (row.source, row.at_interview, row.value) == ("", False, "yes")

    def test_a_form_that_does_not_have_them_leaves_them_alone(
        self, signed_in, inspector, case, give, page_of, answer_of
    ):
        give(case, "2.1.1", "yes", source="file", at_interview=True)
        client = signed_in(inspector)
        fields = fields_of(client.get(page_of(case, "2.1")))
        for name in ("source-2.1.1", "at_interview-2.1.1"):
            fields.pop(name, None)
        send(client, page_of(case, "2.1"), change(fields, {"answer-2.1.1": "no"}))
        row = answer_of(case, "2.1.1")
        assert (row.source, row.at_interview, row.value) == ("file", True, "no")

    def test_what_is_stored_is_shown_and_opened(self, signed_in, inspector, case, give, page_of):
        give(case, "2.1.1.a", "yes", source="interview", at_interview=True)
        html = signed_in(inspector).get(page_of(case, "2.1")).content.decode()
        group = html[html.index('id="question-2.1.1.a"') : html.index('id="question-2.1.1.b"')]
        assert '<option value="interview" selected>' in group
        assert 'name="at_interview-2.1.1.a" type="checkbox" value="true" checked' in group
        assert re.search(r"<details[^>]* open", group)

    def test_sending_the_page_back_changes_nothing(self, signed_in, inspector, case, give, page_of):
        give(case, "2.1.1.a", "yes", source="interview", at_interview=True)
        client = signed_in(inspector)
        send(client, page_of(case, "2.1"), fields_of(client.get(page_of(case, "2.1"))))
        assert AnswerRevision.objects.filter(case=case).count() == 1

    def test_a_source_that_is_none_is_refused_at_its_question(self, case, save, answer_of):
        response = save(case, "2.1", {"source-2.1.1": "rumour"})
        assert response.status_code == 400
        assert "The source of 2.1.1 is one of file, interview, both" in said(response)
        assert answer_of(case, "2.1.1").source == ""

    def test_unrated_questions_have_neither(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.1")).content.decode()
        assert 'name="source-2.1.1"' in html
        assert 'name="source-SUP8"' not in html


class TestElsewhere:
    def test_whoever_only_reads_sees_them(self, signed_in, lead, case, give, page_of, quality):
        give(case, "2.1.1", "yes", source="both", at_interview=True)
        words = said(signed_in(quality).get(reverse("cases:review", args=[case.public_id])))
        assert "Evidence from: Both" in words
        assert "To be asked at interview." in words

    def test_the_history_says_when_they_changed(self, signed_in, inspector, case, give):
        give(case, "2.1.1", "yes", source="both", at_interview=True)
        words = said(signed_in(inspector).get(reverse("cases:history", args=[case.public_id])))
        assert "Evidence from Both" in words
        assert "To be asked at interview" in words
