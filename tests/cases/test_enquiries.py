"""Further enquiries on a case: notes of partner inspectors, and what the case's inspector makes of them."""

import pytest
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case
from cases.enquiries import add_enquiry, decide_enquiry, waiting_enquiries
from cases.models import CaseState, Enquiry, EnquiryDecision
from inspections.actions import add_member
from inspections.errors import InspectionLocked, Refused, Unfit
from inspections.models import Lifecycle, Sequence, State
from tests.cases.lines import some_line
from tests.cases.posting import fields_of, said
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def partner(inspection, lead):
    user = person("Pat Health")
    add_member(inspection=inspection, user=user, role="partner_inspector", discipline="health", by=lead)
    return user


@pytest.fixture
def case(case, inspector):
    case.allocated_to = inspector
    case.save(update_fields=["allocated_to"])
    return case


@pytest.fixture
def line(case, lead, partner):
    return some_line(case, lead, assigned=(partner.pk,))


@pytest.fixture
def enquiry(case, line, partner):
    return add_enquiry(case=case, line=line, text="The nurse was not told.", by=partner)


@pytest.fixture
def url(case):
    return reverse("cases:enquiries", args=[case.public_id])


class TestAdding:
    def test_is_a_note_that_moves_nothing(self, case, line, partner):
        before = Sequence.objects.get(inspection=case.inspection).value
        enquiry = add_enquiry(case=case, line=line, text="The nurse was not told.", by=partner)
        assert list(waiting_enquiries(case)) == [enquiry]
        assert Sequence.objects.get(inspection=case.inspection).value == before
        assert not case.answers.exclude(version=0).exists()
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.case) == ("enquiry.added", "Pat Health", str(case.public_id))

    def test_not_without_a_text_nor_for_a_line_of_other_cases(self, case, line, make_case, partner):
        with pytest.raises(Unfit, match="Enter what you found"):
            add_enquiry(case=case, line=line, text=" ", by=partner)
        with pytest.raises(Unfit, match="did not come from case"):
            add_enquiry(case=make_case(case.inspection), line=line, text="Seen.", by=partner)
        assert not Enquiry.objects.exists()

    def test_not_on_an_excluded_case_nor_once_locked(self, case, line, partner, lead):
        exclude_case(case=case, reason="conflict of interest", by=lead)
        with pytest.raises(Refused, match="is excluded"):
            add_enquiry(case=case, line=line, text="Seen.", by=partner)
        Lifecycle.objects.filter(inspection=case.inspection).update(state=State.LOCKED)
        with pytest.raises(InspectionLocked):
            add_enquiry(case=case, line=line, text="Seen.", by=partner)


class TestDeciding:
    def decide(self, enquiry, by, changed=False, reason="Known already.", **given):
        return decide_enquiry(enquiry=enquiry, changed=changed, reason=reason, by=by, **given)

    def test_no_change_with_a_reason(self, case, enquiry, inspector):
        decision = self.decide(enquiry, inspector)
        assert (decision.changed, decision.reason) == (False, "Known already.")
        assert not waiting_enquiries(case)
        event = Event.objects.latest("pk")
        assert (event.action, event.reason) == ("enquiry.decided", "Known already.")

    def test_changed_only_when_an_answer_was_changed_since(self, case, give, line, partner, inspector):
        give(case, "2.1.1", "yes")
        enquiry = add_enquiry(case=case, line=line, text="The nurse was not told.", by=partner)
        with pytest.raises(Unfit, match="No answer of this case was changed since"):
            self.decide(enquiry, inspector, changed=True)
        give(case, "2.1.1", "no")
        assert self.decide(enquiry, inspector, changed=True).changed

    @pytest.mark.parametrize(("parts", "field"), [({"changed": None}, "changed"), ({"reason": " \n"}, "reason")])
    def test_not_without_saying_which_and_why(self, enquiry, inspector, parts, field):
        with pytest.raises(Unfit) as refused:
            self.decide(enquiry, inspector, **parts)
        assert set(refused.value.faults) == {field}

    def test_once(self, enquiry, inspector):
        self.decide(enquiry, inspector)
        with pytest.raises(Refused, match="Ines Archer decided on this enquiry already"):
            self.decide(enquiry, inspector)
        assert EnquiryDecision.objects.count() == 1

    def test_by_the_cases_inspector_or_whoever_leads(self, enquiry, other_inspector, lead):
        with pytest.raises(Refused, match="is Ines Archer’s, who decides"):
            self.decide(enquiry, other_inspector)
        assert self.decide(enquiry, lead, leads=True).by == lead

    def test_by_anybody_who_answers_where_it_is_nobodys(self, case, enquiry, other_inspector):
        case.allocated_to = None
        case.save(update_fields=["allocated_to"])
        assert self.decide(enquiry, other_inspector)


