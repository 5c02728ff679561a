"""Every page of a case asks the same: who comes in, how, and at what cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

PAGES = {
    "list": lambda case: reverse("cases:list", args=[case.inspection.public_id]),
    "case": lambda case: reverse("cases:case", args=[case.public_id]),
    "form": lambda case: reverse("cases:form", args=[case.public_id, "2.2"]),
    "history": lambda case: reverse("cases:history", args=[case.public_id]),
    "submit": lambda case: reverse("cases:submit", args=[case.public_id]),
}
TAKE_POSTS = {"form", "submit"}

# Session, person, case or inspection, membership; then what the page itself needs.
QUERIES = {"list": 5, "case": 8, "form": 7, "history": 10, "submit": 6}


@pytest.fixture(params=PAGES)
def name(request):
    return request.param


@pytest.fixture
def url(name, case):
    return PAGES[name](case)


class TestWhoComesIn:
    def test_the_team(self, signed_in, inspector, url):
        assert signed_in(inspector).get(url).status_code == 200

    def test_a_stranger_finds_nothing(self, signed_in, stranger, url):
        assert signed_in(stranger).get(url).status_code == 404

    def test_the_team_of_another_inspection_finds_nothing(self, signed_in, make_inspection, url):
        from tests.people import person

        other = make_inspection()
        outsider = person("Una Gray")
        other.memberships.create(user=outsider, role="inspector")
        assert signed_in(outsider).get(url).status_code == 404

    def test_an_administrator_sees_no_case(self, signed_in, administrator, url):
        assert signed_in(administrator).get(url).status_code == 403

    def test_a_manager_reads_what_is_not_for_changing(self, signed_in, manager, name, url):
        assert signed_in(manager).get(url).status_code == (403 if name == "submit" else 200)

    def test_signed_out_goes_to_sign_in_and_back(self, client, url):
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('account_login')}?next={url}"

    def test_somebody_who_left_finds_nothing(self, signed_in, inspector, url):
        client = signed_in(inspector)
        inspector.is_active = False
        inspector.save(update_fields=["is_active"])
        assert client.get(url).status_code in (302, 404)


class TestHowTheyCome:
    def test_wrong_methods_are_refused(self, signed_in, inspector, name, url):
        client = signed_in(inspector)
        assert client.put(url).status_code == 405
        assert client.delete(url).status_code == 405
        if name not in TAKE_POSTS:
            assert client.post(url).status_code == 405

    @pytest.mark.parametrize("page", sorted(TAKE_POSTS))
    @pytest.mark.parametrize(("who", "status"), [("manager", 403), ("administrator", 403), ("stranger", 404)])
    def test_posts_only_from_those_who_answer(self, signed_in, case, request, page, who, status):
        client = signed_in(request.getfixturevalue(who))
        assert client.post(PAGES[page](case), {"command": "x"}).status_code == status

    def test_a_post_from_elsewhere_is_refused(self, inspector, case):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(inspector)
        assert client.post(PAGES["submit"](case)).status_code == 403

    @pytest.mark.parametrize("standard", ["3.1", "1.1", "9.9", "<b>"])
    def test_a_standard_of_another_sample_has_no_page(self, signed_in, inspector, case, standard):
        assert signed_in(inspector).get(reverse("cases:form", args=[case.public_id, standard])).status_code == 404

    def test_an_unknown_case_is_not_found(self, signed_in, inspector, inspection):
        url = reverse("cases:case", args=[inspection.public_id])
        assert signed_in(inspector).get(url).status_code == 404


class TestWhatItCosts:
    def test_a_constant_number_of_queries(self, signed_in, inspector, sefton, name):
        client = signed_in(inspector)
        case = sefton.cases.get(reference="C01")
        client.get(PAGES[name](case))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGES[name](case)).status_code == 200
        assert len(queries) == QUERIES[name]


class TestWhatEveryPageSays:
    def test_that_answers_are_invented(self, signed_in, inspector, sefton, name):
        url = PAGES[name](sefton.cases.get(reference="C01"))
        assert b"Invented case answers" in signed_in(inspector).get(url).content

    def test_that_only_of_those(self, signed_in, inspector, url):
        assert b"Invented" not in signed_in(inspector).get(url).content

    def test_in_the_words_of_the_inspection(self, signed_in, inspector, make_inspection, make_case, name):
        inspection = make_inspection(terms={"child": "learner", "service": "YJS"})
        case = make_case(inspection, profile={"harm_classification": "high"})
        content = signed_in(inspector).get(PAGES[name](case)).content.decode()
        assert "young person" not in content
        assert "{child}" not in content

    def test_no_answer_as_script(self, signed_in, inspector, case, give, name):
        evil = "</textarea><script>alert(1)</script>{child}"
        give(case, "2.2.1", "not_applicable", reason=evil, note=evil)
        give(case, "SUP4.plan.desistance", "yes", note=evil)
        content = signed_in(inspector).get(PAGES[name](case)).content.decode()
        assert "<script>alert" not in content
