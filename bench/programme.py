"""The whole programme taken out: seconds and memory of each format, and the case answers beside a bare COPY.

`python -m bench.programme` measures it alone, by default 500 inspections of 70 cases. Everything is written by the command,
in a process of its own, whose start counts too.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

from bench.measure import Fact, Heading, print_table

TABLES = ("inspections", "key_questions", "prompts", "answers")
MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 300
LEAST_SHARE = 10  # per cent of the rate of COPY
ROUNDS = 3

# What is in the database of the rows that are taken out; standard and kind of question come from the standards document.
COPY = """
    COPY (
        SELECT inspection.slug, pinned.code, pinned.version, sequence.value, held.reference, held.sample, held.disposal,
            held.state, held.excluded_reason = '', answer.question, answer.asked, answer.value, answer.reason = ''
        FROM cases_answer answer
            JOIN cases_case held ON held.id = answer.case_id
            JOIN inspections_inspection inspection ON inspection.id = held.inspection_id
            JOIN inspections_pinnedstandards pinned ON pinned.id = inspection.standards_id
            JOIN inspections_sequence sequence ON sequence.inspection_id = inspection.id
        WHERE answer.kind <> 'text' AND inspection.archived_at IS NULL
    ) TO STDOUT (FORMAT csv, HEADER)
"""

# Runs a command and tells the most memory that it held at once, in kilobytes.
WATCHED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def compared(rounds=1):
    """Return the rows of the table, measured in the database that is connected to. COPY and CSV take turns in each round."""
    from django.db import connection

    found = [Heading(_heading())]
    with TemporaryDirectory() as folder:
        copies, exports = [], []
        for _ in range(rounds):
            copies.append(_copied(connection, Path(folder) / "copy.csv"))
            exports.append(_taken_out(folder, "csv", ["answers"]))
        shares = sorted(100 * copy / seconds for copy, (seconds, _, _) in zip(copies, exports, strict=True))
        share = shares[rounds // 2]
        seconds, megabytes, size = sorted(exports)[rounds // 2]
        rows = _lines(Path(folder) / "answers.csv") - 1
        if rows != _lines(Path(folder) / "copy.csv") - 1:
            raise RuntimeError("COPY and the export do not hold the same rows.")
        found += [
            Fact(
                f"COPY of {rows:,} case answers, written to a file",
                f"{rows / sorted(copies)[rounds // 2]:,.0f} a second",
            ),
            Fact(f"the same as CSV, {size:,.0f} MB", f"{rows / seconds:,.0f} a second, {seconds:.1f} s"),
            Fact("its rate in per cent of that of COPY", f"{share:.0f}%", f"≥ {LEAST_SHARE}%", share < LEAST_SHARE),
            _memory("case answers as CSV", megabytes),
        ]
        for format, tables in (("csv", TABLES), ("xlsx", ()), ("ods", ())):
            seconds, megabytes, size = _taken_out(folder, format, tables)
            what = "all four tables, zipped CSV" if tables else f"the workbook, {format}"
            found += [Fact(f"{what}, {size:,.0f} MB", f"{seconds:.1f} s"), _memory(what, megabytes)]
    return found


def _heading():
    from cases.models import Answer, Case
    from inspections.models import Inspection

    return (
        f"The programme of {Inspection.objects.count():,} inspections, {Case.objects.count():,} cases and "
        f"{Answer.objects.count():,} answers, by the command"
    )


def _memory(what, megabytes):
    return Fact(
        f"{what}: the most memory at once", f"{megabytes:.0f} MB", f"< {MOST_MEGABYTES} MB", megabytes >= MOST_MEGABYTES
    )


def _copied(connection, file):
    """Copy the case answers into a file and return the seconds it took."""
    connection.ensure_connection()
    start = perf_counter()
    with file.open("wb") as into, connection.connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for piece in copy:
            into.write(piece)
    return perf_counter() - start


def _taken_out(folder, format, tables):
    """Take the programme out by its command and return (seconds, megabytes of memory, megabytes of the file)."""
    from django.conf import settings
    from django.db import connection

    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    file = Path(folder) / (f"{tables[0]}.csv" if len(tables) == 1 else f"programme.{format}")
    command = [sys.executable, "manage.py", "programme", "--format", format, "--output", file]
    command += [part for table in tables for part in ("--table", table)]
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, command)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stderr)
    return seconds, int(done.stdout) / 1024, file.stat().st_size / MEGABYTE


def _lines(file):
    with file.open("rb") as held:
        return sum(1 for _ in held)


def fill(original, inspections, cases):
    """Make so many inspections like one, each with its first cases and their answers; all at once inside the database."""
    from django.db import connection

    from bench import database
    from cases.models import Answer, Case
    from ratings.actions import recompute
    from ratings.models import Result

    made = [database.like(original, f"{original.slug}-{number}").pk for number in range(inspections)]
    numbers = {"original": original.pk, "made": made, "most": cases, "first": made[0]}
    database.copy_rows(
        Case,
        {"public_id": "gen_random_uuid()", "inspection_id": "made"},
        "(SELECT * FROM cases_case WHERE inspection_id = %(original)s ORDER BY id LIMIT %(most)s) old, "
        "unnest(%(made)s::bigint[]) made",
        numbers,
    )
    database.copy_rows(
        Answer,
        {"case_id": "new.id"},
        "cases_case new JOIN cases_case was ON was.inspection_id = %(original)s AND was.reference = new.reference "
        "JOIN cases_answer old ON old.case_id = was.id WHERE new.inspection_id = ANY(%(made)s)",
        numbers,
    )
    # All have the same answers, so the results of one are those of all.
    recompute(inspection_id=made[0], anew=True)
    fields = ", ".join(field.column for field in Result._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ratings_result (inspection_id, {fields}) SELECT made, {fields} "
            "FROM ratings_result, unnest(%(made)s::bigint[]) made WHERE inspection_id = %(first)s AND made <> %(first)s",
            numbers,
        )
    database.settle()


def main():
    """Measure it alone, and print it."""
    from bench import database

    parser = argparse.ArgumentParser(prog="python -m bench.programme", description=__doc__)
    parser.add_argument("--inspections", type=int, default=500)
    parser.add_argument("--cases", type=int, default=70, help="of each inspection, at most 82")
    given = parser.parse_args()
    with database.provided():
        from accounts.models import User
        from ratings.bundle.load import load_bundle

        start = perf_counter()
        raw = (database.EXAMPLES / f"{database.LARGEST}.json").read_bytes()
        load_bundle(raw=raw, by=User.objects.command_line())
        fill(database.inspection(database.LARGEST), given.inspections, given.cases)
        print(f"Filled in {perf_counter() - start:.0f} seconds.", flush=True)
        rows = compared(ROUNDS)
    print_table(rows)
    return 1 if any(row.is_over for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
