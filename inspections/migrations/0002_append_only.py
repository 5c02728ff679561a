from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("inspections", "0001_initial")]

    operations = [protect("inspections_pinnedstandards", "inspections_inspectionrevision", "inspections_judgement")]
