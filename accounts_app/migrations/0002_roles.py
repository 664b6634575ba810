"""The three default roles, with what Datadog gives them."""

from django.db import migrations

from accounts_app.permissions import LABELS, ROLE_DESCRIPTIONS, ROLES, granted_to


def make_roles(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    Role = apps.get_model("accounts_app", "Role")
    # Django makes permissions only after all migrations have run: too late for the roles that need them.
    kind, _ = ContentType.objects.get_or_create(app_label="accounts_app", model="role")
    permissions = {
        name: Permission.objects.get_or_create(content_type=kind, codename=name, defaults={"name": label})[0]
        for name, label in LABELS.items()
    }
    for name in ROLES:
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([permissions[codename] for codename in granted_to(name)])
        Role.objects.get_or_create(group=group, defaults={"description": ROLE_DESCRIPTIONS[name], "managed": True})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts_app", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
