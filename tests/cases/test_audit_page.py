"""The audit record as people read it, of one inspection and of the whole installation."""

import csv
import re
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from audit import questions
from audit.actions import erase_events, record_event
from audit.models import Event
from audit.questions import sentence
from audit.sealing import seal
from cases.actions import record_answer, record_answers
from cases.answers import Given
from inspections.actions import add_member
from tests.people import person

pytestmark = pytest.mark.django_db
SECRET = "The file says he is afraid."


@pytest.fixture
def address(inspection):
    return reverse("cases:audit", args=[inspection.public_id])


EVERYWHERE = "/audit/"


def shown(client, address, **asked):
    """Return the sentences of a page, in order."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return [entry["sentence"] for entry in response.context["entries"]]


def rows(response):
    return list(csv.DictReader(StringIO(b"".join(response.streaming_content).decode())))


@pytest.fixture
def answered(case, inspector, other_inspector):
    """Return a case in which 2.1.1 was answered by one and changed by the other, with a reason."""
    record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="not_applicable", reason=SECRET))
    record_answer(case=case, by=other_inspector, given=Given(question="2.1.1", value="no", base=1))
    record_answer(case=case, by=inspector, given=Given(question="2.1.2", value="yes"))
    return case


class TestWords:
    def test_who_did_what(self, signed_in, lead, answered, address):
        told = shown(signed_in(lead), address)
        assert told[:3] == [
            f"Ines Archer answered 2.1.2 in case {answered.reference}: Yes.",
            f"Omar Brandt changed 2.1.1 in case {answered.reference} from Not applicable to No.",
            f"Ines Archer answered 2.1.1 in case {answered.reference}: Not applicable.",
        ]
        assert SECRET in signed_in(lead).get(address).content.decode()

    @pytest.mark.parametrize(
        ("summary", "told"),
        [
            ("Locked the ratings.", "Ann locked the ratings."),
            ("Gave Bob a role.", "Ann gave Bob a role."),
            ("The discretion no longer applies.", "Ann: The discretion no longer applies."),
        ],
    )
    def test_as_one_sentence(self, summary, told):
        assert sentence(SimpleNamespace(who="Ann", summary=summary)) == told

    def test_what_is_typed_is_escaped(self, signed_in, lead, inspection, address):
        record_event(action="x.done", by=lead, inspection=inspection, summary="Did <script>.", reason="<b>")
        content = signed_in(lead).get(address).content.decode()
        assert "Did &lt;script&gt;" in content
        assert "<b>" not in content


class TestWhoMay:
    def test_the_record_of_an_inspection(self, signed_in, lead, inspector, stranger, manager, administrator, address):
        got = {user.name: signed_in(user).get(address).status_code for user in (lead, manager, administrator)}
        assert set(got.values()) == {200}
        assert signed_in(inspector).get(address).status_code == 403
        assert signed_in(stranger).get(address).status_code == 404

    @pytest.mark.parametrize("path", [EVERYWHERE, "/audit.csv"])
    def test_the_record_of_the_installation(self, signed_in, lead, stranger, manager, administrator, path):
        for user in (lead, stranger):
            assert signed_in(user).get(path).status_code == 403
        for user in (manager, administrator):
            assert signed_in(user).get(path).status_code == 200

    def test_another_inspection_stays_out(self, signed_in, lead, answered, make_inspection, manager):
        other = make_inspection()
        told = shown(signed_in(lead), reverse("cases:audit", args=[other.public_id]))
        assert told
        assert not any("2.1.1" in held for held in told)
        assert any("2.1.1" in held for held in shown(signed_in(manager), EVERYWHERE))

    @pytest.mark.parametrize("path", [EVERYWHERE, None])
    def test_it_takes_no_post(self, signed_in, manager, address, path):
        assert signed_in(manager).post(path or address).status_code == 405

    def test_a_manager_is_recorded_and_others_are_not(self, signed_in, manager, lead, administrator, address):
        for user in (lead, administrator):
            for path in (address, EVERYWHERE):
                signed_in(user).get(path)
        assert not Event.objects.filter(action="evidence.read").exists()
        for path in (address, EVERYWHERE):
            signed_in(manager).get(path)
        assert [event.summary for event in Event.objects.filter(action="evidence.read").order_by("pk")] == [
            "Opened the audit record, from outside the team.",
            "Opened the audit record of the whole installation.",
        ]


class TestWithoutCases:
    """An administrator sees that something was done about a case, and nothing of what."""

    @pytest.mark.parametrize("everywhere", [False, True])
    def test_nothing_of_a_case_is_shown(self, signed_in, administrator, answered, address, everywhere):
        response = signed_in(administrator).get(EVERYWHERE if everywhere else address)
        content = response.content.decode()
        assert "Omar Brandt: answer recorded" in content
        assert "Gave" in content or "gave" in content
        for word in (SECRET, "2.1.1", answered.reference, str(answered.public_id), "Not applicable"):
            assert word not in content

    @pytest.mark.parametrize("everywhere", [False, True])
    def test_nothing_of_a_case_is_exported(self, signed_in, administrator, answered, inspection, everywhere):
        path = "/audit.csv" if everywhere else reverse("cases:audit_export", args=[inspection.public_id])
        taken = rows(signed_in(administrator).get(path))
        assert "Answer recorded" in {row["action"] for row in taken}
        assert not any(SECRET in value or "2.1.1" in value for row in taken for value in row.values())

    def test_nor_of_what_speaks_of_cases(self, signed_in, administrator, manager, lead, inspection, address):
        record_event(action="judgement.recorded", by=lead, inspection=inspection, summary="Rated it.", reason=SECRET)
        record_event(action="not.thought_of", by=lead, inspection=inspection, summary="Did it.", reason=SECRET)
        for path in (address, EVERYWHERE):
            content = signed_in(administrator).get(path).content.decode()
            assert "Leah Costa: judgement recorded" in content
            assert "Leah Costa: not thought of" in content
            assert SECRET not in content
            assert shown(signed_in(administrator), path, text="afraid") == []
            assert len(shown(signed_in(manager), path, text="afraid")) == 2
            assert len(shown(signed_in(administrator), path, text="lead inspector")) == 1

    @pytest.mark.parametrize("asked", [{"text": "afraid"}, {"text": "changed 2.1.1"}])
    def test_searching_tells_nothing(self, signed_in, administrator, manager, answered, address, asked):
        assert shown(signed_in(administrator), address, **asked) == []
        assert shown(signed_in(administrator), EVERYWHERE, **asked) == []
        assert len(shown(signed_in(manager), address, **asked)) == 1

    def test_neither_does_asking_for_a_case_or_a_question(self, signed_in, administrator, answered, address):
        every = shown(signed_in(administrator), address)
        assert shown(signed_in(administrator), address, question="2.1.1", case=str(answered.public_id)) == every

    def test_a_manager_who_is_an_observer_there(self, signed_in, manager, lead, answered, inspection):
        add_member(inspection=inspection, user=manager, role="observer", by=lead)
        told = shown(signed_in(manager), EVERYWHERE)
        assert "Omar Brandt: answer recorded" in told
        assert shown(signed_in(manager), EVERYWHERE, text="changed 2.1.1") == []


class TestAsking:
    def test_for_a_person(self, signed_in, lead, answered, address):
        for words in ("brandt", "omar.brandt@", "Omar Brandt"):
            told = shown(signed_in(lead), address, person=words)
            assert len(told) == 1
            assert told[0].startswith("Omar Brandt changed")
        assert shown(signed_in(lead), address, person="nobody at all") == []

    def test_for_a_kind(self, signed_in, lead, answered, address):
        assert len(shown(signed_in(lead), address, action="answer.recorded")) == 3
        options = dict(signed_in(lead).get(address).context["form"].fields["action"].choices)
        assert options["team.joined"] == "Team joined"

    def test_who_changed_this_answer(self, signed_in, lead, inspector, answered, make_case, address):
        other = make_case(answered.inspection)
        record_answer(case=other, by=lead, given=Given(question="2.1.1", value="yes"))
        record_answers(
            case=answered,
            by=lead,
            answers=[Given(question="2.1.1", value="yes", base=2), Given(question="2.1.3", value="yes")],
        )
        asked = {"case": str(answered.public_id), "question": "2.1.1"}
        told = shown(signed_in(lead), address, **asked)
        assert [held.split()[0] for held in told] == ["Leah", "Omar", "Ines"]
        assert len(shown(signed_in(lead), address, question="2.1.1")) == 4

    def test_for_a_case(self, signed_in, lead, answered, make_case, address):
        other = make_case(answered.inspection)
        assert shown(signed_in(lead), address, case=str(other.public_id)) == [
            f"Leah Costa added case {other.reference} to the sample."
        ]

    def test_for_days_both_included(self, signed_in, lead, inspection, address):
        now = timezone.localtime()
        for days in (3, 2, 1):
            Event.objects.create(
                action="thing.done", who="Ann", who_email="ann@example.org", summary=f"Waited {days}.",
                inspection=str(inspection.public_id), at=now - timedelta(days=days),
            )  # fmt: skip

        def day(name, days):
            at = now - timedelta(days=days)
            return {f"{name}-day": at.day, f"{name}-month": at.month, f"{name}-year": at.year}

        told = shown(signed_in(lead), address, **day("since", 2), **day("until", 1))
        assert told == ["Ann waited 1.", "Ann waited 2."]

    @pytest.mark.parametrize(
        ("asked", "says"),
        [
            ({"since-day": "31", "since-month": "2", "since-year": "2026"}, "Enter a real date to look from."),
            ({"until-day": "x"}, "Enter a real date to look to."),
            (
                {f"{name}-{part}": value for name, year in (("since", 2026), ("until", 2025))
                 for part, value in (("day", 1), ("month", 1), ("year", year))},
                "not before the date to look from",
            ),
            ({"action": "no.such"}, "Select"),
            ({"text": "a\x00b"}, "Null characters"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_understood(self, signed_in, lead, address, inspection, asked, says):
        response = signed_in(lead).get(address, asked | {"person": "Typed by hand"})
        content = response.content.decode()
        assert response.status_code == 400
        assert says in content
        assert "<title>Error: " in content
        assert "Typed by hand" in content
        export = signed_in(lead).get(reverse("cases:audit_export", args=[inspection.public_id]), asked)
        assert export.status_code == 400
        assert not Event.objects.filter(action="audit.exported").exists()

    @pytest.mark.parametrize("given", ["x", "-1", "9" * 30, "²", "9223372036854775807"])
    def test_a_page_that_is_none(self, signed_in, lead, address, given):
        for name in ("before", "after"):
            assert signed_in(lead).get(address, {name: given}).status_code == 200


class TestPages:
    @pytest.fixture
    def many(self, inspection):
        for number in range(120):
            record_event(
                action="thing.done",
                by=SimpleNamespace(name="Ann", email="ann@example.org"),
                inspection=inspection,
                summary=f"Counted {number}.",
            )

    def walk(self, client, address, way, start):
        numbers, path = [], start
        while path:
            response = client.get(address + path)
            entries = response.context["entries"]
            numbers.append([int(re.search(r"\d+", held["sentence"])[0]) for held in entries])
            path = ((response.context["pagination"] or {}).get(way) or {}).get("href")
        return numbers

    def test_there_and_back_again(self, signed_in, lead, many, address):
        client = signed_in(lead)
        older = self.walk(client, address, "next", "?action=thing.done")
        assert older == [list(range(119, 69, -1)), list(range(69, 19, -1)), list(range(19, -1, -1))]
        last = Event.objects.filter(action="thing.done").order_by("pk").first().pk
        newer = self.walk(client, address, "previous", f"?action=thing.done&after={last}")
        assert [held[0] for held in newer] == [50, 100, 119]

    def test_words_are_looked_for_a_stretch_at_a_time(self, signed_in, lead, many, address, monkeypatch):
        monkeypatch.setattr(questions, "LOOK", 40)
        client = signed_in(lead)
        response = client.get(address, {"text": "counted 1."})
        assert response.context["entries"] == []
        assert "Choose “Older”" in response.content.decode()
        pages = self.walk(client, address, "next", "?text=counted+1.")
        assert [held for page in pages for held in page] == [1]
        assert len(pages) >= 3

    def test_the_number_of_queries_stays(self, client, lead, many, address, django_assert_max_num_queries, answered):
        client.force_login(lead)
        client.get(address)
        with django_assert_max_num_queries(20) as few:
            client.get(address + "?before=5")
        with django_assert_max_num_queries(len(few)):
            client.get(address)


class TestTakingOut:
    def test_everything_asked_for_oldest_first_and_recorded(self, signed_in, lead, answered, inspection, address):
        seal()
        response = signed_in(lead).get(
            reverse("cases:audit_export", args=[inspection.public_id]), {"action": "answer.recorded"}
        )
        assert response["Content-Disposition"] == f'attachment; filename="{inspection.slug}-audit.csv"'
        assert response["Cache-Control"] == "no-store, private"
        taken = rows(response)
        assert [row["question"] for row in taken] == ["2.1.1", "2.1.1", "2.1.2"]
        assert taken[0]["reason"] == SECRET
        assert re.fullmatch("[0-9a-f]{64}", taken[0]["seal.hash"])
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.inspection) == ("audit.exported", lead.name, str(inspection.public_id))
        assert event.detail == {"asked": {"action": "answer.recorded"}}
        assert "audit took" not in shown(signed_in(lead), address)[0]

    def test_it_holds_itself(self, signed_in, manager, inspection):
        taken = rows(signed_in(manager).get("/audit.csv"))
        assert (taken[-1]["action"], taken[-1]["person"]) == ("Audit exported", manager.name)

    def test_no_cell_is_a_formula(self, signed_in, manager):
        record_event(action="x.done", by=person("=1+1"), summary="@SUM(A1)", reason="+1", detail={})
        *_, row, _ = rows(signed_in(manager).get("/audit.csv"))
        assert (row["person"], row["what"], row["reason"]) == ("'=1+1", "'@SUM(A1)", "'+1")


class TestTrust:
    def test_count_head_and_last_check(self, signed_in, manager, answered):
        client = signed_in(manager)
        content = client.get(EVERYWHERE).content.decode()
        assert "has not been checked yet" in content
        seal()
        call_command("verify_audit")
        response = client.get(EVERYWHERE)
        content = response.content.decode()
        assert response.context["standing"]["head"] in content
        assert "events are sealed in the whole installation" in content
        assert "no event was changed, deleted or inserted" in content
        assert "a database owner could build the whole chain anew" in content

    def test_a_fault_is_told(self, signed_in, manager):
        from audit.actions import record_verification
        from audit.verifying import Report

        record_verification(report=Report(3, "ab" * 32, 0, "Event 4 is missing."))
        assert "Event 4 is missing." in signed_in(manager).get(EVERYWHERE).content.decode()

    def test_lawful_erasure_is_told(self, signed_in, manager, answered):
        seal()
        erase_events(ids=[Event.objects.first().pk], by=manager, reason="A court ordered it.")
        call_command("verify_audit")
        content = signed_in(manager).get(EVERYWHERE).content.decode()
        assert "no event was changed, deleted or inserted. 1 event was erased lawfully" in content
        assert "A court ordered it." in content
