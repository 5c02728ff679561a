"""The pages of organisational delivery: what they show, take, refuse and keep."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inspections.actions import add_member, current_judgements
from inspections.evidence import correct_evidence, current_passages, judge_standard, withdraw_evidence, write_passage
from inspections.models import Evidence, Lifecycle, State
from ratings.actions import recompute
from standards import reader
from tests.cases.posting import change, fields_of, fill, said, send
from tests.inspections.entries import evidence_given, some_evidence, some_finding
from tests.people import person

BAKERY = Path(settings.BASE_DIR) / "tests" / "documents" / "bakery-hygiene.yaml"

pytestmark = pytest.mark.django_db

FILLED = {
    "kind": "meeting",
    "title": "The board",
    "date-day": "2",
    "date-month": "3",
    "date-year": "2026",
    "shows": "It meets every month.",
    "met": "6 board members\n1 chair",
    "bears_on_1.1.1": "for",
}


def at(name, inspection, *parts):
    return reverse(f"inspections:{name}", args=[inspection.public_id, *parts])


@pytest.fixture
def evidence(inspection, inspector):
    return some_evidence(inspection, inspector)


@pytest.fixture
def finding(inspection, inspector, evidence):
    return some_finding(inspection, inspector, evidence=(1,))


@pytest.fixture
def addresses(inspection, evidence, finding):
    """Every page, by its name."""
    parts = {
        "judged": ["1.1"],
        "passage": ["1.1.1"],
        "evidence": [evidence.public_id],
        "change_evidence": [evidence.public_id],
        "finding": [finding.public_id],
        "change_finding": [finding.public_id],
    }
    names = ("delivery", "evidence_log", "add_evidence", "add_finding", *parts)
    return {name: at(name, inspection, *parts.get(name, [])) for name in names}


@pytest.fixture
def partner(inspection, lead):
    user = person("Pat Health")
    add_member(inspection=inspection, user=user, role="partner_inspector", discipline="health", by=lead)
    return user


READS = {"delivery", "evidence_log", "judged", "evidence", "finding"}
RECORDS = {"add_evidence", "add_finding", "change_evidence", "change_finding"}
JUDGES = {"passage"}


class TestWhoComesIn:
    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("lead", READS | RECORDS | JUDGES),
            ("inspector", READS | RECORDS),
            ("partner", READS | RECORDS),
            ("manager", READS),
            ("administrator", set()),
        ],
    )
    def test_by_role(self, signed_in, request, addresses, who, may):
        client = signed_in(request.getfixturevalue(who))
        found = {name: client.get(address).status_code for name, address in addresses.items()}
        assert found == {name: 200 if name in may else 403 for name in addresses}

    def test_a_stranger_finds_nothing(self, signed_in, stranger, addresses):
        client = signed_in(stranger)
        for address in addresses.values():
            assert client.get(address).status_code == 404
            assert client.post(address).status_code in (404, 405)

    def test_what_is_of_another_inspection_is_not_here(self, signed_in, lead, make_inspection, evidence, finding):
        other = make_inspection()
        client = signed_in(lead)
        for name, entry in (("evidence", evidence), ("change_evidence", evidence), ("finding", finding)):
            assert client.get(at(name, other, entry.public_id)).status_code == 404

    @pytest.mark.parametrize(
        ("name", "part"), [("judged", "2.1"), ("judged", "x"), ("passage", "2.1.1"), ("passage", "x")]
    )
    def test_only_what_is_judged(self, signed_in, lead, inspection, name, part):
        client = signed_in(lead)
        assert (
            client.get(at(name, inspection, part)).status_code,
            client.post(at(name, inspection, part)).status_code,
        ) == (
            404,
            404,
        )

    @pytest.mark.parametrize("who", ["inspector", "manager", "partner"])
    def test_only_the_lead_rates_and_writes_judgements(self, signed_in, request, addresses, inspection, who):
        client = signed_in(request.getfixturevalue(who))
        for name, data in (("judged", {"rating": "good", "rationale": "So.", "base": 0}), ("passage", {"text": "So."})):
            response = client.post(addresses[name], data)
            assert response.status_code == 403
            assert "cannot judge organisational delivery" in said(response)
        assert not current_judgements(inspection)
        assert not current_passages(inspection)

    def test_who_only_reads_records_nothing(self, signed_in, manager, addresses, inspection):
        client = signed_in(manager)
        for name in (*RECORDS, "evidence", "finding"):
            assert client.post(addresses[name], FILLED | {"reason": "No."}).status_code == 403
        assert Evidence.objects.get().version == 1

    def test_links_are_for_those_who_come_in(self, signed_in, inspector, administrator, partner, addresses, inspection):
        front = reverse("ratings:inspection", args=[inspection.public_id])
        link = f'href="{addresses["delivery"]}"'
        assert link in signed_in(inspector).get(front).content.decode()
        assert link not in signed_in(administrator).get(front).content.decode()
        assert f'href="{front}"' not in signed_in(partner).get(addresses["delivery"]).content.decode()


class TestEvidence:
    def test_is_recorded(self, signed_in, inspector, inspection):
        client = signed_in(inspector)
        response = fill(client, at("add_evidence", inspection), FILLED)
        evidence = Evidence.objects.get()
        assert response["Location"] == at("evidence", inspection, evidence.public_id)
        assert evidence.met == [[6, "board members"], [1, "chair"]]
        assert (evidence.kind, evidence.bears_on, evidence.changed_by) == ("meeting", {"1.1.1": "for"}, inspector)
        text = said(client.get(response["Location"]))
        for words in ("E1 The board", "2 March 2026", "It meets every month.", "6 board members", "For: 1.1.1"):
            assert words in text

    @pytest.mark.parametrize(
        ("wrong", "sentence", "target"),
        [
            ({"kind": ""}, "Select what kind of evidence this is.", "id_kind"),
            ({"title": ""}, "Enter a title", "id_title"),
            ({"date-month": "13"}, "enter a day that there is", "id_date-day"),
            ({"date-day": "", "date-month": "", "date-year": ""}, "Enter the date.", "id_date-day"),
            ({"shows": " "}, "Enter what it shows.", "id_shows"),
            ({"met": "case managers"}, "“case managers” does not begin with a number.", "id_met"),
            ({"held": "two"}, "Enter a whole number, such as 12.", "id_held"),
            ({"kind": "data_return"}, "Enter who supplied the data.", "id_supplier"),
            ({"kind": "survey"}, "Select who was surveyed.", "id_surveyed"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
        self, signed_in, inspector, inspection, wrong, sentence, target
    ):
        response = fill(signed_in(inspector), at("add_evidence", inspection), FILLED | wrong)
        html = response.content.decode()
        assert response.status_code == 400
        assert sentence in said(response)
        assert f'href="#{target}"' in html
        assert "<title>Error: Record evidence" in html
        kept = fields_of(response)
        typed = {name: value for name, value in (FILLED | wrong).items() if name not in ("kind", "bears_on_1.1.1")}
        assert {name: kept[name].replace("\r", "") for name in typed} == typed
        assert not Evidence.objects.exists()

    def test_a_stale_correction_shows_both_and_saves_mine_only_when_told_again(
        self, signed_in, inspector, other_inspector, inspection, evidence
    ):
        client, address = signed_in(inspector), at("change_evidence", inspection, evidence.public_id)
        opened = change(fields_of(client.get(address)), {"shows": "Mine.", "kind": "meeting", "bears_on_1.1.1": "for"})
        correct_evidence(evidence=evidence, given=evidence_given(shows="Theirs."), base=1, by=other_inspector)
        response = send(client, address, opened)
        assert response.status_code == 409
        text = said(response)
        assert "Omar Brandt changed this at" in text
        assert "Theirs." in text
        assert fields_of(response)["shows"] == "Mine."
        evidence.refresh_from_db()
        assert evidence.shows == "Theirs."
        again = change(fields_of(response), {"kind": "meeting", "bears_on_1.1.1": "for"})
        assert send(client, address, again).status_code == 302
        evidence.refresh_from_db()
        assert (evidence.shows, evidence.version) == ("Mine.", 3)
        text = said(client.get(at("evidence", inspection, evidence.public_id)))
        assert "Theirs." in text
        assert "Mine." in text

    @pytest.mark.parametrize("base", ["", "x", "-1", "9" * 30, "7"])
    def test_a_form_without_its_base_overwrites_nothing(self, signed_in, inspector, inspection, evidence, base):
        address = at("change_evidence", inspection, evidence.public_id)
        assert signed_in(inspector).post(address, FILLED | {"held": "1", "base": base}).status_code == 409
        evidence.refresh_from_db()
        assert evidence.version == 1

    def test_is_withdrawn_with_a_reason_and_stays_to_be_read(self, signed_in, inspector, inspection, evidence):
        client, address = signed_in(inspector), at("evidence", inspection, evidence.public_id)
        refused = client.post(address, {"reason": " "})
        assert refused.status_code == 400
        assert "Say why this evidence is withdrawn." in said(refused)
        assert client.post(address, {"reason": "Not ours."}).status_code == 302
        text = said(client.get(address))
        assert "Ines Archer withdrew this" in text
        assert "Not ours." in text
        assert "It meets every month." in text
        assert "Change this evidence" not in text
        again = client.post(address, {"reason": "Again."})
        assert again.status_code == 400
        assert "withdrew this already" in said(again)
        assert "Withdrawn (1)" in said(client.get(at("evidence_log", inspection)))

    def test_the_log_tells_what_is_arranged_ahead(self, signed_in, inspector, inspection, evidence):
        ahead = timezone.localdate() + timedelta(days=2)
        later = some_evidence(inspection, inspector, title="The chair", date=ahead, shows="")
        client = signed_in(inspector)
        text = said(client.get(at("evidence_log", inspection)))
        assert "Arranged ahead (1)" in text
        assert "In total, we conducted 1 meeting." in text
        Evidence.objects.filter(pk=later.pk).update(date=timezone.localdate())
        address = at("evidence", inspection, later.public_id)
        assert "What it shows is still to be written down." in said(client.get(address))

    def test_a_constant_number_of_queries(self, signed_in, inspector, inspection, addresses):
        client = signed_in(inspector)
        counts = []
        for _ in range(2):
            for _ in range(3):
                some_finding(inspection, inspector, evidence=(some_evidence(inspection, inspector).number,))
            asked = {}
            for name in ("delivery", "evidence_log", "judged"):
                client.get(addresses[name])
                with CaptureQueriesContext(connection) as queries:
                    client.get(addresses[name])
                asked[name] = len(queries)
            counts.append(asked)
        assert counts[0] == counts[1]


class TestFindings:
    def test_is_recorded_once_and_shown_where_it_belongs(self, signed_in, inspector, inspection, evidence):
        client = signed_in(inspector)
        address = at("add_finding", inspection)
        filled = {"kind": "improvement", "text": "Attendance.", "key_questions": ["1.1.2"], "evidence": ["1"]}
        assert send(client, address, change(fields_of(client.get(address)), filled)).status_code == 302
        text = said(client.get(at("delivery", inspection)))
        assert "Areas for improvement Attendance. F1 · Key question 1.1.2 · Rests on E1" in text

    def test_what_is_wrong_is_said(self, signed_in, inspector, inspection):
        response = fill(signed_in(inspector), at("add_finding", inspection), {"text": "Attendance."})
        assert response.status_code == 400
        text = said(response)
        assert "Select what kind of finding this is." in text
        assert "Select the key questions that this finding bears on." in text
        assert fields_of(response)["text"] == "Attendance."

    def test_is_changed_and_withdrawn(self, signed_in, inspector, inspection, finding):
        client, address = signed_in(inspector), at("change_finding", inspection, finding.public_id)
        assert fill(client, address, {"text": "Sharper."}).status_code == 302
        finding.refresh_from_db()
        assert (finding.text, finding.version) == ("Sharper.", 2)
        assert client.post(at("finding", inspection, finding.public_id), {"reason": "Said twice."}).status_code == 302
        assert "Sharper." not in said(client.get(at("delivery", inspection)))
        assert "Said twice." in said(client.get(at("finding", inspection, finding.public_id)))

    def test_evidence_withdrawn_since_stays_with_it(self, signed_in, inspector, inspection, evidence, finding):
        withdraw_evidence(evidence=evidence, reason="Not ours.", by=inspector)
        client = signed_in(inspector)
        assert "withdrawn since" in said(client.get(at("finding", inspection, finding.public_id)))
        address = at("change_finding", inspection, finding.public_id)
        assert fill(client, address, {"text": "Sharper."}).status_code == 302


class TestJudgement:
    def test_of_a_key_question_in_words(self, signed_in, lead, inspection, evidence):
        client, address = signed_in(lead), at("passage", inspection, "1.1.1")
        assert "E1 The board" in said(client.get(address))
        response = fill(client, address, {"text": "A clear vision.\r\nIn writing."})
        assert response["Location"] == at("judged", inspection, "1.1")
        assert "A clear vision. In writing." in said(client.get(response["Location"]))
        assert "1 of 3" in said(client.get(at("delivery", inspection)))

    def test_a_stale_text_shows_both(self, signed_in, lead, inspector, inspection):
        client, address = signed_in(lead), at("passage", inspection, "involvement")
        opened = change(fields_of(client.get(address)), {"text": "Mine."})
        write_passage(inspection=inspection, subject="involvement", text="Theirs.", base=0, by=inspector)
        response = send(client, address, opened)
        assert response.status_code == 409
        assert "Theirs." in said(response)
        assert fields_of(response)["text"] == "Mine."
        assert send(client, address, fields_of(response)).status_code == 302
        assert [held.text for held in inspection.passages.order_by("version")] == ["Theirs.", "Mine."]

    def test_a_rating_reaches_the_results(self, signed_in, lead, inspection, evidence):
        client, address = signed_in(lead), at("judged", inspection, "1.1")
        response = fill(client, address, {"rating": "good", "rationale": "Seen and heard."})
        assert response["Location"] == address
        assert "1.1 is rated Good." in said(client.get(address))
        recompute(inspection_id=inspection.pk)
        assert "1.1 Governance and leadership Good" in said(
            client.get(reverse("ratings:inspection", args=[inspection.public_id]))
        )

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"rating": "good", "rationale": " "}, "Enter the rationale"),
            ({"rationale": "Seen."}, "Select a rating for 1.1."),
            ({"rating": "splendid", "rationale": "Seen."}, "splendid is not one of the available choices"),
        ],
    )
    def test_what_is_wrong_is_said(self, signed_in, lead, inspection, evidence, given, sentence):
        response = signed_in(lead).post(at("judged", inspection, "1.1"), given | {"base": 0})
        assert response.status_code == 400
        assert sentence in said(response)
        assert not current_judgements(inspection)

    def test_without_evidence_a_forged_form_is_refused_too(self, signed_in, lead, inspection):
        given = {"rating": "good", "rationale": "Seen.", "base": 0}
        response = signed_in(lead).post(at("judged", inspection, "1.1"), given)
        assert response.status_code == 400
        assert "No evidence bears on 1.1 yet, so it cannot be rated." in said(response)
        assert "Seen." in said(response)
        assert not current_judgements(inspection)

    def test_a_stale_rating_shows_both(self, signed_in, lead, inspector, inspection, evidence):
        client, address = signed_in(lead), at("judged", inspection, "1.1")
        opened = change(fields_of(client.get(address)), {"rating": "good", "rationale": "Mine."})
        judge_standard(
            inspection=inspection, standard="1.1", rating="outstanding", rationale="Theirs.", base=0, by=inspector
        )
        response = send(client, address, opened)
        assert response.status_code == 409
        assert "Theirs." in said(response)
        assert (fields_of(response)["rationale"], fields_of(response)["rating"]) == ("Mine.", "good")
        assert send(client, address, fields_of(response)).status_code == 302
        assert current_judgements(inspection)["1.1"].rationale == "Mine."


class TestLocked:
    POSTS = {
        "add_evidence": FILLED | {"held": "1"},
        "change_evidence": FILLED | {"held": "1", "title": "New", "base": "1"},
        "evidence": {"reason": "No."},
        "add_finding": {"kind": "strength", "text": "New.", "key_questions": "1.1.1"},
        "change_finding": {"kind": "strength", "text": "New.", "key_questions": "1.1.1", "base": "1"},
        "finding": {"reason": "No."},
        "passage": {"text": "New.", "base": "0"},
        "judged": {"rating": "good", "rationale": "New.", "base": "0"},
    }

    @pytest.mark.parametrize("name", POSTS)
    def test_nothing_is_offered_nor_taken_and_nothing_typed_is_lost(self, signed_in, lead, inspection, addresses, name):
        Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)
        client = signed_in(lead)
        page = client.get(addresses[name])
        assert "The ratings of this inspection are locked" in said(page)
        assert "<textarea" not in page.content.decode()
        response = client.post(addresses[name], self.POSTS[name])
        assert response.status_code == 409
        assert "The ratings of this inspection are locked" in said(response)
        typed = next(
            self.POSTS[name][key] for key in ("text", "rationale", "reason", "shows") if key in self.POSTS[name]
        )
        assert typed in response.content.decode()


def test_the_standards_document_says_what_is_judged(signed_in, lead, make_inspection):
    bakery = make_inspection(document=reader.read(BAKERY.read_text(), BAKERY.name))
    client = signed_in(lead)
    text = said(client.get(at("delivery", bakery)))
    assert "A1 Responsibility" in text
    assert "Involvement" not in text
    assert "A1.1 Does the baker know the rules and act on them?" in said(client.get(at("add_evidence", bakery)))
    filled = {name: value for name, value in FILLED.items() if name != "bears_on_1.1.1"} | {"bears_on_A1.1": "both"}
    assert fill(client, at("add_evidence", bakery), filled).status_code == 302
    assert fill(client, at("judged", bakery, "A1"), {"rating": "spotless", "rationale": "Seen."}).status_code == 302
    assert current_judgements(bakery)["A1"].rating == "spotless"
