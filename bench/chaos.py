"""Kill everything at random while people save, and show that nothing confirmed was lost or doubled.

    make chaos                    10,000 saves
    python -m bench.chaos --saves 500 --seconds 60

Web processes, the worker, Redis and PostgreSQL are killed (SIGKILL) and started again, and connections are cut before
the answer is read. Each client writes every confirmation to its log as it comes, one JSON object a line, so that anyone
can hold the log against the database. Runs on this machine only and ends by itself.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests import servers
from tests.servers import Process, wait_for

HOST = "127.0.0.1"
CLIENTS = 8
CASES_OF_EACH = 4
CUT = 0.03  # of the requests: the client hangs up before it has read the answer
SHARED = 0.03  # of the saves go to one question that all clients answer
ROOT = Path(__file__).resolve().parent.parent


class Postgres(servers.Postgres):
    """A PostgreSQL server that can be killed and started again on the same data."""

    def kill(self):
        """End it at once, as a power cut would."""
        self.processes[-1].kill()

    def start(self):
        """Start it again; it recovers from its log of writes first."""
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-clisten_addresses="]
        while True:
            process = Process(command, log=self.folder / "log", env=self._env, user=self._user, gentle=signal.SIGINT)
            # Until the last process of the one before has gone, the data belong to it and the new one ends at once.
            with suppress(RuntimeError):
                process.wait_until(self._answers, "PostgreSQL")
                self.processes.append(process)
                return
            process.stop()

    @property
    def processes(self):
        """Every server process there was, the running one last."""
        if not hasattr(self, "_processes"):
            self._processes = [self.process]
        return self._processes

    def stop(self):
        """Stop the server and remove its folder."""
        for process in reversed(self.processes):
            process.stop()


class Program:
    """One of our own programs, to be killed and started again."""

    def __init__(self, name, command, env, folder, ready):
        self.name, self._command, self._env, self._ready = name, command, env, ready
        self._log = folder / f"{name.replace(' ', '-')}.log"
        self.process = None
        self.start()

    def start(self):
        """Start it and wait until it is ready."""
        self.process = Process(self._command, log=self._log, env=self._env)
        self.process.wait_until(self._ready, self.name)

    def kill(self):
        """End it at once with all its processes."""
        self.process.kill()
        self.process.stop()

    def stop(self):
        """Let it end."""
        self.process.stop()

    def revive(self):
        """Start it again where it ended by itself, as whatever runs it in an installation does; return whether it had.

        Celery's client of Redis may end a worker whose Redis is gone at the wrong moment.
        """
        if self.process.alive:
            return False
        self.process.stop()
        self.start()
        return True

    def kill_a_child(self):
        """End one of its processes at once; the program starts another by itself."""
        children = Path(f"/proc/{self.process.process.pid}/task/{self.process.process.pid}/children")
        pids = children.read_text().split() if children.exists() else []
        if pids:
            with suppress(ProcessLookupError):
                os.kill(int(random.choice(pids)), signal.SIGKILL)


class Client(threading.Thread):
    """An inspector's browser: makes saves, keeps each until it is confirmed, and logs the confirmation."""

    def __init__(self, number, port, inspector, work, log, deadline, seed):
        super().__init__(name=f"client {number}", daemon=True)
        self.port, self.work, self.deadline = port, list(work), deadline
        self.person, self.cookie = inspector
        self.random = random.Random(f"{seed}-{number}")
        self.log = log.open("w", encoding="utf-8")
        self.versions = {}
        self.counts = Counter()
        self.token = uuid.uuid4().hex
        self.connection = None
        self.waiting = len(self.work)

    def run(self):
        """Send every save in order, each until it is confirmed or time is up."""
        for case, question, value, note in self.work:
            if not self._save(case, question, value, note):
                break
            self.waiting -= 1
        self.log.close()

    def _save(self, case, question, value, note):
        command = {
            "format": "evenhand-save/1",
            "command": str(uuid.uuid4()),
            "person": self.person,
            "question": question,
            "value": value,
            "note": note,
            "base": self.versions.get((case, question), 0),
            "given_at": "2026-01-01T12:00:00+00:00",
        }
        pause = 0.02
        while time.monotonic() < self.deadline:
            self.counts["requests"] += 1
            try:
                status, answer = self._post(case, command)
            except (OSError, http.client.HTTPException, ValueError):
                self.counts["without an answer"] += 1
                self._hang_up()
            else:
                if status == 200 and answer.get("state") == "saved" and answer.get("command") == command["command"]:
                    self.versions[case, question] = answer["version"]
                    self._note(case, command, answer)
                    return True
                if status == 409 and answer.get("state") == "changed":
                    # Somebody else answered: this one chooses "mine", which is a command of its own.
                    self.counts["conflicts"] += 1
                    command |= {"command": str(uuid.uuid4()), "base": answer["theirs"]["version"]}
                    continue
                self.counts[f"status {status}"] += 1
            time.sleep(pause * self.random.random())
            pause = min(pause * 2, 1)
        return False

    def _post(self, case, command):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        self.connection.request(
            "POST",
            f"/cases/{case}/saves/",
            body=json.dumps(command),
            headers={
                "Content-Type": "application/json",
                "Cookie": f"{self.cookie}; csrftoken={self.token}",
                "X-CSRFToken": self.token,
            },
        )
        if self.random.random() < CUT:
            self.counts["cut"] += 1
            raise ConnectionAbortedError
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def _hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def _note(self, case, command, answer):
        self.counts["confirmed"] += 1
        line = {name: command[name] for name in ("command", "question", "value", "note")}
        line |= {"case": case, "version": answer["version"], "sequence": answer["sequence"]}
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()


