"""Detection rules and suppressions on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from accounts_app.models import User
from datadog_app.dates import milliseconds
from datadog_app.serializers.fields import Flag, Milliseconds, Text, Texts, Whole, Word
from datadog_app.serializers.people import one
from datadog_app.serializers.rule_parts import (
    DURATIONS,
    THIRD_PARTY,
    CalculatedField,
    Case,
    Filter,
    Kept,
    Objects,
    Options,
    Posture,
    Query,
    ReferenceTable,
    Schedule,
)
from signals_app.models import DetectionRule, Severity, Suppression
from signals_app.suppressing import TYPES

RULE_TYPES = {slug: words for words, slug in TYPES.items()}
USUAL_TYPE = "log_detection"
DEFINED = (
    "queries",
    "cases",
    "options",
    "filters",
    "thirdPartyCases",
    "hasExtendedTitle",
    "groupSignalsBy",
    "referenceTables",
    "calculatedFields",
    "schedulingOptions",
    "complianceSignalOptions",
)
POSTURE = ("cloud_configuration", "infrastructure_configuration")  # rules that look at resources, not at events
FIRST_VERSION = 1  # of rules and suppressions on the wire; ours is 0

# --- what is sent -----------------------------------------------------------------------------


class RuleUpdateSerializer(Serializer):
    """A rule as it is changed: what is left out stays. Queries and other parts are kept and given back."""

    name = Text(max_length=200, required=False, allow_blank=False)
    message = Text(max_length=50_000, required=False)
    isEnabled = Flag(required=False)
    tags = Texts(required=False)
    cases = Objects(Case)
    queries = Objects(Query)
    filters = Objects(Filter)
    thirdPartyCases = Objects(Case)
    options = Kept(Options, required=False)
    hasExtendedTitle = Flag(required=False)
    groupSignalsBy = Texts(required=False)
    referenceTables = Objects(ReferenceTable)
    calculatedFields = Objects(CalculatedField)
    schedulingOptions = Kept(Schedule, required=False, allow_null=True)
    complianceSignalOptions = Kept(Posture, required=False)
    version = Whole(required=False, allow_null=True)

    def validate_queries(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for query in queries:
            # A correlation asks for the signals of a rule instead.
            if not query.get("ruleId") and not str(query.get("query") or "").strip():
                raise serializers.ValidationError("Query filter cannot be empty")
        return queries


class RuleCreateSerializer(RuleUpdateSerializer):
    """A new rule."""

    name = Text(max_length=200, allow_blank=False)
    message = Text(max_length=50_000)
    isEnabled = Flag()
    options = Kept(Options)
    type = Word(choices=list(RULE_TYPES), required=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        of_others = asked["options"].get("detectionMethod") == THIRD_PARTY
        needed = ["thirdPartyCases" if of_others else "cases"]
        if not of_others and asked.get("type") not in POSTURE:
            needed.append("queries")
        if missing := [name for name in needed if not asked.get(name)]:
            raise serializers.ValidationError({name: ["This field is required."] for name in missing})
        return asked


class SuppressionUpdateAttributesSerializer(Serializer):
    name = Text(max_length=200, required=False, allow_blank=False)
    description = Text(max_length=5000, required=False)
    enabled = Flag(required=False)
    rule_query = Text(max_length=4000, required=False)
    suppression_query = Text(max_length=4000, required=False)
    data_exclusion_query = Text(max_length=4000, required=False)
    start_date = Milliseconds(required=False, allow_null=True)
    expiration_date = Milliseconds(required=False, allow_null=True)
    tags = Texts(required=False)
    version = Whole(required=False, allow_null=True)


class SuppressionAttributesSerializer(SuppressionUpdateAttributesSerializer):
    name = Text(max_length=200, allow_blank=False)
    enabled = Flag()
    rule_query = Text(max_length=4000)


SuppressionCreate = one("SuppressionCreate", "suppressions", attributes=SuppressionAttributesSerializer())
SuppressionUpdate = one("SuppressionUpdate", "suppressions", attributes=SuppressionUpdateAttributesSerializer())

SUPPRESSION_FIELDS = {
    "name": "name",
    "description": "description",
    "enabled": "is_enabled",
    "rule_query": "rule_query",
    "suppression_query": "query",
    "data_exclusion_query": "exclusion_query",
    "start_date": "starts_at",
    "expiration_date": "expires_at",
    "tags": "tags",
}


def suppression_fields(asked: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a suppression, as the fields of ours."""
    return {ours: asked[theirs] for theirs, ours in SUPPRESSION_FIELDS.items() if theirs in asked}


