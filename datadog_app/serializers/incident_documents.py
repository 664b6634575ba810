"""Postmortems that are kept here, and moments that were set right, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from datadog_app.serializers.fields import Flag, Identifier, Moment, Text, Word
from datadog_app.serializers.resources import Told, document, exact, person, related
from incidents_app.models import IncidentConfiguration, TimestampOverride

CONFIGURATION = "incidents_configurations"
OVERRIDE = "incidents_timestamp_overrides"
MOST_CELLS = 500

# --- what is sent -----------------------------------------------------------------------------


class CellDefinitionSerializer(serializers.Serializer):
    content = Text(max_length=200_000, required=False)


class CellAttributesSerializer(serializers.Serializer):
    definition = CellDefinitionSerializer(required=False)


class PostmortemCellSerializer(serializers.Serializer):
    id = Text(max_length=200, required=False)
    type = Word(choices=["markdown"], required=False)
    attributes = CellAttributesSerializer(required=False)


class PostmortemDocumentAttributesSerializer(serializers.Serializer):
    """`content` is the whole, and `cells` are its pieces, for whoever sends no whole."""

    title = Text(max_length=300, required=False)
    content = Text(max_length=200_000, required=False)
    cells = PostmortemCellSerializer(many=True, required=False, max_length=MOST_CELLS)
    postmortem_template_id = Identifier(required=False, allow_null=True)


class OverrideAttributesSerializer(serializers.Serializer):
    timestamp_type = Word(choices=TimestampOverride.Kind.values)
    timestamp_value = Moment()


class OverrideEditAttributesSerializer(serializers.Serializer):
    timestamp_value = Moment()


class ConfigurationAttributesSerializer(serializers.Serializer):
    execute_integrations = Flag(required=False)
    execute_notification_rules = Flag(required=False)
    include_in_analytics = Flag(required=False)
    include_in_search = Flag(required=False)


ConfigurationCreate = document("IncidentConfiguration", CONFIGURATION, ConfigurationAttributesSerializer, optional=True)
ConfigurationEdit = document(
    "IncidentConfigurationEdit", CONFIGURATION, ConfigurationAttributesSerializer, optional=True, id=Identifier()
)
PostmortemKept = document(
    "IncidentPostmortemAttachment", "incident_attachments", PostmortemDocumentAttributesSerializer
)
OverrideCreate = document("IncidentTimestampOverrideCreate", OVERRIDE, OverrideAttributesSerializer)
OverrideEdit = document(
    "IncidentTimestampOverrideEdit", OVERRIDE, OverrideEditAttributesSerializer, optional=True, id=Identifier()
)


def content_of(asked: dict[str, Any]) -> str:
    """The postmortem in Markdown."""
    if asked.get("content"):
        return asked["content"]
    definitions = [cell.get("attributes", {}).get("definition", {}) for cell in asked.get("cells", ())]
    return "\n\n".join(one["content"] for one in definitions if one.get("content"))


# --- how it is told ---------------------------------------------------------------------------


def told_configuration(row: IncidentConfiguration) -> Told:
    people = {"created_by_user": row.created_by, "last_modified_by_user": row.modified_by}
    return {
        **related(CONFIGURATION, row.uuid),
        "attributes": {
            "incident_id": str(row.incident.uuid),
            "execute_integrations": row.execute_integrations,
            "execute_notification_rules": row.execute_notification_rules,
            "include_in_analytics": row.include_in_analytics,
            "include_in_search": row.include_in_search,
            "created_at": exact(row.created_at),
            "modified_at": exact(row.modified_at),
        },
        "relationships": {name: person(user) for name, user in people.items() if user},
    }


def told_override(override: TimestampOverride) -> Told:
    people = {"created_by_user": override.created_by, "last_modified_by_user": override.modified_by}
    return {
        **related(OVERRIDE, override.uuid),
        "attributes": {
            "incident_id": str(override.incident.uuid),
            "timestamp_type": override.kind,
            "timestamp_value": exact(override.value),
            "created_at": exact(override.created_at),
            "modified_at": exact(override.modified_at),
            "deleted_at": None,
        },
        "relationships": {name: person(user) for name, user in people.items() if user},
    }
