from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("cases", "0001_initial")]

    operations = [protect("cases_answerrevision", "cases_caserevision")]
