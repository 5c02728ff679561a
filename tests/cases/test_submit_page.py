"""Checking a case and submitting it."""

import re

import pytest
from django.urls import reverse

from cases.actions import exclude_case
from cases.enquiries import add_enquiry
from inspections.models import State
from tests.cases.posting import said


@pytest.fixture
def url(case):
    return reverse("cases:submit", args=[case.public_id])


@pytest.fixture
def answer_everything(give):
    def answer(case):
        for row in case.answers.order_by("pk"):
            if row.kind in ("rated", "fact"):
                give(case, row.question, "yes" if row.kind == "rated" else "true")

    return answer


def test_everything_that_is_missing_with_a_link_to_each(signed_in, inspector, case, give, url):
    give(case, "2.1.1", "not_applicable")
    response = signed_in(inspector).get(url)
    html = response.content.decode()
    form = reverse("cases:form", args=[case.public_id, "2.1"])
    assert f'href="{form}#question-safety_factors"' in html
    assert f'href="{form}#question-2.1.1.a"' in html
    assert "Say why 2.1.1 is not applicable." in html
    links = re.findall(r'href="([^"#]+)#(question-[^"]+)"', html[: html.index('id="points"')])
    assert len(links) == response.context["count"] == 69
    pages = {address: signed_in(inspector).get(address).content.decode() for address, _ in links}
    for address, target in links:
        assert f'id="{target}"' in pages[address]
    assert "Submit this case" not in html


def test_a_whole_case_is_submitted(signed_in, inspector, case, answer_everything, url):
    answer_everything(case)
    client = signed_in(inspector)
    assert "Submit this case" in client.get(url).content.decode()
    response = client.post(url, follow=True)
    assert response.redirect_chain == [(reverse("cases:case", args=[case.public_id]), 302)]
    assert "Case C01 is submitted." in response.content.decode()
    case.refresh_from_db()
    assert case.state == "submitted"


def test_a_case_with_something_missing_is_not(signed_in, inspector, case, answer_everything, give, url):
    answer_everything(case)
    give(case, "2.4.3", None)
    response = signed_in(inspector).post(url)
    html = response.content.decode()
    assert response.status_code == 400
    assert "<title>Error: Check and submit" in html
    assert "This case was not submitted" in html
    assert html[: html.index('id="points"')].count("#question-2.4.3") == 2
    case.refresh_from_db()
    assert case.state == "in_progress"


def test_submitting_twice(signed_in, inspector, case, answer_everything, url):
    answer_everything(case)
    client = signed_in(inspector)
    client.post(url)
    response = client.post(url, follow=True)
    assert "This case is submitted already." in response.content.decode()
    assert "This case is submitted already." in client.get(url).content.decode()


def test_an_excluded_case(signed_in, inspector, lead, case, url):
    exclude_case(case=case, reason="Conflict of interest", by=lead)
    client = signed_in(inspector)
    assert "excluded from the sample" in client.post(url, follow=True).content.decode()
    assert client.get(url).status_code == 200


def test_locked_ratings(signed_in, inspector, case, answer_everything, url):
    answer_everything(case)
    case.inspection.lifecycle.state = State.LOCKED
    case.inspection.lifecycle.save(update_fields=["state"])
    client = signed_in(inspector)
    assert "Submit this case" not in client.get(url).content.decode()
    assert "are locked" in client.post(url, follow=True).content.decode()
    case.refresh_from_db()
    assert case.state == "in_progress"


def test_a_further_enquiry_that_waits_is_said_and_keeps_nothing_back(
    signed_in, inspector, lead, case, answer_everything, url
):
    answer_everything(case)
    add_enquiry(case=case, line=None, text="The nurse was not told.", by=lead)
    client = signed_in(inspector)
    assert "The case can be submitted without, but the ratings are not agreed until it is made." in said(
        client.get(url)
    )
    response = client.post(url, follow=True)
    assert "is submitted. A further enquiry on it waits for a decision, and the ratings cannot be agreed" in said(
        response
    )
