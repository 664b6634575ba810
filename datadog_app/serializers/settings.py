"""Security filters, critical assets and notification rules on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from accounts_app.models import User
from datadog_app.dates import milliseconds
from datadog_app.serializers.fields import Flag, Text, Texts, Whole, Word, type_of
from datadog_app.serializers.people import one
from datadog_app.serializers.rules import FIRST_VERSION
from signals_app.actions.settings import MOST_QUIET, RULE_TYPES, SEVERITIES
from signals_app.models import CriticalAsset, NotificationRule, SecurityFilter

DATA_TYPE = "logs"  # of filters; there is no other

# --- what is sent -----------------------------------------------------------------------------


class ExclusionSerializer(Serializer):
    name = Text(max_length=200)
    query = Text(max_length=4000, allow_blank=False)


class FilterUpdateAttributesSerializer(Serializer):
    name = Text(max_length=200, required=False, allow_blank=False)
    query = Text(max_length=4000, required=False, allow_blank=False)
    exclusion_filters = ExclusionSerializer(many=True, required=False)
    filtered_data_type = Word(choices=[DATA_TYPE], required=False)
    is_enabled = Flag(required=False)
    version = Whole(required=False, allow_null=True)


class FilterAttributesSerializer(FilterUpdateAttributesSerializer):
    name = Text(max_length=200, allow_blank=False)
    query = Text(max_length=4000, allow_blank=False)
    exclusion_filters = ExclusionSerializer(many=True)
    filtered_data_type = Word(choices=[DATA_TYPE])
    is_enabled = Flag()


class AssetUpdateAttributesSerializer(Serializer):
    description = Text(max_length=5000, required=False)
    enabled = Flag(required=False)
    query = Text(max_length=4000, required=False, allow_blank=False)
    rule_query = Text(max_length=4000, required=False, allow_blank=False)
    severity = Word(choices=CriticalAsset.Weight.values, required=False)
    tags = Texts(required=False)
    version = Whole(required=False, allow_null=True)


class AssetAttributesSerializer(AssetUpdateAttributesSerializer):
    query = Text(max_length=4000, allow_blank=False)
    rule_query = Text(max_length=4000, allow_blank=False)
    severity = Word(choices=CriticalAsset.Weight.values)


def _words(choices: tuple[str, ...], **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=Word(choices=list(choices)), max_length=100, required=False, **kwargs)


class SelectorsUpdateSerializer(Serializer):
    trigger_source = Word(choices=NotificationRule.About.values, required=False)
    query = Text(max_length=4000, required=False)
    rule_types = _words(RULE_TYPES)
    severities = _words(SEVERITIES)


class SelectorsSerializer(SelectorsUpdateSerializer):
    trigger_source = Word(choices=NotificationRule.About.values)


Routing = type_of("NotificationRouting", mode=Word(choices=["manual"]))


class NotificationUpdateAttributesSerializer(Serializer):
    name = Text(max_length=200, required=False, allow_blank=False)
    enabled = Flag(required=False)
    selectors = SelectorsUpdateSerializer(required=False)
    targets = Texts(required=False, max_length=100)
    time_aggregation = Whole(required=False, min_value=0, max_value=MOST_QUIET)
    routing = Routing(required=False, allow_null=True)
    version = Whole(min_value=1, error_messages={"min_value": "It cannot be 0; versions count from 1."})


class NotificationAttributesSerializer(NotificationUpdateAttributesSerializer):
    name = Text(max_length=200, allow_blank=False)
    selectors = SelectorsSerializer()
    targets = Texts(max_length=100)
    version = Whole(required=False, allow_null=True)


FilterCreate = one("SecurityFilterCreate", "security_filters", attributes=FilterAttributesSerializer())
FilterUpdate = one("SecurityFilterUpdate", "security_filters", attributes=FilterUpdateAttributesSerializer())
AssetCreate = one("CriticalAssetCreate", "critical_assets", attributes=AssetAttributesSerializer())
AssetUpdate = one("CriticalAssetUpdate", "critical_assets", attributes=AssetUpdateAttributesSerializer())
NotificationCreate = one("NotificationRuleCreate", "notification_rules", attributes=NotificationAttributesSerializer())
NotificationUpdate = one(
    "NotificationRuleUpdate", "notification_rules", attributes=NotificationUpdateAttributesSerializer()
)

FILTER_FIELDS = {"name": "name", "query": "query", "exclusion_filters": "exclusions", "is_enabled": "is_enabled"}
ASSET_FIELDS = {
    "description": "description",
    "enabled": "is_enabled",
    "query": "query",
    "rule_query": "rule_query",
    "severity": "severity",
    "tags": "tags",
}
NOTIFICATION_FIELDS = {"name": "name", "enabled": "is_enabled", "targets": "targets", "time_aggregation": "quiet"}
SELECTORS = {
    "trigger_source": "about",
    "query": "query",
    "rule_types": "rule_types",
    "severities": "severities",
}


def filter_fields(asked: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a security filter, as the fields of ours."""
    return _ours(asked, FILTER_FIELDS)


