"""People who were there before the columns were."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = [("accounts", "0001_initial")], [("accounts", "0002_public_id_and_device_key")]


@pytest.mark.django_db(transaction=True)
def test_everybody_gets_a_public_id_of_their_own():
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(BEFORE)
    try:
        user = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("accounts", "User")
        for name in ("Ann", "Bob", "Cem"):
            user.objects.create(email=f"{name}@example.org", name=name, password="!")
    finally:
        MigrationExecutor(connection).migrate(latest)
    user = MigrationExecutor(connection).loader.project_state(AFTER).apps.get_model("accounts", "User")
    assert len(set(user.objects.values_list("public_id", flat=True))) == 3
    assert set(user.objects.values_list("device_key", flat=True)) == {None}
