"""How firm the ratings are, on its page: who opens it when, and what is changed afterwards takes a second person."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from cases import sampling
from cases.actions import exclude_case, record_answer
from cases.adjustments import adjusted_document
from cases.answers import Given
from cases.models import Draw, SampleAdjustment
from cases.plans import SamplePlan
from inspections.actions import add_member
from inspections.errors import Refused
from inspections.models import Sequence, State
from ratings.actions import lock_ratings
from ratings.later_changes import changes_after_opening, unconfirmed_changes
from ratings.models import ChangeAgreement, FirmnessOpening
from ratings.openings import agree_changes, open_firmness
from ratings.tallies import count_answers
from tests.people import person
from tests.ratings.tables import table
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db


def domain_of(inspection, code="2"):
    return next(domain for domain in inspection.document.domains if domain.code == code)


def how_firm(inspection):
    return reverse("ratings:how_firm", args=[inspection.public_id])


def changes_page(inspection):
    return reverse("ratings:later_changes", args=[inspection.public_id])


def turn(inspection, by, question, value, **more):
    """Change the answer of the first case that has the other one, and return the case."""
    other = {"yes": "no", "no": "yes", "not_applicable": "yes"}[value]
    case = inspection.cases.filter(
        answers__question=question, answers__value=other, answers__asked=True, excluded_reason=""
    ).first()
    answer = case.answers.get(question=question)
    record_answer(case=case, by=by, given=Given(question, value, note=answer.note, base=answer.version, **more))
    return case


@pytest.fixture
def quality_lead(sefton, lead):
    """Return the quality lead of Sefton's inspection, who reviews and answers nothing."""
    someone = person("Quinn Lowe")
    add_member(inspection=sefton, user=someone, role="quality_lead", by=lead)
    return someone


@pytest.fixture
def opened(sefton, lead):
    """Return Sefton's inspection with both domains opened by the lead."""
    for code in ("2", "3"):
        open_firmness(inspection=sefton, domain=domain_of(sefton, code), by=lead)
    return sefton