def main(arguments=None):
    """Run it, print the figures, and return 0 if nothing was lost, doubled or miscounted, else 1."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--saves", type=int, default=10_000)
    options.add_argument("--seconds", type=int, default=900, help="give up after so long")
    options.add_argument("--seed", default="evenhand")
    options.add_argument("--logs", type=Path, help="folder for the clients' logs of confirmations")
    given = options.parse_args(arguments)

    for name in ("EVENHAND_ENV", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EVENHAND_STANDARDS_FOLDERS", "LOG_LEVEL"):
        os.environ.pop(name, None)
    folder = servers.temporary_folder()
    logs = given.logs or ROOT / "var" / "chaos"
    logs.mkdir(parents=True, exist_ok=True)
    running = []
    try:
        postgres, redis = Postgres(durable=True), servers.Redis()
        running += [postgres, redis]
        os.environ |= {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "EVENHAND_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SWEEP_SECONDS": "1",
        }
        return _run(given, postgres, redis, running, folder, logs)
    finally:
        for server in reversed(running):
            server.stop()


def _run(given, postgres, redis, running, folder, logs):
    import django

    django.setup()
    inspection, inspectors, cases = _prepare()
    port = servers.free_port()
    python = [sys.executable, "-W", "ignore", "-m"]
    env = os.environ | {"BIND": f"{HOST}:{port}", "WEB_PROCESSES": "2", "WEB_THREADS": "4"}
    celery = [*python, "celery", "-A", "config"]
    web = Program(
        "web server",
        [*python, "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"],
        env,
        folder,
        _listens(port),
    )
    running.append(web)
    worker = Program(
        "worker",
        [*celery, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle"],
        env,
        folder,
        lambda: True,
    )
    running.append(worker)
    schedule = folder / "schedule"
    beat = Program("beat", [*celery, "beat", "--schedule", schedule, "--pidfile", ""], env, folder, lambda: True)
    running.append(beat)

    start = time.monotonic()
    deadline = start + given.seconds
    clients = [
        Client(number, port, inspectors[number], work, logs / f"client-{number}.log", deadline, given.seed)
        for number, work in enumerate(_work(cases, given.saves, given.seed))
    ]
    for client in clients:
        client.start()
    kills = _kill_at_random(clients, web, worker, redis, postgres, deadline, given.seed)
    for client in clients:
        client.join()
    took = time.monotonic() - start
    return _report(given, inspection, clients, kills, took, logs, (web, worker, beat))


def _listens(port):
    def ready():
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return True
        return False

    return ready


def _prepare():
    """Make an inspection with cases and inspectors; return it, a session cookie for each client, and the cases of each."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client as Browser

    from accounts.models import User
    from cases.actions import create_case
    from inspections.actions import add_member, create_inspection
    from standards import reader

    call_command("migrate", verbosity=0)
    by = User.objects.command_line()
    inspection = create_inspection(
        by=by,
        slug="chaos",
        service_slug="chaos",
        service_name="Chaos",
        service_short_name="Chaos",
        document=reader.load("youth-2018"),
    )
    inspectors, cases = [], []
    shared = create_case(inspection=inspection, reference="S", sample="court", disposal="referral_order", by=by)
    for number in range(CLIENTS):
        user = User.objects.create_user(f"inspector{number}@example.org", f"Inspector {number}")
        add_member(inspection=inspection, user=user, role="inspector", by=by)
        browser = Browser()
        browser.force_login(user)
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        inspectors.append((str(user.public_id), cookie))
        own = [
            create_case(
                inspection=inspection, reference=f"{number}-{place}", sample="court", disposal="referral_order", by=by
            )
            for place in range(CASES_OF_EACH)
        ]
        cases.append(([str(case.public_id) for case in own], str(shared.public_id)))
    connection.close()
    return inspection, inspectors, cases


