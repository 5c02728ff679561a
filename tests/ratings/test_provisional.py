"""Provisional percentages: who opens them, what they show and to whom, and that every opening is told."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from audit.models import Event
from cases.policies import FINISHED
from inspections.actions import add_member
from inspections.errors import Refused
from ratings.exports.printed import NO_CASE, percent_text
from ratings.models import ProvisionalOpening
from ratings.openings import open_provisional
from ratings.scoring import percentage
from ratings.tallies import count_answers
from tests.people import person
from tests.ratings.tables import tables

pytestmark = pytest.mark.django_db

REASON = "The team meets tonight and has to know where to look."


def domain_of(inspection, code="2"):
    return next(domain for domain in inspection.document.domains if domain.code == code)


def address(inspection, *more):
    return reverse("ratings:provisional_opening" if more else "ratings:provisional", args=[inspection.public_id, *more])


def opened(client, inspection, **given):
    return client.post(address(inspection), {"domain": "2", "reason": REASON} | given)


class TestOpening:
    def test_it_shows_percentages_of_the_submitted_cases_alone(self, signed_in, closed, lead):
        client = signed_in(lead)
        response = opened(client, closed)
        opening = ProvisionalOpening.objects.get()
        assert response.url == address(closed, opening.public_id)
        assert (opening.finished, opening.cases, opening.reason, opening.by) == (22, 24, REASON, lead)
        tallies = count_answers(closed.document, closed.pk, states=FINISHED)
        assert sum(tallies["2.1.1"].__dict__.values()) == 22
        assert opening.percentages == {
            code: percentage(tallies[code].yes, tallies[code].relevant)
            for code in tallies
            if code in closed.document.key_questions and code.startswith("2.")
        }
        html = client.get(response.url).content.decode()
        assert "22 of 24 cases" in html
        ((_, rows),) = tables(html)
        shown = {row[0].split()[0]: row[1] for row in rows[1:] if len(row) == 2}
        assert shown == {code: percent_text(percent) for code, percent in opening.percentages.items()}
        for word in ("Inadequate", "Requires improvement", "Good", "Outstanding", "/36", "Band"):
            assert word not in html, word

    def test_each_one_is_recorded_and_listed_for_everybody(self, signed_in, closed, lead, inspector):
        for _ in range(2):
            opened(signed_in(lead), closed)
        events = Event.objects.filter(action="provisional.opened")
        assert [(event.summary, event.reason, event.who) for event in events] == [
            ("Opened provisional percentages of court disposals at 22 of 24 cases.", REASON, "Leah Costa")
        ] * 2
        html = signed_in(inspector).get(address(closed)).content.decode()
        assert html.count("2. Court disposals at 22 of 24 cases") == 2
        assert html.count(REASON) == 2
        assert "<textarea" not in html
        assert "%" not in html

    def test_what_was_opened_stays_as_it_was_and_is_the_persons_own(self, signed_in, closed, lead, finish, settle):
        opened(signed_in(lead), closed)
        opening = ProvisionalOpening.objects.get()
        url = address(closed, opening.public_id)
        before = signed_in(lead).get(url).content
        deputy = person("Dora Egan")
        add_member(inspection=closed, user=deputy, role="lead_inspector", by=lead)
        assert signed_in(deputy).get(url).status_code == 404
        finish(closed, lead)
        settle()
        assert signed_in(lead).get(url).content.count(b"22 of 24 cases") == before.count(b"22 of 24 cases")
        with pytest.raises(DatabaseError), transaction.atomic():
            ProvisionalOpening.objects.update(reason="another")

    def test_a_key_question_without_a_relevant_case_has_none(self, make_inspection, make_case, lead, signed_in):
        from cases.actions import set_imported_state

        inspection = make_inspection(figures_open=False)
        set_imported_state(case=make_case(inspection), state="submitted", by=lead)
        make_case(inspection)
        opened(signed_in(lead), inspection)
        html = signed_in(lead).get(address(inspection, ProvisionalOpening.objects.get().public_id)).content.decode()
        assert {row[1] for row in tables(html)[0][1][1:] if len(row) == 2} == {NO_CASE}


class TestRefused:
    @pytest.mark.parametrize("who", ["inspector", "manager", "administrator"])
    def test_by_everybody_but_the_lead(self, request, signed_in, closed, who):
        assert opened(signed_in(request.getfixturevalue(who)), closed).status_code == 403
        assert not ProvisionalOpening.objects.exists()

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"reason": ""}, "Say why you open provisional percentages."),
            ({"reason": " \n"}, "Say why you open provisional percentages."),
            ({"domain": ""}, "Select a domain."),
            ({"domain": "3"}, "Select a domain whose figures are hidden."),
            ({"domain": "1"}, "Select a domain whose figures are hidden."),
        ],
    )
    def test_what_is_missing_is_named_and_nothing_typed_is_lost(self, signed_in, closed, lead, given, sentence):
        response = opened(signed_in(lead), closed, **given)
        assert response.status_code == 400
        html = response.content.decode()
        assert sentence in html
        assert "<title>Error: " in html
        if "reason" not in given:
            assert REASON in html
        assert not ProvisionalOpening.objects.exists()
        assert not Event.objects.filter(action="provisional.opened").exists()

    def test_where_figures_are_not_hidden(self, signed_in, sefton, lead):
        sentence = "No figures of this inspection are hidden, so there is nothing provisional to open."
        response = opened(signed_in(lead), sefton)
        assert response.status_code == 400
        assert sentence in response.content.decode()
        with pytest.raises(Refused, match="not hidden"):
            open_provisional(inspection=sefton, domain=domain_of(sefton), reason=REASON, by=lead)

    def test_where_no_case_is_submitted(self, signed_in, make_inspection, make_case, lead):
        inspection = make_inspection(figures_open=False)
        make_case(inspection)
        assert "No case of a hidden domain is submitted yet" in opened(signed_in(lead), inspection).content.decode()
        with pytest.raises(Refused, match="No court case is submitted yet"):
            open_provisional(inspection=inspection, domain=domain_of(inspection), reason=REASON, by=lead)


def test_results_lead_there_where_figures_can_be_hidden(signed_in, closed, make_example, inspector):
    client = signed_in(inspector)
    for inspection, there in ((closed, True), (make_example("nottingham-city-2020"), False)):
        html = client.get(reverse("ratings:results", args=[inspection.public_id])).content.decode()
        assert (address(inspection) in html) == there


def test_queries_do_not_grow_with_the_openings(signed_in, closed, lead, django_assert_max_num_queries):
    client = signed_in(lead)
    for _ in range(5):
        open_provisional(inspection=closed, domain=domain_of(closed), reason=REASON, by=lead)
    with django_assert_max_num_queries(7):
        client.get(address(closed))
