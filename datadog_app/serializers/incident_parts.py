"""To-dos, impacts, attachments, responders and kinds of incidents on the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datadog_app.describing import ANYTHING, TEXT
from datadog_app.serializers.fields import Flag, Moment, Text, Word
from datadog_app.serializers.resources import (
    Anything,
    Told,
    document,
    exact,
    person,
    related,
    to_one,
)
from incidents_app.models import Attachment, Impact, Incident, Responder, Todo

# --- what is sent -----------------------------------------------------------------------------


@extend_schema_field({"anyOf": [TEXT, ANYTHING]})
class AssigneeField(serializers.Field):
    """Who does it: a handle such as `@ana@example.test`, or somebody of a chat, of whom there are four facts."""

    default_error_messages = {"invalid": "a handle or a person of a chat is expected."}
    KEYS = ("id", "icon", "name", "source")
    SOURCES = ("slack", "microsoft_teams")
    MOST = 1000  # characters of each

    def to_internal_value(self, data: Any) -> str | dict[str, str]:
        if isinstance(data, str) and 0 < len(data) <= self.MOST:
            return data
        if not isinstance(data, dict) or data.get("source") not in self.SOURCES:
            self.fail("invalid")
        kept = {key: data.get(key) for key in self.KEYS}
        if not all(isinstance(value, str) and len(value) <= self.MOST for value in kept.values()):
            self.fail("invalid")
        return kept


class TodoAttributesSerializer(serializers.Serializer):
    content = Text(max_length=2000)
    assignees = serializers.ListField(child=AssigneeField(), max_length=100)
    due_date = Moment(required=False, allow_null=True)
    completed = Moment(required=False, allow_null=True)


class TodoEditAttributesSerializer(serializers.Serializer):
    content = Text(max_length=2000, required=False)
    assignees = serializers.ListField(child=AssigneeField(), max_length=100, required=False)
    due_date = Moment(required=False, allow_null=True)
    completed = Moment(required=False, allow_null=True)


class ImpactAttributesSerializer(serializers.Serializer):
    description = Text(max_length=2000)
    start_at = Moment()
    end_at = Moment(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "fields": Anything(required=False, allow_null=True)}


class ImpactEditAttributesSerializer(ImpactAttributesSerializer):
    description = Text(max_length=2000, required=False)
    start_at = Moment(required=False)


class LinkSerializer(serializers.Serializer):
    documentUrl = Text(max_length=2000)
    title = Text()


class LinkEditSerializer(serializers.Serializer):
    documentUrl = Text(max_length=2000, required=False)
    title = Text(required=False)


class AttachmentAttributesSerializer(serializers.Serializer):
    attachment = LinkSerializer()
    attachment_type = Word(choices=Attachment.Kind.values)


class AttachmentEditAttributesSerializer(serializers.Serializer):
    attachment = LinkEditSerializer(required=False)
    attachment_type = Word(choices=Attachment.Kind.values, required=False)


class IncidentTypeAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120)
    description = Text(max_length=2000, required=False)
    is_default = Flag(required=False)


class IncidentTypeEditAttributesSerializer(IncidentTypeAttributesSerializer):
    name = Text(max_length=120, required=False)


class ResponderRelationshipsSerializer(serializers.Serializer):
    user = to_one("users")


TodoCreate = document("IncidentTodoCreate", "incident_todos", TodoAttributesSerializer)
TodoEdit = document("IncidentTodoEdit", "incident_todos", TodoEditAttributesSerializer)
ImpactCreate = document("IncidentImpactCreate", "incident_impacts", ImpactAttributesSerializer)
ImpactEdit = document("IncidentImpactEdit", "incident_impacts", ImpactEditAttributesSerializer, optional=True)
AttachmentCreate = document("IncidentAttachmentCreate", "incident_attachments", AttachmentAttributesSerializer)
AttachmentEdit = document(
    "IncidentAttachmentEdit", "incident_attachments", AttachmentEditAttributesSerializer, optional=True
)
TypeCreate = document("IncidentTypeCreate", "incident_types", IncidentTypeAttributesSerializer)
TypeEdit = document("IncidentTypeEdit", "incident_types", IncidentTypeEditAttributesSerializer, id=Text(max_length=100))
ResponderCreate = document(
    "IncidentResponderCreate", "incident_responders", relationships=ResponderRelationshipsSerializer()
)


def impact_fields(given: dict[str, Any] | None) -> dict[str, Any]:
    """The fields of an impact, which the wire gives as plain values, as they are kept; null takes one away."""
    return {
        name: None
        if value is None
        else {"type": "multiselect" if isinstance(value, list) else "textbox", "value": value}
        for name, value in (given or {}).items()
    }


# --- how it is told ---------------------------------------------------------------------------


def modifier(row: Todo | Impact | Attachment) -> Told:
    """Who changed it last, as far as that is known: who made it, while nobody has changed it since."""
    return {"last_modified_by_user": person(row.created_by)} if row.created_by and not row.version else {}


def maker(row: Todo | Impact) -> Told:
    return {"created_by_user": person(row.created_by)} if row.created_by else {}


def told_todo(todo: Todo) -> Told:
    """One to-do; those of its assignees who are people here come first."""
    return {
        **related("incident_todos", todo.uuid),
        "attributes": {
            "content": todo.content,
            "assignees": [*(f"@{user.email}" for user in todo.assignees.all()), *todo.elsewhere],
            "due_date": exact(todo.due_at),
            "completed": exact(todo.completed_at),
            "created": exact(todo.created_at),
            "modified": exact(todo.modified_at),
            "incident_id": str(todo.incident.uuid),
        },
        "relationships": maker(todo) | modifier(todo),
    }


def told_impact(impact: Impact) -> Told:
    return {
        **related("incident_impacts", impact.uuid),
        "attributes": {
            "description": impact.description,
            "start_at": exact(impact.start_at),
            "end_at": exact(impact.end_at),
            "fields": {name: field.get("value") for name, field in impact.fields.items()} or None,
            "impact_type": "customer",
            "created": exact(impact.created_at),
            "modified": exact(impact.modified_at),
        },
        "relationships": {
            "incident": {"data": related("incidents", impact.incident.uuid)},
            **maker(impact),
            **modifier(impact),
        },
    }


def told_attachment(attachment: Attachment, incident: Incident, origin: str) -> Told:
    """A link; `origin` is the address of this site, where documents are that are kept here."""
    return {
        **related("incident_attachments", attachment.uuid),
        "attributes": {
            "attachment_type": attachment.kind,
            "attachment": {"documentUrl": urljoin(origin, attachment.url), "title": attachment.title},
            "modified": exact(attachment.modified_at),
        },
        "relationships": {"incident": {"data": related("incidents", incident.uuid)}, **modifier(attachment)},
    }


def told_responder(responder: Responder) -> Told:
    """Somebody who works on an incident, under the UUID of the person: there is one of each in an incident."""
    roles = [related("incident_role_assignments", link.uuid) for link in responder.role_links.all()]
    return {
        **related("incident_responders", responder.user.uuid),
        "attributes": {
            "created": exact(responder.added_at),
            "modified": exact(responder.added_at),
            "last_active": None,
            "is_billable": False,
            "external_id": None,
            "external_source": None,
            "meta": None,
        },
        "relationships": {"user": person(responder.user), "role_assignments": {"data": roles}},
    }