def _work(cases, saves, seed):
    """Return what each client is to save: (case, question, value, note), in order."""
    from standards import reader

    rated = [
        question.code for question in reader.load("youth-2018").questions("court").values() if question.kind == "rated"
    ]
    for number, (own, shared) in enumerate(cases):
        chance = random.Random(f"{seed}-work-{number}")
        work = []
        for place in range(saves // CLIENTS + (number < saves % CLIENTS)):
            case, question = chance.choice(own), chance.choice(rated)
            if chance.random() < SHARED:
                case, question = shared, rated[0]
            work.append((case, question, chance.choice(("yes", "no")), f"Note {place} of client {number} – ŵ 🙂 ਪੰਜਾਬੀ"))
        yield work


def _kill_at_random(clients, web, worker, redis, postgres, deadline, seed):
    """Kill one thing after another while clients have work, and return how often each was killed."""
    chance = random.Random(f"{seed}-kills")
    kills = Counter()
    victims = {"web process": web, "web server": web, "worker": worker, "Redis": redis, "PostgreSQL": postgres}
    while any(client.is_alive() for client in clients) and time.monotonic() < deadline:
        _wait_while(clients, chance.uniform(1, 3))
        name = chance.choice(list(victims))
        kills[name] += 1
        if name == "web process":
            web.kill_a_child()
            continue
        victims[name].kill()
        _wait_while(clients, chance.uniform(0.1, 1))
        victims[name].start()
    return kills


def _wait_while(clients, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(client.is_alive() for client in clients):
        time.sleep(0.05)


def _report(given, inspection, clients, kills, took, logs, programs):
    """Hold the clients' logs against the database, print the figures, and return the exit code.

    Results are waited for, and a program that ended by itself is started again meanwhile.
    """
    from django.db import connection

    from cases.models import Answer, AnswerRevision
    from ratings.freshness import behind
    from ratings.recount import differences

    connection.close()
    confirmed = [
        json.loads(line) for path in sorted(logs.glob("client-*.log")) for line in path.read_text("utf-8").splitlines()
    ]
    stored = {
        str(held.command_id): held
        for held in AnswerRevision.objects.filter(case__inspection=inspection).select_related("case")
    }

    def same(line):
        held = stored.get(line["command"])
        return held is not None and (str(held.case.public_id), held.question, held.value, held.note, held.version) == (
            line["case"], line["question"], line["value"], line["note"], line["version"],
        )  # fmt: skip

    lost = [line for line in confirmed if not same(line)]
    waiting = sum(client.waiting for client in clients)
    unknown = len(stored) - len({line["command"] for line in confirmed})
    # A command that was stored but whose confirmation never reached its client may stand while that one still waits.
    doubled = max(0, unknown - waiting)
    last = {}
    for held in sorted(stored.values(), key=lambda held: held.version):
        last[held.case_id, held.question] = held
    current = [
        row
        for row in Answer.objects.filter(case__inspection=inspection, version__gt=0)
        if (row.value, row.note, row.version)
        != (
            last[row.case_id, row.question].value,
            last[row.case_id, row.question].note,
            last[row.case_id, row.question].version,
        )
    ]
    ended = Counter()

    def settled():
        ended.update(program.name for program in programs if program.revive())
        return not behind()

    with suppress(TimeoutError):
        wait_for(settled, "Results stayed behind.")
    wrong = differences(inspection) + [f"results of {pk} stayed behind" for pk in behind()]

    counts = sum((client.counts for client in clients), Counter())
    print(f"saves wanted            {given.saves:>8,}   by {CLIENTS} clients in {took:.0f} seconds")
    print(f"saves confirmed         {len(confirmed):>8,}   logged in {logs}")
    print(f"still on their clients  {waiting:>8,}")
    for name, count in sorted(counts.items()):
        if name != "confirmed":
            print(f"  {name:<22}{count:>8,}")
    print("killed and started again: " + ", ".join(f"{name} {count}" for name, count in sorted(kills.items())))
    if ended:
        print("ended and started again: " + ", ".join(f"{name} {count}" for name, count in sorted(ended.items())))
    print(f"confirmed and lost      {len(lost):>8,}")
    print(f"stored twice            {doubled:>8,}")
    print(f"answers not the newest  {len(current):>8,}")
    print(f"figures a recount denies{len(wrong):>8,}")
    for sentence in wrong[:5]:
        print(f"  {sentence}")
    good = not (lost or doubled or current or wrong or waiting)
    print("Nothing was lost and nothing doubled." if good else "FAILED.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
