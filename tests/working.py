"""A real worker, and Redis to be broken."""

import os
import subprocess
import sys
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from config.worker import app
from ratings.freshness import behind
from tests.servers import Process, wait_for

NUMBERS = count(1)


def environment(**more):
    """Return the environment for a program of ours that works on the database and Redis of this test."""
    address = urlsplit(os.environ["DATABASE_URL"])
    return {
        **os.environ,
        "DATABASE_URL": address._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "LOG_LEVEL": "INFO",
        **more,
    }


class Worker:
    """A Celery worker in a process group of its own, and beat beside it where wanted.

    `start` returns when the worker answers. `kill` ends it at once with everything it was doing, as a power cut
    would; `start` brings up another.
    """

    def __init__(self, folder):
        self._folder = folder
        self._processes = []
        self.name = ""

    def start(self, *, beat=False, sweep_seconds=1, concurrency=2):
        """Start the worker, and with `beat` what sends it on a sweep every `sweep_seconds`; return this."""
        self.name = f"test-{os.getpid()}-{next(NUMBERS)}@localhost"
        env = environment(SWEEP_SECONDS=str(sweep_seconds))
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config"]
        work = ["worker", "--hostname", self.name, "--concurrency", concurrency, "--without-gossip", "--without-mingle"]
        self._run([*celery, *work], env)
        if beat:
            schedule = self._folder / f"schedule-{next(NUMBERS)}"
            self._run([*celery, "beat", "--schedule", schedule, "--pidfile", ""], env)
        self._processes[0].wait_until(self.answers, "The worker")
        return self

    def answers(self):
        """Return whether the worker answers a ping."""
        with app.connection_for_write() as fresh:  # one from the pool may be to a Redis that another test killed
            return bool(app.control.ping(destination=[self.name], timeout=0.5, limit=1, connection=fresh))

    def wait_until_settled(self):
        """Return once every stored result is up to date, by the worker's doing alone."""
        wait_for(lambda: not behind(), "Results stayed behind, as the worker's output below may explain.")

    def kill(self):
        """End worker and beat at once."""
        for process in self._processes:
            process.kill()
        self._clear()

    def stop(self):
        """Let the worker finish what it is doing, and end it."""
        self._clear()

    @property
    def printed(self):
        """What worker and beat printed, of every start."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log")))

    def _run(self, command, env):
        log = self._folder / f"{len(list(self._folder.glob('*.log'))):03}.log"
        self._processes.append(Process(command, log=log, env=env))

    def _clear(self):
        for process in self._processes:
            process.stop()
        self._processes = []


@pytest.fixture
def worker(transactional_db, tmp_path, request):
    """Give a running worker on this test's database. What it printed is shown when the test fails."""
    folder = tmp_path / "worker"
    folder.mkdir()
    worker = Worker(folder).start()
    yield worker
    worker.stop()
    request.node.add_report_section("call", "the worker", worker.printed)


class InProcess:
    """Stands where a worker would: the process that saves computes too, before its answer goes out."""

    def wait_until_settled(self):
        """Return once every stored result is up to date."""
        wait_for(lambda: not behind(), "Results stayed behind.")


@pytest.fixture
def computing(request, transactional_db):
    """Give whoever computes ratings here: a real worker where there is a broker, else the process itself."""
    return InProcess() if settings.CELERY_TASK_ALWAYS_EAGER else request.getfixturevalue("worker")


@pytest.fixture
def worker_with_sweep(worker):
    """Give a running worker that beat sends on a sweep every second."""
    worker.stop()
    return worker.start(beat=True)


@pytest.fixture
def redis_server(provided):
    """Give the Redis of this run, to be killed and started again; it runs when the test is over."""
    if provided.redis is None:
        pytest.skip("needs a Redis that the tests may kill, and REDIS_URL names somebody's")
    yield provided.redis
    if not provided.redis.process.alive:
        provided.redis.start()


@pytest.fixture
def manage():
    """Return a function that runs a manage.py command in a process of its own on this test's database."""

    def run(*arguments, **env):
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=environment(**env),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def exports_folder(settings, monkeypatch, tmp_path):
    """Return the folder that exports of this test go to, those of its worker too."""
    folder = tmp_path / "exports"
    monkeypatch.setenv("EXPORTS_FOLDER", str(folder))
    settings.EXPORTS_FOLDER = folder
    return folder
