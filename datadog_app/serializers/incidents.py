"""Incidents on the wire: what is sent about them, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from accounts_app.models import User
from datadog_app.serializers.fields import Flag, Identifier, Moment, Text, Word
from datadog_app.serializers.incident_parts import told_attachment
from datadog_app.serializers.resources import (
    Among,
    AnyJsonField,
    Told,
    document,
    each_once,
    exact,
    person,
    profile,
    related,
    to_one,
)
from incidents_app.models import Incident, IncidentType

MAX_CELLS = 50  # notes that an incident can begin with
INCLUDED = ("users", "attachments")
PREFIX = "IR"  # of the name that the original gives an incident by its number

# --- what is sent -----------------------------------------------------------------------------

KINDS = ("dropdown", "textbox", "autocomplete", "metrictag", "multiselect", "textarray")


class PropertySerializer(serializers.Serializer):
    """One of the `fields` of an incident. Whether the value fits its type, the incident says."""

    type = Among("type", KINDS, required=False)
    value = AnyJsonField(required=False, allow_null=True)


class Properties(serializers.DictField):
    child = PropertySerializer()


class CellContentSerializer(serializers.Serializer):
    content = Text(required=False, max_length=20_000)


class CellSerializer(serializers.Serializer):
    """A note that an incident begins with."""

    cell_type = Word(choices=["markdown"])
    content = CellContentSerializer()
    important = Flag(required=False)


class NotificationHandleSerializer(serializers.Serializer):
    """Who is told of it: by an e-mail address or the handle of a team, or by a handle of incidents."""

    handle = Text(max_length=300, required=False)
    display_name = Text(max_length=300, required=False)


class Handles(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            child=NotificationHandleSerializer(), required=False, allow_null=True, max_length=100, **options
        )


class IncidentCreateAttributesSerializer(serializers.Serializer):
    title = Text()
    customer_impacted = Flag()
    customer_impact_scope = Text(required=False, allow_null=True, max_length=20_000)
    incident_type_uuid = Identifier(required=False, allow_null=True)
    initial_cells = CellSerializer(many=True, required=False, allow_null=True, max_length=MAX_CELLS)
    is_test = Flag(required=False)
    notification_handles = Handles()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "fields": Properties(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["customer_impacted"] and not attrs.get("customer_impact_scope"):
            message = "say what customers feel when they feel something."
            raise serializers.ValidationError({"customer_impact_scope": [message]})
        return attrs


class IncidentEditAttributesSerializer(serializers.Serializer):
    title = Text(required=False)
    customer_impacted = Flag(required=False)
    customer_impact_scope = Text(required=False, allow_null=True, max_length=20_000)
    customer_impact_start = Moment(required=False, allow_null=True)
    customer_impact_end = Moment(required=False, allow_null=True)
    detected = Moment(required=False, allow_null=True)
    notification_handles = Handles()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "fields": Properties(required=False)}


class IncidentImportAttributesSerializer(serializers.Serializer):
    title = Text()
    declared = Moment(required=False, allow_null=True)
    detected = Moment(required=False, allow_null=True)
    resolved = Moment(required=False, allow_null=True)
    incident_type_uuid = Identifier(required=False, allow_null=True)
    visibility = Word(choices=["organization", "private"], required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "fields": Properties(required=False)}


class CommandedSerializer(serializers.Serializer):
    commander_user = to_one("users", nullable=True)


class MaybeCommandedSerializer(serializers.Serializer):
    commander_user = to_one("users", nullable=True, required=False)


IncidentCreate = document(
    "IncidentCreate", "incidents", IncidentCreateAttributesSerializer, relationships=CommandedSerializer(required=False)
)
IncidentEdit = document(
    "IncidentEdit",
    "incidents",
    IncidentEditAttributesSerializer,
    optional=True,
    id=Text(max_length=100),
    relationships=MaybeCommandedSerializer(required=False),
)
IncidentImport = document(
    "IncidentImport",
    "incidents",
    IncidentImportAttributesSerializer,
    relationships=MaybeCommandedSerializer(required=False),
)

COLUMNS = {"severity": "UNKNOWN", "state": "active", "detection_method": "unknown", "root_cause": "", "summary": ""}
OF_THE_HOUSE = {"slug"}  # told, and never taken


def columns_of(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The fields that are an incident's own columns; null is what a new incident has."""
    values = {name: properties[name].get("value") for name in COLUMNS if name in properties}
    return {name: COLUMNS[name] if value is None else value for name, value in values.items()}


