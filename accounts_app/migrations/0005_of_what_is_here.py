"""What keys and the role of administrators have that were here before."""

from django.db import migrations, models


def give_privileged_access(apps, schema_editor):
    """The role of administrators gets the permission that is new, as those that came before it."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(app_label="accounts_app", model="role")
    permission, _ = Permission.objects.get_or_create(
        content_type=kind, codename="admin", defaults={"name": "Privileged access: the admin panel"}
    )
    for role in apps.get_model("accounts_app", "Role").objects.filter(managed=True, group__name="Admin"):
        role.group.permissions.add(permission)


def date_back(apps, schema_editor):
    """Keys that are here have not been changed since they were made."""
    for name in ("ApiKey", "ApplicationKey"):
        apps.get_model("accounts_app", name).objects.update(modified_at=models.F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts_app", "0004_keys_and_teams"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(give_privileged_access, migrations.RunPython.noop),
        migrations.RunPython(date_back, migrations.RunPython.noop),
    ]
