import secrets

from django.db import migrations


def give_seeds(apps, schema_editor):
    """Give every caseload that is not drawn from yet a seed of its own: adding the column gave all of them the same."""
    Caseload = apps.get_model("cases", "Caseload")
    drawn = apps.get_model("cases", "Draw").objects.values("inspection")
    for caseload in Caseload.objects.exclude(inspection__in=drawn).only("pk"):
        caseload.seed = secrets.token_hex(16)
        caseload.save(update_fields=["seed"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_exclusions")]

    operations = [migrations.RunPython(give_seeds, migrations.RunPython.noop)]
