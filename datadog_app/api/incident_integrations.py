"""Where else an incident is worked on: channels and tickets, kept and shown."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, TAG, WRITE, IncidentDoor
from datadog_app.api.incident_parts import only
from datadog_app.describing import operation
from datadog_app.queries.incidents import integrations_of
from datadog_app.reading import given
from datadog_app.serializers.incident_settings import IntegrationWritten, told_integration
from datadog_app.serializers.resources import Told, each_once, profile
from incidents_app import actions
from incidents_app.models import Integration


def asked_of(request: Request) -> dict[str, Any]:
    asked = given(request, IntegrationWritten)["data"]["attributes"]
    names = {"integration_type": "kind", "status": "status", "metadata": "metadata"}
    return {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}


def told(rows: list[Integration]) -> list[Told]:
    return [profile(user) for user in each_once(row.created_by for row in rows)]


class Integrations(IncidentDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/relationships/integrations`."""

    @operation(TAG, "Get a list of an incident's integration metadata", answer=shapes.INTEGRATIONS)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        rows = list(integrations_of(request.actor, self.incident(request, incident_id)))
        page = {"offset": 0, "next_offset": len(rows), "size": len(rows)}
        found = {"data": [told_integration(row) for row in rows], "included": told(rows)}
        return Response(found | {"meta": {"pagination": page}})

    @operation(
        TAG,
        "Create an incident integration metadata",
        body=IntegrationWritten,
        answer=shapes.INTEGRATION,
        status=201,
    )
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        made = actions.add_integration(actor=request.actor, incident=incident, **asked_of(request))
        return Response({"data": told_integration(made), "included": told([made])}, status=201)


class IntegrationDetail(IncidentDoor):
    """`GET`, `PATCH` and `DELETE …/relationships/integrations/{integration_metadata_id}`."""

    @operation(TAG, "Get incident integration metadata details", answer=shapes.INTEGRATION)
    def get(self, request: Request, incident_id: str, integration_metadata_id: str) -> Response:
        require(request.actor, READ)
        row = self.integration(request, incident_id, integration_metadata_id)
        return Response({"data": told_integration(row), "included": told([row])})

    @operation(
        TAG,
        "Update an existing incident integration metadata",
        body=IntegrationWritten,
        answer=shapes.INTEGRATION,
    )
    def patch(self, request: Request, incident_id: str, integration_metadata_id: str) -> Response:
        require(request.actor, WRITE)
        row = self.integration(request, incident_id, integration_metadata_id)
        changed = actions.edit_integration(actor=request.actor, integration=row, **asked_of(request))
        return Response({"data": told_integration(changed), "included": told([changed])})

    @operation(TAG, "Delete an incident integration metadata", status=204)
    def delete(self, request: Request, incident_id: str, integration_metadata_id: str) -> Response:
        require(request.actor, WRITE)
        row = self.integration(request, incident_id, integration_metadata_id)
        actions.delete_integration(actor=request.actor, integration=row)
        return Response(status=204)

    def integration(self, request: Request, incident_id: str, integration_metadata_id: str) -> Integration:
        rows = integrations_of(request.actor, self.incident(request, incident_id))
        return only(rows.filter(uuid=self.named("integration_metadata_id", integration_metadata_id)), "integration")
