from django.db import migrations

from audit.append_only import make_door, protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(make_door, migrations.RunPython.noop), protect("audit_event")]
