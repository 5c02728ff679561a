"""The list of an inspection's cases."""

import re

from django.urls import reverse

from cases.actions import exclude_case
from tests.cases.posting import words_of


def rows_of(response):
    """Return the rows of the tables, each as its text."""
    rows = re.findall(r"<tr.*?</tr>", response.content.decode(), flags=re.S)
    return [words_of(row) for row in rows]


def listed(client, inspection):
    return client.get(reverse("cases:list", args=[inspection.public_id]))


def test_samples_apart_with_what_is_answered(signed_in, inspector, inspection, make_case, give):
    court = make_case(inspection, allocated_to=inspector)
    make_case(inspection, sample="out_of_court", disposal="youth_caution")
    give(court, "2.1.1", "yes")
    give(court, "2.1.2", "not_applicable")
    give(court, "2.1.2.a", "not_applicable")
    give(court, "safety_factors", "false")
    response = listed(signed_in(inspector), inspection)
    assert rows_of(response) == [
        "Case Disposal State Answered Allocated to",
        # A key question that awaits its reason is not answered; a prompt needs none.
        "C01 Referral order In progress 2 of 56 Ines Archer",
        "Case Disposal State Answered Allocated to",
        "C02 Youth caution Not allocated 0 of 55 Nobody",
    ]
    assert "Court cases (1)" in response.content.decode()
    assert "Out-of-court cases (1)" in response.content.decode()


def test_excluded_cases_by_reason(signed_in, inspector, lead, inspection, make_case):
    cases = [make_case(inspection) for _ in range(3)]
    for case in cases[:2]:
        exclude_case(case=case, reason="File cannot be had", by=lead)
    html = listed(signed_in(inspector), inspection).content.decode()
    assert "Court cases (1)" in html
    assert html.count("File cannot be had") == 1
    after = html.split("Excluded cases")[1]
    assert "C01" in after
    assert "C02" in after


def test_no_cases(signed_in, inspector, inspection):
    assert listed(signed_in(inspector), inspection).content.decode().count("No cases yet.") == 2


def test_an_unknown_inspection(signed_in, inspector, case):
    assert signed_in(inspector).get(reverse("cases:list", args=[case.public_id])).status_code == 404