def asset_fields(asked: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a critical asset, as the fields of ours."""
    return _ours(asked, ASSET_FIELDS)


def notification_fields(asked: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a notification rule, as the fields of ours."""
    return _ours(asked, NOTIFICATION_FIELDS) | _ours(asked.get("selectors", {}), SELECTORS)


def _ours(asked: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}


# --- how it is told ---------------------------------------------------------------------------


def filter_data(row: SecurityFilter) -> dict[str, Any]:
    """A security filter."""
    attributes = {theirs: getattr(row, ours) for theirs, ours in FILTER_FIELDS.items()}
    attributes |= {
        "filtered_data_type": DATA_TYPE,
        "is_builtin": row.is_builtin,
        "version": row.version + FIRST_VERSION,
    }
    return {"id": str(row.uuid), "type": "security_filters", "attributes": attributes}


def filter_entry(kept: dict[str, Any]) -> dict[str, Any]:
    """A security filter as it was at a version of all of them."""
    attributes = {theirs: kept[ours] for theirs, ours in FILTER_FIELDS.items()}
    return {
        **attributes,
        "filtered_data_type": DATA_TYPE,
        "id": kept["id"],
        "is_builtin": kept["is_builtin"],
        "version": kept["version"] + FIRST_VERSION,
    }


def asset_data(row: CriticalAsset, *, may_edit: bool) -> dict[str, Any]:
    """A critical asset. Reads its people."""
    attributes: dict[str, Any] = {theirs: getattr(row, ours) for theirs, ours in ASSET_FIELDS.items()}
    attributes |= {
        "editable": may_edit,
        "version": row.version + FIRST_VERSION,
        "creation_date": milliseconds(row.created_at),
        "update_date": milliseconds(row.modified_at),
    }
    people = (("creator", "creation_author_id", row.created_by), ("updater", "update_author_id", row.modified_by))
    for name, number, user in people:
        if user:
            attributes |= {name: _person(user), number: user.pk}
    return {"id": str(row.uuid), "type": "critical_assets", "attributes": attributes}


def notification_data(row: NotificationRule) -> dict[str, Any]:
    """A notification rule. Reads its people."""
    attributes: dict[str, Any] = {theirs: getattr(row, ours) for theirs, ours in NOTIFICATION_FIELDS.items()}
    attributes |= {
        "selectors": {theirs: getattr(row, ours) for theirs, ours in SELECTORS.items()},
        "created_at": milliseconds(row.created_at),
        "created_by": _person(row.created_by) if row.created_by else {},
        "modified_at": milliseconds(row.modified_at),
        "modified_by": _person(row.modified_by) if row.modified_by else {},
        "version": row.version + FIRST_VERSION,
    }
    return {"id": str(row.uuid), "type": "notification_rules", "attributes": attributes}


def _person(user: User) -> dict[str, Any]:
    return {"handle": user.email, "name": user.name or user.email}
