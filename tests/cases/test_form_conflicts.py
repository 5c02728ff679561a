"""Two people at one page, one form sent twice, and forms that no page ever showed."""

import re
import threading
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import Event
from cases.models import AnswerRevision
from tests.cases.posting import change, fields_of, said, send


@pytest.fixture
def opened(signed_in, inspector, case, page_of):
    """Return the client of the inspector and the fields of page 2.2 as they opened it."""
    client = signed_in(inspector)
    return client, fields_of(client.get(page_of(case, "2.2"))), page_of(case, "2.2")


def revisions(case):
    return AnswerRevision.objects.filter(case=case).count()


class TestTwoPeople:
    def test_both_answers_are_shown_and_nothing_is_overwritten(self, opened, lead, case, give, answer_of):
        client, fields, url = opened
        give(case, "2.2.1", "no", by=lead, note="Leah's note", reason="")
        response = send(
            client, url, change(fields, {"answer-2.2.1": "yes", "note-2.2.1": "Mine", "answer-2.2.2": "yes"})
        )
        assert response.status_code == 409
        html = response.content.decode()
        assert "Leah Costa changed 2.2.1 at" in html
        assert "Leah&#x27;s note" in html
        assert 'href="#id_settle-2.2.1"' in html
        assert "Saved 1 answer at" in html
        again = fields_of(response)
        assert (again["answer-2.2.1"], again["note-2.2.1"], again["version-2.2.1"]) == ("yes", "Mine", "1")
        assert (answer_of(case, "2.2.1").value, answer_of(case, "2.2.1").note) == ("no", "Leah's note")
        assert answer_of(case, "2.2.2").value == "yes"

    def conflict(self, opened, give, case, lead):
        client, fields, url = opened
        give(case, "2.2.1", "no", by=lead, note="Leah's note")
        response = send(client, url, change(fields, {"answer-2.2.1": "yes", "note-2.2.1": "Mine"}))
        return client, fields_of(response), url

    def test_mine_is_stored_on_top_of_theirs(self, opened, inspector, lead, case, give, answer_of):
        client, again, url = self.conflict(opened, give, case, lead)
        assert send(client, url, change(again, {"settle-2.2.1": "mine"})).status_code == 302
        held = answer_of(case, "2.2.1")
        assert (held.value, held.note, held.version, held.answered_by) == ("yes", "Mine", 2, inspector)

    def test_theirs_stays(self, opened, lead, case, give, answer_of):
        client, again, url = self.conflict(opened, give, case, lead)
        assert send(client, url, change(again, {"settle-2.2.1": "theirs"})).status_code == 302
        held = answer_of(case, "2.2.1")
        assert (held.value, held.note, held.version, held.answered_by) == ("no", "Leah's note", 1, lead)

    def test_both_are_shown_whole_where_only_the_evidence_differs(self, opened, lead, case, give):
        client, fields, url = opened
        give(case, "2.2.1.a", "yes", by=lead, source="file", at_interview=True)
        response = send(client, url, change(fields, {"answer-2.2.1.a": "yes", "source-2.2.1.a": "both"}))
        assert response.status_code == 409
        assert "Evidence from: The case file" in said(response)
        assert "To be asked at interview." in said(response)
        html = response.content.decode()
        mine = html[html.index('id="question-2.2.1.a"') : html.index('id="question-2.2.1.b"')]
        folded = mine[: mine.index('name="source-2.2.1.a"')]
        assert re.search(r"<details[^>]*\sopen[^>]*>(?:(?!</details>).)*$", folded, re.DOTALL)
        assert re.search(r'value="both" selected', mine)

    def test_not_choosing_asks_again(self, opened, lead, case, give, answer_of):
        client, again, url = self.conflict(opened, give, case, lead)
        response = send(client, url, again)
        assert response.status_code == 409
        assert "Choose which of the two answers should stand." in response.content.decode()
        assert fields_of(response)["note-2.2.1"] == "Mine"
        assert answer_of(case, "2.2.1").version == 1

    def test_a_third_answer_in_between_is_shown_too(self, opened, lead, case, give, answer_of):
        client, again, url = self.conflict(opened, give, case, lead)
        give(case, "2.2.1", "not_applicable", by=lead, reason="Another thought")
        response = send(client, url, change(again, {"settle-2.2.1": "mine"}))
        assert response.status_code == 409
        assert "Another thought" in response.content.decode()
        assert fields_of(response)["version-2.2.1"] == "2"

    def test_the_same_answer_is_no_conflict(self, opened, lead, case, give):
        client, fields, url = opened
        give(case, "2.2.1", "yes", by=lead)
        assert send(client, url, change(fields, {"answer-2.2.1": "yes"})).status_code == 302
        assert revisions(case) == 1

    def test_what_i_did_not_touch_is_theirs(self, opened, lead, case, give, answer_of):
        client, fields, url = opened
        give(case, "2.2.1", "yes", by=lead)
        assert send(client, url, change(fields, {"answer-2.2.2": "no"})).status_code == 302
        assert answer_of(case, "2.2.1").value == "yes"

    def test_two_windows_of_one_person_are_two_editors(self, opened, case, give):
        client, fields, url = opened
        give(case, "2.2.1", "no")
        response = send(client, url, change(fields, {"answer-2.2.1": "yes"}))
        assert response.status_code == 409
        assert "You changed 2.2.1 at" in response.content.decode()

    def test_what_is_unchanged_since_an_older_version_is_not_a_change(self, opened, lead, case, give):
        client, _, url = opened
        give(case, "2.2.1", "yes", by=lead)
        fields = fields_of(client.get(url))
        give(case, "2.2.1", "no", by=lead)
        assert send(client, url, fields).status_code == 302
        assert revisions(case) == 2

    def test_a_conflict_over_a_fact_or_a_text(self, signed_in, inspector, lead, case, give, page_of):
        client = signed_in(inspector)
        url = page_of(case, "2.1")
        fields = fields_of(client.get(url))
        give(case, "harm_factors", "true", by=lead)
        give(case, "SUP9.why_not", "Leah's words", by=lead)
        give(case, "SUP5", '["family"]', by=lead)
        changes = {"answer-harm_factors": "false", "answer-SUP9.why_not": "My words", "answer-SUP5": ["lifestyle"]}
        response = send(client, url, change(fields, changes))
        assert response.status_code == 409
        html = response.content.decode()
        assert "changed “Are there factors related to keeping other people safe?” at" in html
        assert "harm_factors at" not in html
        assert "Leah&#x27;s words" in html
        again = fields_of(response)
        assert again["answer-SUP9.why_not"] == "My words"
        assert again.getlist("answer-SUP5") == ["lifestyle"]


