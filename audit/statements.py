"""Statements spelt out, for what every save does.

Saving is what everybody waits for, and the ORM takes longer to word a statement than the database to run it. Everything
else goes through the ORM.

PostgreSQL keeps these statements ready, and only these: each finds its rows by a key. It plans what it keeps ready without
knowing what will be asked, and a question to a long record can then read all of it where it could have read five rows.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

READY_AFTER = 5  # times that a statement comes over one connection


def run(sql, *parameters):
    """Run a statement."""
    with connection.cursor() as cursor:
        _execute(cursor, sql, _adapted(parameters))


def fetch(sql, *parameters):
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        _execute(cursor, sql, _adapted(parameters))
        return cursor.fetchall()


def insert(row):
    """Insert a row, tell it its key, and return it."""
    sql, values = insertion(row)
    with connection.cursor() as cursor:
        _execute(cursor, f"{sql} RETURNING {row._meta.pk.column}", values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias
    return row


def insertion(row, **instead):
    """Return the statement that inserts a row, and its values. `instead` has SQL in place of values, by field."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join(instead.get(field.name, "%s") for field in fields)
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields if field.name not in instead
    ]
    return f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({places})", values  # noqa: S608 - our own names


def _execute(cursor, sql, values):
    if connection.vendor != "postgresql":
        cursor.execute(sql, values)
        return
    driver = connection.connection
    driver.prepare_threshold = READY_AFTER
    try:
        cursor.execute(sql, values)
    finally:
        driver.prepare_threshold = None


def _adapted(values):
    if connection.vendor == "postgresql":
        return values
    # SQLite keeps ids and moments as text.
    adapted = []
    for value in values:
        if isinstance(value, UUID):
            value = value.hex
        elif isinstance(value, datetime):
            value = connection.ops.adapt_datetimefield_value(value)
        adapted.append(value)
    return adapted
