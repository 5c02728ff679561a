"""Roles that see only the cases given to them."""

import pytest
from django.urls import reverse

from inspections.actions import add_member
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(params=["local_assessor", "partner_inspector"])
def helper(request, inspection, lead):
    somebody = person("Lowri Own")
    add_member(inspection=inspection, user=somebody, role=request.param, by=lead)
    return somebody


@pytest.mark.parametrize("name", ["case", "history", "review", "submit"])
def test_a_case_of_somebody_else_does_not_exist(signed_in, helper, case, name):
    assert signed_in(helper).get(reverse(f"cases:{name}", args=[case.public_id])).status_code == 404


def test_a_case_of_their_own_is_there(signed_in, helper, case):
    case.allocated_to = helper
    case.save(update_fields=["allocated_to"])
    assert signed_in(helper).get(reverse("cases:case", args=[case.public_id])).status_code == 200


def test_the_list_holds_their_own_cases(signed_in, helper, case):
    address = reverse("cases:list", args=[case.inspection.public_id])
    assert reverse("cases:case", args=[case.public_id]) not in signed_in(helper).get(address).content.decode()
    case.allocated_to = helper
    case.save(update_fields=["allocated_to"])
    assert reverse("cases:case", args=[case.public_id]) in signed_in(helper).get(address).content.decode()


@pytest.mark.parametrize("name", ["cases:reviews", "cases:alerts", "ratings:results", "ratings:inspection"])
def test_pages_of_all_cases_are_refused(signed_in, helper, case, name):
    assert signed_in(helper).get(reverse(name, args=[case.inspection.public_id])).status_code == 403
