"""Fixtures of the pages about figures. Models are imported inside: this file is read before Django is set up."""

import json

import pytest


@pytest.fixture
def annex_of():
    """Return a function that gives Annex 2 of an inspection as its JSON says it, from the stored results."""
    from inspections.models import Inspection
    from ratings.annex import as_data, build_annex

    def data(inspection):
        fresh = Inspection.objects.get(pk=inspection.pk)
        return as_data(build_annex(fresh, fresh.result))

    return data


@pytest.fixture
def closed(join_team, lead):
    """Return Sefton's inspection as if figures were not open: two of 24 court cases are still being read."""
    from ratings.bundle.load import load_bundle
    from tests.people import EXAMPLES

    bundle = json.loads((EXAMPLES / "sefton-2019.json").read_text())
    bundle["inspection"] |= {"figures_open": False}
    court = [case for case in bundle["cases"] if case["sample"] == "court"]
    court[0]["status"] = "in_progress"
    court[1]["status"] = "returned"
    return join_team(load_bundle(raw=json.dumps(bundle).encode(), by=lead))


@pytest.fixture
def finish():
    """Return a function that submits every case of an inspection that is not submitted yet."""
    from cases.actions import submit_case

    def submit_all(inspection, by):
        for case in inspection.cases.filter(excluded_reason="").exclude(state__in=("submitted", "agreed")):
            submit_case(case=case, by=by)

    return submit_all


@pytest.fixture
def rated(inspection, inspector):
    """Return an inspection of 20 court cases and one other with every standard rated.

    All is Outstanding but for 2.4, which is Inadequate: of 2.4.3 the answer is "no" in 11 cases, and 9 of 20 is 45%, within
    five points of 50.
    """
    from cases.actions import create_case, record_answers
    from cases.answers import Given
    from inspections.actions import record_judgement
    from ratings.actions import recompute

    for standard in inspection.document.standards.values():
        if standard.method == "judgement":
            record_judgement(
                inspection=inspection, standard=standard.code, rating="good", rationale="Seen.", by=inspector
            )
    for sample, disposal, count in (("court", "referral_order", 20), ("out_of_court", "youth_caution", 1)):
        for number in range(count):
            case = create_case(
                inspection=inspection, reference=f"{sample}{number}", sample=sample, disposal=disposal, by=inspector
            )
            answers = [
                Given(question=code, value="no" if code == "2.4.3" and number >= 9 else "yes")
                for code, question in case.questions.items()
                if question.role == "key_question"
            ]
            record_answers(case=case, by=inspector, answers=answers)
    recompute(inspection_id=inspection.pk)
    return inspection
