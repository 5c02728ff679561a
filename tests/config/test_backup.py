"""A backup as docs/running.md describes it, restored into an empty database."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from audit.models import Event
from cases.models import AnswerRevision
from tests.servers import postgres_programs
from tests.working import environment

pytestmark = pytest.mark.postgresql


@pytest.fixture
def restored():
    """Give the address of an empty database beside the tests' own."""
    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(address.geturl(), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS restored")
        server.execute("CREATE DATABASE restored")
        yield address._replace(path="/restored").geturl()
        server.execute("DROP DATABASE restored WITH (FORCE)")


def test_what_is_restored_is_what_was_backed_up(transactional_db, sefton, restored, tmp_path):
    programs = postgres_programs()
    dump = tmp_path / "evenhand.dump"
    source = environment()["DATABASE_URL"]
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", source], check=True)
    back = [programs / "pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={restored}", dump]
    subprocess.run(back, check=True)
    subprocess.run(back, check=True)  # over what is there, as after an accident

    with psycopg.connect(restored) as opened:
        for model in (AnswerRevision, Event):
            query = f"SELECT count(*) FROM {model._meta.db_table}"
            assert opened.execute(query).fetchone() == (model.objects.count(),)
        with pytest.raises(psycopg.IntegrityError, match="never changed or deleted"):
            opened.execute("DELETE FROM audit_event")
    ended = subprocess.run(
        [sys.executable, "manage.py", "recount"],
        cwd=settings.BASE_DIR,
        env=environment(DATABASE_URL=restored),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.returncode) == ("1 inspections recounted, no difference.\n", 0), ended.stderr
