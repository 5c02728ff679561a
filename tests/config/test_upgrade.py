"""An installation with data in it, from the first migrations to the newest: nothing is lost, guards and seals stand."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from accounts.models import User
from audit.models import AppendOnly, Event
from audit.sealing import seal
from audit.verifying import verify
from cases.drawing import draw_sample
from cases.models import Answer, AnswerRevision, Case, Caseload
from inspections.models import Inspection, Judgement, Membership
from ratings.actions import current_decisions, recompute
from ratings.annex import checksum
from ratings.models import FrozenAnnex, Result
from ratings.recount import differences
from standards import reader
from tests.cases.caseloads import FIELDWORK, eligible, import_rows
from tests.people import sign_in_freshly

# As they were when the first of them were landed.
FIRST = [
    ("accounts", "0001_initial"),
    ("audit", "0002_append_only"),
    ("inspections", "0002_append_only"),
    ("cases", "0002_append_only"),
    ("ratings", "0002_append_only"),
]
ADDED_SINCE = {"notebook", "interview_slot", "interview_others"}  # questions that are asked in every case now
AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
FROZEN = '{"format": "of then"}\n'


def fill(model):
    """Put an inspection in as it was stored then: two cases, one of each sample, everything judged, answered and locked once."""
    document = reader.load("youth-2018")
    user, sequence = model("accounts", "User"), 1
    lead = user.objects.create(email="leah@example.org", name="Leah Costa", password="!")
    inspector = user.objects.create(email="ines@example.org", name="Ines Archer", password="!")
    pinned = model("inspections", "PinnedStandards").objects.create(
        code=document.code,
        version=document.version,
        checksum=reader.checksum(document),
        content=reader.canonical_json(document),
    )
    service = model("inspections", "Service").objects.create(
        slug="anywhere", name="Anywhere YOT", short_name="Anywhere"
    )
    inspection = model("inspections", "Inspection").objects.create(
        slug="anywhere-2025", standards=pinned, service=service, fieldwork_started=date(2025, 3, 3), figures_open=True
    )
    model("inspections", "Lifecycle").objects.create(inspection=inspection, state="fieldwork")
    model("inspections", "Membership").objects.create(inspection=inspection, user=lead, role="lead_inspector")
    model("inspections", "Membership").objects.create(inspection=inspection, user=inspector, role="inspector")
    model("inspections", "InspectionRevision").objects.create(
        inspection=inspection, sequence=sequence, figures_open=True, by=lead, at=AT
    )
    for standard in document.standards.values():
        if standard.method == "judgement":
            sequence += 1
            model("inspections", "Judgement").objects.create(
                inspection=inspection,
                standard=standard.code,
                rating="good",
                rationale="Seen.",
                sequence=sequence,
                by=lead,
            )
    for reference, sample, disposal in (("C01", "court", "referral_order"), ("O01", "out_of_court", "youth_caution")):
        sequence += 1
        case = model("cases", "Case").objects.create(
            inspection=inspection, reference=reference, sample=sample, disposal=disposal, allocated_to=inspector
        )
        model("cases", "CaseRevision").objects.create(
            case=case, sequence=sequence, sample=sample, disposal=disposal, state="allocated", by=lead, at=AT
        )
        for question in document.questions(sample).values():
            if question.code in ADDED_SINCE:
                continue
            given = {}
            if question.role == "key_question":
                sequence += 1
                given = {"value": "yes", "version": 1, "note": f"Seen in {reference}."}
                model("cases", "AnswerRevision").objects.create(
                    case=case,
                    question=question.code,
                    sequence=sequence,
                    command_id=uuid.uuid4(),
                    by=inspector,
                    at=AT,
                    **given,
                )
                given |= {"answered_by": inspector, "answered_at": AT}
            model("cases", "Answer").objects.create(case=case, question=question.code, kind=question.kind, **given)
    model("inspections", "Sequence").objects.create(inspection=inspection, value=sequence)
    model("ratings", "DiscretionDecision").objects.create(
        inspection=inspection,
        standard="2.4",
        event="lapsed",
        from_rating="inadequate",
        to_rating="requires_improvement",
        key_question="2.4.3",
        percent=45,
        yes=9,
        relevant=20,
        reason="One case.",
        decided_by="A",
        ratified_by="B",
        decided_at=AT,
        sequence=sequence,
        by=lead,
    )
    model("ratings", "FrozenAnnex").objects.create(
        inspection=inspection, sequence=sequence, content=FROZEN, checksum=checksum(FROZEN), at=AT, by=lead
    )
    for question in ("2.1.1", "2.1.2"):
        model("audit", "Event").objects.create(
            action="answer.recorded",
            who="Ines Archer",
            who_email="ines@example.org",
            inspection=str(inspection.public_id),
            summary=f"Answered {question} in case C01: Yes.",
            detail={"question": question},
            at=AT,
        )


@pytest.fixture
def upgraded(transactional_db):
    """Return how many rows each table had that was filled under the first migrations, upgraded to the newest since."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(FIRST)
    try:
        then = MigrationExecutor(connection).loader.project_state(FIRST).apps
        with transaction.atomic():
            fill(then.get_model)
        rooms = {name for name, _ in FIRST}
        counts = {
            (held._meta.app_label, held.__name__): held.objects.count()
            for held in then.get_models()
            if held._meta.app_label in rooms and not held._meta.auto_created
        }
    finally:
        MigrationExecutor(connection).migrate(newest)
        emit_post_migrate_signal(0, False, connection.alias)  # as `manage.py migrate` does when it is through
    return counts


