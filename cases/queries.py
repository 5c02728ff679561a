"""Queries as pages show them."""

from django.db.models import Prefetch, prefetch_related_objects

from cases.instrument import question_url
from cases.models import Query, QueryReply
from cases.policies import open_queries


def queries_of(case):
    """Return the queries of a case with their replies, oldest first. The database is asked once for each case object."""
    prefetch_related_objects([case], Prefetch("queries", with_replies(Query.objects.all())))
    return [shown_query(case, query) for query in case.queries.all()]


def open_queries_in(inspection):
    """Return the open queries of an inspection, oldest first; those of excluded cases are left out."""
    found = open_queries().filter(case__inspection=inspection, case__excluded_reason="").select_related("case")
    shown = []
    for query in with_replies(found):
        query.case.inspection = inspection
        shown.append(shown_query(query.case, query))
    return shown


def with_replies(queries):
    """Return queries in their order, with who raised them and their replies."""
    replies = QueryReply.objects.select_related("by").order_by("pk")
    return queries.select_related("by").prefetch_related(Prefetch("replies", replies)).order_by("pk")


def open_queries_of(case):
    """Return the open queries of a case."""
    return [held for held in queries_of(case) if held["open"]]


def shown_query(case, query):
    """Return a query with its `replies` loaded as pages show it: what it is about, whether it is open, who is to act."""
    question = case.questions.get(query.question)
    replies = list(query.replies.all())
    is_open = not any(reply.closes for reply in replies)
    return {
        "case": case,
        "query": query,
        "replies": replies,
        "open": is_open,
        "status": query_status(is_open, replies),
        "about": about(case, question),
        "standard": question.standard if question else "",
        "form_url": form_url(case, question) if question else "",
    }


def query_status(is_open, replies):
    """Return how far a query has come as the parameters of a tag."""
    if not is_open:
        return {"text": "Closed", "classes": "govuk-tag--grey"}
    if replies:
        return {"text": "Replied to", "classes": "govuk-tag--light-blue"}
    return {"text": "Open", "classes": "govuk-tag--orange"}


def about(case, question):
    """Return what a query is about, in words."""
    if question is None:
        return "The whole case"
    words = case.inspection.worded(question.text)
    return f"{question.code} {words}" if question.kind == "rated" else words


def form_url(case, question):
    """Return the address of a question on its page of the form."""
    return question_url(case, question)
