"""The review of a case, and the reviews of an inspection."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import exclude_case, set_imported_state
from cases.models import Query, QueryReply
from cases.policies import TABLE, Action
from cases.reviews import agree_case, close_query, raise_query, reply_to_query, return_case
from inspections.models import Lifecycle, State
from tests.cases.posting import change, fields_of, said, send

pytestmark = pytest.mark.django_db

CAST = {"inspector": 200, "lead": 200, "quality": 200, "manager": 200, "administrator": 403, "stranger": 404}


@pytest.fixture
def submitted(case, give, lead):
    """A submitted case with two answers of the inspector."""
    give(case, "2.1.1", "yes", note="Parents were asked.")
    give(case, "2.1.1.a", "yes")
    set_imported_state(case=case, state="submitted", by=lead)
    case.refresh_from_db()
    return case


@pytest.fixture
def query(submitted, quality):
    return raise_query(case=submitted, by=quality, question="2.1.1", text="Where is it written?")


@pytest.fixture
def url(case):
    return reverse("cases:review", args=[case.public_id])


@pytest.fixture
def reviews_url(inspection):
    return reverse("cases:reviews", args=[inspection.public_id])


def post(client, url, do, **fields):
    return client.post(url, {"do": do, **{name.replace("_", "-"): value for name, value in fields.items()}})


class TestShown:
    def test_each_key_question_and_fact_with_who_and_when(self, signed_in, quality, submitted, url):
        text = said(signed_in(quality).get(url))
        assert "2.1.1" in text
        assert "Parents were asked." in text
        assert "Ines Archer" in text
        assert "Are there factors related to keeping other people safe?" in text
        assert "No queries were raised." in text
        assert "Nothing was changed after submission" in text

    def test_what_was_changed_after_submission(self, signed_in, quality, submitted, give, url):
        give(submitted, "2.1.1", "no", note="I overlooked a letter.")
        text = said(signed_in(quality).get(url))
        assert "2.1.1 changed from “Yes” to “No” Changed after submission" in text
        assert "Changed after submission" in text

    def test_facts_changed_after_their_key_question(self, signed_in, quality, case, give, url):
        give(case, "safety_factors", "true")
        give(case, "2.2.2", "yes")
        give(case, "safety_factors", "false", change_reason="Another child was meant.")
        text = said(signed_in(quality).get(url))
        assert "changed from “Yes” to “No” Changed after its key question was answered" in text
        assert "Another child was meant." in text
        assert "Not asked, because of the facts of the case." in text

    def test_queries_with_their_replies(self, signed_in, quality, query, inspector, url):
        reply_to_query(query=query, by=inspector, text="On page 3.")
        text = said(signed_in(quality).get(url))
        assert "Replied to" in text
        assert "Where is it written?" in text
        assert "Reply by Ines Archer" in text
        assert "On page 3." in text

    def test_asking_about_a_question_has_it_chosen(self, signed_in, quality, submitted, url):
        html = signed_in(quality).get(f"{url}?question=2.1.1").content.decode()
        assert '<option value="2.1.1" selected>' in html

    def test_no_text_as_script(self, signed_in, quality, submitted, url):
        raise_query(case=submitted, by=quality, text="<script>alert(1)</script>")
        assert "<script>alert" not in signed_in(quality).get(url).content.decode()

    def test_a_constant_number_of_queries(self, signed_in, quality, inspector, query, give, url):
        reply_to_query(query=query, by=inspector, text="So.")
        client = signed_in(quality)
        counts = []
        for _ in range(2):
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.append(len(queries))
            another = raise_query(case=query.case, by=quality, question="2.1.2", text="And here?")
            reply_to_query(query=another, by=inspector, text="So.")
            give(query.case, "2.1.2", "no")
        assert counts == [11, 11]


class TestDoing:
    def test_raising_a_query(self, signed_in, quality, submitted, url):
        response = post(signed_in(quality), url, "raise_query", ask_question="2.1.1", ask_text="Why?")
        assert (response.status_code, response["Location"]) == (302, url)
        query = Query.objects.get()
        assert (query.question, query.text, query.by) == ("2.1.1", "Why?", quality)

    def test_replying(self, signed_in, inspector, query, url):
        fields = {"do": "reply", "query": query.pk, f"query-{query.pk}-text": "On page 3."}
        assert signed_in(inspector).post(url, fields).status_code == 302
        assert QueryReply.objects.get().text == "On page 3."

    def test_closing(self, signed_in, quality, query, url):
        fields = {"do": "close_query", "query": query.pk, f"query-{query.pk}-text": "Found."}
        assert signed_in(quality).post(url, fields).status_code == 302
        assert QueryReply.objects.get().closes

    def test_returning(self, signed_in, quality, submitted, url):
        post(signed_in(quality), url, "return", ask_question="", ask_text="Is this the right file?")
        submitted.refresh_from_db()
        assert submitted.state == "returned"

    def test_agreeing(self, signed_in, quality, submitted, url):
        client = signed_in(quality)
        assert "Agree this case" in said(client.get(url))
        post(client, url, "agree")
        submitted.refresh_from_db()
        assert submitted.state == "agreed"

    def test_taking_back(self, signed_in, inspector, submitted, url):
        post(signed_in(inspector), url, "take_back", back_text="The interview brought news.")
        submitted.refresh_from_db()
        assert submitted.state == "in_progress"


class TestRefused:
    def test_an_empty_query(self, signed_in, quality, submitted, url):
        response = post(signed_in(quality), url, "raise_query", ask_question="2.1.1", ask_text=" ")
        assert response.status_code == 400
        html = response.content.decode()
        assert "<title>Error: Review" in html
        assert 'href="#id_ask-text"' in html
        assert "Say what you ask." in html
        assert '<option value="2.1.1" selected>' in html

    def test_a_question_of_another_sample(self, signed_in, quality, submitted, url):
        response = post(signed_in(quality), url, "raise_query", ask_question="3.1.1", ask_text="Why?")
        assert response.status_code == 400
        assert not Query.objects.exists()

    def test_returning_without_a_query(self, signed_in, quality, submitted, url):
        response = post(signed_in(quality), url, "return", ask_text="")
        assert response.status_code == 400
        assert "No query is open. Say what you ask" in said(response)

    def test_a_reply_to_a_query_closed_meanwhile_keeps_what_was_typed(self, signed_in, inspector, quality, query, url):
        close_query(query=query, by=quality, text="Found.")
        fields = {"do": "reply", "query": query.pk, f"query-{query.pk}-text": "On page 3."}
        response = signed_in(inspector).post(url, fields)
        assert response.status_code == 400
        assert "On page 3." in said(response)
        assert "Quentin Lund closed this query already" in said(response)

    def test_a_query_in_a_case_agreed_meanwhile_keeps_what_was_typed(self, signed_in, lead, quality, submitted, url):
        agree_case(case=submitted, by=quality)
        response = post(signed_in(lead), url, "raise_query", ask_text="One more thing.")
        assert response.status_code == 400
        assert "One more thing." in said(response)
        assert "To ask about it, return it with a query." in said(response)

    def test_agreeing_twice(self, signed_in, lead, quality, submitted, url):
        agree_case(case=submitted, by=quality)
        response = post(signed_in(lead), url, "agree")
        assert response.status_code == 400
        assert "This case is agreed already." in said(response)

    def test_agreeing_with_a_query_open_is_not_offered(self, signed_in, quality, query, url):
        text = said(signed_in(quality).get(url))
        assert "1 query is open. Close it first, or return the case." in text

    def test_agreeing_one_s_own_case(self, signed_in, lead, submitted, url):
        submitted.allocated_to = lead
        submitted.save()
        client = signed_in(lead)
        assert "as a second pair of eyes" in said(client.get(url))
        assert post(client, url, "agree").status_code == 400

    @pytest.mark.parametrize("do", ["", "answer", "submit", "x"])
    def test_what_is_not_done_here(self, signed_in, lead, submitted, url, do):
        assert post(signed_in(lead), url, do).status_code == 404

    @pytest.mark.parametrize("key", ["", "0", "x", "²", "99999999999999999999"])
    def test_no_such_query(self, signed_in, lead, submitted, url, key):
        assert signed_in(lead).post(url, {"do": "reply", "query": key}).status_code == 404

    def test_a_query_of_another_case(self, signed_in, lead, query, make_case, inspection):
        other = reverse("cases:review", args=[make_case(inspection).public_id])
        assert signed_in(lead).post(other, {"do": "reply", "query": query.pk}).status_code == 404

    def test_nothing_is_offered_or_done_when_locked(self, signed_in, lead, query, inspection, url):
        Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)
        client = signed_in(lead)
        html = client.get(url).content.decode()
        assert 'name="do"' not in html
        response = post(client, url, "raise_query", ask_text="Why?")
        assert response.status_code == 400
        assert "locked" in said(response)

    def test_nor_in_an_excluded_case(self, signed_in, lead, query, url):
        exclude_case(case=query.case, reason="conflict of interest", by=lead)
        assert 'name="do"' not in signed_in(lead).get(url).content.decode()


class TestWhoComesIn:
    @pytest.mark.parametrize("who", CAST)
    @pytest.mark.parametrize("page", ["url", "reviews_url"])
    def test_to_read(self, request, signed_in, query, who, page):
        client = signed_in(request.getfixturevalue(who))
        assert client.get(request.getfixturevalue(page)).status_code == CAST[who]

    @pytest.mark.parametrize("who", ["inspector", "quality", "manager", "administrator", "stranger"])
    @pytest.mark.parametrize("action", [action for action in Action if action not in (Action.ANSWER, Action.SUBMIT)])
    def test_to_do(self, request, signed_in, query, url, who, action):
        client = signed_in(request.getfixturevalue(who))
        role = {"quality": "quality_lead"}.get(who, who)
        if role not in ("inspector", "quality_lead"):
            allowed = False
        else:
            from accounts.roles import ROLES

            allowed = TABLE[action].permission in ROLES[role].permissions
        shown = client.get(url).content.decode()
        response = client.post(url, {"do": action.value, "query": query.pk})
        if allowed:
            assert response.status_code in (302, 400)
        else:
            assert response.status_code == (404 if who == "stranger" else 403)
            assert f'value="{action.value}"' not in shown

    @pytest.mark.parametrize("page", ["url", "reviews_url"])
    def test_wrong_methods(self, request, signed_in, lead, page):
        address = request.getfixturevalue(page)
        client = signed_in(lead)
        assert client.put(address).status_code == 405
        assert client.delete(address).status_code == 405

    def test_a_post_from_elsewhere_is_refused(self, quality, submitted, url):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(quality)
        assert post(client, url, "agree").status_code == 403


class TestOtherPages:
    def test_the_task_list_counts_open_queries(self, signed_in, inspector, query):
        text = said(signed_in(inspector).get(reverse("cases:case", args=[query.case.public_id])))
        assert "Review and queries : 1 query is open" in text

    def test_the_form_shows_each_query_at_its_question_and_a_list_on_top(self, signed_in, inspector, query, page_of):
        client = signed_in(inspector)
        html = client.get(page_of(query.case, "2.1")).content.decode()
        assert "Queries on this page" in html
        assert f'href="#query-{query.pk}"' in html
        before, at_question = html.split('id="question-2.1.1"')
        assert f'id="query-{query.pk}"' in at_question
        assert "Where is it written?" in at_question
        assert "Where is it written?" not in before
        assert "Queries on this page" not in said(client.get(page_of(query.case, "2.2")))

    def test_a_query_on_what_is_not_asked_is_shown_too(self, signed_in, inspector, quality, case, give, lead, page_of):
        give(case, "safety_factors", "false")
        set_imported_state(case=case, state="submitted", by=lead)
        raise_query(case=case, by=quality, question="2.2.2", text="Really not?")
        return_case(case=case, by=quality, text="Please look.", question="")
        html = signed_in(inspector).get(page_of(case, "2.2")).content.decode()
        assert "Really not?" in html[html.index('id="question-2.2.2"') :]

    def test_closed_ones_are_gone_from_it(self, signed_in, inspector, quality, query, page_of):
        close_query(query=query, by=quality, text="Found.")
        assert "Where is it written?" not in said(signed_in(inspector).get(page_of(query.case, "2.1")))


class TestRepliesOnTheForm:
    @pytest.fixture
    def returned(self, query, quality):
        """The query, in a case that takes answers again."""
        return_case(case=query.case, by=quality, text="See the query.", question="")
        query.case.refresh_from_db()
        return query

    @pytest.fixture
    def reply(self, signed_in, page_of, returned, inspector):
        def post(by=inspector, **changes):
            client, url = signed_in(by), page_of(returned.case, "2.1")
            fields = fields_of(client.get(url))
            return send(client, url, change(fields, changes))

        return post

    def test_a_reply_goes_with_what_else_was_typed(self, reply, returned, client):
        name = f"query-{returned.pk}-text"
        response = reply(**{name: "On page 3.", "reply": str(returned.pk), "note-2.1.1.b": "Seen."})
        assert response["Location"].endswith("/standards/2.1/#question-2.1.1")
        assert QueryReply.objects.get().text == "On page 3."
        assert returned.case.answers.get(question="2.1.1.b").note == "Seen."
        assert "The reply is kept with the query." in said(client.get(response["Location"]))

    def test_a_reply_goes_with_saving_too(self, reply, returned):
        response = reply(**{f"query-{returned.pk}-text": "On page 3."})
        assert response["Location"].endswith("/standards/2.2/")
        assert QueryReply.objects.get().text == "On page 3."

    def test_nothing_typed_is_no_reply(self, reply):
        assert reply().status_code == 302
        assert not QueryReply.objects.exists()

    def test_an_empty_reply_is_told_and_the_rest_is_saved(self, reply, returned):
        response = reply(**{"reply": str(returned.pk), "note-2.1.1.b": "Seen."})
        assert response.status_code == 400
        assert f'href="#id_query-{returned.pk}-text"' in response.content.decode()
        assert re.search(r"<title>\s*Error: ", response.content.decode())
        assert returned.case.answers.get(question="2.1.1.b").note == "Seen."

    def test_a_reply_to_a_query_closed_meanwhile_is_still_there(self, reply, returned, quality):
        close_query(query=returned, by=quality, text="Found.")
        response = reply(**{f"query-{returned.pk}-text": "On page 3."})
        assert response.status_code == 400
        assert fields_of(response)[f"query-{returned.pk}-text"] == "On page 3."

    def test_the_lead_closes_it_there(self, reply, returned, lead):
        name = f"query-{returned.pk}-text"
        assert reply(by=lead, **{name: "Found.", "close_query": str(returned.pk)}).status_code == 302
        assert QueryReply.objects.get().closes

    def test_an_inspector_does_not_close_it(self, reply, returned):
        name = f"query-{returned.pk}-text"
        assert reply(**{name: "Found.", "close_query": str(returned.pk)}).status_code == 403
        assert not QueryReply.objects.exists()

    def test_no_such_query(self, reply):
        assert reply(**{"query-999999-text": "Found."}).status_code == 404


class TestReviews:
    def test_cases_by_state_with_queries_and_changes(self, signed_in, lead, query, give, reviews_url):
        give(query.case, "2.1.1", "no")
        give(query.case, "2.1.1", "yes")
        text = said(signed_in(lead).get(reviews_url))
        assert (
            f"Submitted (1) Case Allocated to Open queries Answers changed after submission {query.case.reference} Nobody 1 1 "
            in text
        )
        assert f"Case {query.case.reference}: 2.1.1" in text
        assert "Where is it written?" in text

    def test_what_came_before_submission_is_no_change(self, signed_in, lead, submitted, reviews_url):
        assert "Nobody 0 0 " in said(signed_in(lead).get(reviews_url))

    def test_excluded_cases_are_not_reviewed(self, signed_in, lead, query, reviews_url):
        exclude_case(case=query.case, reason="conflict of interest", by=lead)
        text = said(signed_in(lead).get(reviews_url))
        assert "No query is open." in text
        assert "Submitted (1)" not in text

    def test_a_quality_lead_draws(self, signed_in, quality, submitted, reviews_url):
        client = signed_in(quality)
        response = client.post(reviews_url, {"size": "1"})
        assert (response.status_code, response["Location"]) == (302, reviews_url)
        assert "Quentin Lund drew 1 of 1 submitted cases" in said(client.get(reviews_url))

    @pytest.mark.parametrize(
        ("size", "sentence"),
        [("", "Enter how many cases to draw."), ("2", "Draw from 1 to 1"), ("0", "Draw from 1"), ("x", "whole number")],
    )
    def test_a_size_that_cannot_be_drawn(self, signed_in, quality, submitted, reviews_url, size, sentence):
        response = signed_in(quality).post(reviews_url, {"size": size})
        assert response.status_code == 400
        assert sentence in said(response)

    @pytest.mark.parametrize(
        ("who", "status"),
        [("lead", 403), ("inspector", 403), ("manager", 403), ("administrator", 403), ("stranger", 404)],
    )
    def test_nobody_else_draws(self, request, signed_in, submitted, reviews_url, who, status):
        client = signed_in(request.getfixturevalue(who))
        assert client.post(reviews_url, {"size": "1"}).status_code == status
        assert "Draw a dip sample" not in client.get(reviews_url).content.decode()

    def test_a_constant_number_of_queries(
        self, signed_in, inspector, quality, query, make_case, inspection, reviews_url
    ):
        reply_to_query(query=query, by=inspector, text="So.")
        client = signed_in(quality)
        counts = []
        for _ in range(2):
            client.get(reviews_url)
            with CaptureQueriesContext(connection) as queries:
                client.get(reviews_url)
            counts.append(len(queries))
            raise_query(case=query.case, by=quality, text="And?")
            make_case(inspection)
        assert counts == [9, 9]
