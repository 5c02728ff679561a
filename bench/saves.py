"""Sixty-four inspectors saving and reading at once, beside the least that a save could be.

    make bench-saves

Eight inspections with eight inspectors each; gunicorn with two processes, a worker, PostgreSQL that has every commit on
the disk, and Redis, all on this machine; wrk drives them. The bare save updates one row through the same middleware and
sign-in. Runs take turns, and the ratio is taken within each pair. Ends by itself.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median

from bench.database import provided, server_settings
from bench.serving import web_server
from tests import servers
from tests.servers import Process, wait_for

INSPECTIONS, INSPECTORS, CASES = 8, 8, 5
PAIRS, SECONDS, THREADS = 3, 8, 2
CONNECTIONS = INSPECTIONS * INSPECTORS
LIMIT = 40  # per cent of the bare save's rate
READ_EVERY = 10
BARE_READY, SAVES_READY = 12_000, 3_800  # requests that are put ready for a run; what is not sent is not used again
TOKEN = "b" * 32


def main():
    """Run it, print the figures, and return 0 if every promise was kept, else 1."""
    if not shutil.which("wrk"):
        print("NOT MEASURED: wrk is not installed. Install it (on Debian and Ubuntu: apt install wrk).")
        return 1
    folder = servers.temporary_folder()
    try:
        with provided():
            return _run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder):
    from django.db import connection

    people, saves = _prepare()
    print(server_settings())
    connection.close()
    env = {"DJANGO_SETTINGS_MODULE": "bench.save_settings", "WEB_PROCESSES": "2", "WEB_THREADS": "8"}
    worker = Process(
        [
            sys.executable, "-W", "ignore", "-m", "celery", "-A", "config", "worker", "--concurrency", "1",
            "--without-gossip", "--without-mingle",
        ],
        log=folder / "worker.log",
        env=os.environ | env,
    )  # fmt: skip
    # Left to themselves, one of the two processes may take nearly every connection, and the other one rests.
    shared = ("--worker-connections", str(CONNECTIONS * 5 // 8))
    try:
        with web_server(folder, *shared, **env) as (web, port):
            bare = _bare_commands(people)
            pairs = []
            for _ in range(PAIRS + 1):  # the first pair warms up
                pairs.append(
                    [
                        _wrk(folder, port, islice(bare, BARE_READY), web),
                        _wrk(folder, port, islice(saves, SAVES_READY), web),
                    ]
                )
            mixed = _wrk(folder, port, islice(_with_reads(people, saves), SAVES_READY), web)
            acknowledged = sum(pair[1]["saved"] for pair in pairs) + mixed["saved"]
            return _report(pairs[1:], mixed, acknowledged)
    finally:
        worker.stop()


def _prepare():
    """Make inspections, inspectors and cases; return the people (cookie, page to read) and an endless supply of saves."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from cases.actions import create_case
    from inspections.actions import add_member, create_inspection
    from ratings.actions import recompute
    from standards import reader

    document = reader.load("youth-2018")
    by = User.objects.command_line()
    people = []
    for number in range(INSPECTIONS):
        inspection = create_inspection(
            by=by,
            slug=f"saves-{number}",
            service_slug=f"saves-{number}",
            service_name=f"Saves {number}",
            service_short_name=f"Saves {number}",
            document=document,
            figures_open=True,
        )
        for place in range(INSPECTORS):
            user = User.objects.create_user(f"inspector{number}.{place}@example.org", f"Inspector {number}.{place}")
            add_member(inspection=inspection, user=user, role="inspector", by=by)
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            cases = [
                create_case(
                    inspection=inspection,
                    reference=f"{place}-{case}",
                    sample="court",
                    disposal="referral_order",
                    by=by,
                )
                for case in range(CASES)
            ]
            people.append(
                {
                    "id": str(user.public_id),
                    "cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={TOKEN}",
                    "cases": cases,
                    "form": reverse("cases:form", args=[cases[0].public_id, "2.1"]),
                    "results": reverse("ratings:results", args=[inspection.public_id]),
                }
            )
        recompute(inspection_id=inspection.pk)
    rated = [question.code for question in document.questions("court").values() if question.kind == "rated"]
    return people, _saves(people, rated)


def _saves(people, rated):
    """Yield saves as wrk is given them, everybody in turn; each is the first answer to its question."""
    for case in range(CASES):
        for question in rated:
            for person in people:
                body = {
                    "format": "evenhand-save/1",
                    "command": str(uuid.uuid4()),
                    "person": person["id"],
                    "question": question,
                    "value": "yes",
                    "note": "The plan was shared with the family and its steps were taken in good time.",
                    "base": 0,
                    "given_at": "2026-01-01T12:00:00+00:00",
                }
                path = f"/cases/{person['cases'][case].public_id}/saves/"
                yield "POST", path, person["cookie"], json.dumps(body)


