from django.db import migrations

from audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_lines_of_enquiry")]

    operations = [protect("cases_lineofenquiryrevision", "cases_enquiry", "cases_enquirydecision")]
