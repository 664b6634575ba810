"""Custom attributes, watchers, links, favourites and views of cases on the wire."""

from __future__ import annotations

from rest_framework import serializers

from cases_app.models import CaseLink, CaseWatcher, CustomAttribute, MaintenanceWindow, ProjectFavourite, ProjectRule
from datadog_app.serializers.fields import Flag, Identifier, Moment, Text
from datadog_app.serializers.resources import Among, Anything, Told, document, exact, related
from search_app.models import SavedView

CASE = "CASE"  # the only kind of thing that links here are between

# --- what is sent -----------------------------------------------------------------------------


class OptionSerializer(serializers.Serializer):
    value = Text(max_length=500)


class TypeDataSerializer(serializers.Serializer):
    options = OptionSerializer(many=True, required=False, max_length=200)


class CustomAttributeCreateAttributesSerializer(serializers.Serializer):
    display_name = Text(max_length=120)
    is_multi = Flag()
    key = Text(max_length=60)
    type = Among("type", CustomAttribute.Kind.values)
    description = Text(max_length=20_000, required=False)
    type_data = TypeDataSerializer(required=False)


class CustomAttributeEditAttributesSerializer(serializers.Serializer):
    display_name = Text(max_length=120, required=False)
    type = Among("type", CustomAttribute.Kind.values, required=False)
    description = Text(max_length=20_000, required=False)
    type_data = TypeDataSerializer(required=False)


class CaseLinkAttributesSerializer(serializers.Serializer):
    parent_entity_type = Among("parent_entity_type", [CASE])
    parent_entity_id = Text(max_length=100)
    child_entity_type = Among("child_entity_type", [CASE])
    child_entity_id = Text(max_length=100)
    relationship = Among("relationship", CaseLink.Relationship.values)


class CaseViewCreateAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120)
    project_id = Identifier()
    query = Text(max_length=4000)


class CaseViewEditAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120, required=False)
    query = Text(max_length=4000, required=False)


class RecipientSerializer(serializers.Serializer):
    """Whom; `data` has an `email`."""

    type = Text(max_length=60)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "data": Anything(required=False)}


class CaseRuleAttributesSerializer(serializers.Serializer):
    is_enabled = Flag(required=False)
    query = Text(max_length=4000, required=False)
    recipients = RecipientSerializer(many=True, max_length=50)
    triggers = RecipientSerializer(many=True, max_length=50)


class CaseRuleEditAttributesSerializer(CaseRuleAttributesSerializer):
    recipients = RecipientSerializer(many=True, max_length=50, required=False)
    triggers = RecipientSerializer(many=True, max_length=50, required=False)


class WindowAttributesSerializer(serializers.Serializer):
    name = Text(max_length=200)
    query = Text(max_length=4000)
    start_at = Moment()
    end_at = Moment()


class WindowEditAttributesSerializer(serializers.Serializer):
    name = Text(max_length=200, required=False)
    query = Text(max_length=4000, required=False)
    start_at = Moment(required=False)
    end_at = Moment(required=False)


WindowCreate = document("CaseMaintenanceWindow", "maintenance_window", WindowAttributesSerializer)
WindowEdit = document("CaseMaintenanceWindowEdit", "maintenance_window", WindowEditAttributesSerializer, optional=True)
RuleCreate = document("CaseNotificationRule", "notification_rule", CaseRuleAttributesSerializer)
RuleEdit = document("CaseNotificationRuleEdit", "notification_rule", CaseRuleEditAttributesSerializer, optional=True)
AttributeCreate = document("CaseCustomAttributeCreate", "custom_attribute", CustomAttributeCreateAttributesSerializer)
AttributeEdit = document(
    "CaseCustomAttributeEdit", "custom_attribute", CustomAttributeEditAttributesSerializer, optional=True
)
LinkCreate = document("CaseLinkCreate", "link", CaseLinkAttributesSerializer)
ViewCreate = document("CaseViewCreate", "view", CaseViewCreateAttributesSerializer)
ViewEdit = document("CaseViewEdit", "view", CaseViewEditAttributesSerializer, optional=True)

# --- how it is told ---------------------------------------------------------------------------


def told_attribute(attribute: CustomAttribute) -> Told:
    return {
        **related("custom_attribute", attribute.uuid),
        "attributes": {
            "case_type_id": str(attribute.type.uuid),
            "description": attribute.description,
            "display_name": attribute.name,
            "is_multi": attribute.is_multi,
            "key": attribute.key,
            "type": attribute.kind,
            "type_data": {"options": [{"value": text} for text in attribute.options]},
        },
    }


def told_watcher(watcher: CaseWatcher) -> Told:
    """Somebody who watches, under the UUID of the person: there is one of each at a case."""
    user = related("user", watcher.user.uuid)
    return {**related("watcher", watcher.user.uuid), "relationships": {"user": {"data": user}}}


def told_link(link: CaseLink) -> Told:
    return {
        **related("link", link.uuid),
        "attributes": {
            "parent_entity_type": CASE,
            "parent_entity_id": str(link.parent.uuid),
            "child_entity_type": CASE,
            "child_entity_id": str(link.child.uuid),
            "relationship": link.relationship,
        },
    }


def told_favourite(favourite: ProjectFavourite) -> Told:
    return related("project_favorite", favourite.project.uuid)


def told_view(view: SavedView, project: str, query: str) -> Told:
    """A saved view as one of a project: its query without the word about the project."""
    return {
        **related("view", view.uuid),
        "attributes": {
            "name": view.name,
            "query": query,
            "created_at": exact(view.created_at),
            "modified_at": exact(view.modified_at),
        },
        "relationships": {
            "created_by": {"data": related("user", view.owner.uuid)},
            "project": {"data": related("project", project)},
        },
    }


def told_rule(rule: ProjectRule) -> Told:
    return {
        **related("notification_rule", rule.uuid),
        "attributes": {
            "is_enabled": rule.is_enabled,
            "query": rule.query,
            "recipients": rule.recipients,
            "triggers": rule.triggers,
        },
    }


def told_window(window: MaintenanceWindow) -> Told:
    people = {"created_by": window.created_by, "updated_by": window.modified_by}
    return {
        **related("maintenance_window", window.uuid),
        "attributes": {
            "name": window.name,
            "query": window.query,
            "start_at": exact(window.start_at),
            "end_at": exact(window.end_at),
            **{name: str(user.uuid) for name, user in people.items() if user},
        },
    }
