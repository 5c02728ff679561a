"""The pages of answers from a file: sent, looked at, imported; by whom, and what becomes of it where something is wrong."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import exclude_case, set_imported_state
from cases.bulk.reading import opened
from cases.models import Answer, AnswerRevision, CaseState
from cases.views import bulk
from inspections.actions import add_member
from inspections.models import Lifecycle, State
from tests.cases.caseloads import as_csv, as_xlsx
from tests.cases.posting import Fields, said
from tests.people import person

pytestmark = pytest.mark.django_db
HEADER = ["reference", "2.1.1", "2.1.1.note", "2.1.2"]


@pytest.fixture
def address(inspection):
    return reverse("cases:bulk", args=[inspection.public_id])


@pytest.fixture
def check(client, inspector, address):
    """Return a function that sends rows as the inspector, or as somebody else, and returns the response."""

    def send(*rows, by=None, data=None):
        client.force_login(by or inspector)
        return client.post(address, {"file": SimpleUploadedFile("week.csv", data or as_csv(rows))})

    return send


@pytest.fixture
def press(client, address):
    """Return a function that presses the button of a page, with some of its fields filled in."""

    def send(page, follow=True, **changes):
        fields = Fields(page.content.decode()).fields.dict() | changes
        return client.post(address, fields, follow=follow)

    return send


def stands(case, question):
    return case.answers.get(question=question).value


class TestFromTheFileToTheAnswers:
    def test_it_is_looked_at_and_then_imported(self, check, press, inspection, make_case, inspector):
        one, two = make_case(inspection), make_case(inspection)
        page = check(HEADER, [one.reference, "yes", "Clear", "no"], [two.reference, "no", "", ""])
        assert page.status_code == 200
        assert "New answers and notes 3 Answers that stand and differ 0" in said(page)
        assert "Cases that change 2 of 2 in the table" in said(page)
        assert not AnswerRevision.objects.exists()
        done = press(page)
        assert "3 answers were imported in 2 cases." in said(done)
        assert done.redirect_chain[-1][0] == reverse("cases:list", args=[inspection.public_id])
        assert stands(one, "2.1.1") == "yes"
        assert one.answers.get(question="2.1.1").answered_by == inspector

    def test_the_button_twice_is_the_same_as_once(self, check, press, inspection, case):
        page = check(HEADER, [case.reference, "yes", "", ""])
        press(page)
        again = press(page)
        assert "Every answer of this file stands already. Nothing was changed." in said(again)
        assert AnswerRevision.objects.count() == 1

    def test_a_file_that_says_what_stands(self, check, inspection, case, give):
        give(case, "2.1.1", "yes")
        page = check(HEADER, [case.reference, "yes", "", ""])
        assert page.status_code == 302
        assert not page.wsgi_request.POST.get("do")

    def test_what_stands_is_shown_and_replaced_with_a_reason(
        self, check, press, inspection, case, give, other_inspector
    ):
        give(case, "2.1.1", "no", by=other_inspector, note="Was there")
        page = check(HEADER, [case.reference, "yes", "On paper", ""])
        words = said(page)
        assert f"{case.reference}, 2.1.1 No Omar Brandt" in words
        assert f"{case.reference}, 2.1.1 Note Was there Omar Brandt" in words
        assert "Replace the answer that stands" in words
        refused = press(page)
        assert refused.status_code == 400
        assert "Say that it is to be replaced and why" in said(refused)
        refused = press(refused, replace="on", because="  ")
        assert refused.status_code == 400
        assert "Say why they are replaced." in said(refused)
        assert Fields(refused.content.decode()).fields["replace"] == "on"
        assert stands(case, "2.1.1") == "no"
        done = press(refused, replace="on", because="Read again on paper")
        assert "1 answer was imported in 1 case." in said(done)
        revision = AnswerRevision.objects.get(case=case, version=2)
        assert (revision.note, revision.change_reason) == (
            "On paper",
            "From a file of answers. Read again on paper",
        )

    @pytest.mark.parametrize(
        ("because", "sentence"),
        [("n" * 2_001, "Write at most 2,000 characters."), ("a\0b", "Null characters are not allowed.")],
    )
    def test_a_reason_that_cannot_be_kept_loses_nothing(self, check, press, inspection, case, give, because, sentence):
        give(case, "2.1.1", "no")
        page = check(HEADER, [case.reference, "yes", "", ""])
        refused = press(page, replace="on", because=because)
        assert refused.status_code == 400
        assert sentence in said(refused)
        assert stands(case, "2.1.1") == "no"
        press(refused, because="b" * 2_000)
        assert stands(case, "2.1.1") == "yes"

    def test_what_a_fact_takes_out_of_the_figures_is_shown_and_left_out_with_a_reason(
        self, check, press, inspection, case, give, other_inspector
    ):
        give(case, "2.2.2", "yes", by=other_inspector)
        page = check(["reference", "safety_factors"], [case.reference, "no"])
        words = said(page)
        assert "Answers that would no longer be asked 1" in words
        assert f"{case.reference}, 2.2.2 Yes Omar Brandt" in words
        assert "Leave out the answer that would no longer be asked" in words
        refused = press(page)
        assert refused.status_code == 400
        assert "1 answer that stands would no longer be asked, and would leave the figures." in said(refused)
        assert "Say why they are left out." in said(press(refused, replace="on"))
        press(refused, replace="on", because="Read again on paper")
        assert not case.answers.get(question="2.2.2").asked

    def test_what_somebody_changes_meanwhile_is_shown_and_nothing_is_lost(
        self, check, press, inspection, case, give, other_inspector
    ):
        give(case, "2.1.2", "yes")
        page = check(HEADER, [case.reference, "yes", "", "no"])
        give(case, "2.1.1", "no", by=other_inspector)
        stale = press(page, replace="on", because="The paper is right")
        assert stale.status_code == 409
        words = said(stale)
        assert "1 answer of this file was changed after you looked." in words
        assert f"{case.reference}, 2.1.1 Omar Brandt" in words
        assert "Answers that stand and differ 2" in words
        fields = Fields(stale.content.decode()).fields
        assert (fields["replace"], fields["because"]) == ("on", "The paper is right")
        assert stands(case, "2.1.1") == "no"
        press(stale)
        assert (stands(case, "2.1.1"), stands(case, "2.1.2")) == ("yes", "no")

    def test_a_workbook_goes_the_same_way(self, check, press, inspection, case):
        page = check(data=as_xlsx([HEADER, [case.reference, "Yes", "", "Not applicable"]]))
        assert page.status_code == 400
        assert "2.1.2.reason" in said(page)
        page = check(
            data=as_xlsx([[*HEADER, "2.1.2.reason"], [case.reference, "Yes", "", "Not applicable", "Not due"]])
        )
        press(page)
        assert stands(case, "2.1.2") == "not_applicable"


class TestWhatIsWrong:
    def test_every_fault_is_shown_and_nothing_kept(self, check, inspection, case):
        page = check(HEADER, [case.reference, "perhaps", "", ""], ["C-99", "yes", "", ""])
        assert page.status_code == 400
        words = said(page)
        assert "Error: Answers from a file" in words
        assert "There are 2 faults in this file." in words
        assert "2 2.1.1 perhaps Question 2.1.1 takes one of yes, no, not_applicable." in words
        assert "3 reference C-99 There is no case of this reference" in words

    def test_long_lists_are_cut_and_say_so(self, check, inspection, case, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_SHOWN", 1)
        page = check(HEADER, *([f"C-9{number}", "yes", "", ""] for number in range(3)))
        assert "2 more faults are not shown here." in said(page)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"", "This file is empty. Choose the file with the table of answers."),
            (b"case,2.1.1\nC1,yes\n", "No column is called “reference”."),
            (b"\xd0\xcf\x11\xe0", "old format"),
        ],
    )
    def test_what_is_no_table_is_a_sentence(self, client, address, inspector, data, sentence):
        client.force_login(inspector)
        page = client.post(address, {"file": SimpleUploadedFile("week.csv", data)})
        assert page.status_code == 400
        assert sentence in said(page)

    def test_without_a_file(self, client, address, inspector):
        client.force_login(inspector)
        assert "Choose the file with the table of answers." in said(client.post(address))

    def test_more_than_a_page_can_carry(self, check, inspection, case, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_SENT", 50)
        page = check(HEADER, [case.reference, "yes", "n" * 60, ""])
        assert page.status_code == 400
        assert "Divide it into two files" in said(page)

    def test_a_case_that_closed_meanwhile(self, check, press, inspection, make_case, lead):
        one, two = make_case(inspection), make_case(inspection)
        page = check(HEADER, [one.reference, "yes", "", ""], [two.reference, "yes", "", ""])
        set_imported_state(case=one, state=CaseState.AGREED, by=lead)
        exclude_case(case=two, reason="No file", by=lead)
        refused = press(page)
        assert refused.status_code == 400
        assert "This case is agreed" in said(refused)
        assert "This case is excluded" in said(refused)
        assert not AnswerRevision.objects.exists()

    @pytest.mark.parametrize("state", [State.PLANNED, State.LOCKED])
    def test_an_inspection_that_takes_no_answers(self, client, check, press, address, inspection, case, state):
        page = check(HEADER, [case.reference, "yes", "", ""])
        Lifecycle.objects.filter(inspection=inspection).update(state=state)
        for refused in (press(page), check(HEADER, [case.reference, "yes", "", ""])):
            assert refused.status_code == 400
            assert "There is a problem" in said(refused)
        assert 'type="file"' not in client.get(address).content.decode()
        assert not AnswerRevision.objects.exists()

    @pytest.mark.parametrize("table", ["", "{}", "[[1],[],[],1]", '[["reference"],[[2,["C01"]]],[],"x"]', "\x00"])
    def test_what_no_page_sent(self, client, address, inspector, case, table):
        client.force_login(inspector)
        page = client.post(address, {"do": "import", "table": table, "seen": "x"})
        assert page.status_code == 400
        assert "Choose the file again." in said(page)

    @pytest.mark.parametrize("seen", ["", "-1", "9" * 30, "²", "x"])
    def test_a_moment_that_no_page_sent_counts_as_the_first(
        self, client, address, inspector, inspection, case, give, seen
    ):
        give(case, "2.1.1", "no")
        client.force_login(inspector)
        table = json.dumps([HEADER, [[2, [case.reference, "yes", "\ud800", ""]]], [], 1])
        page = client.post(
            address, {"do": "import", "table": table, "seen": seen, "replace": "on", "because": "Because"}
        )
        assert page.status_code == 409
        assert stands(case, "2.1.1") == "no"


class TestWhoMay:
    def test_local_assessors_send_and_are_given_their_own_cases(
        self, check, press, client, inspection, make_case, lead
    ):
        assessor = person("Lois Gray")
        add_member(inspection=inspection, user=assessor, role="local_assessor", by=lead)
        mine, other = make_case(inspection, allocated_to=assessor), make_case(inspection)
        page = check(HEADER, [mine.reference, "yes", "", ""], [other.reference, "yes", "", ""], by=assessor)
        assert page.status_code == 400
        assert "There is no case that is given to you of this reference" in said(page)
        press(check(HEADER, [mine.reference, "yes", "", ""], by=assessor))
        assert stands(mine, "2.1.1") == "yes"
        file = client.get(reverse("cases:bulk_template", args=[inspection.public_id, "csv"])).content.decode()
        assert mine.reference in file
        assert other.reference not in file

    def test_a_case_given_to_somebody_else_after_the_dry_run(
        self, check, press, inspection, make_case, lead, inspector
    ):
        assessor = person("Lois Gray")
        add_member(inspection=inspection, user=assessor, role="local_assessor", by=lead)
        case = make_case(inspection, allocated_to=assessor)
        page = check(HEADER, [case.reference, "yes", "", ""], by=assessor)
        case.allocated_to = inspector
        case.save()
        assert press(page).status_code == 400
        assert not AnswerRevision.objects.exists()

    @pytest.mark.parametrize("role", ["quality_lead", "observer", "partner_inspector"])
    def test_others_of_the_team_do_not(self, client, address, inspection, case, lead, role):
        somebody = person("Some One")
        discipline = "health" if role == "partner_inspector" else ""
        add_member(inspection=inspection, user=somebody, role=role, discipline=discipline, by=lead)
        client.force_login(somebody)
        table = json.dumps([HEADER, [[2, [case.reference, "yes", "", ""]]], [], 1])
        assert client.get(address).status_code == 403
        assert client.post(address, {"do": "import", "table": table, "seen": "0"}).status_code == 403
        assert not AnswerRevision.objects.exists()

    def test_the_page_of_cases_leads_there(self, client, address, inspection, inspector, manager):
        cases = reverse("cases:list", args=[inspection.public_id])
        for somebody, leads in ((inspector, True), (manager, False)):
            client.force_login(somebody)
            assert (address in client.get(cases).content.decode()) == leads


class TestTheTableToFillIn:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_it_is_read_again_and_says_nothing(self, client, check, inspection, make_case, inspector, lead, kind):
        case = make_case(inspection, reference="=1+1")
        gone = make_case(inspection)
        exclude_case(case=gone, reason="No file", by=lead)
        client.force_login(inspector)
        response = client.get(reverse("cases:bulk_template", args=[inspection.public_id, kind]))
        assert response["Content-Disposition"].endswith(f'answers-to-fill-in.{kind}"')
        table = opened(response.content)
        assert [cells[:2] for _, cells in table.rows] == [("'=1+1", "court")]
        assert {"2.1.1", "2.1.1.reason", "3.4.1", "safety_factors", "SUP7"} <= set(table.header)
        assert check(data=response.content).status_code == 302
        assert not AnswerRevision.objects.filter(case=case).exists()

    def test_filled_in_it_is_imported(self, client, check, press, inspection, case, inspector):
        client.force_login(inspector)
        file = client.get(reverse("cases:bulk_template", args=[inspection.public_id, "csv"])).content.decode(
            "utf-8-sig"
        )
        header, row = csv.reader(io.StringIO(file))
        questions = case.questions
        filled = [
            "true"
            if name in questions and questions[name].kind == "fact"
            else "no"
            if name in questions and questions[name].kind == "rated"
            else cell
            for name, cell in zip(header, row, strict=True)
        ]
        press(check(header, filled))
        assert not Answer.objects.filter(case=case, kind__in=["rated", "fact"], value=None).exists()

    def test_of_no_other_kind(self, client, inspection, inspector):
        client.force_login(inspector)
        assert client.get(reverse("cases:bulk_template", args=[inspection.public_id, "pdf"])).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_file(check, inspection, make_case, give):
    counts = []
    for count in (2, 4):
        cases = [make_case(inspection) for _ in range(count)]
        for case in cases:
            give(case, "2.1.1", "no")
        with CaptureQueriesContext(connection) as asked:
            page = check(HEADER, *([case.reference, "yes", "", "no"] for case in cases))
        assert page.status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0]