def rule_fields(asked: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a rule, as the fields of ours. `before` is the definition that parts are changed in.

    The default severity is that of the gravest case, and the window is how long a signal is kept alive.
    """
    names = {"name": "name", "message": "meaning", "isEnabled": "is_enabled", "tags": "tags"}
    fields = {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}
    fields["definition"] = {**before, **{part: asked[part] for part in DEFINED if part in asked}}
    if cases := asked.get("cases") or asked.get("thirdPartyCases"):
        fields["severity"] = max(Severity[case["status"].upper()].value for case in cases)
    if seconds := asked.get("options", {}).get("keepAlive"):
        fields["window"] = timedelta(seconds=seconds)
    if "type" in asked:
        fields["type"] = RULE_TYPES[asked["type"]]
    return fields


def seen_version(asked: dict[str, Any]) -> int | None:
    """The version that was looked at, as ours is counted."""
    version = asked.get("version")
    return None if version is None else version - FIRST_VERSION


# --- how it is told ---------------------------------------------------------------------------


def rule_data(rule: DetectionRule) -> dict[str, Any]:
    """A rule, flat, as v2 tells it. Parts that nobody has sent are told as what the sensors' rules amount to."""
    severity, seconds = Severity(rule.severity), int(rule.window.total_seconds())
    keep_alive = max((one for one in DURATIONS if one <= seconds), default=DURATIONS[0])
    usual: dict[str, Any] = {
        "queries": [],
        "cases": [{"name": "", "status": severity.slug, "condition": "", "notifications": []}],
        "options": {
            "detectionMethod": "threshold",
            "evaluationWindow": 0,
            "keepAlive": keep_alive,
            "maxSignalDuration": 86400,
        },
        "filters": [],
        "hasExtendedTitle": bool(rule.title_template),
    }
    return {
        "id": str(rule.uuid),
        "name": rule.name,
        "type": TYPES.get(rule.type, USUAL_TYPE),
        "message": rule.meaning,
        "tags": rule.tags,
        "isEnabled": rule.is_enabled,
        "isDefault": False,
        "isDeleted": False,
        "version": rule.version + FIRST_VERSION,
        "createdAt": milliseconds(rule.created_at),
        "updatedAt": milliseconds(rule.modified_at),
        **usual,
        **rule.definition,
    }


def suppression_data(row: Suppression, *, may_edit: bool) -> dict[str, Any]:
    """A suppression. Reads its people."""
    attributes = {
        "name": row.name,
        "description": row.description,
        "enabled": row.is_enabled,
        "editable": may_edit,
        "rule_query": row.rule_query,
        "suppression_query": row.query,
        "data_exclusion_query": row.exclusion_query,
        "tags": row.tags,
        "version": row.version + FIRST_VERSION,
        "creation_date": milliseconds(row.created_at),
        "update_date": milliseconds(row.modified_at),
    }
    for theirs, at in (("start_date", row.starts_at), ("expiration_date", row.expires_at)):
        if at:
            attributes[theirs] = milliseconds(at)
    for theirs, user in (("creator", row.created_by), ("updater", row.modified_by)):
        if user:
            attributes[theirs] = _person(user)
    return {"id": str(row.uuid), "type": "suppressions", "attributes": attributes}


def _person(user: User) -> dict[str, Any]:
    return {"handle": user.email, "name": user.name or None}
