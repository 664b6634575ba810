"""What an organisation declares about its incidents: fields of its own, and roles of responders."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG, chosen
from datadog_app.api.incident_parts import only
from datadog_app.api.incident_settings import SettingDoor, included, of_type
from datadog_app.describing import operation
from datadog_app.queries.incidents import user_defined_fields_of, user_defined_roles_of
from datadog_app.queries.searching import FARTHEST
from datadog_app.reading import flag, given, number
from datadog_app.serializers.incident_declared import (
    FieldCreate,
    FieldEdit,
    RoleCreate,
    RoleEdit,
    field_of,
    role_of,
    told_field,
    told_role,
)
from incidents_app import actions
from incidents_app.models import UserDefinedField, UserDefinedRole

INCLUDED = ("created_by_user", "incident_type", "last_modified_by_user")
MOST = 1000  # of a page. Source: Datadog's API


class UserDefinedFields(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/user-defined-fields`. One that was deleted is gone."""

    @operation(
        TAG, "Get a list of incident user-defined fields", query=shapes.FIELDS_LIST, answer=shapes.USER_DEFINED_FIELDS
    )
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        flag(request, "include_deleted")
        size = number(request, "page[size]", MOST, least=0, most=MOST)
        offset = size * number(request, "page[number]", 0, most=FARTHEST // MOST)
        rows = list(of_type(request, user_defined_fields_of(request.actor))[offset : offset + size])
        answer = {"data": [told_field(row) for row in rows], "meta": {"offset": offset, "size": len(rows)}}
        return Response(answer | included(rows, wanted))

    @operation(
        TAG,
        "Create an incident user-defined field",
        query=[shapes.DECLARED_INCLUDE],
        body=FieldCreate,
        answer=shapes.USER_DEFINED_FIELD,
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, FieldCreate)["data"]
        kind = self.kind(request.actor, asked)
        made = actions.create_user_defined_field(actor=request.actor, type=kind, **field_of(asked["attributes"]))
        return Response({"data": told_field(made)} | included([made], wanted), status=201)


class UserDefinedFieldDetail(SettingDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/config/user-defined-fields/{field_id}`."""

    @operation(
        TAG,
        "Get an incident user-defined field",
        query=[shapes.DECLARED_INCLUDE],
        answer=shapes.USER_DEFINED_FIELD,
    )
    def get(self, request: Request, field_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        row = self.field(request, field_id)
        return Response({"data": told_field(row)} | included([row], wanted))

    @operation(
        TAG,
        "Update an incident user-defined field",
        query=[shapes.DECLARED_INCLUDE],
        body=FieldEdit,
        answer=shapes.USER_DEFINED_FIELD,
    )
    def patch(self, request: Request, field_id: str) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        row = self.field(request, field_id)
        asked = given(request, FieldEdit)["data"]
        if "id" in asked:
            self.same(asked, row)
        actions.edit_user_defined_field(actor=request.actor, field=row, **field_of(asked["attributes"]))
        row = self.field(request, field_id)
        return Response({"data": told_field(row)} | included([row], wanted))

    @operation(TAG, "Delete an incident user-defined field", status=204)
    def delete(self, request: Request, field_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_user_defined_field(actor=request.actor, field=self.field(request, field_id))
        return Response(status=204)

    def field(self, request: Request, field_id: str) -> UserDefinedField:
        rows = user_defined_fields_of(request.actor).filter(uuid=self.named("field_id", field_id))
        return only(rows, "user-defined field")


class UserDefinedRoles(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/user-defined-roles`."""

    @operation(
        TAG,
        "List incident user-defined roles",
        query=[shapes.OF_ONE_TYPE, shapes.DECLARED_INCLUDE],
        answer=shapes.USER_DEFINED_ROLES,
    )
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        rows = list(of_type(request, user_defined_roles_of(request.actor)))
        return Response({"data": [told_role(row) for row in rows]} | included(rows, wanted))

    @operation(
        TAG,
        "Create an incident user-defined role",
        query=[shapes.DECLARED_INCLUDE],
        body=RoleCreate,
        answer=shapes.USER_DEFINED_ROLE,
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, RoleCreate)["data"]
        kind = self.kind(request.actor, asked)
        made = actions.create_user_defined_role(actor=request.actor, type=kind, **role_of(asked["attributes"]))
        return Response({"data": told_role(made)} | included([made], wanted), status=201)


class UserDefinedRoleDetail(SettingDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/config/user-defined-roles/{role_id}`."""

    @operation(
        TAG, "Get an incident user-defined role", query=[shapes.DECLARED_INCLUDE], answer=shapes.USER_DEFINED_ROLE
    )
    def get(self, request: Request, role_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        row = self.role(request, role_id)
        return Response({"data": told_role(row)} | included([row], wanted))

    @operation(
        TAG,
        "Update an incident user-defined role",
        query=[shapes.DECLARED_INCLUDE],
        body=RoleEdit,
        answer=shapes.USER_DEFINED_ROLE,
    )
    def patch(self, request: Request, role_id: str) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        row = self.role(request, role_id)
        asked = given(request, RoleEdit)["data"]
        self.same(asked, row)
        actions.edit_user_defined_role(actor=request.actor, role=row, **role_of(asked.get("attributes", {})))
        row = self.role(request, role_id)
        return Response({"data": told_role(row)} | included([row], wanted))

    @operation(TAG, "Delete an incident user-defined role", status=204)
    def delete(self, request: Request, role_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_user_defined_role(actor=request.actor, role=self.role(request, role_id))
        return Response(status=204)

    def role(self, request: Request, role_id: str) -> UserDefinedRole:
        rows = user_defined_roles_of(request.actor).filter(uuid=self.named("role_id", role_id))
        return only(rows, "user-defined role")