class TestSentTwice:
    def test_the_second_time_confirms_the_first(self, opened, case):
        client, fields, url = opened
        changed = change(fields, {"answer-2.2.1": "yes", "note-2.2.1.a": "Once"})
        first, second = send(client, url, changed), send(client, url, changed)
        assert first.status_code == second.status_code == 302
        told = [str(message) for message in client.get(url).context["messages"]]
        assert told[0] == told[1]
        assert revisions(case) == 2
        assert Event.objects.filter(action="answer.recorded").count() == 2

    def test_a_fact_that_hides_questions_too(self, signed_in, inspector, case, page_of):
        client = signed_in(inspector)
        url = page_of(case, "2.4")
        fields = change(
            fields_of(client.get(url)), {"answer-harm_changes": "false", "answer-2.4.3": "yes", "answer-2.4.3.a": "no"}
        )
        assert send(client, url, fields).status_code == send(client, url, fields).status_code == 302
        assert revisions(case) == 3

    def test_the_same_form_with_other_answers_is_a_conflict_with_oneself(self, opened, case, answer_of):
        client, fields, url = opened
        send(client, url, change(fields, {"answer-2.2.1": "yes"}))
        response = send(client, url, change(fields, {"answer-2.2.1": "no"}))
        assert response.status_code == 409
        assert "You changed 2.2.1 at" in response.content.decode()
        assert answer_of(case, "2.2.1").value == "yes"

    def test_a_form_shown_again_has_a_command_of_its_own(self, opened, case, give, answer_of):
        client, fields, url = opened
        give(case, "2.2.1.a", "yes")
        give(case, "2.2.1", "yes")
        fields = fields_of(client.get(url))
        response = send(client, url, change(fields, {"answer-2.2.1": "no", "answer-2.2.1.a": "not_applicable"}))
        again = fields_of(response)
        assert again["command"] != fields["command"]
        changes = {"answer-2.2.1": "yes", "answer-2.2.1.a": "no"}
        assert send(client, url, change(again, changes)).status_code == 302
        assert answer_of(case, "2.2.1").value == "yes"

    def test_a_command_of_another_case(self, opened, case, inspection, make_case, page_of):
        client, fields, url = opened
        send(client, url, change(fields, {"answer-2.2.1": "yes"}))
        other = make_case(inspection)
        response = send(client, page_of(other, "2.2"), change(fields, {"answer-2.2.1": "yes"}))
        assert response.status_code == 409
        assert "was already used for another answer" in response.content.decode()
        assert revisions(other) == 0

    @pytest.mark.django_db(transaction=True)
    def test_at_the_same_moment(self, inspector, case, page_of):
        clients = [Client(), Client()]
        for client in clients:
            client.force_login(inspector)
        url = page_of(case, "2.2")
        fields = change(
            fields_of(clients[0].get(url)), {"answer-2.2.1": "yes", "answer-2.2.2": "no", "note-2.2.3": "x"}
        )
        statuses = []

        def post(client):
            statuses.append(send(client, url, fields).status_code)
            connection.close()

        threads = [threading.Thread(target=post, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [302, 302]
        assert revisions(case) == 3


class TestForged:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"answer-9.9.9": "yes"}, "There is no question 9.9.9 on this page."),
            ({"answer-2.1.1": "yes"}, "There is no question 2.1.1 on this page."),
            ({"answer-<script>": "yes"}, "There is no question &lt;script&gt; on this page."),
            ({"colour": "red"}, "There is no field colour on this page."),
            ({"version-2.2.1": "one"}, "The version of question 2.2.1 is missing or is not a whole number."),
            ({"version-2.2.1": "-1"}, "The version of question 2.2.1 is missing or is not a whole number."),
            ({"version-2.2.1": "٣"}, "The version of question 2.2.1 is missing or is not a whole number."),
            ({"version-2.2.1": "9" * 30}, "The version of question 2.2.1 is missing or is not a whole number."),
            ({"version-2.2.1": "7"}, "Question 2.2.1 never had a version 7."),
            ({"command": "x"}, "The id of the form is missing or is not a UUID."),
            ({"command": ""}, "The id of the form is missing or is not a UUID."),
        ],
    )
    def test_says_what_and_saves_nothing(self, opened, case, changes, sentence):
        client, fields, url = opened
        response = send(client, url, change(fields, {"answer-2.2.2": "yes"} | changes))
        assert response.status_code == 400
        assert sentence in response.content.decode()
        assert "Nothing was saved." in response.content.decode()
        assert revisions(case) == 0

    def test_an_answer_without_its_version(self, opened, case):
        client, fields, url = opened
        del fields["version-2.2.1"]
        assert send(client, url, change(fields, {"answer-2.2.1": "yes"})).status_code == 400
        assert revisions(case) == 0

    def test_an_empty_post(self, opened):
        client, _, url = opened
        assert client.post(url).status_code == 400

    def test_a_part_of_a_form_changes_that_part_alone(self, opened, case, give, answer_of):
        client, _, url = opened
        give(case, "2.2.1", "yes", note="Stays")
        assert client.post(url, {"command": uuid.uuid4(), "version-2.2.1": "1", "note-2.2.1": "New"}).status_code == 302
        assert (answer_of(case, "2.2.1").value, answer_of(case, "2.2.1").note) == ("yes", "New")

    def test_an_answer_to_what_is_not_asked(self, opened, case, give, answer_of):
        client, _, url = opened
        give(case, "safety_factors", "false")
        response = client.post(url, {"command": uuid.uuid4(), "version-2.2.2": "0", "answer-2.2.2": "yes"})
        assert response.status_code == 400
        assert answer_of(case, "2.2.2").version == 0

    def test_a_reason_for_asking_a_prompt(self, opened, case):
        client, _, url = opened
        response = client.post(
            url, {"command": uuid.uuid4(), "version-2.2.2.a": "0", "asked_because-2.2.2.a": "Because"}
        )
        assert response.status_code == 400
        assert revisions(case) == 0

    def test_a_character_that_no_database_holds(self, opened, case):
        client, fields, url = opened
        response = send(client, url, change(fields, {"note-2.2.1": "a\x00b"}))
        assert response.status_code == 400
        assert revisions(case) == 0

    def test_the_history_of_a_question_that_is_none(self, signed_in, inspector, case):
        url = reverse("cases:history", args=[case.public_id])
        assert signed_in(inspector).get(url, {"question": "9.9.9"}).status_code == 404
