"""Where no worker runs, the web server seals by itself."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers import Process, free_port, wait_for


@pytest.fixture
def on_a_laptop(tmp_path):
    """Return (the environment of an installation for trying out, its empty database)."""
    path = tmp_path / "laptop.sqlite3"
    kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "EVENHAND_ENV")}
    env = kept | {"DATABASE_URL": f"sqlite:///{path}", "EVENHAND_VAR": str(tmp_path), "SWEEP_SECONDS": "1"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=settings.BASE_DIR, env=env, check=True
    )
    return env | {"PORT": str(free_port())}, path


def test_the_web_server_seals_what_was_left_and_what_comes(on_a_laptop, tmp_path):
    env, path = on_a_laptop

    def happen():
        with sqlite3.connect(path) as database:
            database.execute(
                "INSERT INTO audit_event (at, action, who, who_email, inspection, 'case', summary, reason, detail) "
                "VALUES ('2026-05-03 13:02:00', 'thing.done', 'Ann', '', '', '', 'Did a thing.', '', '{}')"
            )

    def sealed():
        with sqlite3.connect(path) as database:
            return database.execute("SELECT count(*) FROM audit_seal").fetchone()[0]

    happen()
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    server = Process(command, log=tmp_path / "server.log", env=env)
    try:
        wait_for(lambda: sealed() == 1, "What was there at the start was not sealed.")
        happen()
        wait_for(lambda: sealed() == 2, "What came later was not sealed.")
    finally:
        server.stop()