def _bare_commands(people):
    """Yield bare saves, everybody in turn."""
    from django.db import connection

    from cases.models import Answer

    rows = [list(Answer.objects.filter(case=person["cases"][-1]).values_list("pk", flat=True)) for person in people]
    connection.close()
    place = 0
    while True:
        for person, held in zip(people, rows, strict=True):
            note = f"The plan was shared with the family and its steps were taken in good time. {place}"
            yield "POST", "/bare-save/", person["cookie"], json.dumps({"row": held[place % len(held)], "note": note})
        place += 1


def _with_reads(people, commands):
    """Yield saves with a page read after every few."""
    for place, command in enumerate(commands):
        if place % READ_EVERY == 0:
            person = people[place // READ_EVERY % len(people)]
            page = person["form" if place // READ_EVERY % 2 else "results"]
            yield "GET", page, person["cookie"], ""
        yield command


def _wrk(folder, port, requests, web):
    """Let wrk send the requests for `SECONDS`, and return what it counted, with the server's CPU seconds."""
    ready = list(requests)
    for number in range(THREADS):
        lines = ("\t".join(part) for part in ready[number::THREADS])
        Path(f"{folder}/requests-{number}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    before = _cpu_seconds(web)
    ended = subprocess.run(
        [
            "wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "10s", "-s", "bench/saves.lua",
            f"http://127.0.0.1:{port}", "--", f"{folder}/requests",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = re.search(r"RESULT (.*)", ended.stdout)
    if not found:
        raise RuntimeError(f"wrk failed.\n{ended.stdout}{ended.stderr}")
    counted = {name: float(value) for name, value in (part.split("=") for part in found[1].split())}
    counted["cpu"] = _cpu_seconds(web) - before
    counted["rate"] = counted["saved"] / counted["seconds"]
    refusal = re.search(r"REFUSED (.*)", ended.stdout)
    counted["refusal"] = refusal[1] if refusal else ""
    return counted


def _cpu_seconds(web):
    """Return the CPU seconds that the web server and its processes have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == web.process.pid:  # the process group
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _report(pairs, mixed, acknowledged):
    from django.db import connection

    from cases.models import AnswerRevision
    from inspections.models import Inspection
    from ratings.freshness import behind
    from ratings.recount import differences

    with suppress(TimeoutError):
        wait_for(lambda: not behind(), "Results stayed behind.")
    connection.close()
    wrong = [sentence for held in Inspection.objects.all() for sentence in differences(held)] + behind()
    stored = AnswerRevision.objects.count()
    ratio = 100 * median(saves["rate"] / bare["rate"] for bare, saves in pairs)
    errors = (
        sum(held["refused"] + held["failed"] for pair in pairs for held in pair) + mixed["refused"] + mixed["failed"]
    )

    print(f"{'':<28}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU ms each':>13}")
    for name, runs in (
        ("a bare update of one row", [pair[0] for pair in pairs]),
        ("an answer saved", [pair[1] for pair in pairs]),
        (f"saved, 1 page read in {READ_EVERY + 1}", [mixed]),
    ):
        each = median(1000 * run["cpu"] / max(run["saved"] + run["read"], 1) for run in runs)
        figures = [median(run[part] for run in runs) for part in ("p50", "p95", "p99")]
        rate = median((run["saved"] + run["read"]) / run["seconds"] for run in runs)
        print(f"{name:<28}{rate:>9.0f}" + "".join(f"{figure:>9.1f}" for figure in figures) + f"{each:>13.2f}")
    kept = ratio >= LIMIT
    print(f"a save's rate is {ratio:.0f}% of the bare update's; the limit is {LIMIT}%: {'yes' if kept else 'UNDER'}")
    print(f"errors: {errors:.0f}")
    for run in [*(held for pair in pairs for held in pair), mixed]:
        if run["refusal"]:
            print(f"  {run['refusal']}")
    # What was under way when wrk stopped may be stored though nobody was told.
    print(
        f"saves acknowledged {acknowledged:.0f}, stored {stored}, of which unheard when a run ended {stored - acknowledged:.0f}"
    )
    print(f"figures that a recount denies: {len(wrong)}")
    unheard = stored - acknowledged
    good = kept and not errors and not wrong and 0 <= unheard <= (len(pairs) + 2) * CONNECTIONS
    print("Every promise was kept." if good else "NOT KEPT.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