def test_populated_data_is_whole_after_the_upgrade(upgraded, client):
    held = {names: apps.get_model(*names).objects.count() for names in upgraded}
    added = len(ADDED_SINCE) * Case.objects.count()
    assert held == upgraded | {("cases", "Answer"): upgraded["cases", "Answer"] + added}
    assert all(upgraded[names] for names in upgraded if names != ("ratings", "Result"))

    inspection, lead = Inspection.objects.get(), User.objects.get(email="leah@example.org")
    assert len(set(User.objects.values_list("public_id", flat=True))) == 2
    assert Judgement.objects.filter(rating="good", rationale="Seen.").count() == 4
    assert Membership.objects.get(user=lead).role == "lead_inspector"
    answer = Answer.objects.get(case__reference="C01", question="2.1.1")
    assert (answer.value, answer.note, answer.version, answer.answered_at) == ("yes", "Seen in C01.", 1, AT)
    revision = AnswerRevision.objects.get(case__reference="C01", question="2.1.1")
    assert (revision.value, revision.note, revision.at) == ("yes", "Seen in C01.", AT)
    assert current_decisions(inspection)["2.4"].reason == "One case."
    assert FrozenAnnex.objects.get().content == FROZEN

    # Figures come of it, and pages open.
    recompute(inspection_id=inspection.pk)
    assert Result.objects.get().score == 4 * 2 + 8 * 3
    assert differences(inspection) == []
    sign_in_freshly(client, lead)
    for name in ("ratings:inspection", "ratings:results", "ratings:annex", "cases:list"):
        assert client.get(reverse(name, args=[inspection.public_id])).status_code == 200

    # The record can be asked by question, and is sealed from its first event on.
    assert list(Event.objects.order_by("pk").values_list("question", flat=True)[:2]) == ["2.1.1", "2.1.2"]
    assert seal() == Event.objects.count()
    assert (verify().fault, verify().count) == ("", Event.objects.count())

    # What is written once is guarded on every table, in those that were filled against each way to change it.
    for model in apps.get_models():
        table = model._meta.db_table
        if issubclass(model, AppendOnly) and model.objects.exists():
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
                with (
                    pytest.raises(DatabaseError, match="never changed"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(statement)


@pytest.mark.django_db
def test_caseloads_with_one_seed_get_each_their_own_unless_they_were_drawn_from(make_inspection, lead):
    shared = "5eed" * 8
    held = [make_inspection(state="planned", fieldwork_started=FIELDWORK) for _ in range(3)]
    for inspection in held:
        import_rows(inspection, eligible(43, 28), lead)
    Caseload.objects.update(seed=shared)
    draw_sample(inspection=held[0], by=lead)
    (given,) = MigrationLoader(connection).get_migration("cases", "0012_seeds_of_their_own").operations
    given.code(apps, None)
    drawn, *others = [Caseload.objects.get(inspection=inspection).seed for inspection in held]
    assert drawn == shared
    assert len({shared, *others}) == 3
    assert all(len(bytes.fromhex(seed)) == 16 for seed in others)
