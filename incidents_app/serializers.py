"""Incidents, as the API tells them and is told of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts_app.models import User
from incidents_app.actions import checking
from incidents_app.models import (
    Attachment,
    Impact,
    Incident,
    IncidentSignal,
    IncidentType,
    Note,
    Severity,
    State,
    Todo,
)
from incidents_app.queries import KINDS, times_of

BIG = 2**31 - 1


class PersonRef(serializers.UUIDField):
    """Somebody by UUID. Who can no longer log in may stay where they are; the action refuses to add them."""

    def to_internal_value(self, data: Any) -> User:
        uuid = super().to_internal_value(data)
        user = User.objects.visible_to(self.context["request"].actor).filter(uuid=uuid).first()
        if user is None:
            raise serializers.ValidationError("There is no such person.", code="unknown")
        return user


class TypeRef(serializers.UUIDField):
    """A kind of incidents, by UUID."""

    def to_internal_value(self, data: Any) -> IncidentType:
        uuid = super().to_internal_value(data)
        kind = IncidentType.objects.visible_to(self.context["request"].actor).filter(uuid=uuid).first()
        if kind is None:
            raise serializers.ValidationError("There is no such type of incident.", code="unknown")
        return kind


def _people(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=PersonRef(), max_length=checking.MAX_PEOPLE, required=False, **kwargs)


def _text(most: int = checking.MAX_TEXT, **kwargs: Any) -> serializers.CharField:
    kwargs.setdefault("required", False)
    return serializers.CharField(max_length=most, allow_blank=not kwargs["required"], **kwargs)


class IncidentPersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["uuid", "name"]
        read_only_fields = fields


class IncidentKindSerializer(serializers.ModelSerializer):
    class Meta:
        model = IncidentType
        fields = ["uuid", "name"]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer):
    """An incident. The times are in seconds, and null for what has not come to pass."""

    type = IncidentKindSerializer()
    commander = IncidentPersonSerializer(allow_null=True)
    responders = IncidentPersonSerializer(many=True)
    created_by = IncidentPersonSerializer(allow_null=True)
    tags = serializers.SlugRelatedField(slug_field="text", many=True, read_only=True)
    time_to_detect = serializers.SerializerMethodField()
    time_to_stabilise = serializers.SerializerMethodField()
    time_to_resolve = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Incident
        fields = [
            "public_id",
            "uuid",
            "title",
            "severity",
            "state",
            "type",
            "commander",
            "responders",
            "customer_impacted",
            "customer_impact_scope",
            "summary",
            "root_cause",
            "detection_method",
            "fields",
            "tags",
            "is_private",
            "is_test",
            "version",
            "created_by",
            "declared_at",
            "detected_at",
            "stable_at",
            "resolved_at",
            "modified_at",
            "time_to_detect",
            "time_to_stabilise",
            "time_to_resolve",
            "url",
        ]
        read_only_fields = fields

    def get_time_to_detect(self, incident: Incident) -> int | None:
        return _seconds(times_of(incident).to_detect)

    def get_time_to_stabilise(self, incident: Incident) -> int | None:
        return _seconds(times_of(incident).to_stabilise)

    def get_time_to_resolve(self, incident: Incident) -> int | None:
        return _seconds(times_of(incident).to_resolve)

    def get_url(self, incident: Incident) -> str:
        return self.context["request"].build_absolute_uri(reverse("incidents:detail", args=[incident.public_id]))


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


class SignalRefSerializer(serializers.Serializer):
    """A signal, by its id. With a `version`, one that has changed since is refused."""

    id = serializers.CharField(max_length=100)
    version = serializers.IntegerField(required=False, min_value=0, max_value=BIG)


class PropertyFieldSerializer(serializers.Serializer):
    """One field that an organisation adds."""

    type = serializers.ChoiceField(choices=sorted(checking.ONE_VALUE | checking.MANY_VALUES))
    value = serializers.JSONField(allow_null=True, help_text="A text, a list of texts, or null.")


@extend_schema_field({"type": "object", "additionalProperties": True})
class PropertyFields(serializers.JSONField):
    """Name → `{"type": …, "value": …}`; a name with null takes that field away. The action checks what is in it."""


class ChangeSerializer(serializers.Serializer):
    """What may be changed of an incident. What is left out stays as it is."""

    title = _text(checking.MAX_TITLE)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)
    commander = PersonRef(required=False, allow_null=True)
    responders = _people(help_text="All of them: this replaces who is there.")
    customer_impacted = serializers.BooleanField(required=False)
    customer_impact_scope = _text()
    summary = _text(help_text="What happened, in Markdown.")
    detection_method = _text(checking.MAX_METHOD)
    fields_ = PropertyFields(required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=checking.MAX_TAG), max_length=checking.MAX_TAGS, required=False
    )
    is_private = serializers.BooleanField(required=False)
    is_test = serializers.BooleanField(required=False)
    detected_at = serializers.DateTimeField(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Under the name that the API has for it: a serializer has `fields` of its own."""
        fields = super().get_fields()
        return {("fields" if name == "fields_" else name): field for name, field in fields.items()}


