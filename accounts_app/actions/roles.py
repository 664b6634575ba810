"""What roles may do."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import Role
from accounts_app.permissions import LABELS
from accounts_app.rules import MANAGE, change, check, check_reach, keeping_an_administrator, locked
from core_app.errors import IllegalMove, Invalid
from core_app.ledger import record


@transaction.atomic
def create_role(*, actor: Actor, name: str, description: str = "", permissions: Collection[str] = ()) -> Role:
    """Make a role that gives these permissions. Raises NotAllowed for one the actor lacks, or Invalid."""
    require(actor, MANAGE)
    _check_permissions(actor, permissions)
    group = Group(name=name)
    check(group)
    group.save()
    role = Role(group=group, description=description)
    check(role)
    role.save()
    group.permissions.set(_rows(permissions))
    record(actor, "accounts.role_created", role, name=name, permissions=sorted(permissions))
    return role


@transaction.atomic
def update_role(
    *,
    actor: Actor,
    role: Role,
    name: str | None = None,
    description: str | None = None,
    permissions: Collection[str] | None = None,
) -> Role:
    """Change what is given and leave the rest.

    The roles that came with the product stay as they are documented. Raises NotAllowed for a permission that
    the actor would hand out without having it, Invalid, or IllegalMove.
    """
    require(actor, MANAGE)
    with keeping_an_administrator():
        row = _locked(actor, role)
        changes = change(row, **({} if description is None else {"description": description}))
        if name is not None and (renamed := change(row.group, name=name)):
            check(row.group)
            row.group.save()
            changes |= renamed
        if permissions is not None and set(permissions) != set(row.permission_names):
            before = row.permission_names
            _check_permissions(actor, set(permissions) - set(before))
            row.group.permissions.set(_rows(permissions))
            changes["permissions"] = [sorted(before), sorted(permissions)]
        if changes:
            check(row)
            row.save()
            record(actor, "accounts.role_updated", row, **changes)
    return row


@transaction.atomic
def change_permissions(*, actor: Actor, role: Role, grant: Collection[str] = (), revoke: Collection[str] = ()) -> Role:
    """Let a role give permissions and give others no more, whoever else changes it at the same time.

    Raises as `update_role` does.
    """
    require(actor, MANAGE)
    row = _locked(actor, role)
    return update_role(actor=actor, role=row, permissions={*row.permission_names, *grant} - {*revoke})


@transaction.atomic
def delete_role(*, actor: Actor, role: Role) -> None:
    """Take a role away from everyone who has it, for good. Raises NotAllowed, or IllegalMove."""
    require(actor, MANAGE)
    with keeping_an_administrator():
        row = _locked(actor, role)
        people = [str(user.uuid) for user in row.group.user_set.all()]
        record(actor, "accounts.role_deleted", row, permissions=row.permission_names, people=people)
        row.group.delete()  # the role goes with its group


def _locked(actor: Actor, role: Role) -> Role:
    row = locked(Role.objects.visible_to(actor).select_related("group"), role.pk)
    if row.managed:
        raise IllegalMove(f"“{row}” came with Tocsin and stays as it is: make a role of your own beside it.")
    return row


def _check_permissions(actor: Actor, permissions: Collection[str]) -> None:
    if unknown := sorted(set(permissions) - LABELS.keys()):
        raise Invalid(f"There is no permission {', '.join(unknown)}.", field="permissions")
    check_reach(actor, permissions, "give these permissions to a role")


def _rows(permissions: Collection[str]) -> list[Permission]:
    return list(
        Permission.objects.filter(
            content_type__app_label="accounts_app", content_type__model="role", codename__in=permissions
        )
    )
