"""Fixtures of the pages of cases. Models are imported inside: this file is read before Django is set up."""

import pytest


@pytest.fixture
def signed_in(client):
    """Return a function that signs a person in and returns the client."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def page_of():
    """Return a function that gives the address of one page of a case's form."""
    from django.urls import reverse

    return lambda case, standard: reverse("cases:form", args=[case.public_id, standard])


@pytest.fixture
def answer_of():
    """Return a function that gives the current answer of a case to a question."""
    return lambda case, question: case.answers.get(question=question)


@pytest.fixture
def give(inspector):
    """Return a function that stores an answer on top of the current one, as the inspector unless `by` says otherwise."""
    from cases.actions import record_answer
    from cases.answers import Given

    def record(case, question, value=None, by=None, **given):
        base = case.answers.get(question=question).version
        return record_answer(case=case, by=by or inspector, given=Given(question, value, base=base, **given))

    return record


@pytest.fixture
def save(client, inspector, page_of):
    """Return a function that opens a page as the inspector, fills in some of its fields and sends it."""
    from tests.cases.posting import fill

    def fill_in(case, standard, changes):
        client.force_login(inspector)
        return fill(client, page_of(case, standard), changes)

    return fill_in


@pytest.fixture
def quality(inspection, lead):
    """Return a quality lead in the team of `inspection`."""
    from inspections.actions import add_member
    from tests.people import person

    user = person("Quentin Lund")
    add_member(inspection=inspection, user=user, role="quality_lead", by=lead)
    return user
