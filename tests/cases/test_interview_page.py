"""The notebook, the interview, and what is to be asked there."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import missing_answers, set_imported_state
from cases.instrument import HOUSE_QUESTIONS, sheet_of
from standards import checks
from tests.cases.posting import change, fields_of, fill, said, send


@pytest.fixture
def url(case):
    return reverse("cases:interview", args=[case.public_id])


class TestTheQuestions:
    def test_every_case_has_them_after_those_of_its_document(self, case, make_case, inspection):
        other = make_case(inspection, sample="out_of_court", disposal="youth_caution")
        for held in (case, other):
            assert list(held.questions)[-3:] == list(HOUSE_QUESTIONS)
            assert list(held.questions)[:-3] == list(held.document.questions(held.sample))
            assert held.answers.count() == len(held.questions)

    def test_their_codes_are_reserved(self):
        assert set(checks.HOUSE_QUESTIONS) == set(HOUSE_QUESTIONS)

    def test_no_document_may_use_them(self, case):
        document = case.document
        first, *others = document.case_questions
        held = replace(document, case_questions=(replace(first, code="notebook"), *others))
        assert [str(fault) for fault in checks.faults_of(held)] == [
            'case_questions[0].code: "notebook" is asked in every case already: use another code.'
        ]
        domain, *domains = document.domains
        standard, *standards = domain.standards
        domain = replace(domain, standards=(replace(standard, code="interview"), *standards))
        assert [str(fault) for fault in checks.faults_of(replace(document, domains=(domain, *domains)))] == [
            'domains[0].standards[0].code: "interview" is a page of every case already: use another code.'
        ]

    def test_they_hold_nothing_up(self, case):
        assert not {code for code, _ in missing_answers(case)} & set(HOUSE_QUESTIONS)

    def test_older_cases_get_their_rows_once(self, case):
        case.answers.filter(question__in=["notebook", "interview_slot"]).delete()
        migration = import_module("cases.migrations.0005_rows_for_notebook_and_interview")
        for _ in range(2):
            migration.add_rows(apps, None)
        rows = case.answers.filter(question__in=HOUSE_QUESTIONS)
        assert [(row.kind, row.value, row.version, row.asked) for row in rows] == [("text", None, 0, True)] * 3


class TestThePage:
    def test_it_saves_the_notebook_and_the_interview(self, signed_in, inspector, case, url, answer_of):
        texts = {
            "answer-notebook": "Read the referral twice.\nAsk about school.",
            "answer-interview_slot": "Tuesday at ten",
            "answer-interview_others": "A parent",
        }
        response = fill(signed_in(inspector), url, texts)
        assert response["Location"] == reverse("cases:case", args=[case.public_id])
        assert {f"answer-{code}": answer_of(case, code).value for code in HOUSE_QUESTIONS} == texts

    def test_two_people_in_one_notebook(self, signed_in, inspector, other_inspector, case, url, give, answer_of):
        client = signed_in(inspector)
        fields = change(fields_of(client.get(url)), {"answer-notebook": "Mine"})
        give(case, "notebook", "Theirs", by=other_inspector)
        response = send(client, url, fields)
        assert response.status_code == 409
        assert "Theirs" in said(response)
        assert answer_of(case, "notebook").value == "Theirs"

    def test_what_belongs_to_another_page_is_refused(self, signed_in, inspector, url, case):
        client = signed_in(inspector)
        response = send(client, url, change(fields_of(client.get(url)), {"answer-2.1.1": "yes"}))
        assert response.status_code == 400
        assert url in response.content.decode()

    def test_the_documents_questions_about_the_interview_are_linked(self, signed_in, inspector, case, url):
        html = signed_in(inspector).get(url).content.decode()
        assert f'{reverse("cases:form", args=[case.public_id, "2.1"])}#question-SUP9"' in html

    def test_the_sheet_has_what_is_marked(self, signed_in, inspector, case, url, give):
        give(case, "2.1.1.a", "yes", note="Not in the file.", at_interview=True)
        give(case, "safety_factors", None, at_interview=True)
        give(case, "2.1.1.b", "no")
        response = signed_in(inspector).get(url)
        words = said(response)
        assert "So far: Yes Note: Not in the file." in words
        assert "2.1.1.b" not in words
        rows = {row.question: row for row in case.answers.all()}
        assert [held["code"] for held in sheet_of(case, rows)] == ["safety_factors", "2.1.1.a"]
        assert f'{reverse("cases:form", args=[case.public_id, "2.1"])}#question-2.1.1.a"' in response.content.decode()

    def test_whoever_only_reads_gets_no_form(self, signed_in, manager, case, url, give):
        give(case, "notebook", "Seen")
        response = signed_in(manager).get(url)
        assert "Seen" in said(response)
        assert "answer-notebook" not in response.content.decode()
        assert signed_in(manager).post(url, {}).status_code == 403

    def test_an_agreed_case_is_read(self, signed_in, inspector, lead, case, url):
        set_imported_state(case=case, state="agreed", by=lead)
        assert "answer-notebook" not in signed_in(inspector).get(url).content.decode()

    def test_strangers_find_nothing(self, signed_in, stranger, url):
        assert signed_in(stranger).get(url).status_code == 404

    def test_its_cost_does_not_grow(self, signed_in, inspector, case, url, give):
        client = signed_in(inspector)
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for row in case.answers.filter(kind="rated")[:20]:
            give(case, row.question, "yes", at_interview=True)
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(many) == len(few)


class TestTheWayThere:
    @pytest.mark.parametrize("name", ["case", "form"])
    def test_linked_from_the_case_and_its_pages(self, signed_in, inspector, case, url, name):
        page = reverse(f"cases:{name}", args=[case.public_id, *(["2.2"] if name == "form" else [])])
        assert f'href="{url}"' in signed_in(inspector).get(page).content.decode()

    def test_the_task_list_says_how_much_is_to_be_asked(self, signed_in, inspector, case, give):
        give(case, "2.1.1.a", "yes", at_interview=True)
        page = signed_in(inspector).get(reverse("cases:case", args=[case.public_id]))
        assert "Notebook and interview : 1 question to ask" in said(page)

    def test_the_history_has_it(self, signed_in, inspector, case, give):
        give(case, "notebook", "First")
        client = signed_in(inspector)
        words = said(client.get(reverse("cases:history", args=[case.public_id]), {"question": "notebook"}))
        assert "“Notebook” written" in words
