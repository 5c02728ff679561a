from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("ratings", "0001_initial")]

    operations = [protect("ratings_discretiondecision", "ratings_frozenannex")]
