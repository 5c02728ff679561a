"""Throwaway servers with data in them: fsync and synchronous_commit on, as an installation has them."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import django

from tests import servers

EXAMPLES = Path(__file__).resolve().parent.parent / "inspections" / "examples"
LARGEST, SMALLEST = "lancashire-2019", "oxfordshire-2020"  # 82 and 34 cases
MANY = 500


@contextmanager
def provided():
    """Run PostgreSQL and Redis for as long as the block, with Django set up on them and an empty, migrated database."""
    for name in ("EVENHAND_ENV", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EVENHAND_STANDARDS_FOLDERS", "LOG_LEVEL"):
        os.environ.pop(name, None)
    folder = servers.temporary_folder()
    try:
        with servers.postgres(durable=True) as database_url, servers.redis() as redis_url:
            os.environ |= {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "EVENHAND_VAR": str(folder),
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", verbosity=0)
            _price_jumps()
            try:
                yield
            finally:
                connections.close_all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _price_jumps():
    """Give every session the planner's setting that recompute gives itself, so that all are compared on the same plan."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE CURRENT_USER SET random_page_cost = 1.1")
    connection.close()


def server_settings():
    """Return what the server says of itself, in words. Raises RuntimeError unless commits reach the disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        said = {}
        for name in ("server_version", "fsync", "synchronous_commit", "random_page_cost"):
            cursor.execute(f"SHOW {name}")
            said[name] = cursor.fetchone()[0]
    if said["fsync"] != "on" or said["synchronous_commit"] != "on":
        raise RuntimeError(f"This server could lose what it confirmed: {said}.")
    return f"PostgreSQL {said.pop('server_version')}, " + ", ".join(f"{name} {value}" for name, value in said.items())


def load_examples():
    """Load the five published inspections through the product, and return the milliseconds it took."""
    from accounts.models import User
    from ratings.bundle.load import load_bundle

    by = User.objects.command_line()
    start = perf_counter()
    for path in sorted(EXAMPLES.glob("*.json")):
        load_bundle(raw=path.read_bytes(), by=by)
    took = (perf_counter() - start) * 1000
    settle()
    return took


def inspection(slug):
    """Return the inspection of that slug as `ratings.actions.recompute` fetches it."""
    from inspections.models import Inspection

    return Inspection.objects.select_related("standards").defer("standards__content").get(slug=slug)


def settle():
    """Tidy up as the server would by and by, so that it does not while something is measured."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


@contextmanager
def second_database():
    """Give a function that switches between the database and a copy of it: `switch(True)` for the copy.

    Each has its own open connection, so that the same page can be asked of both in turn.
    """
    from django.db import connections

    first = connections["default"]
    first.close()
    with first._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE many TEMPLATE {first.settings_dict['NAME']}")
    second = type(first)({**first.settings_dict, "NAME": "many"}, "default")

    def switch(to_copy):
        connections["default"] = second if to_copy else first

    try:
        yield switch
    finally:
        second.close()
        switch(False)


def fill():
    """Bring the database to `MANY` inspections, and return those with 10 and with 100 times the largest one's cases.

    Inspections, judgements and results come through the product. Cases and current answers are copied inside the
    database, without their revisions, which neither recomputing nor the pages read: by the front door it takes hours.
    """
    from inspections.models import Inspection

    originals = list(Inspection.objects.select_related("service", "standards").order_by("pk"))
    largest = next(held for held in originals if held.slug == LARGEST)
    grown = [_copy(largest, f"{LARGEST}-{times}-times", times) for times in (10, 100)]
    for number in range(MANY - len(originals) - len(grown)):
        original = originals[number % len(originals)]
        _copy(original, f"{original.slug}-{number}", 1)
    settle()
    return grown


def _copy(original, slug, times):
    from ratings.actions import recompute

    made = like(original, slug)
    copy_cases(original, made, times)
    recompute(inspection_id=made.pk, anew=True)
    return made


def like(original, slug):
    """Make an inspection like another through the product, with its judgements and without its cases, and return it."""
    from accounts.models import User
    from inspections.actions import create_inspection, current_judgements, record_judgement

    by = User.objects.command_line()
    made = create_inspection(
        by=by,
        slug=slug,
        service_slug=original.service.slug,
        service_name=original.service.name,
        service_short_name=original.service.short_name,
        document=original.document,
        fieldwork_started=original.fieldwork_started,
        terms=original.terms,
        wording=original.wording,
        applicability=original.applicability,
        figures_open=original.figures_open,
        invented_answers=original.invented_answers,
    )
    for standard, held in current_judgements(original).items():
        record_judgement(inspection=made, standard=standard, rating=held.rating, rationale=held.rationale, by=by)
    return made


def copy_cases(original, made, times):
    """Copy an inspection's cases so many times into another one, with their current answers, inside the database."""
    from cases.models import Answer, Case

    copy_rows(
        Case,
        {"public_id": "gen_random_uuid()", "inspection_id": "%(made)s", "reference": "old.reference || '-' || n"},
        "cases_case old, generate_series(1, %(times)s) n WHERE old.inspection_id = %(original)s",
        {"original": original.pk, "made": made.pk, "times": times},
    )
    copy_rows(
        Answer,
        {"case_id": "new.id"},
        "cases_answer old JOIN cases_case was ON was.id = old.case_id, generate_series(1, %(times)s) n, cases_case new "
        "WHERE was.inspection_id = %(original)s AND new.inspection_id = %(made)s "
        "AND new.reference = was.reference || '-' || n",
        {"original": original.pk, "made": made.pk, "times": times},
    )


def copy_rows(model, changed, source, parameters):
    """Insert what a source gives as `old` into the table of a model, its own key and what is `changed` aside."""
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [changed.get(column, f"old.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}",
            parameters,
        )
