"""Events that were there before there were seals."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from audit.models import Event
from audit.sealing import seal
from audit.verifying import verify

BEFORE = [("audit", "0002_append_only")]


@pytest.mark.django_db(transaction=True)
def test_they_get_their_question_and_a_seal_and_stay_guarded():
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(BEFORE)
    try:
        event = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("audit", "Event")
        for detail in ({"question": "2.1.1", "value": "yes"}, {}):
            event.objects.create(action="a", who="Ann", who_email="ann@example.org", summary="Did.", detail=detail)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
        # What `manage.py migrate` says when it is through.
        from django.core.management.sql import emit_post_migrate_signal

        emit_post_migrate_signal(0, False, connection.alias)
    assert list(Event.objects.order_by("pk").values_list("question", flat=True)) == ["2.1.1", ""]
    assert seal() == 2
    assert verify().fault == ""
    for table in ("audit_event", "audit_seal"):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
