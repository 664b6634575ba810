"""Handles that declare incidents, and what is settled for all of them, on the wire."""

from __future__ import annotations

from rest_framework import serializers

from datadog_app.serializers.fields import Identifier, Text, type_of
from datadog_app.serializers.incident_settings import made_and_changed
from datadog_app.serializers.resources import Told, document, exact, person, related
from incidents_app.models import GlobalSettings, IncidentHandle

HANDLE, SETTINGS = "incidents_handles", "incidents_global_settings"

# --- what is sent -----------------------------------------------------------------------------

# The original's own examples call a commander a type of incident: what is named is told by the relationship.
ANY_THING = type_of("AnyThing", id=Identifier(), type=Text(max_length=60, required=False))
TO_ANY = type_of("AnyThingRelation", data=ANY_THING())


class HandleFieldsSerializer(serializers.Serializer):
    severity = serializers.ListField(child=Text(max_length=8), required=False, max_length=10)


class HandleAttributesSerializer(serializers.Serializer):
    name = Text(max_length=100)

    def get_fields(self) -> dict[str, serializers.Field]:
        # Serializers have an attribute of this name themselves.
        return {**super().get_fields(), "fields": HandleFieldsSerializer(required=False)}


class HandleRelationshipsSerializer(serializers.Serializer):
    incident_type = TO_ANY(required=False)
    commander_user = TO_ANY(required=False, allow_null=True)


class GlobalAttributesSerializer(serializers.Serializer):
    analytics_dashboard_id = Text(max_length=200, required=False)


HandleCreate = document(
    "IncidentHandleCreate",
    HANDLE,
    HandleAttributesSerializer,
    id=Text(max_length=100, required=False),
    relationships=HandleRelationshipsSerializer(required=False, allow_null=True),
)
HandleEdit = document(
    "IncidentHandleEdit",
    HANDLE,
    HandleAttributesSerializer,
    id=Identifier(),
    relationships=HandleRelationshipsSerializer(required=False, allow_null=True),
)
GlobalEdit = document("IncidentGlobalSettings", SETTINGS, GlobalAttributesSerializer, optional=True)

# --- how it is told ---------------------------------------------------------------------------


def told_handle(handle: IncidentHandle) -> Told:
    leads = {"commander_user": person(handle.commander)} if handle.commander else {}
    return {
        **related(HANDLE, handle.uuid),
        "attributes": {
            "name": handle.name,
            "fields": {"severity": handle.severities},
            "created_at": exact(handle.created_at),
            "modified_at": exact(handle.modified_at),
        },
        "relationships": made_and_changed(handle) | leads,
    }


def told_settings(settled: GlobalSettings) -> Told:
    return {
        **related(SETTINGS, settled.uuid),
        "attributes": {
            "analytics_dashboard_id": settled.analytics_dashboard_id,
            "created": exact(settled.created_at),
            "modified": exact(settled.modified_at or settled.created_at),
        },
    }
