"""The default type of case, by the UUID that Datadog's API knows it by, and a first project."""

from uuid import UUID

from django.db import migrations

STANDARD = UUID(int=1)


def make(apps, schema_editor):
    apps.get_model("cases_app", "CaseType").objects.create(
        uuid=STANDARD, name="Standard", description="Any piece of work.", is_default=True
    )
    apps.get_model("cases_app", "Project").objects.create(
        key="SEC", name="Security", description="What the team follows up."
    )


class Migration(migrations.Migration):
    dependencies = [("cases_app", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
