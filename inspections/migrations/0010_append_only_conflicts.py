from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("inspections", "0009_team_and_dates")]

    operations = [protect("inspections_conflictofinterest")]
