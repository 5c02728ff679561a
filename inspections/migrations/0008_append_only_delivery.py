from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("inspections", "0007_delivery")]

    operations = [
        protect("inspections_evidencerevision", "inspections_findingrevision", "inspections_passage"),
    ]
