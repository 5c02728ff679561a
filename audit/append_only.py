"""Tables whose rows the database itself refuses to change or delete, and the one door through.

The door is a row in `audit_door`. It is opened inside a transaction and closed before the commit, so that no
other transaction ever sees it open. Lawful erasure and the emptying of test databases go through it.
"""

from contextlib import contextmanager

from django.apps import apps
from django.db import connection, connections, migrations, transaction

from audit.models import AppendOnly

DOOR = """CREATE TABLE audit_door (opened_because varchar(200) NOT NULL)"""

POSTGRES_FUNCTION = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_door) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; ELSIF TG_OP = 'UPDATE' THEN RETURN NEW; ELSE RETURN NULL; END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""


def make_door(state, schema_editor):
    """Create the door and, on PostgreSQL, the function that the triggers call."""
    schema_editor.execute(DOOR)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_FUNCTION, params=None)  # no parameters: its % is meant


def guards(table, vendor):
    """Return the statements that make a table append-only, by the name of the trigger that each creates."""
    if vendor == "postgresql":
        return {
            f"{table}_append_only": f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()",
            f"{table}_no_truncate": f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()",
        }
    return {
        f"{table}_no_{verb.lower()}": f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "  # noqa: S608
        "WHEN NOT EXISTS (SELECT 1 FROM audit_door) "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
        for verb in ("UPDATE", "DELETE")
    }


def protect(*tables):
    """Return the migration operation that makes those tables append-only, on PostgreSQL and SQLite."""

    def forwards(state, schema_editor):
        for table in tables:
            for statement in guards(table, schema_editor.connection.vendor).values():
                schema_editor.execute(statement)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def guard_again(using, **signal):
    """Put back the guards that migrations took away: to change a table SQLite makes it anew, without its triggers."""
    opened = connections[using]
    if opened.vendor != "sqlite":
        return
    with opened.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")
        standing = {name for (name,) in cursor.fetchall()}
        for model in apps.get_models():
            table = model._meta.db_table
            if not issubclass(model, AppendOnly) or not {"audit_door", table} <= standing:
                continue
            for name, statement in guards(table, opened.vendor).items():
                if name not in standing:
                    cursor.execute(statement)


@contextmanager
def door_open(because):
    """Let append-only rows be changed inside this block, in one transaction. The caller records why, and who, as an event."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_door (opened_because) VALUES (%s)", [because])
        yield
        cursor.execute("DELETE FROM audit_door")
