"""What the database itself refuses, on PostgreSQL and on SQLite."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import User
from audit.append_only import door_open
from audit.models import Event
from audit.sealing import seal
from cases.actions import record_answer
from cases.answers import Given
from cases.models import Answer, AnswerRevision, Case, CaseRevision
from inspections.actions import record_judgement
from inspections.models import Inspection, InspectionRevision, Judgement, Lifecycle, PinnedStandards
from tests.cases.lines import some_line
from tests.inspections.entries import some_evidence, some_finding

pytestmark = pytest.mark.django_db

APPEND_ONLY = [
    "audit_event",
    "audit_seal",
    "inspections_pinnedstandards",
    "inspections_inspectionrevision",
    "inspections_judgement",
    "inspections_lifecyclestep",
    "cases_answerrevision",
    "cases_caserevision",
    "cases_heldanswer",
    "cases_helddecision",
    "cases_query",
    "cases_queryreply",
    "cases_alertresolution",
    "cases_enquiry",
    "cases_enquirydecision",
    "cases_lineofenquiryrevision",
    "cases_exclusionstep",
    "cases_sampleadjustment",
    "cases_draw",
    "cases_drawncandidate",
    "inspections_evidencerevision",
    "inspections_findingrevision",
    "inspections_passage",
    "inspections_conflictofinterest",
    "ratings_changeagreement",
    "ratings_firmnessopening",
    "ratings_provisionalopening",
    "ratings_discretiondecision",
    "ratings_frozenannex",
    "ratings_unlockrequest",
    "ratings_unlockdecision",
]


def refused():
    return pytest.raises(IntegrityError)


class TestConstraints:
    def test_one_answer_for_a_case_and_question(self, case):
        with refused(), transaction.atomic():
            Answer.objects.create(case=case, question="2.1.1", kind="rated")

    @pytest.mark.parametrize(
        ("question", "change"),
        [
            ("2.1.1", {"value": "maybe"}),
            ("2.1.1", {"value": ""}),
            ("2.1.1", {"kind": "other"}),
            ("2.1.1", {"reason": "a reason beside no value"}),
            ("safety_factors", {"value": "yes"}),
        ],
    )
    def test_an_answer_stays_in_its_set(self, case, question, change):
        with refused(), transaction.atomic():
            Answer.objects.filter(case=case, question=question).update(**change)

    def test_one_reference_in_an_inspection(self, case):
        with refused(), transaction.atomic():
            Case.objects.create(inspection=case.inspection, reference=case.reference, sample="court", disposal="x")

    def test_a_state_is_one_of_the_states(self, case):
        with refused(), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="lost")
        with refused(), transaction.atomic():
            Lifecycle.objects.filter(inspection=case.inspection).update(state="lost")

    def test_a_command_is_stored_once(self, case, inspector):
        command = uuid.uuid4()
        for version in (1, 2):
            revision = AnswerRevision(
                case=case, question="2.1.1", version=version, command_id=command, sequence=version, by=inspector
            )
            if version == 1:
                revision.save()
            else:
                with refused(), transaction.atomic():
                    revision.save()

    def test_an_inspection_with_answers_is_not_deleted(self, case):
        with pytest.raises(DatabaseError), transaction.atomic():
            Inspection.objects.filter(pk=case.inspection.pk).delete()


class TestAppendOnly:
    def test_every_append_only_model_is_guarded(self, filled):
        from django.apps import apps

        from audit.models import AppendOnly

        models = {model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)}
        assert models == set(APPEND_ONLY)

    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
    def test_rows_are_neither_changed_nor_deleted(self, filled, table, verb):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            if cursor.fetchone() == (0,):
                fill(table, filled)
            with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
                cursor.execute(verb.format(table))

    @pytest.mark.parametrize(
        "model", [Event, PinnedStandards, InspectionRevision, CaseRevision, AnswerRevision, Judgement]
    )
    def test_models_refuse_before_the_database_has_to(self, filled, model):
        row = model.objects.first()
        with pytest.raises(TypeError, match="never changed"):
            row.save()
        with pytest.raises(TypeError, match="never deleted"):
            row.delete()

    def test_the_door_lets_through_and_shuts(self, filled):
        with door_open("a lawful erasure"), connection.cursor() as cursor:
            cursor.execute("UPDATE cases_answerrevision SET note = 'erased'")
        assert set(AnswerRevision.objects.values_list("note", flat=True)) == {"erased"}
        with refused(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE cases_answerrevision SET note = 'again'")


@pytest.fixture
def filled(case, inspector):
    record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
    record_judgement(
        inspection=case.inspection, standard="1.1", rating="good", rationale="Clear strategy.", by=inspector
    )
    return case


def fill(table, case):
    """Put one row into the tables that only a later step fills."""
    from cases.models import (
        AlertResolution,
        Candidate,
        Draw,
        DrawnCandidate,
        Enquiry,
        EnquiryDecision,
        ExclusionStep,
        HeldAnswer,
        HeldDecision,
        Query,
        QueryReply,
        SampleAdjustment,
    )
    from inspections.models import ConflictOfInterest, LifecycleStep, Passage
    from ratings.models import (
        ChangeAgreement,
        DiscretionDecision,
        FirmnessOpening,
        FrozenAnnex,
        ProvisionalOpening,
        UnlockDecision,
        UnlockRequest,
    )

    revision = case.revisions.get(question="2.1.1")
    by, at = revision.by, revision.at

    def held():
        return HeldAnswer.objects.create(
            case=case, question="2.1.1", base="0", command_id=uuid.uuid4(), why="Locked.", by=by
        )

    def query():
        return Query.objects.create(case=case, text="Why?", by=by)

    def frozen():
        return FrozenAnnex.objects.create(
            inspection=case.inspection, sequence=1, content="{}", checksum="", by=by, at=at
        )

    def unlock():
        return UnlockRequest.objects.create(frozen=frozen(), reason="An error.", by=by)

    def discretion():
        return DiscretionDecision.objects.create(
            inspection=case.inspection,
            standard="2.4",
            event="applied",
            from_rating="inadequate",
            to_rating="requires_improvement",
            key_question="2.4.3",
            percent=45,
            yes=5,
            relevant=11,
            reason="One case.",
            decided_by="A",
            ratified_by="B",
            decided_at=at,
            sequence=1,
            by=by,
        )

    def enquiry():
        return Enquiry.objects.create(case=case, text="Health was not asked.", by=by)

    def agreement():
        other = User.objects.create_user("second@example.org", "Second Person", "a-password-for-the-tests")
        return ChangeAgreement.objects.create(inspection=inspection, sequence=1, changed_by=by, by=other)

    def draw():
        return Draw.objects.create(
            inspection=inspection, seed="1", checksum="", plan={}, strata=[["court", ["male"]]], by=by
        )

    def drawn():
        candidate = Candidate.objects.create(
            inspection=inspection, number=1, reference="C-1", sample="court", disposal="x", disposal_date=at.date()
        )
        return DrawnCandidate.objects.create(draw=draw(), candidate=candidate, stratum=0, position=1, drawn=True)

    inspection = case.inspection
    rows = {
        "audit_seal": seal,
        "cases_enquiry": enquiry,
        "cases_enquirydecision": lambda: EnquiryDecision.objects.create(
            enquiry=enquiry(), changed=False, reason="It was known.", by=by
        ),
        "cases_lineofenquiryrevision": lambda: some_line(case, by),
        "cases_exclusionstep": lambda: ExclusionStep.objects.create(
            case=case, step="proposed", reason="no_file", words="Lost.", sequence=1, by=by
        ),
        "cases_sampleadjustment": lambda: SampleAdjustment.objects.create(
            inspection=inspection, reason="Small.", by=by
        ),
        "cases_draw": draw,
        "cases_drawncandidate": drawn,
        "inspections_evidencerevision": lambda: some_evidence(inspection, by),
        "inspections_findingrevision": lambda: some_finding(inspection, by),
        "inspections_conflictofinterest": lambda: ConflictOfInterest.objects.create(
            user=by, service=inspection.service, text="Worked there.", by=by
        ),
        "inspections_passage": lambda: Passage.objects.create(
            inspection=inspection, subject="1.1.1", version=1, text="Clear.", by=by
        ),
        "ratings_changeagreement": agreement,
        "ratings_firmnessopening": lambda: FirmnessOpening.objects.create(
            inspection=inspection, domain="2", sequence=1, by=by
        ),
        "ratings_provisionalopening": lambda: ProvisionalOpening.objects.create(
            inspection=inspection, domain="2", finished=1, cases=2, percentages={}, reason="Asked.", sequence=1, by=by
        ),
        "ratings_frozenannex": frozen,
        "ratings_unlockrequest": unlock,
        "ratings_unlockdecision": lambda: UnlockDecision.objects.create(request=unlock(), granted=True, by=by),
        "ratings_discretiondecision": discretion,
        "inspections_lifecyclestep": lambda: LifecycleStep.objects.create(
            inspection=case.inspection, step="begin_moderation", state="moderation", sequence=1, by=by
        ),
        "cases_heldanswer": held,
        "cases_helddecision": lambda: HeldDecision.objects.create(held=held(), accepted=True, reason="Right.", by=by),
        "cases_query": query,
        "cases_queryreply": lambda: QueryReply.objects.create(query=query(), text="Because.", by=by),
        "cases_alertresolution": lambda: AlertResolution.objects.create(alert=revision, text="Seen to.", by=by),
    }
    rows[table]()
