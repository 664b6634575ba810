"""Kinds of incidents."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG, PartDoor
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.incidents import type_with
from datadog_app.reading import flag, given
from datadog_app.serializers.incident_parts import TypeCreate, TypeEdit
from datadog_app.serializers.incidents import told_type
from incidents_app import actions
from incidents_app.models import IncidentType


def refuse_default(asked: bool | None, is_default: bool) -> None:
    """Which kind is the default was decided when the product was installed. Raises Refusals for another wish."""
    if asked is not None and asked != is_default:
        message = "which type is the default cannot be changed."
        raise Refusals([(("data", "attributes", "is_default"), message)])


class IncidentTypes(PartDoor):
    """`GET` and `POST /api/v2/incidents/config/types`. One that was deleted is gone, whoever asks for it."""

    @operation(TAG, "Get a list of incident types", query=[shapes.INCLUDE_DELETED], answer=shapes.TYPES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        flag(request, "include_deleted")
        kinds = IncidentType.objects.visible_to(request.actor)
        return Response({"data": [told_type(kind) for kind in kinds]})

    @operation(TAG, "Create an incident type", body=TypeCreate, answer=shapes.TYPE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, TypeCreate)["data"]["attributes"]
        refuse_default(asked.pop("is_default", None), False)
        return Response({"data": told_type(actions.create_incident_type(actor=request.actor, **asked))}, status=201)


class IncidentTypeDetail(PartDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/config/types/{incident_type_id}`."""

    @operation(TAG, "Get incident type details", answer=shapes.TYPE)
    def get(self, request: Request, incident_type_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": told_type(self.kind(request, incident_type_id))})

    @operation(TAG, "Update an incident type", body=TypeEdit, answer=shapes.TYPE)
    def patch(self, request: Request, incident_type_id: str) -> Response:
        require(request.actor, SETTINGS)
        kind = self.kind(request, incident_type_id)
        asked = given(request, TypeEdit)["data"]["attributes"]
        refuse_default(asked.pop("is_default", None), kind.is_default)
        return Response({"data": told_type(actions.edit_incident_type(actor=request.actor, type=kind, **asked))})

    @operation(TAG, "Delete an incident type", status=204)
    def delete(self, request: Request, incident_type_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_incident_type(actor=request.actor, type=self.kind(request, incident_type_id))
        return Response(status=204)

    def kind(self, request: Request, incident_type_id: str) -> IncidentType:
        return type_with(request.actor, self.named("incident_type_id", incident_type_id))
