"""Annex 1 from the database: what counts, what is hidden, how many queries, and `manage.py annex_one`."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.actions import exclude_case, record_answers
from cases.answers import Given
from cases.arrangements import arrange_interview, say_no_file
from cases.models import Candidate, Case, Draw, DrawnCandidate
from ratings.annex_one.gathering import annex_one_name, gather
from tests.inspections.entries import some_evidence

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("annex_one", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def give(case, by, **answers):
    record_answers(case=case, by=by, answers=[Given(question=code, value=value) for code, value in answers.items()])


@pytest.fixture
def drawn(inspection, make_case, lead):
    """Return an inspection whose sample of 2 court cases was drawn from 4, and one other case from 1."""
    draw = Draw.objects.create(inspection=inspection, seed="seed", checksum="", plan={}, strata=[], by=lead)
    for number, sample in enumerate(("court", "court", "court", "court", "out_of_court"), 1):
        disposal = "referral_order" if sample == "court" else "youth_caution"
        candidate = Candidate.objects.create(
            inspection=inspection,
            number=number,
            reference=f"N{number}",
            sample=sample,
            disposal=disposal,
            disposal_date=date(2019, 5, 1),
        )
        DrawnCandidate.objects.create(
            draw=draw, candidate=candidate, stratum=number, position=1, drawn=number not in (3, 4)
        )
        if number not in (3, 4):
            case = make_case(inspection, reference=f"N{number}", sample=sample, disposal=disposal)
            Case.objects.filter(pk=case.pk).update(candidate=candidate)
    return inspection


def test_facts_and_interviews_of_cases_that_count(inspection, make_case, inspector, lead):
    one, two, three, four = (make_case(inspection) for _ in range(4))
    give(one, inspector, harm_factors="true", SUP9="yes")
    give(two, inspector, harm_factors="false", SUP9="no")
    give(three, inspector, harm_factors="true", SUP9="yes")
    exclude_case(case=three, reason="Not eligible.", by=lead)
    court, other = gather(inspection).samples
    assert (court.cases, other.cases) == (3, 0)
    facts = {fact.code: (fact.holds, fact.holds_not, fact.not_established) for fact in court.facts}
    assert facts["harm_factors"] == (1, 1, 1)
    assert facts["safety_factors"] == (0, 0, 3)
    assert (court.interviews.held, court.interviews.not_held, court.interviews.not_recorded) == (1, 1, 1)
    assert [(held.label, held.cases) for held in court.excluded] == [("Not eligible.", 1)]
    assert four.state == "allocated"


def test_an_appointment_is_no_interview(inspection, case, inspector):
    from django.utils import timezone

    arrange_interview(case=case, at=timezone.now(), was=None, by=inspector)
    court, _ = gather(inspection).samples
    assert (court.interviews.held, court.interviews.not_recorded) == (0, 1)


def test_files_and_replacements(inspection, case, make_case, inspector, lead):
    exclude_case(case=case, reason="Not eligible.", by=lead)
    stands = make_case(inspection)
    Case.objects.filter(pk=stands.pk).update(replaces=case)
    say_no_file(case=stands, because="Lost in a move.", was="", by=inspector)
    court, _ = gather(inspection).samples
    assert (court.cases, court.without_file, court.replacements) == (1, 1, 1)


def test_the_draw(drawn):
    figures = gather(drawn)
    assert figures.draw.eligible == 5
    assert [(sample.cases, sample.eligible) for sample in figures.samples] == [(2, 4), (1, 1)]
    assert figures.samples[1].margin == 0
    # The date of the disposal is that of the list.
    assert figures.samples[0].dates.not_recorded == 2
    drawn.fieldwork_started = date(2019, 12, 2)
    assert gather(drawn).samples[0].dates.within == 2


def test_evidence_stands_beside_it(inspection, lead):
    some_evidence(inspection, by=lead, held=3)
    some_evidence(inspection, by=lead, kind="focus_group")
    assert gather(inspection).methodology.sentence == "In total, we conducted 4 meetings or focus groups."


def test_the_name_is_that_of_the_report(make_example, inspection):
    assert annex_one_name(make_example("oxfordshire-2020")) == "Annexe 1"
    assert annex_one_name(inspection) == "Annex 1"


def test_what_comes_from_answers_is_hidden_until_every_case_is_submitted(closed, lead, inspector):
    court, other = gather(closed).samples
    assert (court.facts, court.interviews) == (None, None)
    assert court.hidden == "Figures are not shown until every case is submitted: 22 of 24 court cases are."
    assert other.hidden == ""
    assert other.facts
    assert gather(closed, everything=True).samples[0].facts


def test_the_same_number_of_queries_however_many_cases(inspection, make_case, drawn, django_assert_num_queries):
    def queries():
        with django_assert_num_queries(QUERIES):
            return gather(inspection)

    queries()
    for _ in range(5):
        make_case(inspection, profile={"sex": "female"})
    assert queries().cases == 8


# The sequence, cases, answers, draw, its places, evidence; and the beginning and end of the transaction.
QUERIES = 8


class TestCommand:
    def test_sentences_and_data(self, make_example):
        make_example("nottingham-city-2020")
        out, err = run("nottingham-city-2020")
        assert err == ""
        assert out.startswith(
            "Annexe 1: Nottingham City Youth Justice Service\n\nCase answers in this inspection are inv"
        )
        assert "We took a detailed look at 27 community sentences and 3 custodial sentences." in out
        data = json.loads(run("nottingham-city-2020", "--format", "json")[0])
        assert data["samples"][0]["groups"] == [{"code": "community", "cases": 27}, {"code": "custodial", "cases": 3}]
        assert [event.summary for event in Event.objects.filter(action="annex.exported").order_by("pk")] == [
            f"Took Annexe 1 out as {format}, with every change up to {data['sequence']}." for format in ("text", "json")
        ]

    def test_hidden_figures_are_written_with_a_word_of_warning(self, closed):
        out, err = run("sefton-2019", "--format", "json")
        assert json.loads(out)["samples"][0]["facts"]
        assert err == "Not every case is submitted: pages and downloads hide some of these figures until then.\n"

    def test_an_inspection_that_is_not_there(self):
        with pytest.raises(CommandError, match="There is no inspection nowhere"):
            run("nowhere")

    def test_an_inspection_without_cases(self, inspection):
        out, _ = run(inspection.slug)
        assert "We examined no court disposals." in out
