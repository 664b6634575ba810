"""Who is told of incidents, and where else they are worked on, on the wire."""

from __future__ import annotations

from rest_framework import serializers

from datadog_app.serializers.fields import Flag, Identifier, Moment, Text, Whole, type_of
from datadog_app.serializers.resources import Among, Anything, Told, document, exact, person, related, to_one
from incidents_app.models import Integration, NotificationRule, NotificationTemplate, PostmortemTemplate

HERE = "datadog_notebooks"
TEMPLATE_TYPES = ("postmortem_templates", "postmortem_template")

# --- what is sent -----------------------------------------------------------------------------


class NotificationTemplateAttributesSerializer(serializers.Serializer):
    category = Text(max_length=60)
    content = Text(max_length=20_000)
    name = Text(max_length=120)
    subject = Text(max_length=300)


class NotificationTemplateEditAttributesSerializer(serializers.Serializer):
    category = Text(max_length=60, required=False)
    content = Text(max_length=20_000, required=False)
    name = Text(max_length=120, required=False)
    subject = Text(max_length=300, required=False)


class ConditionSerializer(serializers.Serializer):
    field = Text(max_length=200)
    values = serializers.ListField(child=Text(max_length=200), max_length=100)


class NotificationRuleAttributesSerializer(serializers.Serializer):
    conditions = ConditionSerializer(many=True, max_length=20)
    handles = serializers.ListField(child=Text(max_length=300), max_length=50)
    trigger = Text(max_length=40)
    visibility = Text(max_length=12, required=False)
    enabled = Flag(required=False)
    renotify_on = serializers.ListField(child=Text(max_length=200), max_length=20, required=False)


class PostmortemTemplateAttributesSerializer(serializers.Serializer):
    """`location` is where the document is kept: here, which the original calls its notebooks."""

    name = Text(max_length=120)
    content = Text(max_length=20_000, required=False)
    is_default = Moment(required=False, allow_null=True)
    location = Among("location", [HERE], required=False)


class OfTypeRelationshipsSerializer(serializers.Serializer):
    incident_type = to_one("incident_types", required=False)


class RuleRelationshipsSerializer(serializers.Serializer):
    incident_type = to_one("incident_types")
    notification_template = to_one("notification_templates", required=False, nullable=True)


class IntegrationAttributesSerializer(serializers.Serializer):
    integration_type = Whole()
    status = Whole(required=False)
    metadata = Anything()


PostmortemWritten = type_of(
    "IncidentPostmortemTemplate",
    data=type_of(
        "IncidentPostmortemTemplateData",
        type=Among("type", TEMPLATE_TYPES),
        attributes=PostmortemTemplateAttributesSerializer(),
        relationships=OfTypeRelationshipsSerializer(required=False),
    )(),
)
TemplateCreate = document(
    "IncidentNotificationTemplateCreate",
    "notification_templates",
    NotificationTemplateAttributesSerializer,
    relationships=OfTypeRelationshipsSerializer(required=False),
)
TemplateEdit = document(
    "IncidentNotificationTemplateEdit",
    "notification_templates",
    NotificationTemplateEditAttributesSerializer,
    optional=True,
    id=Identifier(),
)
RuleCreate = document(
    "IncidentNotificationRuleCreate",
    "incident_notification_rules",
    NotificationRuleAttributesSerializer,
    relationships=RuleRelationshipsSerializer(),
)
RuleEdit = document(
    "IncidentNotificationRuleEdit",
    "incident_notification_rules",
    NotificationRuleAttributesSerializer,
    relationships=RuleRelationshipsSerializer(),
    id=Identifier(),
)
IntegrationWritten = document("IncidentIntegration", "incident_integrations", IntegrationAttributesSerializer)

# --- how it is told ---------------------------------------------------------------------------


def made_and_changed(row: NotificationTemplate | NotificationRule) -> Told:
    """Its type, and whoever made it and changed it last, as far as they are still there."""
    people = {"created_by_user": row.created_by, "last_modified_by_user": row.modified_by}
    return {
        "incident_type": {"data": related("incident_types", row.type.uuid)},
        **{name: person(user) for name, user in people.items() if user},
    }


def told_template(template: NotificationTemplate) -> Told:
    return {
        **related("notification_templates", template.uuid),
        "attributes": {
            "category": template.category,
            "content": template.content,
            "name": template.name,
            "subject": template.subject,
            "created": exact(template.created_at),
            "modified": exact(template.modified_at),
        },
        "relationships": made_and_changed(template),
    }


def told_rule(rule: NotificationRule) -> Told:
    words = {}
    if rule.template:
        words = {"notification_template": {"data": related("notification_templates", rule.template.uuid)}}
    return {
        **related("incident_notification_rules", rule.uuid),
        "attributes": {
            "conditions": rule.conditions,
            "enabled": rule.enabled,
            "handles": rule.handles,
            "renotify_on": rule.renotify_on,
            "trigger": rule.trigger,
            "visibility": rule.visibility,
            "created": exact(rule.created_at),
            "modified": exact(rule.modified_at),
        },
        "relationships": made_and_changed(rule) | words,
    }


def told_integration(integration: Integration) -> Told:
    people = {"created_by_user": person(integration.created_by)} if integration.created_by else {}
    if people and not integration.version:
        people["last_modified_by_user"] = people["created_by_user"]
    return {
        **related("incident_integrations", integration.uuid),
        "attributes": {
            "incident_id": str(integration.incident.uuid),
            "integration_type": integration.kind,
            "metadata": integration.metadata,
            "status": integration.status,
            "created": exact(integration.created_at),
            "modified": exact(integration.modified_at),
        },
        "relationships": people,
    }


def told_postmortem_template(template: PostmortemTemplate) -> Told:
    changer = {"last_modified_by_user": person(template.modified_by)} if template.modified_by else {}
    return {
        **related("postmortem_templates", template.uuid),
        "attributes": {
            "name": template.name,
            "content": template.content,
            "is_default": exact(template.default_since),
            "location": HERE,
            "created_at": exact(template.created_at),
            "modified_at": exact(template.modified_at),
        },
        "relationships": {"incident_type": {"data": related("incident_types", template.type.uuid)}, **changer},
    }
