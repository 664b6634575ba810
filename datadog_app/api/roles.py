"""Roles, what they permit, and who has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import Actor, require
from accounts_app.models import Role, User
from accounts_app.permissions import LABELS
from core_app.errors import Conflict, Invalid
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.api.users import FILTERS, narrowed, same_id
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered, order, totals
from datadog_app.queries import people
from datadog_app.reading import given, text, words
from datadog_app.serializers.people import (
    PERMISSION_NAMES,
    PermissionOfRole,
    RoleClone,
    RoleCreate,
    RoleUpdate,
    UserOfRole,
    permission_data,
    role_data,
    template_data,
    user_data,
)

TAG = "Roles"
READ, MANAGE = "user_access_read", "user_access_manage"
SORTS = {"name": "group__name", "modified_at": "modified_at", "user_count": "user_count"}
ROLE_FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("sort", enum=[sign + name for name in SORTS for sign in ("", "-")]),
    told.parameter("filter", words="A part of the name."),
    told.parameter("filter[id]", words="Ids, with commas between them."),
]


class RoleDoor(Door):
    """What the endpoints of roles have in common."""

    group = "roles"

    def told(self, request: Request, role: Role) -> Response:
        """The role as it is now."""
        return Response({"data": role_data(people.role(request.actor, str(role.uuid)))})


class Permissions(RoleDoor):
    """`/api/v2/permissions`"""

    @told.operation(TAG, "List permissions", answer=told.PERMISSIONS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": permission_data(LABELS)})


def named(actor: Actor, name: str, but: Role | None = None) -> str:
    """A name for a role. Raises Invalid for a blank one, Conflict for one that another role has."""
    name = name.strip()
    if not name:
        raise Invalid("Role names cannot be only whitespace")
    others = people.roles(actor).filter(group__name=name)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise Conflict("A role with the same name already exists")
    return name


def permissions_named(data: dict[str, Any]) -> list[str] | None:
    """The permissions among what is related, by their names; None when nothing is said of them. Raises Refusals."""
    listed = (data.get("relationships") or {}).get("permissions")
    if listed is None:
        return None
    return [
        permission_named(one["id"], ("data", "relationships", "permissions", "data", place, "id"))
        for place, one in enumerate(listed["data"])
    ]


def permission_named(permission_id: str, path: tuple[str | int, ...]) -> str:
    """A permission by its id, or by its name. Raises Refusals."""
    name = PERMISSION_NAMES.get(permission_id, permission_id)
    if name not in LABELS:
        raise Refusals([(path, "there is no such permission.")])
    return name


# What a role gives that is made without a word about permissions: in the original, too, it is not nothing.
USUAL = ("teams_read", "user_access_read")


class RoleList(RoleDoor):
    """`/api/v2/roles`"""

    @told.operation(TAG, "List roles", query=ROLE_FILTERS, answer=told.ROLES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page = Numbered.of(request)
        everything = people.roles(request.actor)
        found = everything.order_by(order(request, SORTS, "name"), "pk")
        if part := text(request, "filter"):
            found = found.filter(group__name__icontains=part)
        rows = list(found)
        if wanted := words(request, "filter[id]"):
            rows = [role for role in rows if str(role.uuid) in wanted]
        start = page.size * page.number
        shown = [role_data(role) for role in rows[start : start + page.size]]
        return Response({"data": shown, "meta": totals(everything.count(), len(rows))})

    @told.operation(TAG, "Create a role", body=RoleCreate, answer=told.ROLE)
    def post(self, request: Request) -> Response:
        require(request.actor, MANAGE)
        data = given(request, RoleCreate)["data"]
        name = named(request.actor, data["attributes"]["name"])
        names = permissions_named(data)
        if names is None and not data["attributes"].get("default_permissions_opt_out"):
            names = [usual for usual in USUAL if request.actor.can(usual)]
        role = actions.create_role(actor=request.actor, name=name, permissions=names or ())
        return self.told(request, role)


class RoleDetail(RoleDoor):
    """`/api/v2/roles/{role_id}`"""

    @told.operation(TAG, "Get a role", answer=told.ROLE)
    def get(self, request: Request, role_id: str) -> Response:
        require(request.actor, READ)
        return self.told(request, people.role(request.actor, role_id))

    @told.operation(TAG, "Update a role", body=RoleUpdate, answer=told.ROLE)
    def patch(self, request: Request, role_id: str) -> Response:
        require(request.actor, MANAGE)
        data = given(request, RoleUpdate)["data"]
        role = people.role(request.actor, role_id)
        same_id(data, role_id)
        asked = data["attributes"]
        actions.update_role(
            actor=request.actor,
            role=role,
            name=named(request.actor, asked["name"], role) if "name" in asked else None,
            permissions=permissions_named(data),
        )
        return self.told(request, role)

    @told.operation(TAG, "Delete a role", status=204)
    def delete(self, request: Request, role_id: str) -> Response:
        require(request.actor, MANAGE)
        actions.delete_role(actor=request.actor, role=people.role(request.actor, role_id))
        return Response(status=204)


class RoleTemplates(RoleDoor):
    """`/api/v2/roles/templates`: the roles of the product, of which others are made."""

    @told.operation(TAG, "List role templates", answer=told.data(told.many(told.ANYTHING)))
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [template_data(role) for role in people.roles(request.actor).filter(managed=True)]})


class RoleCopy(RoleDoor):
    """`/api/v2/roles/{role_id}/clone`"""

    @told.operation(TAG, "Create a new role by cloning an existing role", body=RoleClone, answer=told.ROLE)
    def post(self, request: Request, role_id: str) -> Response:
        require(request.actor, MANAGE)
        asked = given(request, RoleClone)["data"]["attributes"]
        role = people.role(request.actor, role_id)
        name = named(request.actor, asked["name"])
        copy = actions.create_role(
            actor=request.actor, name=name, description=role.description, permissions=role.permission_names
        )
        return self.told(request, copy)


class RolePermissions(RoleDoor):
    """`/api/v2/roles/{role_id}/permissions`"""

    @told.operation(TAG, "List permissions for a role", answer=told.PERMISSIONS)
    def get(self, request: Request, role_id: str) -> Response:
        require(request.actor, READ)
        return self.listed(people.role(request.actor, role_id).permission_names)

    @told.operation(TAG, "Grant permission to a role", body=PermissionOfRole, answer=told.PERMISSIONS)
    def post(self, request: Request, role_id: str) -> Response:
        return self.change(request, role_id, "grant")

    @told.operation(TAG, "Revoke permission", body=PermissionOfRole, answer=told.PERMISSIONS)
    def delete(self, request: Request, role_id: str) -> Response:
        return self.change(request, role_id, "revoke")

    def change(self, request: Request, role_id: str, how: str) -> Response:
        require(request.actor, MANAGE)
        asked = given(request, PermissionOfRole)["data"]["id"]
        role = people.role(request.actor, role_id)
        name = permission_named(asked, ("data", "id"))
        actions.change_permissions(actor=request.actor, role=role, **{how: [name]})
        return self.listed(people.role(request.actor, role_id).permission_names)

    def listed(self, names: Iterable[str]) -> Response:
        return Response({"data": permission_data(names)})


class RoleUsers(RoleDoor):
    """`/api/v2/roles/{role_id}/users`"""

    @told.operation(TAG, "Get all users of a role", query=FILTERS, answer=told.USERS)
    def get(self, request: Request, role_id: str) -> Response:
        require(request.actor, READ)
        return self.listed(request, people.role(request.actor, role_id))

    @told.operation(TAG, "Add a user to a role", body=UserOfRole, answer=told.USERS)
    def post(self, request: Request, role_id: str) -> Response:
        require(request.actor, MANAGE)
        role, user = self.both(request, role_id)
        actions.change_roles(actor=request.actor, user=user, give=[role])
        return self.listed(request, role)

    @told.operation(TAG, "Remove a user from a role", body=UserOfRole, answer=told.USERS)
    def delete(self, request: Request, role_id: str) -> Response:
        require(request.actor, MANAGE)
        role, user = self.both(request, role_id)
        actions.change_roles(actor=request.actor, user=user, take=[role])
        return self.listed(request, role)

    def both(self, request: Request, role_id: str) -> tuple[Role, User]:
        asked = given(request, UserOfRole)["data"]["id"]
        return people.role(request.actor, role_id), people.user(request.actor, asked)

    def listed(self, request: Request, role: Role) -> Response:
        page = Numbered.of(request)
        everyone = people.users(request.actor).filter(groups=role.group)
        found = narrowed(request, everyone)
        data = [user_data(user) for user in page.rows(found)]
        return Response({"data": data, "meta": totals(everyone.count(), found.count())})