class TestThePage:
    def test_it_opens_by_a_click_that_is_recorded_once(self, signed_in, sefton, lead):
        client, sequence = signed_in(lead), Sequence.objects.get(inspection=sefton).value
        html = client.get(how_firm(sefton)).content.decode()
        assert "You have not opened this yet." in html
        assert "Answers to move it down" not in html
        assert not FirmnessOpening.objects.exists()
        for _ in range(2):
            assert client.post(how_firm(sefton), {"domain": "2"}).url == f"{how_firm(sefton)}#domain-2"
        opening = FirmnessOpening.objects.get()
        assert (opening.domain, opening.sequence, opening.by) == ("2", sequence, lead)
        (event,) = Event.objects.filter(action="firmness.opened")
        assert event.summary == f"Opened how firm the ratings of court disposals are, after change {sequence}."
        html = client.get(how_firm(sefton)).content.decode()
        assert table(html, "2. Court disposals")
        assert html.count("You have not opened this yet.") == 1
        assert "The score and the overall rating follow when every domain below is opened." in html

    def test_it_has_the_numbers(self, signed_in, opened, lead):
        html = signed_in(lead).get(how_firm(opened)).content.decode()
        rows = {row[0].split()[0]: row for row in table(html, "2. Court disposals")}
        # Sefton 2.3.2 is 15 of 23, as in the worked table of the rules page.
        assert rows["2.3.2"][1:] == ["65% 15 of 23", "1", "4", "Good", "±13.4"]
        assert rows["2.2"][1:4] == ["cannot", rows["2.2.2"][3], "Inadequate"]
        overall, score = table(html, "The whole inspection")[1:]
        assert overall[0] == "Overall rating Requires improvement"
        assert score[0] == "Score 12/36"
        assert score[1] == "1"

    def test_margins_know_how_many_cases_were_eligible_when_the_sample_was_drawn(self, signed_in, opened, lead):
        client = signed_in(lead)
        assert "is not recorded" in client.get(how_firm(opened)).content.decode()
        document = opened.document
        by_rule = sampling.plan(document, {"court": 30, "out_of_court": 5})
        planned = SamplePlan(document, by_rule, None, opened.fieldwork_started)
        Draw.objects.create(inspection=opened, seed="s", checksum="c", plan=planned.stored, strata=[], by=lead)
        html = client.get(how_firm(opened)).content.decode()
        rows = {row[0].split()[0]: row for row in table(html, "2. Court disposals")}
        assert rows["2.3.2"][-1] == "±6.6"  # 13.4 × √((30 − 23) ÷ 29)
        assert "when the sample was drawn: 30 court and 5 out-of-court." in " ".join(html.split())
        # More relevant cases than were eligible: some were not drawn here, so nothing is corrected.
        rows = {row[0].split()[0]: row for row in table(html, "3. Out-of-court disposals")}
        assert rows["3.1.1"][-1] == "±16.5"

    def test_margins_are_those_of_the_confidence_that_was_agreed(self, signed_in, opened, lead):
        adjustment = SampleAdjustment(inspection=opened, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        document = adjusted_document(opened.document, adjustment.adjusted)
        by_rule = sampling.plan(document, {"court": 300, "out_of_court": 200})
        planned = SamplePlan(document, by_rule, adjustment, opened.fieldwork_started)
        Draw.objects.create(inspection=opened, seed="s", checksum="c", plan=planned.stored, strata=[], by=lead)
        html = signed_in(lead).get(how_firm(opened)).content.decode()
        assert "at 90% confidence" in html
        rows = {row[0].split()[0]: row for row in table(html, "2. Court disposals")}
        assert rows["2.3.2"][-1] == "±16.5"  # 1.6449 × √(0.25 ÷ 23) × √((300 − 23) ÷ 299)

    def test_numbers_only(self, signed_in, opened, lead):
        html = signed_in(lead).get(how_firm(opened)).content.decode()
        assert "/cases/" not in html.split("</nav>")[-1]
        for case in opened.cases.all():
            assert f">{case.reference}<" not in html

    def test_rounding_and_few_cases_are_marked(self, signed_in, make_example, lead):
        oxfordshire = make_example("oxfordshire-2020")
        open_firmness(inspection=oxfordshire, domain=domain_of(oxfordshire), by=lead)
        html = signed_in(lead).get(how_firm(oxfordshire)).content.decode()
        rows = {row[0].split()[0]: row for row in table(html, "2. Court disposals")}
        assert rows["2.2.2"][0].endswith("Rounding up decides the band: 11 of 17 is 64.71%.")
        assert "Few relevant cases" not in rows["2.2.2"][0]

    def test_it_waits_until_every_case_is_submitted_open_figures_or_not(self, signed_in, closed, lead, finish, settle):
        closed.figures_open = True
        closed.save(update_fields=["figures_open"])
        client = signed_in(lead)
        sentence = "is not shown until every case is submitted: 22 of 24 court cases are."
        assert sentence in client.get(how_firm(closed)).content.decode()
        assert sentence in client.post(how_firm(closed), {"domain": "2"}, follow=True).content.decode()
        assert not FirmnessOpening.objects.exists()
        finish(closed, lead)
        settle()
        client.post(how_firm(closed), {"domain": "2"})
        assert FirmnessOpening.objects.count() == 1

    @pytest.mark.parametrize("state", [State.PLANNED, State.FIELDWORK])
    def test_it_waits_for_cases(self, signed_in, make_inspection, lead, state):
        empty, client = make_inspection(state=state), signed_in(lead)
        sentence = "No case is read yet."
        assert sentence in client.get(how_firm(empty)).content.decode()
        assert sentence in client.post(how_firm(empty), {"domain": "2"}, follow=True).content.decode()
        assert not FirmnessOpening.objects.exists()

    @pytest.mark.parametrize("who", ["inspector", "quality_lead", "administrator"])
    def test_it_is_for_the_lead_and_managers(self, request, signed_in, opened, who):
        client = signed_in(request.getfixturevalue(who))
        assert client.get(how_firm(opened)).status_code == 403
        assert client.post(how_firm(opened), {"domain": "2"}).status_code == 403
        results = client.get(reverse("ratings:results", args=[opened.public_id])).content.decode()
        assert f'"{how_firm(opened)}"' not in results
        assert (changes_page(opened) in results) == (who == "quality_lead")

    @pytest.mark.parametrize("code", ["1", "9", ""])
    def test_there_is_nothing_to_open_in_other_domains(self, signed_in, sefton, lead, code):
        assert signed_in(lead).post(how_firm(sefton), {"domain": code}).status_code == 404

    def test_each_person_opens_for_themselves_and_the_page_says_who_did(self, signed_in, opened, manager):
        client = signed_in(manager)
        html = client.get(how_firm(opened)).content.decode()
        assert html.count("It was opened already, so whatever raises or lowers") == 2
        assert "Answers to move it down" not in html
        client.post(how_firm(opened), {"domain": "2"})
        html = " ".join(client.get(how_firm(opened)).content.decode().split())
        assert re.search(r"First opened by Leah Costa at [^<]+, then by Mani Doyle at ", html)

    def test_queries_do_not_grow(self, signed_in, opened, make_inspection, lead, settle, django_assert_num_queries):
        small = make_inspection()
        settle()
        client = signed_in(lead)
        for inspection in (opened, small):
            client.get(how_firm(inspection))
            with django_assert_num_queries(10):
                client.get(how_firm(inspection))


class TestChanges:
    def test_none_before_it_was_opened_and_none_that_moves_nothing(self, sefton, lead, inspector):
        turn(sefton, inspector, "2.1.1", "no")
        open_firmness(inspection=sefton, domain=domain_of(sefton), by=lead)
        turn(sefton, inspector, "2.1.1.a", "no")  # a prompt: no rating counts it
        turn(sefton, inspector, "3.1.1", "no")  # another domain, not opened
        case = sefton.cases.filter(answers__question="2.1.1", answers__value="yes").first()
        answer = case.answers.get(question="2.1.1")
        record_answer(case=case, by=inspector, given=Given("2.1.1", "yes", note="Seen again.", base=answer.version))
        assert changes_after_opening(sefton) == []

    def test_every_way_to_move_a_percentage_is_listed_with_what_it_moved(self, opened, inspector, lead):
        before = count_answers(opened.document, opened.pk)
        turned = turn(opened, inspector, "2.1.1", "no")
        turn(opened, inspector, "2.1.2", "yes")
        turn(opened, inspector, "2.1.3", "not_applicable", reason="There was nobody to keep safe.")
        excluded = opened.cases.filter(sample="out_of_court").first()
        exclude_case(case=excluded, reason="conflict of interest", by=lead)
        fact_case = opened.cases.filter(
            sample="court", answers__question="2.2.3", answers__value="no", answers__asked=True
        ).first()
        fact = fact_case.answers.get(question="harm_factors")
        record_answer(
            case=fact_case,
            by=inspector,
            given=Given("harm_factors", "false", base=fact.version, change_reason="None on file."),
        )
        first, second, third, fourth, fifth = changes_after_opening(opened)
        assert (first.case, first.by, first.domain) == (turned, inspector, "2")
        assert (first.raised, first.lowered) == ([], ["2.1.1"])
        (effect,) = first.effects
        assert effect.before == type(effect.before)(before["2.1.1"].yes, before["2.1.1"].no)
        assert (effect.after.yes, effect.after.no) == (effect.before.yes - 1, effect.before.no + 1)
        assert (second.raised, second.lowered) == (["2.1.2"], [])
        assert third.lowered == ["2.1.3"]
        assert third.effects[0].after.relevant == third.effects[0].before.relevant - 1
        assert (fourth.case, fourth.by, fourth.domain) == (excluded, lead, "3")
        assert {effect.question[0] for effect in fourth.effects} == {"3"}
        assert "2.2.3" in fifth.raised
        # Back through every change: the counts before them all are those of the opening.
        oldest = {}
        for change in reversed(changes_after_opening(opened)):
            oldest |= {effect.question: effect.before for effect in change.effects}
        for code, tally in oldest.items():
            assert (tally.yes, tally.no) == (before[code].yes, before[code].no), code

    def test_there_and_back_are_two_changes(self, opened, inspector):
        case = turn(opened, inspector, "2.1.1", "no")
        answer = case.answers.get(question="2.1.1")
        record_answer(case=case, by=inspector, given=Given("2.1.1", "yes", base=answer.version))
        lowered, raised = changes_after_opening(opened)
        assert (lowered.lowered, raised.raised) == (["2.1.1"], ["2.1.1"])
        assert raised.effects[0].after == lowered.effects[0].before

    def test_queries_do_not_grow_with_the_changes(self, opened, inspector, django_assert_num_queries):
        for _ in range(2):
            turn(opened, inspector, "2.1.1", "no")
            turn(opened, inspector, "3.1.1", "no")
            with django_assert_num_queries(8):
                changes_after_opening(opened)

    def test_without_an_opening_it_asks_once(self, sefton, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert unconfirmed_changes(sefton) == []


class TestASecondPerson:
    @pytest.fixture
    def changed(self, opened, inspector, lead):
        """Return Sefton's inspection with one change of an inspector and one of the lead, after both domains were opened."""
        turn(opened, inspector, "2.1.1", "no")
        turn(opened, lead, "2.1.2", "yes")
        return opened

    def test_agrees_on_the_page(self, signed_in, changed, quality_lead, inspector):
        mine, leads = unconfirmed_changes(changed)
        client = signed_in(quality_lead)
        html = client.get(changes_page(changed)).content.decode()
        text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
        assert "1 change raised a percentage, and 1 lowered one." in text
        assert "2.1.1 changed from “Yes” to “No”" in text
        assert re.search(r"2\.1\.1 lowered: from \d+ of \d+ \(\d+%\) to \d+ of \d+ \(\d+%\)", text)
        assert html.count('type="checkbox"') == 2
        response = client.post(changes_page(changed), {"change": [mine.sequence, leads.sequence]}, follow=True)
        assert "2 changes are agreed." in response.content.decode()
        assert unconfirmed_changes(changed) == []
        assert {(held.changed_by, held.by) for held in ChangeAgreement.objects.all()} == {
            (inspector, quality_lead),
            (leads.by, quality_lead),
        }
        assert Event.objects.filter(action="change.agreed", case=str(mine.case.public_id)).count() == 1
        assert "Agreed by Quinn Lowe" in response.content.decode()

    def test_is_not_the_one_who_made_it(self, signed_in, changed, lead):
        inspectors, own = unconfirmed_changes(changed)
        client = signed_in(lead)
        html = client.get(changes_page(changed)).content.decode()
        assert html.count('type="checkbox"') == 1
        assert "You made this change: another reviewer agrees it." in html
        response = client.post(changes_page(changed), {"change": [inspectors.sequence, own.sequence]})
        assert response.status_code == 400
        assert "It takes a second person: ask another reviewer." in response.content.decode()
        assert len(unconfirmed_changes(changed)) == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            ChangeAgreement.objects.create(inspection=changed, sequence=own.sequence, changed_by=lead, by=lead)

    @pytest.mark.parametrize("who", ["inspector", "manager"])
    def test_is_a_reviewer(self, request, signed_in, changed, who):
        client = signed_in(request.getfixturevalue(who))
        html = client.get(changes_page(changed)).content.decode()
        assert "2.1.1 lowered" in html
        assert 'type="checkbox"' not in html
        chosen = {"change": [change.sequence for change in unconfirmed_changes(changed)]}
        assert client.post(changes_page(changed), chosen).status_code == 403
        assert len(unconfirmed_changes(changed)) == 2

    @pytest.mark.parametrize(
        ("chosen", "sentence"),
        [
            ([], "Choose the changes that you agree."),
            (["x", "-1"], "Choose the changes that you agree."),
            (["999999"], "is not listed any more. Nothing was agreed"),
        ],
    )
    def test_what_cannot_be_agreed_says_why(self, signed_in, changed, quality_lead, chosen, sentence):
        response = signed_in(quality_lead).post(changes_page(changed), {"change": chosen})
        assert response.status_code == 400
        assert sentence in response.content.decode()
        assert "<title>Error: " in response.content.decode()

    def test_agrees_once(self, changed, quality_lead):
        sequence = unconfirmed_changes(changed)[0].sequence
        agree_changes(inspection=changed, sequences=[sequence], by=quality_lead)
        with pytest.raises(Refused, match=r"Quinn Lowe agreed the change in case .* already"):
            agree_changes(inspection=changed, sequences=[sequence], by=quality_lead)

    def test_locking_waits_for_it(self, changed, lead, quality_lead):
        changed = make_ready(changed, lead)
        with pytest.raises(Refused, match=r"2 changes made after “How firm is it.” was opened await a second person"):
            lock_ratings(inspection=changed, by=lead)
        agree_changes(
            inspection=changed, sequences=[held.sequence for held in unconfirmed_changes(changed)], by=quality_lead
        )
        lock_ratings(inspection=changed, by=lead)

    def test_where_the_ratings_are_locked_they_are_listed_in_both_directions(
        self, signed_in, changed, lead, quality_lead
    ):
        changed = make_ready(changed, lead)
        raised = [held.sequence for held in unconfirmed_changes(changed) if held.raised]
        agree_changes(inspection=changed, sequences=raised, by=quality_lead)
        client, address = signed_in(lead), reverse("ratings:agree", args=[changed.public_id])
        html = client.get(address).content.decode()
        upwards, downwards = html.split("Raised a percentage (")[1].split("Lowered a percentage (")
        assert upwards.startswith("1)")
        assert "raised: from" in upwards
        assert "Agreed by Quinn Lowe" in upwards
        assert downwards.startswith("1)")
        assert "lowered: from" in downwards
        assert "Agreed by" not in downwards
        assert 'name="change"' not in html  # they are agreed on their own page

    def test_nothing_of_it_is_said_there_before_it_was_opened(self, signed_in, sefton, lead):
        ready = make_ready(sefton, lead)
        html = signed_in(lead).get(reverse("ratings:agree", args=[ready.public_id])).content.decode()
        assert "Raised a percentage" not in html

    def test_nothing_is_said_before_it_was_opened(self, signed_in, sefton, lead):
        html = signed_in(lead).get(changes_page(sefton)).content.decode()
        assert "Nobody has opened it yet, so there is nothing to list." in html
