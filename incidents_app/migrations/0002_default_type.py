"""The default type of incident."""

from django.db import migrations


def make(apps, schema_editor):
    apps.get_model("incidents_app", "IncidentType").objects.create(
        name="Security Incident", description="Somebody attacks, or something that protects does not.", is_default=True
    )


class Migration(migrations.Migration):
    dependencies = [("incidents_app", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