class EditSerializer(ChangeSerializer):
    """`version` is the one that was looked at: a newer one refuses the change with 409."""

    root_cause = _text(help_text="Markdown.")
    type = TypeRef(required=False)
    stable_at = serializers.DateTimeField(required=False)
    resolved_at = serializers.DateTimeField(required=False)
    version = serializers.IntegerField(required=False, min_value=0, max_value=BIG)


class DeclareSerializer(ChangeSerializer):
    """What is declared. The same `token` again answers with the incident that was made the first time."""

    title = _text(checking.MAX_TITLE, required=True)
    type = TypeRef(required=False)
    signals = SignalRefSerializer(many=True, required=False, max_length=checking.MAX_SIGNALS)
    on_timeline = serializers.BooleanField(required=False, help_text="Whether the timeline shows the signals.")
    token = serializers.UUIDField(required=False)


class AddSignalsSerializer(serializers.Serializer):
    signals = SignalRefSerializer(many=True, max_length=checking.MAX_SIGNALS)
    on_timeline = serializers.BooleanField(default=False)


class IncidentSignalSerializer(serializers.ModelSerializer):
    """A signal that an incident is about."""

    id = serializers.CharField(source="signal.public_id")
    title = serializers.CharField(source="signal.title")
    state = serializers.CharField(source="signal.state")
    version = serializers.IntegerField(source="signal.version")

    class Meta:
        model = IncidentSignal
        fields = ["id", "title", "state", "version", "on_timeline", "added_at"]
        read_only_fields = fields


class RefusedSerializer(serializers.Serializer):
    id = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class AddedSerializer(serializers.Serializer):
    """What became of each signal."""

    added = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())
    refused = RefusedSerializer(many=True)


class _Part(serializers.ModelSerializer):
    """Belongs to an incident and is changed by itself; `version` is the one that was looked at."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=BIG)
    created_by = IncidentPersonSerializer(read_only=True, allow_null=True)


class NoteSerializer(_Part):
    body = _text(required=True, help_text="Markdown.")
    at = serializers.DateTimeField(required=False, help_text="The moment that it tells of: now without it.")

    class Meta:
        model = Note
        fields = ["uuid", "body", "at", "version", "created_by", "created_at", "edited_at", "deleted_at"]
        read_only_fields = ["uuid", "created_by", "created_at", "edited_at", "deleted_at"]


class TodoSerializer(_Part):
    content = _text(checking.MAX_SHORT, required=True)
    assignees = _people(write_only=True)
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    completed_at = serializers.DateTimeField(required=False, allow_null=True)

    class Meta:
        model = Todo
        fields = ["uuid", "content", "assignees", "due_at", "completed_at", "version", "created_by", "created_at"]
        read_only_fields = ["uuid", "created_by", "created_at"]

    def to_representation(self, todo: Todo) -> dict[str, Any]:
        return {
            **super().to_representation(todo),
            "assignees": IncidentPersonSerializer(todo.assignees.all(), many=True).data,
        }


class ImpactSerializer(_Part):
    description = _text(checking.MAX_SHORT, required=True)

    class Meta:
        model = Impact
        fields = ["uuid", "description", "start_at", "end_at", "version", "created_by", "created_at"]
        read_only_fields = ["uuid", "created_by", "created_at"]


class AttachmentSerializer(_Part):
    class Meta:
        model = Attachment
        fields = ["uuid", "kind", "title", "url", "version", "created_by", "created_at"]
        read_only_fields = ["uuid", "created_by", "created_at"]


class ItemSerializer(serializers.Serializer):
    """One thing that happened. `sentence` follows the name of `who`; a note has its `body` instead."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    at = serializers.DateTimeField()
    who = serializers.CharField()
    verb = serializers.CharField()
    sentence = serializers.CharField()
    body = serializers.SerializerMethodField()
    signals = serializers.SerializerMethodField()

    def get_body(self, item: Any) -> str | None:
        return item.note.body if item.note else None

    def get_signals(self, item: Any) -> list[str]:
        return [signal.public_id for signal in item.signals]


class PostmortemSerializer(serializers.Serializer):
    markdown = serializers.CharField()
