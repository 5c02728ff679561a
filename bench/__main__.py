"""Print what Evenhand costs, as a table. `--strict` exits with 1 when a limit is missed or something was not measured."""

import argparse
import os
import platform
import signal
import sys
from datetime import date
from time import perf_counter

from bench import database
from bench.measure import Row, print_table


def main():
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 unless everything is measured and within its limit"
    )
    strict = parser.parse_args().strict
    start = perf_counter()
    with database.provided():
        from django.conf import settings

        settings.TEMPLATES[0]["DIRS"].append(settings.BASE_DIR / "bench" / "templates")
        from bench import (
            alternatives,
            audit,
            browser,
            bulk,
            caseload,
            documents,
            draw,
            form,
            pages,
            past,
            programme,
            recompute,
            saving,
            sheets,
        )

        print(
            f"{date.today():%-d %B %Y}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
            f"{os.getloadavg()[0]:.1f} busy on average in the minute before"
        )
        print(f"Python {platform.python_version()}, {database.server_settings()}", flush=True)
        loading = say("loading the five examples", database.load_examples)
        site, leads = (pages.Site(pages.sign_in(somebody())) for somebody in (pages.manager, pages.lead))
        with database.second_database() as switch:
            switch(True)
            larger = say("filling a copy of the database with 500 inspections", database.fill)
            rows_of_growth = say("recomputing as cases grow", lambda: recompute.grown(larger))
            rows_of_audit = say("the audit record", lambda: audit.compared(switch))
            switch(True)  # what measures in both ends in the first
            rows_of_programme = say("the programme", programme.compared)
            switch(False)
            rows = say("recomputing", recompute.published) + rows_of_growth
            rows += say("pages", lambda: pages.compared(site, leads, switch)) + rows_of_audit + rows_of_programme
        rows += say("a past moment", past.compared)
        rows += say("a caseload", caseload.compared)
        rows += say("answers from a file", bulk.compared)
        rows += say("drawing a sample", draw.compared)
        rows += say("the case form", form.compared)
        rows += say("Annex 2 as a document", documents.compared)
        rows += say("workbooks", sheets.compared)
        browsed, missing_too = say("the case form in a browser", browser.compared)
        rows += browsed
        compared, missing = say("beside pandas and LibreOffice", alternatives.compared)
        rows += compared + say("saving", lambda: saving.saved(loading))
    print(f"\nMedians; ratios are taken within a run. {perf_counter() - start:.0f} seconds in all.\n")
    print_table(rows)
    for row in compared:
        if isinstance(row, Row) and row.limit is None and row.ratio and row.ratio > 1:
            print(f"Slower than what it stands beside, without a limit: {row.what} ({row.ratio:.1f} times).")
    missing += missing_too
    for sentence in missing:
        print(f"!!! NOT MEASURED: {sentence}")
    return 1 if strict and (missing or any(row.is_over for row in rows)) else 0


def say(what, function):
    """Return what the function returns, saying on the way what is going on."""
    print(f"  {what}...", end="", flush=True)
    start = perf_counter()
    try:
        return function()
    finally:
        print(f" {perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped; the servers and their files are gone.")