def added_fields(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The other fields, each with its type: without one, the type that its value has."""
    return {
        name: {"type": one.get("type") or _kind(one.get("value")), "value": one.get("value")}
        for name, one in properties.items()
        if name not in COLUMNS and name not in OF_THE_HOUSE
    }


def handles_of(attributes: Mapping[str, Any]) -> list[str]:
    """Whom a request wants to be told."""
    return [one["handle"] for one in attributes.get("notification_handles") or () if one.get("handle", "").strip()]


def _kind(value: Any) -> str:
    return "autocomplete" if isinstance(value, list) else "textbox"


# --- how it is told ---------------------------------------------------------------------------


def told_incident(incident: Incident) -> Told:
    """One incident, read by `queries.incidents.whole`."""
    begun, ended = impact_of(incident)
    return {
        **related("incidents", incident.uuid),
        "attributes": {
            **_facts(incident),
            "customer_impact_start": exact(begun),
            "customer_impact_end": exact(ended),
            "customer_impact_duration": seconds(begun, ended),
            "time_to_detect": seconds(begun, incident.detected_at),
            "time_to_internal_response": seconds(incident.detected_at, incident.declared_at),
            "time_to_repair": seconds(incident.detected_at, ended),
            "time_to_resolve": seconds(incident.declared_at, incident.resolved_at),
            "fields": fields_of(incident),
            **_people(incident),
        },
        "relationships": _relationships(incident),
    }


def _facts(incident: Incident) -> Told:
    return {
        "public_id": incident.public_id,
        "incident_type_uuid": str(incident.type.uuid),
        "title": incident.title,
        "severity": incident.severity,
        "state": incident.state,
        "visibility": "private" if incident.is_private else "organization",
        "is_test": incident.is_test,
        "customer_impacted": incident.customer_impacted,
        "customer_impact_scope": incident.customer_impact_scope or None,
        "created": exact(incident.declared_at),
        "declared": exact(incident.declared_at),
        "detected": exact(incident.detected_at),
        "resolved": exact(incident.resolved_at),
        "modified": exact(incident.modified_at),
        "archived": None,
        "case_id": None,
        "creation_idempotency_key": None,
        "field_analytics": None,
        "notification_handles": None,
    }


def impact_of(incident: Incident) -> tuple[datetime | None, datetime | None]:
    """From when until when customers felt something, in all; the second is None while they still do."""
    impacts = incident.impacts.all()
    ends = [impact.end_at for impact in impacts]
    begun = min((impact.start_at for impact in impacts), default=None)
    return begun, max(ends) if ends and None not in ends else None  # type: ignore[type-var]


def seconds(start: datetime | None, end: datetime | None) -> int:
    """How long it took; 0 for what has not come to pass."""
    return int(max(end - start, timedelta()).total_seconds()) if start and end else 0


def fields_of(incident: Incident) -> Told:
    """All `fields`: the incident's own columns in the original's words, and what an organisation adds."""
    own = {
        "severity": ("dropdown", incident.severity),
        "state": ("dropdown", incident.state),
        "detection_method": ("dropdown", incident.detection_method or "unknown"),
        "root_cause": ("textbox", incident.root_cause or None),
        "summary": ("textbox", incident.summary or None),
        "slug": ("textbox", f"{PREFIX}-{incident.public_id}"),
        "services": ("autocomplete", None),
        "teams": ("autocomplete", None),
    }
    declared = {one.name: one for one in incident.type.userdefinedfields.all()}
    unsaid = {name: (one.wire_kind, None) for name, one in declared.items() if name not in own}
    own |= {name: (declared[name].wire_kind, own[name][1]) for name in own.keys() & declared.keys()}
    return {name: {"type": kind, "value": value} for name, (kind, value) in (own | unsaid).items()} | incident.fields


def _people(incident: Incident) -> Told:
    embedded = {
        "commander": incident.commander,
        "created_by": incident.created_by,
        "declared_by": incident.created_by,
        "last_modified_by": incident.modified_by,
    }
    told: Told = {name: {"data": profile(user)} if user else None for name, user in embedded.items()}
    return told | {f"{name}_uuid": None for name in embedded}


def _relationships(incident: Incident) -> Told:
    told = {
        "commander_user": person(incident.commander),
        "attachments": {"data": [related("incident_attachments", one.uuid) for one in incident.attachments.all()]},
        "impacts": {"data": [related("incident_impacts", one.uuid) for one in incident.impacts.all()]},
        "integrations": {"data": []},
        # A responder is known by who it is: there is one of a person in an incident.
        "responders": {
            "data": [related("incident_responders", one.user.uuid) for one in incident.responder_links.all()]
        },
        "user_defined_fields": {
            "data": [related("user_defined_field", one.uuid) for one in incident.type.userdefinedfields.all()]
        },
    }
    if incident.created_by:
        told["created_by_user"] = told["declared_by_user"] = person(incident.created_by)
    if incident.modified_by:
        told["last_modified_by_user"] = person(incident.modified_by)
    return told


def people_of(incidents: list[Incident]) -> list[User]:
    """Whom these incidents name in their relationships."""
    return each_once(user for one in incidents for user in (one.commander, one.created_by, one.modified_by))


def included(incidents: list[Incident], wanted: list[str], origin: str) -> Told:
    """`included`, where something of INCLUDED is wanted."""
    found: list[Told] = []
    if "users" in wanted:
        found += map(profile, people_of(incidents))
    if "attachments" in wanted:
        found += [
            told_attachment(one, incident, origin) for incident in incidents for one in incident.attachments.all()
        ]
    return {"included": found} if wanted else {}


IMPORT_INCLUDED = ("last_modified_by_user", "created_by_user", "commander_user", "declared_by_user", "incident_type")


def included_in_import(incident: Incident, wanted: list[str]) -> Told:
    people = {
        "last_modified_by_user": incident.modified_by,
        "created_by_user": incident.created_by,
        "declared_by_user": incident.created_by,
        "commander_user": incident.commander,
    }
    found = [profile(user) for user in each_once(people.get(name) for name in wanted)]
    if "incident_type" in wanted:
        found.append(told_type(incident.type))
    return {"included": found} if wanted else {}


def told_type(kind: IncidentType) -> Told:
    """A kind of incident; here the original writes its names otherwise."""
    return {
        **related("incident_types", kind.uuid),
        "attributes": {
            "name": kind.name,
            "description": kind.description,
            "is_default": kind.is_default,
            "prefix": PREFIX,
            "createdAt": exact(kind.created_at),
            "modifiedAt": exact(kind.modified_at),
        },
    }