class TestPages:
    def test_a_partner_inspector_adds_one(self, signed_in, partner, case, line, url):
        client = signed_in(partner)
        posted = fields_of(client.get(url))
        posted["text"] = "The nurse was not told."
        assert client.post(url, posted.dict()).status_code == 302
        enquiry = Enquiry.objects.get()
        assert (enquiry.line, enquiry.by, enquiry.text) == (line, partner, "The nurse was not told.")
        text = said(client.get(url))
        assert "Pat Health, partner inspector (health)" in text
        assert "Waits for a decision" in text

    def test_for_one_of_several_lines_it_says_which(self, signed_in, partner, case, line, lead, url):
        other = some_line(case, lead, assigned=(partner.pk,), question="And school?")
        client = signed_in(partner)
        given = {"do": "add", "text": "Seen."}
        refused = client.post(url, given)
        assert refused.status_code == 400
        assert "Which line of enquiry is it for?" in said(refused)
        assert fields_of(refused)["text"] == "Seen."
        assert client.post(url, given | {"line": "x"}).status_code == 400
        assert client.post(url, given | {"line": other.public_id}).status_code == 302
        assert Enquiry.objects.get().line == other

    @pytest.mark.parametrize("who", ["lead", "inspector", "manager"])
    def test_nobody_else_adds_one(self, signed_in, request, case, url, who):
        client = signed_in(request.getfixturevalue(who))
        assert "Add a further enquiry" not in said(client.get(url))
        response = client.post(url, {"do": "add", "text": "Seen."})
        assert response.status_code == 403
        assert "cannot add a further enquiry to a case" in said(response)
        assert not Enquiry.objects.exists()

    @pytest.mark.parametrize("name", ["form", "interview", "submit"])
    def test_a_partner_inspector_gives_no_answer(self, signed_in, partner, case, line, name):
        parts = ["2.1"] if name == "form" else []
        address = reverse(f"cases:{name}", args=[case.public_id, *parts])
        posted = {"command": "7c2b0a52-0000-4000-8000-000000000000", "answer-2.1.1": "yes", "version-2.1.1": "0"}
        response = signed_in(partner).post(address, posted)
        assert response.status_code == 403
        assert "Your role here, partner inspector, cannot answer questions and submit cases." in said(response)
        assert not case.answers.exclude(version=0).exists()

    def test_nor_by_what_scripts_send(self, signed_in, partner, case, line):
        address = reverse("cases:save", args=[case.public_id])
        response = signed_in(partner).post(address, {"value": "yes"}, content_type="application/json")
        assert response.status_code == 403
        assert "cannot answer questions" in response.json()["sentence"]
        assert not case.answers.exclude(version=0).exists()

    def test_a_partner_inspector_decides_on_none(self, signed_in, partner, enquiry, url):
        given = {"do": "decide", "enquiry": enquiry.pk, f"enquiry-{enquiry.pk}-changed": "no"}
        response = signed_in(partner).post(url, given | {f"enquiry-{enquiry.pk}-reason": "So."})
        assert response.status_code == 403
        assert not EnquiryDecision.objects.exists()

    @pytest.mark.parametrize("name", ["case", "submit"])
    def test_the_cases_inspector_sees_it_where_they_work(self, signed_in, inspector, case, enquiry, url, name):
        client, address = signed_in(inspector), reverse(f"cases:{name}", args=[case.public_id])
        response = client.get(address)
        assert "1 further enquiry on this case waits for a decision" in said(response)
        assert "The nurse was not told." in said(response)
        assert f'href="{url}"' in response.content.decode()
        decide_enquiry(enquiry=enquiry, changed=False, reason="Known.", by=inspector)
        assert "waits for a decision" not in said(client.get(address))

    def test_and_decides(self, signed_in, inspector, case, give, enquiry, url):
        client = signed_in(inspector)
        given = {"do": "decide", "enquiry": enquiry.pk, f"enquiry-{enquiry.pk}-reason": "The nurse is right."}
        changed = given | {f"enquiry-{enquiry.pk}-changed": "yes"}
        for posted, sentence in (
            (given, "Select whether answers were changed."),
            (changed, "No answer of this case was changed since this enquiry."),
        ):
            refused = client.post(url, posted)
            assert refused.status_code == 400
            assert sentence in said(refused)
            assert f'href="#id_enquiry-{enquiry.pk}-changed"' in refused.content.decode()
            assert fields_of(refused)[f"enquiry-{enquiry.pk}-reason"] == "The nurse is right."
        give(case, "2.1.1", "no")
        assert client.post(url, changed).status_code == 302
        assert "Answers were changed: Ines Archer" in said(client.get(url))
        again = client.post(url, changed)
        assert again.status_code == 400
        assert "decided on this enquiry already" in said(again)

    def test_another_inspector_is_refused_and_the_lead_is_not(
        self, signed_in, other_inspector, lead, inspector, enquiry, url
    ):
        prefix = f"enquiry-{enquiry.pk}"
        given = {"do": "decide", "enquiry": enquiry.pk, f"{prefix}-changed": "no", f"{prefix}-reason": "Known."}
        client = signed_in(other_inspector)
        assert "Save this decision" not in said(client.get(url))
        refused = client.post(url, given)
        assert refused.status_code == 400
        assert "is Ines Archer’s, who decides" in said(refused)
        assert signed_in(lead).post(url, given).status_code == 302

    @pytest.mark.parametrize("key", ["", "x", "999999", "9" * 40])
    def test_no_such_enquiry(self, signed_in, inspector, enquiry, url, key):
        assert signed_in(inspector).post(url, {"do": "decide", "enquiry": key}).status_code == 404

    def test_one_of_another_case_is_not_here(self, signed_in, inspector, enquiry, make_case, case):
        other = make_case(case.inspection)
        address = reverse("cases:enquiries", args=[other.public_id])
        assert signed_in(inspector).post(address, {"do": "decide", "enquiry": enquiry.pk}).status_code == 404

    def test_locked_it_is_read_only(self, signed_in, inspector, case, enquiry, url):
        Lifecycle.objects.filter(inspection=case.inspection).update(state=State.LOCKED)
        client = signed_in(inspector)
        text = said(client.get(url))
        assert "are locked" in text
        assert "Save this decision" not in text
        prefix = f"enquiry-{enquiry.pk}"
        given = {"do": "decide", "enquiry": enquiry.pk, f"{prefix}-changed": "no", f"{prefix}-reason": "Known."}
        assert client.post(url, given).status_code == 409
        assert not EnquiryDecision.objects.exists()

    def test_an_agreed_case_takes_one_still(self, case, line, partner):
        case.state = CaseState.AGREED
        case.save(update_fields=["state"])
        assert add_enquiry(case=case, line=line, text="Seen.", by=partner)
