"""The task list of a case."""

import pytest
from django.urls import reverse

from cases.actions import exclude_case
from tests.cases.posting import said


@pytest.fixture
def shown(signed_in, inspector):
    def text_of(case, user=inspector):
        return said(signed_in(user).get(reverse("cases:case", args=[case.public_id])))

    return text_of


def test_nothing_answered_yet(shown, case):
    text = shown(case)
    assert text.count("Not started") == 4
    assert "0 of 64 asked" in text
    assert "Reason awaited" not in text
    assert "To be established" not in text


def test_a_page_under_way_says_what_waits(shown, case, give):
    give(case, "2.1.1", "not_applicable")
    give(case, "2.1.1.a", "no")
    give(case, "safety_factors", "true")
    text = shown(case)
    assert "2.1 Assessment" in text
    assert "1 of 16 answered" in text
    assert "Reason awaited: say why 2.1.1 is not applicable." in text
    assert "To be established: Are there factors related to keeping other people safe?" in text


def test_a_page_that_is_done(shown, sefton):
    text = shown(sefton.cases.get(reference="C01"))
    assert text.count(" Done ") == 4
    assert "64 of 64 asked" in text


def test_questions_that_are_not_asked_are_not_counted(shown, case, give):
    give(case, "safety_factors", "false")
    assert "0 of 56 asked" in shown(case)


def test_a_page_of_which_nothing_is_asked(shown, make_case, inspection, give):
    case = make_case(inspection, sample="out_of_court", disposal="youth_caution")
    give(case, "recommendation_opportunity", "false")
    give(case, "police_reporting_required", "false")
    assert "Nothing is asked" in shown(case)


def test_a_disposal_establishes_its_fact(shown, make_case, inspection, give):
    case = make_case(inspection, sample="out_of_court", disposal="youth_conditional_caution")
    give(case, "recommendation_opportunity", "true")
    assert "To be established" not in shown(case)


def test_what_was_known_beforehand_in_words(shown, make_case, inspection):
    profile = {
        "age": 16,
        "sex": "female",
        "disposal_date": "2018-05-18",
        "care_status": ["looked_after", "section_47"],
        "harm_classification": "very_high",
        "local_disposal": "",
    }
    text = shown(make_case(inspection, profile=profile))
    assert "Age in years 16" in text
    assert "Sex Female" in text
    assert "Date of disposal or release 18 May 2018" in text
    assert "Care status Looked after, Section 47 enquiry" in text
    assert "The YOT's classification of risk of serious harm Very high" in text
    assert "called locally" not in text


def test_who_may_submit_is_led_there(shown, case, manager, lead):
    assert "Check and submit" in shown(case)
    assert "Check and submit" not in shown(case, manager)
    exclude_case(case=case, reason="Conflict of interest", by=lead)
    text = shown(case)
    assert "Check and submit" not in text
    assert "Conflict of interest" in text
