"""Statements spelt out, for what every save does.

Saving is what everybody waits for, and the ORM takes longer to word a statement than the database to run it. Everything
else goes through the ORM.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection


def run(sql, *parameters):
    """Run a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))


def fetch(sql, *parameters):
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))
        return cursor.fetchall()


def insert(row):
    """Insert a row, tell it its key, and return it."""
    sql, values = insertion(row)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {row._meta.pk.column}", values)
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
