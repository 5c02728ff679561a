"""The page on which a case leaves the sample or comes back, and the page of all exclusions."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case
from cases.excluding import (
    agree_exclusion,
    decline_exclusion,
    exclude_at_once,
    propose_exclusion,
    restore_to_sample,
    standing_of,
)
from cases.exclusions import CARE, WORDS, WORK_NOT_DONE_LABEL, Standing
from cases.models import Case, ExclusionStep
from cases.replacements import next_reserve
from inspections.actions import add_member
from inspections.models import Lifecycle
from tests.cases.draws import case_with_reserves, drawn_from
from tests.cases.posting import Fields, said
from tests.people import person

pytestmark = pytest.mark.django_db


def address(case):
    return reverse("cases:exclusion", args=[case.public_id])


@pytest.fixture
def drawn(make_inspection, lead):
    return drawn_from(make_inspection, lead)


@pytest.fixture
def post(client):
    """Return a function that opens the page of a case as somebody, fills in its form for `do`, and sends it."""

    def send(user, case, do, **typed):
        client.force_login(user)
        page = client.get(address(case)).content.decode()
        form = next((form for form in re.findall(r"<form.*?</form>", page, flags=re.S) if f'value="{do}"' in form), "")
        return client.post(address(case), Fields(form).fields.dict() | {"do": do} | typed)

    return send


def fresh(case):
    return Case.objects.get(pk=case.pk)


class TestProposing:
    def test_the_reasons_are_explained(self, signed_in, inspector, case):
        page = said(signed_in(inspector).get(address(case)))
        assert all(words.label in page and words.means in page for words in WORDS.values())
        assert WORK_NOT_DONE_LABEL in page
        assert "Propose to exclude this case" in said(
            signed_in(inspector).get(reverse("cases:case", args=[case.public_id]))
        )

    def test_it_waits_for_the_lead_inspector(self, post, signed_in, inspector, lead, case):
        response = post(inspector, case, "propose", reason="no_file", words="Lost in a flood.")
        assert response["Location"] == address(case)
        assert standing_of(fresh(case)) == Standing.PROPOSED
        page = said(signed_in(inspector).get(address(case)))
        assert "Ines Archer proposed it" in page
        assert "The file cannot be had" in page
        assert "Does this case leave the sample?" not in page
        for name in ("cases:exclusions", "cases:today"):
            html = signed_in(lead).get(reverse(name, args=[case.inspection.public_id])).content.decode()
            assert address(case) in html
            assert "Lost in a flood." in html

    def test_absent_work_is_a_no(self, post, inspector, case):
        response = post(inspector, case, "propose", reason="not_done", words="There is no plan.")
        html = response.content.decode()
        assert response.status_code == 400
        assert "Work that should have been done and was not is a “no”" in said(response)
        assert "<title>Error: " in html
        assert 'href="#id_propose_reason"' in html
        assert "There is no plan." in html
        assert not ExclusionStep.objects.exists()

    def test_what_is_missing_is_said(self, post, inspector, case):
        response = post(inspector, case, "propose", words="  ")
        assert response.status_code == 400
        assert "Select why the case should leave the sample." in said(response)
        assert "Enter what you found" in said(response)

    def test_nobody_decides_who_may_not(self, post, signed_in, inspector, manager, stranger, case):
        proposal = propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector)
        typed = {"agreed": "yes", "proposal": proposal.pk, "reason": "other", "words": "Yes."}
        for do in ("exclude", "decide", "replace", "restore"):
            assert post(inspector, case, do, **typed).status_code == 403
            assert post(manager, case, do, **typed).status_code == 403
        assert post(manager, case, "propose", **typed).status_code == 403
        assert signed_in(stranger).post(address(case), {"do": "decide", **typed}).status_code == 404
        assert signed_in(inspector).post(address(case), {"do": "burn"}).status_code == 404
        assert fresh(case).excluded_reason == ""

    def test_a_local_assessor_proposes_on_their_own_case_and_sees_no_other(
        self, post, signed_in, case, make_case, lead
    ):
        assessor = person("Lou Assessor")
        add_member(inspection=case.inspection, user=assessor, role="local_assessor", by=lead)
        other = make_case(case.inspection)
        Case.objects.filter(pk=case.pk).update(allocated_to=assessor)
        assert post(assessor, case, "propose", reason="conflict", words="A cousin.").status_code == 302
        assert signed_in(assessor).get(address(other)).status_code == 404
        Case.objects.filter(pk=case.pk).update(replaces=other)
        page = said(signed_in(assessor).get(address(case)))
        assert "It took the place of another case" in page
        assert other.reference not in page
        assert signed_in(assessor).get(reverse("cases:exclusions", args=[case.inspection.public_id])).status_code == 403


class TestDeciding:
    def test_agreeing(self, post, signed_in, inspector, lead, case):
        propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector)
        assert post(lead, case, "decide", agreed="yes").status_code == 302
        assert "The case is excluded." in said(signed_in(lead).get(address(case)))
        assert fresh(case).excluded_reason == "The file cannot be had: Lost."

    def test_declining_needs_words_and_loses_nothing(self, post, signed_in, inspector, lead, case):
        propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector)
        response = post(lead, case, "decide", agreed="no")
        assert response.status_code == 400
        assert "Say why the case stays in the sample." in said(response)
        assert re.search(r'value="no"[^>]* checked', response.content.decode())
        assert post(lead, case, "decide", words="It came.").status_code == 400
        assert post(lead, case, "decide", agreed="no", words="It came.").status_code == 302
        assert "The case stays in the sample." in said(signed_in(lead).get(address(case)))
        assert standing_of(fresh(case)) == Standing.COUNTS
        page = said(signed_in(inspector).get(reverse("cases:case", args=[case.public_id])))
        assert "Propose to exclude this case : declined on" in page

    def test_another_reason_is_looked_at_with_care(self, signed_in, inspector, lead, case, make_case):
        other = make_case(case.inspection)
        propose_exclusion(case=case, reason="other", words="Nothing was written.", by=inspector)
        propose_exclusion(case=other, reason="no_file", words="Lost.", by=inspector)
        assert CARE in said(signed_in(lead).get(address(case)))
        assert CARE not in said(signed_in(lead).get(address(other)))
        assert CARE not in said(signed_in(inspector).get(address(case)))

    def test_somebody_was_quicker(self, client, inspector, lead, case):
        proposal = propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector)
        decline_exclusion(proposal=proposal, words="It came.", by=lead)
        client.force_login(lead)
        typed = {"do": "decide", "agreed": "yes", "words": "So be it.", "proposal": proposal.pk}
        response = client.post(address(case), typed)
        assert response.status_code == 400
        assert "Leah Costa declined this exclusion already" in said(response)
        assert "So be it." in response.content.decode()
        for wrong in ("", "x", "99999999999999999999", "²"):
            assert client.post(address(case), typed | {"proposal": wrong}).status_code == 400

    def test_at_once(self, post, lead, case):
        assert post(lead, case, "exclude", reason="not_eligible", words="Elsewhere.").status_code == 302
        assert fresh(case).excluded_as == "not_eligible"
        assert Event.objects.latest("pk").action == "case.excluded"

    def test_two_forms_on_a_page_have_ids_of_their_own(self, client, inspector, lead, case):
        propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector)
        client.force_login(lead)
        response = client.post(address(case), {"do": "exclude", "reason": "other", "words": "So."})
        assert response.status_code == 400
        html = response.content.decode()
        assert {'value="exclude"', 'value="decide"'} <= set(re.findall(r'value="\w+"', html))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids))

    def test_once_locked_the_case_offers_no_exclusion(self, signed_in, inspector, case):
        overview = reverse("cases:case", args=[case.public_id])
        assert "Propose to exclude this case" in said(signed_in(inspector).get(overview))
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        assert "exclude this case" not in said(signed_in(inspector).get(overview))
        page = said(signed_in(inspector).get(address(case)))
        assert "Nobody proposed to exclude this case." in page
        assert "Exclude this case" not in page

    def test_once_locked_it_is_read_only(self, post, signed_in, lead, case):
        Lifecycle.objects.filter(inspection=case.inspection).update(state="locked")
        page = signed_in(lead).get(address(case))
        assert "locked" in said(page)
        assert 'name="do"' not in page.content.decode()
        response = post(lead, case, "exclude", reason="other", words="So.")
        assert response.status_code == 409
        assert "So." in response.content.decode()


class TestReplacing:
    def test_the_reserve_is_taken_in_the_same_step(self, post, signed_in, lead, drawn):
        case = case_with_reserves(drawn)
        reserve = next_reserve(case).candidate
        page = said(signed_in(lead).get(address(case)))
        assert f"Take case {reserve.reference} into the sample in its place" in page
        assert "It is the next reserve of the same stratum." in page
        assert post(lead, case, "exclude", reason="no_file", words="Lost.").status_code == 302
        assert Case.objects.get(replaces=case).candidate == reserve
        page = said(signed_in(lead).get(address(case)))
        assert f"Case {reserve.reference} took its place." in page
        assert f"Case {reserve.reference} stays in the sample too" in page
        assert f"It took the place of case {case.reference} ." in said(
            signed_in(lead).get(address(Case.objects.get(replaces=case)))
        )

    def test_or_later(self, post, lead, drawn):
        case = case_with_reserves(drawn)
        propose_exclusion(case=case, reason="no_file", words="Lost.", by=lead)
        assert post(lead, case, "decide", agreed="yes", take="").status_code == 302
        assert not Case.objects.filter(replaces=case).exists()
        assert post(lead, case, "replace").status_code == 302
        assert Case.objects.filter(replaces=case).exists()

    @pytest.mark.parametrize("candidate", ["", "x", "00000000-0000-4000-8000-000000000000"])
    def test_a_reserve_that_is_none(self, post, lead, drawn, candidate):
        case = case_with_reserves(drawn)
        response = post(lead, case, "exclude", reason="no_file", words="Lost.", candidate=candidate)
        assert response.status_code == 400
        assert "There is no such reserve." in said(response)
        assert fresh(case).excluded_reason == ""

    def test_another_took_it_meanwhile_and_the_page_offers_the_next(self, client, lead, drawn):
        case = case_with_reserves(drawn)
        seen = next_reserve(case).candidate
        Case.objects.create(inspection=drawn, reference="X", sample="court", disposal="referral_order", candidate=seen)
        client.force_login(lead)
        typed = {"do": "exclude", "reason": "no_file", "words": "Lost.", "take": "on", "candidate": seen.public_id}
        response = client.post(address(case), typed)
        assert response.status_code == 400
        assert "is the next reserve now" in said(response)
        assert Fields(response.content.decode()).fields["candidate"] == str(next_reserve(case).candidate.public_id)
        assert "Lost." in response.content.decode()

    @pytest.mark.parametrize("do", ["exclude", "decide"])
    def test_the_last_was_taken_meanwhile_and_nothing_is_excluded_in_silence(self, client, lead, drawn, do):
        case = case_with_reserves(drawn)
        proposal = ""
        if do == "decide":
            proposal = propose_exclusion(case=case, reason="no_file", words="Lost.", by=lead).pk
        client.force_login(lead)
        seen = next_reserve(case).candidate
        number = 0
        while reserve := next_reserve(case):
            number += 1
            Case.objects.create(
                inspection=drawn,
                reference=f"X{number}",
                sample=case.sample,
                disposal=case.disposal,
                candidate=reserve.candidate,
            )
        typed = {"reason": "no_file", "words": "Lost.", "agreed": "yes", "proposal": proposal}
        response = client.post(address(case), {"do": do, "take": "on", "candidate": seen.public_id} | typed)
        assert response.status_code == 400
        assert "no reserve is left" in said(response).lower()
        assert fresh(case).excluded_reason == ""

    def test_where_there_is_none_the_sample_gets_smaller(self, signed_in, lead, case):
        assert "the sample gets one case smaller" in said(signed_in(lead).get(address(case)))


class TestRestoring:
    def test_with_words(self, post, lead, case):
        exclude_case(case=case, reason="not eligible", by=lead)
        assert post(lead, case, "restore").status_code == 400
        assert post(lead, case, "restore", words="It is.").status_code == 302
        assert fresh(case).excluded_reason == ""


class TestThePageOfAll:
    def test_the_log(self, signed_in, inspector, lead, manager, drawn, make_case):
        agreed, once, restored, declined, brought = drawn.cases.filter(sample="court")[:5]
        proposal = propose_exclusion(case=agreed, reason="no_file", words="Lost in a flood.", by=inspector)
        agree_exclusion(proposal=proposal, words="I asked.", by=lead, reserve=next_reserve(agreed).candidate)
        exclude_at_once(case=once, reason="not_eligible", words="Elsewhere.", by=lead)
        exclude_at_once(case=restored, reason="no_file", words="Lost too.", by=lead)
        restore_to_sample(case=restored, words="Found again.", by=lead)
        proposal = propose_exclusion(case=declined, reason="conflict", words="A cousin.", by=inspector)
        decline_exclusion(proposal=proposal, words="Of nobody here.", by=lead)
        exclude_case(case=brought, reason="Ineligible", by=lead)
        for user in (inspector, lead, manager):
            page = said(signed_in(user).get(reverse("cases:exclusions", args=[drawn.public_id])))
            assert "1 case was replaced: its file could not be had." in page
            assert (
                "2 cases were excluded and not replaced: 1 was not eligible, and 1 was left out for another reason."
                in page
            )
            replaced = Case.objects.get(replaces=agreed).reference
            assert re.search(
                rf"Not eligible \(1\) {once.reference} Elsewhere\. Not proposed Leah Costa, [\w ]+ No case "
                rf"The file cannot be had \(1\) {agreed.reference} Lost in a flood\. Ines Archer, [\w ]+ "
                rf"Leah Costa, [\w ]+: I asked\. {replaced} "
                rf"In words of its own \(1\) {brought.reference} Ineligible Not proposed Taken over by Leah Costa",
                page,
            )
            assert re.search(rf"Case {declined.reference} : stays in the sample .* Of nobody here\.", page)
            assert re.search(rf"Case {restored.reference} : restored to the sample .* Found again\.", page)

    def test_nothing_yet(self, signed_in, lead, inspection):
        page = said(signed_in(lead).get(reverse("cases:exclusions", args=[inspection.public_id])))
        assert "No case is excluded." in page

    def test_as_many_queries_for_many_as_for_few(self, signed_in, inspector, lead, inspection, make_case):
        def fill(number):
            for _ in range(number):
                exclude_case(case=make_case(inspection), reason="Ineligible", by=lead)
                exclude_at_once(case=make_case(inspection), reason="no_file", words="Lost.", by=lead)
                propose_exclusion(case=make_case(inspection), reason="other", words="So.", by=inspector)

        counts = []
        client = signed_in(lead)
        for number in (1, 4):
            fill(number)
            for name in ("cases:exclusions", "cases:today"):
                with CaptureQueriesContext(connection) as queries:
                    client.get(reverse(name, args=[inspection.public_id]))
                counts.append(len(queries))
        assert counts[:2] == counts[2:]

    def test_somebody_from_outside_leaves_a_trace(self, signed_in, manager, case):
        for url in (address(case), reverse("cases:exclusions", args=[case.inspection.public_id])):
            signed_in(manager).get(url)
            assert Event.objects.latest("pk").action == "evidence.read"
