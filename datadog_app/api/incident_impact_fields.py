"""Fields that impacts of incidents have besides."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from core_app.errors import Invalid
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG
from datadog_app.api.incident_parts import only
from datadog_app.api.incident_settings import SettingDoor, included
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.incidents import impact_fields_of
from datadog_app.reading import given
from datadog_app.serializers.incident_declared import ImpactFieldWritten, impact_field_of, told_impact_field
from incidents_app import actions
from incidents_app.models import ImpactField

PEOPLE = ["created_by_user", "last_modified_by_user"]


class ImpactFields(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/impact-fields`."""

    @operation(TAG, "List incident impact fields", answer=shapes.IMPACT_FIELDS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        rows = list(impact_fields_of(request.actor))
        return Response({"data": [told_impact_field(row) for row in rows]} | included(rows, PEOPLE))

    @operation(TAG, "Create an incident impact field", body=ImpactFieldWritten, answer=shapes.IMPACT_FIELD, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, ImpactFieldWritten)["data"]
        kind = self.kind(request.actor, asked)
        made = actions.create_impact_field(
            actor=request.actor, type=kind, name=asked["attributes"]["name"], **impact_field_of(asked["attributes"])
        )
        return Response({"data": told_impact_field(made)} | included([made], PEOPLE), status=201)


class ImpactFieldDetail(SettingDoor):
    """`PUT` and `DELETE /api/v2/incidents/config/impact-fields/{field_id}`. What it is called by programs stays."""

    @operation(TAG, "Update an incident impact field", body=ImpactFieldWritten, answer=shapes.IMPACT_FIELD)
    def put(self, request: Request, field_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.field(request, field_id)
        asked = given(request, ImpactFieldWritten)["data"]
        if asked["attributes"]["name"] != row.name:
            raise Refusals([(("data", "attributes", "name"), "the name of a field stays: impacts have it.")])
        if self.kind(request.actor, asked) != row.type:
            raise Invalid("A field stays with the type of incidents that it was declared for.", field="incident_type")
        actions.edit_impact_field(actor=request.actor, field=row, **impact_field_of(asked["attributes"]))
        row = self.field(request, field_id)
        return Response({"data": told_impact_field(row)} | included([row], PEOPLE))

    @operation(TAG, "Delete an incident impact field", status=204)
    def delete(self, request: Request, field_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_impact_field(actor=request.actor, field=self.field(request, field_id))
        return Response(status=204)

    def field(self, request: Request, field_id: str) -> ImpactField:
        rows = impact_fields_of(request.actor).filter(uuid=self.named("field_id", field_id))
        return only(rows, "impact field")
