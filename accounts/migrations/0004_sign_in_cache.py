from django.core.management import call_command
from django.db import migrations

TABLE = "accounts_sign_in_cache"


def create(apps, schema_editor):
    """What guards sign-in is kept here while Redis is away (accounts/limits.py)."""
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sessions_and_links")]

    operations = [migrations.RunPython(create, lambda apps, editor: editor.execute(f"DROP TABLE {TABLE}"))]
