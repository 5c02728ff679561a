"""Organisational delivery through its actions: evidence, findings, texts and ratings, and how evidence is counted."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import Event
from inspections.actions import current_judgements, record_judgement
from inspections.delivery import EvidenceGiven, Methodology, methodology, other_subjects, settled, subjects
from inspections.errors import InspectionLocked, NotBegun, Refused, StaleEntry, Unfit
from inspections.evidence import (
    add_evidence,
    add_finding,
    correct_evidence,
    correct_finding,
    current_passages,
    judge_standard,
    withdraw_evidence,
    withdraw_finding,
    write_passage,
)
from inspections.models import Evidence, Finding, Lifecycle, Passage, Sequence, State
from standards import reader
from tests.inspections.entries import DAY, evidence_given, finding_given, some_evidence, some_finding

BAKERY = Path(settings.BASE_DIR) / "tests" / "documents" / "bakery-hygiene.yaml"
TODAY = date(2026, 6, 1)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def lock(inspection):
    Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)


@pytest.fixture
def bakery(make_inspection):
    return make_inspection(document=reader.read(BAKERY.read_text(), BAKERY.name))


class TestCounts:
    def piece(self, kind, **given):
        return Evidence(**vars(evidence_given(kind=kind, **given)))

    @pytest.mark.parametrize(
        ("pieces", "sentence"),
        [
            # Essex: 52 case managers and 36 volunteers surveyed, 14 meetings or focus groups, observation
            (
                [
                    ("survey", {"surveyed": "staff", "items": 30, "responses": 52}),
                    ("survey", {"surveyed": "volunteers", "items": 12, "responses": 36}),
                    ("meeting", {"held": 11}),
                    ("focus_group", {"held": 3}),
                    ("observation", {}),
                ],
                "We surveyed 52 staff and 36 volunteers. In total, we conducted 14 meetings or focus groups. "
                "We undertook 1 observation.",
            ),
            # Nottingham: 26 interviews with case managers, 30 meetings
            (
                [
                    ("interview", {"held": 26, "met": [[26, "case managers"]]}),
                    ("meeting", {"held": 20, "met": [[9, "managers"], [4, "partner organisations"]]}),
                    ("meeting", {"held": 10, "met": [[3, "staff"], [1, "managers"]]}),
                ],
                "We conducted 26 interviews with case managers. In total, we conducted 30 meetings, including with "
                "managers, partner organisations and staff.",
            ),
            # Sefton: 10 case managers surveyed
            ([("survey", {"surveyed": "staff", "items": 8, "responses": 10})], "We surveyed 10 staff."),
            ([("focus_group", {})], "In total, we conducted 1 focus group."),
            (
                [("document", {}), ("presentation", {}), ("casework", {}), ("data_return", {})],
                "No meeting, focus group, interview, observation or survey is recorded yet.",
            ),
            ([], "No meeting, focus group, interview, observation or survey is recorded yet."),
        ],
    )
    def test_as_annex_1_prints_them(self, pieces, sentence):
        assert methodology([self.piece(kind, **given) for kind, given in pieces], TODAY).sentence == sentence

    def test_what_is_withdrawn_or_still_to_come_does_not_count(self):
        withdrawn = self.piece("meeting")
        withdrawn.withdrawn_because = "It was another service's."
        ahead = self.piece("meeting", date=TODAY + timedelta(days=1))
        assert methodology([withdrawn, ahead], TODAY) == Methodology()
        assert methodology([self.piece("meeting", date=TODAY)], TODAY).meetings == 1


class TestEvidence:
    def test_is_numbered_kept_and_audited(self, inspection, inspector):
        first, second = some_evidence(inspection, inspector), some_evidence(inspection, inspector, title="Again")
        assert (first.number, second.number, first.version) == (1, 2, 1)
        assert first.revisions.get().content == first.as_content
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.summary) == (
            "evidence.recorded",
            inspector.name,
            "Recorded evidence E2: Again.",
        )

    def test_it_moves_no_rating(self, inspection, inspector):
        before = Sequence.objects.get(inspection=inspection).value
        some_evidence(inspection, inspector)
        assert Sequence.objects.get(inspection=inspection).value == before

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"kind": "rumour"}, "kind"),
            ({"kind": ""}, "kind"),
            ({"title": "  "}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"date": None}, "date"),
            ({"kind": "document", "date": date(2999, 1, 1)}, "date"),
            ({"shows": " \n"}, "shows"),
            ({"shows": "x" * 100_001}, "shows"),
            ({"held": 0}, "held"),
            ({"held": None}, "held"),
            ({"met": [[0, "case managers"]]}, "met"),
            ({"kind": "data_return", "as_at": DAY}, "supplier"),
            ({"kind": "data_return", "supplier": "The service"}, "as_at"),
            ({"kind": "data_return", "supplier": "The service", "as_at": date(2999, 1, 1)}, "as_at"),
            ({"kind": "survey", "items": 3, "responses": 2}, "surveyed"),
            ({"kind": "survey", "surveyed": "staff", "responses": 2}, "items"),
            ({"kind": "survey", "surveyed": "staff", "items": 3}, "responses"),
            ({"bears_on": {"2.1.1": "for"}}, "bears_on_2.1.1"),
            ({"bears_on": {"1.1.1": "perhaps"}}, "bears_on_1.1.1"),
        ],
    )
    def test_what_does_not_fit_is_refused_at_its_field(self, inspection, inspector, parts, field):
        with pytest.raises(Unfit) as refused:
            some_evidence(inspection, inspector, **parts)
        assert field in refused.value.faults
        assert not Evidence.objects.exists()

    def test_a_meeting_may_be_arranged_ahead_and_says_nothing_yet(self, inspection, inspector):
        ahead = timezone.localdate() + timedelta(days=3)
        assert some_evidence(inspection, inspector, date=ahead, shows="").number == 1

    def test_what_its_kind_does_not_have_is_left_out(self):
        given = evidence_given(kind="document", supplier="The service", surveyed="staff", items=3, held=7)
        assert settled(given) == evidence_given(kind="document")

    def test_a_correction_keeps_what_it_said(self, inspection, inspector, other_inspector):
        evidence = some_evidence(inspection, inspector)
        corrected = correct_evidence(
            evidence=evidence, given=evidence_given(shows="It met twice."), base=1, by=other_inspector
        )
        assert (corrected.version, corrected.changed_by) == (2, other_inspector)
        assert [held.content["shows"] for held in corrected.revisions.all()] == [
            "It met twice.",
            "It meets every month.",
        ]

    def test_nothing_changed_keeps_no_revision(self, inspection, inspector):
        evidence = some_evidence(inspection, inspector)
        assert correct_evidence(evidence=evidence, given=evidence_given(), base=0, by=inspector).version == 1

    def test_a_stale_correction_is_refused_with_who_and_when(self, inspection, inspector, other_inspector):
        evidence = some_evidence(inspection, inspector)
        correct_evidence(evidence=evidence, given=evidence_given(shows="Theirs."), base=1, by=other_inspector)
        with pytest.raises(StaleEntry, match="Omar Brandt changed this at"):
            correct_evidence(evidence=evidence, given=evidence_given(shows="Mine."), base=1, by=inspector)
        evidence.refresh_from_db()
        assert evidence.shows == "Theirs."

    def test_withdrawn_it_stays_and_is_changed_no_more(self, inspection, inspector):
        evidence = withdraw_evidence(evidence=some_evidence(inspection, inspector), reason="Not ours.", by=inspector)
        assert evidence.withdrawn_because == "Not ours."
        assert evidence.revisions.count() == 2
        assert Event.objects.latest("pk").reason == "Not ours."
        for again in (
            lambda: correct_evidence(evidence=evidence, given=evidence_given(title="New"), base=2, by=inspector),
            lambda: withdraw_evidence(evidence=evidence, reason="Again.", by=inspector),
        ):
            with pytest.raises(Refused, match="Ines Archer withdrew this already"):
                again()

    def test_not_without_a_reason(self, inspection, inspector):
        with pytest.raises(Unfit, match="Say why this evidence is withdrawn"):
            withdraw_evidence(evidence=some_evidence(inspection, inspector), reason=" ", by=inspector)

    @pytest.mark.parametrize("table", ["evidencerevision", "findingrevision", "passage"])
    def test_the_database_keeps_every_revision(self, inspection, lead, table):
        some_finding(inspection, lead)
        some_evidence(inspection, lead)
        write_passage(inspection=inspection, subject="1.1.1", text="Sound.", base=0, by=lead)
        for verb in (f"DELETE FROM inspections_{table}", f"UPDATE inspections_{table} SET version = 9"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(verb)


class TestFindings:
    def test_rests_on_evidence(self, inspection, inspector):
        some_evidence(inspection, inspector)
        finding = some_finding(inspection, inspector, evidence=(1,))
        assert [held.number for held in finding.evidence.all()] == [1]
        assert finding.revisions.get().content["evidence"] == [1]

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"kind": "weakness"}, "kind"),
            ({"text": " "}, "text"),
            ({"key_questions": ()}, "key_questions"),
            ({"key_questions": ("2.1.1",)}, "key_questions"),
            ({"evidence": (7,)}, "evidence"),
        ],
    )
    def test_what_does_not_fit_is_refused_at_its_field(self, inspection, inspector, parts, field):
        with pytest.raises(Unfit) as refused:
            some_finding(inspection, inspector, **parts)
        assert set(refused.value.faults) == {field}
        assert not Finding.objects.exists()

    def test_withdrawn_evidence_is_taken_for_no_new_finding_and_kept_by_the_old(self, inspection, inspector):
        evidence = some_evidence(inspection, inspector)
        finding = some_finding(inspection, inspector, evidence=(1,))
        withdraw_evidence(evidence=evidence, reason="Not ours.", by=inspector)
        with pytest.raises(Unfit, match="E1 does not stand"):
            some_finding(inspection, inspector, evidence=(1,))
        given = finding_given(text="Sharper.", evidence=(1,))
        assert correct_finding(finding=finding, given=given, base=1, by=inspector).version == 2

    def test_correcting_and_withdrawing(self, inspection, inspector, other_inspector):
        finding = some_finding(inspection, inspector)
        assert correct_finding(finding=finding, given=finding_given(), base=0, by=inspector).version == 1
        correct_finding(finding=finding, given=finding_given(text="Theirs."), base=1, by=other_inspector)
        with pytest.raises(StaleEntry):
            correct_finding(finding=finding, given=finding_given(text="Mine."), base=1, by=inspector)
        withdrawn = withdraw_finding(finding=finding, reason="Said twice.", by=inspector)
        assert withdrawn.text == "Theirs."
        with pytest.raises(Refused, match="withdrew this already"):
            correct_finding(finding=finding, given=finding_given(), base=3, by=inspector)


class TestPassages:
    def test_the_newest_counts_and_the_older_stay(self, inspection, lead):
        for base, text in enumerate(["Sound.", "Very sound."]):
            write_passage(inspection=inspection, subject="1.1.1", text=text, base=base, by=lead)
        assert current_passages(inspection)["1.1.1"].text == "Very sound."
        assert Passage.objects.count() == 2
        write_passage(inspection=inspection, subject="1.1.1", text="Very sound.", base=0, by=lead)
        assert Passage.objects.count() == 2

    def test_a_stale_one_is_refused(self, inspection, lead, inspector):
        write_passage(inspection=inspection, subject="involvement", text="Theirs.", base=0, by=inspector)
        with pytest.raises(StaleEntry, match="Ines Archer"):
            write_passage(inspection=inspection, subject="involvement", text="Mine.", base=0, by=lead)

    @pytest.mark.parametrize("subject", ["2.1.1", "1.1", "weather"])
    def test_there_are_no_others(self, inspection, lead, subject):
        with pytest.raises(Refused, match="no text about"):
            write_passage(inspection=inspection, subject=subject, text="Sound.", base=0, by=lead)

    def test_too_long(self, inspection, lead):
        with pytest.raises(Unfit, match="100,000"):
            write_passage(inspection=inspection, subject="1.1.1", text="x" * 100_001, base=0, by=lead)


class TestRating:
    def judge(self, inspection, lead, standard="1.1", rating="good", rationale="Seen.", base=0):
        return judge_standard(
            inspection=inspection, standard=standard, rating=rating, rationale=rationale, base=base, by=lead
        )

    def test_with_evidence(self, inspection, lead):
        some_evidence(inspection, lead)
        assert self.judge(inspection, lead) == current_judgements(inspection)["1.1"]

    @pytest.mark.parametrize("missing", ["nothing", "another standard", "withdrawn", "ahead", "says nothing"])
    def test_not_without_evidence_on_that_standard(self, inspection, lead, missing):
        ahead = timezone.localdate() + timedelta(days=1)
        match missing:
            case "another standard":
                some_evidence(inspection, lead, bears_on={"1.2.1": "for"})
            case "withdrawn":
                withdraw_evidence(evidence=some_evidence(inspection, lead), reason="Not ours.", by=lead)
            case "ahead":
                some_evidence(inspection, lead, date=ahead)
            case "says nothing":
                evidence = some_evidence(inspection, lead, date=ahead, shows="")
                Evidence.objects.filter(pk=evidence.pk).update(date=DAY)
        with pytest.raises(Refused, match=r"No evidence bears on 1\.1 yet"):
            self.judge(inspection, lead)
        assert not inspection.judgements.exists()

    def test_a_bundle_needs_only_the_rationale(self, inspection, lead):
        assert record_judgement(inspection=inspection, standard="1.1", rating="good", rationale="Seen.", by=lead)

    @pytest.mark.parametrize(
        ("parts", "field"),
        [({"rating": ""}, "rating"), ({"rating": "splendid"}, "rating"), ({"rationale": " "}, "rationale")],
    )
    def test_what_does_not_fit_is_refused_at_its_field(self, inspection, lead, parts, field):
        some_evidence(inspection, lead)
        with pytest.raises(Unfit) as refused:
            self.judge(inspection, lead, **parts)
        assert set(refused.value.faults) == {field}

    @pytest.mark.parametrize("standard", ["2.1", "9.9"])
    def test_only_what_is_judged(self, inspection, lead, standard):
        with pytest.raises(Refused, match="not rated by judgement"):
            self.judge(inspection, lead, standard=standard)

    def test_a_stale_one_is_refused_and_the_same_again_is_none(self, inspection, lead, inspector):
        some_evidence(inspection, lead)
        first = self.judge(inspection, lead)
        assert self.judge(inspection, lead) == first
        with pytest.raises(StaleEntry, match="Leah Costa"):
            self.judge(inspection, inspector, rating="outstanding")
        assert self.judge(inspection, inspector, rating="outstanding", base=first.sequence).rating == "outstanding"


@pytest.mark.parametrize(
    "write",
    [
        lambda inspection, by, evidence, finding: some_evidence(inspection, by),
        lambda inspection, by, evidence, finding: correct_evidence(
            evidence=evidence, given=evidence_given(title="New"), base=1, by=by
        ),
        lambda inspection, by, evidence, finding: withdraw_evidence(evidence=evidence, reason="No.", by=by),
        lambda inspection, by, evidence, finding: some_finding(inspection, by),
        lambda inspection, by, evidence, finding: correct_finding(
            finding=finding, given=finding_given(text="New"), base=1, by=by
        ),
        lambda inspection, by, evidence, finding: withdraw_finding(finding=finding, reason="No.", by=by),
        lambda inspection, by, evidence, finding: write_passage(
            inspection=inspection, subject="1.1.1", text="New", base=0, by=by
        ),
        lambda inspection, by, evidence, finding: judge_standard(
            inspection=inspection, standard="1.1", rating="good", rationale="Seen.", base=0, by=by
        ),
    ],
)
def test_once_locked_nothing_is_taken(inspection, lead, write):
    evidence, finding = some_evidence(inspection, lead), some_finding(inspection, lead)
    lock(inspection)
    events = Event.objects.count()
    with pytest.raises(InspectionLocked, match="locked"):
        write(inspection, lead, evidence, finding)
    assert Event.objects.count() == events


def test_before_fieldwork_evidence_is_taken_and_nothing_is_judged(inspection, lead):
    Lifecycle.objects.filter(inspection=inspection).update(state=State.PLANNED)
    assert some_evidence(inspection, lead)
    assert some_finding(inspection, lead)
    with pytest.raises(NotBegun, match="has not begun"):
        write_passage(inspection=inspection, subject="1.1.1", text="Sound.", base=0, by=lead)
    with pytest.raises(NotBegun, match="has not begun"):
        judge_standard(inspection=inspection, standard="1.1", rating="good", rationale="Seen.", base=0, by=lead)


class TestOtherStandards:
    def test_the_document_says_what_is_judged(self, bakery, lead):
        given = EvidenceGiven(
            kind="document", title="The plan", date=DAY, shows="It is there.", bears_on={"A1.1": "for"}
        )
        add_evidence(inspection=bakery, given=given, by=lead)
        add_finding(inspection=bakery, given=finding_given(key_questions=("A1.1",), evidence=(1,)), by=lead)
        write_passage(inspection=bakery, subject="A1.1", text="Well known.", base=0, by=lead)
        judged = judge_standard(inspection=bakery, standard="A1", rating="spotless", rationale="Seen.", base=0, by=lead)
        assert judged.rating == "spotless"
        with pytest.raises(Unfit):
            some_evidence(bakery, lead)

    def test_children_are_written_about_where_the_standards_speak_of_them(self, bakery, inspection):
        assert other_subjects(bakery) == ()
        assert list(subjects(bakery)) == ["A1.1"]
        assert [held.title for held in other_subjects(inspection)] == [
            "Involvement of children and young people and their parents and carers"
        ]
