from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_interviews_reviews_and_held_answers")]

    operations = [
        protect(
            "cases_heldanswer",
            "cases_helddecision",
            "cases_query",
            "cases_queryreply",
            "cases_alertresolution",
        )
    ]
