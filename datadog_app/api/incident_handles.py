"""Handles that declare incidents, and what is settled for all of them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from core_app.errors import NotFound
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG, chosen
from datadog_app.api.incident_parts import only
from datadog_app.api.incident_settings import SettingDoor, included
from datadog_app.describing import operation
from datadog_app.queries.incidents import global_settings, handles_of, person_with
from datadog_app.reading import given, text, uuid, wrong
from datadog_app.serializers.incident_handles import (
    GlobalEdit,
    HandleCreate,
    HandleEdit,
    told_handle,
    told_settings,
)
from datadog_app.serializers.resources import Told, profile
from incidents_app import actions
from incidents_app.models import IncidentHandle

INCLUDED = ("commander_user", "created_by_user", "incident_type", "last_modified_by_user")


def beside(rows: list[IncidentHandle], wanted: list[str]) -> Told:
    """What was asked for besides, each thing once."""
    found = included(rows, wanted)
    there = {one["id"] for one in found.get("included", ())}
    leaders = dict.fromkeys(row.commander for row in rows if "commander_user" in wanted and row.commander)
    if leaders:
        found["included"] += [profile(user) for user in leaders if str(user.uuid) not in there]
    return found


class GlobalHandles(SettingDoor):
    """`GET`, `POST`, `PUT` and `DELETE /api/v2/incidents/config/global/incident-handles`."""

    @operation(TAG, "List global incident handles", query=[shapes.HANDLE_INCLUDE], answer=shapes.HANDLES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        rows = list(handles_of(request.actor))
        return Response({"data": [told_handle(row) for row in rows]} | beside(rows, wanted))

    @operation(
        TAG,
        "Create global incident handle",
        query=[shapes.HANDLE_INCLUDE],
        body=HandleCreate,
        answer=shapes.HANDLE,
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, HandleCreate)["data"]
        made = actions.create_incident_handle(actor=request.actor, **self.asked_of(request, asked))
        return Response({"data": told_handle(made)} | beside([made], wanted), status=201)

    @operation(
        TAG, "Update global incident handle", query=[shapes.HANDLE_INCLUDE], body=HandleEdit, answer=shapes.HANDLE
    )
    def put(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, HandleEdit)["data"]
        row = only(handles_of(request.actor).filter(uuid=asked["id"]), "incident handle")
        actions.edit_incident_handle(actor=request.actor, handle=row, **self.asked_of(request, asked))
        row = handles_of(request.actor).get(pk=row.pk)
        return Response({"data": told_handle(row)} | beside([row], wanted))

    @operation(TAG, "Delete global incident handle", query=[shapes.HANDLE_ID], status=204)
    def delete(self, request: Request) -> Response:
        """The client's own call names none: it can only mean the one there is."""
        require(request.actor, SETTINGS)
        rows = list(self.meant(request)[:2])
        if not rows:
            raise NotFound("incident handle not found")
        if len(rows) > 1:
            raise wrong("id", "there are several incident handles: say which one.")
        actions.delete_incident_handle(actor=request.actor, handle=rows[0])
        return Response(status=204)

    def meant(self, request: Request) -> Any:
        named = text(request, "id")
        rows = handles_of(request.actor)
        if not named:
            return rows
        found = uuid(named)
        if found is None:
            raise wrong("id", "a UUID is expected.")
        return rows.filter(uuid=found)

    def asked_of(self, request: Request, asked: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a handle's actions: what a PUT leaves out is as it is at first."""
        relations = asked.get("relationships") or {}
        leader = relations.get("commander_user")
        return {
            "name": asked["attributes"]["name"],
            "severities": asked["attributes"].get("fields", {}).get("severity", []),
            "type": self.kind(request.actor, {"relationships": relations}),
            "commander": person_with(request.actor, leader["data"]["id"]) if leader else None,
        }


class GlobalSettingsDoor(SettingDoor):
    """`GET` and `PATCH /api/v2/incidents/config/global/settings`."""

    @operation(TAG, "Get global incident settings", answer=shapes.GLOBAL_SETTINGS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": told_settings(global_settings(request.actor))})

    @operation(TAG, "Update global incident settings", body=GlobalEdit, answer=shapes.GLOBAL_SETTINGS)
    def patch(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, GlobalEdit)["data"].get("attributes", {})
        if "analytics_dashboard_id" in asked:
            actions.edit_global_settings(actor=request.actor, **asked)
        return Response({"data": told_settings(global_settings(request.actor))})
