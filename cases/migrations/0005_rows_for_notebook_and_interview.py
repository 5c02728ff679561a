from django.db import migrations

CODES = ("notebook", "interview_slot", "interview_others")


def add_rows(apps, schema_editor):
    """Give every case its rows for the questions that are now asked in all of them."""
    Case, Answer = apps.get_model("cases", "Case"), apps.get_model("cases", "Answer")
    rows = [
        Answer(case_id=pk, question=code, kind="text")
        for pk in Case.objects.order_by("pk").values_list("pk", flat=True)
        for code in CODES
    ]
    Answer.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_append_only_reviews")]

    operations = [migrations.RunPython(add_rows, migrations.RunPython.noop)]
