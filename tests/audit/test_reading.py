"""Reading case evidence from outside the team is recorded, once for each page; reading within it is not."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from audit.models import Event
from cases.actions import record_answer, record_answers
from cases.answers import Given

pytestmark = pytest.mark.django_db


def readings():
    return [event.summary for event in Event.objects.filter(action="evidence.read").order_by("pk")]


PAGES = {
    "cases:case": ("case", "Opened the overview of case {}, from outside the team."),
    "cases:history": ("case", "Opened the history of case {}, from outside the team."),
    "cases:review": ("case", "Opened the review of case {}, from outside the team."),
    "cases:interview": ("case", "Opened “Notebook and interview” of case {}, from outside the team."),
    "cases:list": ("inspection", "Opened the list of cases, from outside the team."),
    "cases:reviews": ("inspection", "Opened the reviews, from outside the team."),
    "cases:alerts": ("inspection", "Opened the individual alerts, from outside the team."),
}


def address(name, case):
    return reverse(name, args=[case.public_id if PAGES[name][0] == "case" else case.inspection.public_id])


@pytest.mark.parametrize("name", PAGES)
class TestPages:
    def test_a_manager_is_recorded_once(self, signed_in, manager, case, name):
        assert signed_in(manager).get(address(name, case)).status_code == 200
        (event,) = Event.objects.filter(action="evidence.read")
        assert event.summary == PAGES[name][1].format(case.reference)
        assert (event.who, event.inspection) == (manager.name, str(case.inspection.public_id))
        assert event.case == (str(case.public_id) if PAGES[name][0] == "case" else "")

    def test_what_is_recorded_is_not_fetched_again_to_be_kept(self, signed_in, manager, inspector, case, name):
        for user, kept in ((manager, False), (inspector, True)):
            page = signed_in(user).get(address(name, case))
            assert (b"data-never-kept" not in page.content) == kept

    def test_the_team_is_not(self, signed_in, inspector, lead, case, name):
        for user in (inspector, lead):
            assert signed_in(user).get(address(name, case)).status_code == 200
        assert readings() == []

    def test_nor_who_is_refused(self, signed_in, administrator, stranger, case, name):
        assert signed_in(administrator).get(address(name, case)).status_code == 403
        assert signed_in(stranger).get(address(name, case)).status_code == 404
        assert readings() == []


def test_a_page_of_the_form_is_named(signed_in, manager, case):
    client = signed_in(manager)
    assert client.get(reverse("cases:form", args=[case.public_id, "2.1"])).status_code == 200
    assert client.get(reverse("cases:form", args=[case.public_id, "9.9"])).status_code == 404
    assert readings() == [f"Opened “2.1 Assessment” of case {case.reference}, from outside the team."]


def test_what_is_behind_a_percentage(signed_in, manager, administrator, lead, case, settle):
    settle()
    address = reverse("ratings:question", args=[case.inspection.public_id, "2.1.1"])
    for user in (lead, administrator, manager):
        page = signed_in(user).get(address)
        assert (b"data-never-kept" not in page.content) == (user == lead)
    (event,) = Event.objects.filter(action="evidence.read")
    assert (event.who, event.question) == (manager.name, "2.1.1")
    assert event.summary == "Opened the cases and notes behind 2.1.1, from outside the team."


def test_saying_where_one_is_reads_nothing(signed_in, manager, case):
    signed_in(manager).post(
        reverse("cases:presence", args=[case.public_id]),
        {"page": "2.1", "tab": "8a2c6a2e-1e9e-4d0e-8a39-0d3a3a8a1f00"},
        content_type="application/json",
    )
    assert readings() == []


def test_a_manager_in_the_team_is_in_the_team(signed_in, manager, lead, case):
    from inspections.actions import add_member

    add_member(inspection=case.inspection, user=manager, role="quality_lead", by=lead)
    signed_in(manager).get(address("cases:case", case))
    assert readings() == []


class TestInWords:
    @pytest.fixture
    def told(self, case, inspector):
        """Return a function that gives an answer and returns how the record tells of it."""

        def give(question, value, **given):
            record_answer(case=case, by=inspector, given=Given(question=question, value=value, **given))
            return Event.objects.latest("pk").summary.replace(case.reference, "07")

        return give

    def test_an_answer(self, told):
        assert told("2.1.1", "yes") == "Answered 2.1.1 in case 07: Yes."
        assert told("2.1.1", "no", base=1) == "Changed 2.1.1 in case 07 from Yes to No."
        assert Event.objects.latest("pk").detail["was"] == "yes"
        assert told("2.1.1", "no", base=2, note="Seen.") == (
            "Changed what stands beside 2.1.1 in case 07, and left the answer as it was."
        )
        assert told("2.1.1", None, base=3) == "Cleared 2.1.1 in case 07, which was No."

    def test_a_text_is_not_repeated(self, told):
        assert "in case 07: a text." in told("notebook", "Read the file.")
        assert "Changed “" in told("notebook", "Read the file again.", base=1)
        assert "in case 07, which was a text." in told("notebook", None, base=2)

    def test_a_fact_by_its_words(self, told, case):
        assert told("safety_factors", "true").startswith(f"Answered “{case.questions['safety_factors'].text[:10]}")

    def test_several_at_once_say_what_each_was(self, case, inspector):
        record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
        record_answers(
            case=case,
            by=inspector,
            answers=[
                Given(question="2.1.1", value="no", base=1),
                Given(question="2.1.2", value="yes"),
                Given(question="notebook", value="A long story."),
            ],
        )
        detail = Event.objects.get(action="answers.recorded").detail
        assert detail == {"answers": {"2.1.1": ["yes", "no"], "2.1.2": [None, "yes"], "notebook": None}}


class TestCommands:
    def test_taking_a_bundle_out(self, inspection, capsys):
        call_command("dump_inspection", inspection.slug)
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.inspection) == (
            "bundle.exported",
            "Evenhand command line",
            str(inspection.public_id),
        )

    def test_taking_an_annex_out(self, inspection, capsys):
        call_command("annex", inspection.slug, format="csv")
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.detail["format"]) == ("annex.exported", "Evenhand command line", "csv")


def test_the_key_to_a_browser_is_made_once(signed_in, inspector):
    client = signed_in(inspector)
    for _ in range(2):
        client.post(reverse("accounts:device_key"))
    assert Event.objects.filter(action="device_key.made", who_email=inspector.email).count() == 1
