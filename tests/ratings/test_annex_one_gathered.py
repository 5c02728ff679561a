"""Annex 1 from the database: what counts, what is hidden, how many queries, and `manage.py annex_one`."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.actions import exclude_case, record_answers
from cases.answers import Given
from cases.arrangements import arrange_interview, say_no_file
from cases.drawing import adjust_sample, draw_sample
from inspections.models import Inspection
from ratings.annex_one.gathering import annex_one_name, gather
from ratings.annex_one.sentences import sections
from tests.cases.caseloads import FIELDWORK, eligible, import_rows
from tests.inspections.entries import some_evidence

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("annex_one", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def give(case, by, **answers):
    record_answers(case=case, by=by, answers=[Given(question=code, value=value) for code, value in answers.items()])


@pytest.fixture
def drawn(make_inspection, lead):
    """Return an inspection whose sample was drawn from 51 court and 20 out-of-court cases."""
    inspection = make_inspection(state="planned", fieldwork_started=FIELDWORK)
    import_rows(inspection, eligible(51, 20), lead)
    draw_sample(inspection=inspection, by=lead)
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


def test_a_fact_that_the_disposal_settles(inspection, make_case, inspector):
    settled, answered = (
        make_case(inspection, sample="out_of_court", disposal="youth_conditional_caution") for _ in range(2)
    )
    make_case(inspection, sample="out_of_court", disposal="youth_caution")
    give(answered, inspector, police_reporting_required="false")
    _, other = gather(inspection).samples
    facts = {fact.code: (fact.holds, fact.holds_not, fact.not_established) for fact in other.facts}
    assert facts["police_reporting_required"] == (1, 1, 1)
    assert settled.answers.get(question="police_reporting_required").value is None


def test_an_appointment_is_no_interview(inspection, case, inspector):
    from django.utils import timezone

    arrange_interview(case=case, at=timezone.now(), was=None, by=inspector)
    court, _ = gather(inspection).samples
    assert (court.interviews.held, court.interviews.not_recorded) == (0, 1)


def test_files_and_replacements(inspection, case, make_case, inspector, lead):
    exclude_case(case=case, reason="Not eligible: lives elsewhere.", excluded_as="not_eligible", by=lead)
    stands = make_case(inspection, replaces=case)
    say_no_file(case=stands, because="Lost in a move.", was="", by=inspector)
    court, _ = gather(inspection).samples
    assert (court.cases, court.without_file) == (1, 1)
    assert [(held.code, held.label, held.cases, held.replaced) for held in court.excluded] == [
        ("not_eligible", "Not eligible", 1, 1)
    ]


def test_the_draw(drawn):
    figures = gather(drawn)
    assert (figures.cases, figures.draw.eligible, figures.draw.size, figures.draw.by_rule) == (50, 71, 50, 50)
    assert [(sample.cases, sample.eligible) for sample in figures.samples] == [(30, 51), (20, 20)]
    assert figures.samples[1].margin == 0
    # The dates of disposals are those of the list.
    assert [sample.dates.within for sample in figures.samples] == [30, 20]
    sentences = {sentence.about: sentence.text for section in sections(figures) for sentence in section.sentences}
    assert sentences["draw"].endswith("80 per cent (with a margin of error of 5), from 71 eligible cases.")
    assert sentences["margin"] == (
        "With the 50 cases that we examined, the margin of error is 5.0 percentage points. Findings on a part of the sample "
        "have a wider one: 7.6 for the 30 court disposals. There is none for the 20 out-of-court disposals: we examined all "
        "that were eligible."
    )


def test_fieldwork_that_moves_after_the_draw_moves_no_window(drawn):
    before = [sample.dates for sample in gather(drawn).samples]
    Inspection.objects.filter(pk=drawn.pk).update(fieldwork_started=FIELDWORK + timedelta(days=60))
    assert [sample.dates for sample in gather(Inspection.objects.get(pk=drawn.pk)).samples] == before


def test_a_draw_by_an_adjusted_plan(make_inspection, lead):
    inspection = make_inspection(state="planned", fieldwork_started=FIELDWORK)
    adjusted = {"confidence": 90, "margin_of_error": 10, "windows": {"court": [5, 9]}, "sizes": {"court": 5}}
    adjust_sample(inspection=inspection, adjusted=adjusted, reason="A small week.", by=lead)
    import_rows(inspection, eligible(51, 20), lead)
    draw_sample(inspection=inspection, by=lead)
    figures = gather(inspection)
    assert (figures.draw.confidence, figures.draw.margin_of_error) == (0.9, 10)
    assert figures.draw.size < figures.draw.by_rule
    assert figures.samples[0].months == (5, 9)
    sentences = {sentence.about: sentence.text for section in sections(figures) for sentence in section.sentences}
    assert sentences["draw"].startswith(
        f"The sample size was set to {figures.draw.size} cases, from 71 eligible cases;"
    )


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


def test_the_same_number_of_queries_however_many_cases(inspection, drawn, django_assert_num_queries):
    for held in (inspection, drawn):
        with django_assert_num_queries(QUERIES):
            gather(held)


# The sequence, cases, answers, the draw, evidence; and the beginning and end of the transaction.
QUERIES = 7


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
        assert err == (
            "Not every case is submitted: pages and downloads hide some of these figures until then.\n"
            "The sentences speak as if every case were read: 37 of 39 are submitted so far.\n"
        )

    def test_an_inspection_that_is_not_there(self):
        with pytest.raises(CommandError, match="There is no inspection nowhere"):
            run("nowhere")

    def test_an_inspection_without_cases(self, inspection):
        out, _ = run(inspection.slug)
        assert "We examined no court disposals." in out
