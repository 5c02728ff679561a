"""Roles that see only the cases given to them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.actions import record_answer
from cases.answers import Given
from inspections.actions import add_member
from inspections.policies import is_over
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(params=["local_assessor", "partner_inspector"])
def helper(request, inspection, lead):
    somebody = person("Lowri Own")
    discipline = "health" if request.param == "partner_inspector" else ""
    add_member(inspection=inspection, user=somebody, role=request.param, discipline=discipline, by=lead)
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


def give(case, somebody):
    case.allocated_to = somebody
    case.save(update_fields=["allocated_to"])


class TestLastSaves:
    @pytest.fixture
    def assessor(self, inspection, lead):
        somebody = person("Lowri Own")
        add_member(inspection=inspection, user=somebody, role="local_assessor", by=lead)
        return somebody

    def test_those_of_a_case_taken_away_are_not_shown(self, signed_in, assessor, other_inspector, case):
        give(case, assessor)
        record_answer(case=case, by=assessor, given=Given(question="2.1.1.a", value="yes"))
        address = reverse("cases:my_saves")
        assert "2.1.1.a" in signed_in(assessor).get(address).content.decode()
        give(case, other_inspector)
        assert "2.1.1.a" not in signed_in(assessor).get(address).content.decode()


class TestWhenTheInspectionIsOver:
    def test_a_partner_inspector_finds_nothing_of_it(self, signed_in, inspection, lead, case):
        partner = person("Pat Police")
        add_member(inspection=inspection, user=partner, role="partner_inspector", discipline="police", by=lead)
        give(case, partner)
        addresses = [reverse("cases:case", args=[case.public_id]), reverse("cases:list", args=[inspection.public_id])]
        client = signed_in(partner)
        assert [client.get(address).status_code for address in addresses] == [200, 200]
        inspection.archived_at = timezone.now()
        inspection.save(update_fields=["archived_at"])
        assert [client.get(address).status_code for address in addresses] == [404, 404]

    def test_others_go_on_seeing_it(self, signed_in, inspection, inspector):
        inspection.archived_at = timezone.now()
        inspection.save(update_fields=["archived_at"])
        address = reverse("cases:list", args=[inspection.public_id])
        assert signed_in(inspector).get(address).status_code == 200

    @pytest.mark.parametrize(("state", "over"), [("fieldwork", False), ("locked", False), ("published", True)])
    def test_it_is_over_once_published(self, inspection, state, over):
        inspection.lifecycle.state = state
        assert is_over(inspection) is over
