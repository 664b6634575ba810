"""Moments of an incident that were set right, and what it is left out of."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, TAG, WRITE, PartDoor
from datadog_app.api.incident_parts import only
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.incidents import configurations_of, overrides_of
from datadog_app.reading import given
from datadog_app.serializers.incident_documents import (
    ConfigurationCreate,
    ConfigurationEdit,
    OverrideCreate,
    OverrideEdit,
    told_configuration,
    told_override,
)
from datadog_app.serializers.resources import Told, each_once, profile
from incidents_app import actions
from incidents_app.models import TimestampOverride


def told(rows: list[TimestampOverride]) -> list[Told]:
    return [profile(user) for user in each_once(user for row in rows for user in (row.created_by, row.modified_by))]


class TimestampOverrides(PartDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/timestamp-overrides`."""

    @operation(TAG, "List incident timestamp overrides", answer=shapes.OVERRIDES)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        rows = list(overrides_of(request.actor, self.incident(request, incident_id)))
        return Response({"data": [told_override(row) for row in rows], "included": told(rows)})

    @operation(TAG, "Create an incident timestamp override", body=OverrideCreate, answer=shapes.OVERRIDE, status=201)
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = given(request, OverrideCreate)["data"]["attributes"]
        kind, value = asked["timestamp_type"], asked["timestamp_value"]
        made = actions.override_timestamp(actor=request.actor, incident=incident, kind=kind, value=value)
        return Response({"data": told_override(made), "included": told([made])}, status=201)


class TimestampOverrideDetail(PartDoor):
    """`PATCH` and `DELETE /api/v2/incidents/{incident_id}/timestamp-overrides/{id}`."""

    @operation(TAG, "Update an incident timestamp override", body=OverrideEdit, answer=shapes.OVERRIDE)
    def patch(self, request: Request, incident_id: str, override_id: str) -> Response:
        require(request.actor, WRITE)
        row = self.override(request, incident_id, override_id)
        asked = given(request, OverrideEdit)["data"]
        if asked["id"] != row.uuid:
            raise Refusals([(("data", "id"), "it is not the one of the address.")])
        if "attributes" in asked:
            value = asked["attributes"]["timestamp_value"]
            actions.edit_override(actor=request.actor, override=row, value=value)
            row = self.override(request, incident_id, override_id)
        return Response({"data": told_override(row), "included": told([row])})

    @operation(TAG, "Delete an incident timestamp override", status=204)
    def delete(self, request: Request, incident_id: str, override_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_override(actor=request.actor, override=self.override(request, incident_id, override_id))
        return Response(status=204)

    def override(self, request: Request, incident_id: str, override_id: str) -> TimestampOverride:
        rows = overrides_of(request.actor, self.incident(request, incident_id))
        return only(rows.filter(uuid=self.named("id", override_id)), "timestamp override")


class Configurations(PartDoor):
    """`POST` and `PATCH /api/v2/incidents/{incident_id}/configurations`."""

    @operation(
        TAG, "Create an incident configuration", body=ConfigurationCreate, answer=shapes.CONFIGURATION, status=201
    )
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = given(request, ConfigurationCreate)["data"].get("attributes", {})
        made = actions.configure_incident(actor=request.actor, incident=incident, **asked)
        return Response({"data": told_configuration(made)}, status=201)

    @operation(TAG, "Update an incident configuration", body=ConfigurationEdit, answer=shapes.CONFIGURATION)
    def patch(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        rows = configurations_of(request.actor, self.incident(request, incident_id))
        asked = given(request, ConfigurationEdit)["data"]
        row = only(rows.filter(uuid=asked["id"]), "incident configuration")
        actions.edit_configuration(actor=request.actor, configuration=row, **asked.get("attributes", {}))
        return Response({"data": told_configuration(rows.get(pk=row.pk))})
