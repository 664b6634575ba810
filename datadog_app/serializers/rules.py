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
from signals_app.models import DetectionRule, Severity, Suppression
from signals_app.suppressing import TYPES

SEVERITIES = [severity.slug for severity in Severity]
RULE_TYPES = {slug: words for words, slug in TYPES.items()}
USUAL_TYPE = "log_detection"
DURATIONS = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)  # seconds that the wire has words for
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
THIRD_PARTY = "third_party"  # whose cases are another's findings
FIRST_VERSION = 1  # of rules and suppressions on the wire; ours is 0
MOST_PARTS = 100
LARGEST_DEFINITION = 100_000  # characters of JSON

# --- what is sent -----------------------------------------------------------------------------


class Objects(serializers.ListField):
    """A list of objects that are kept as they are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.DictField(), **{"max_length": MOST_PARTS, "required": False, **kwargs})


class CaseSerializer(Serializer):
    status = Word(choices=SEVERITIES)
    name = Text(required=False, allow_null=True)
    condition = Text(required=False, allow_null=True, max_length=4000)


class Seconds(Whole):
    """One of the durations that the wire has words for."""

    default_error_messages = {"unknown": "one of {durations} is expected."}

    def to_internal_value(self, data: Any) -> int:
        found = super().to_internal_value(data)
        if found not in (0, *DURATIONS):
            self.fail("unknown", durations=", ".join(map(str, (0, *DURATIONS))))
        return found


class OptionsSerializer(Serializer):
    detectionMethod = Text(required=False, max_length=60)
    evaluationWindow = Seconds(required=False)
    keepAlive = Seconds(required=False)
    maxSignalDuration = Seconds(required=False)


class ScheduleSerializer(Serializer):
    rrule = Text(max_length=500, allow_blank=False)
    start = Text(max_length=40, allow_blank=False)
    timezone = Text(max_length=60, allow_blank=False)


class Kept(serializers.DictField):
    """An object that is kept as it was sent, when these parts of it are what they have to be."""

    def __init__(self, parts: type[Serializer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = parts

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found = super().to_internal_value(data)
        self.parts(data=found).is_valid(raise_exception=True)
        return found


class RuleUpdateSerializer(Serializer):
    """A rule as it is changed: what is left out stays. Queries and other parts are kept and given back."""

    name = Text(max_length=200, required=False, allow_blank=False)
    message = Text(max_length=50_000, required=False)
    isEnabled = Flag(required=False)
    tags = Texts(required=False)
    cases = Objects()
    queries = Objects()
    filters = Objects()
    thirdPartyCases = Objects()
    options = Kept(OptionsSerializer, required=False)
    hasExtendedTitle = Flag(required=False)
    groupSignalsBy = Texts(required=False)
    referenceTables = Objects()
    calculatedFields = Objects()
    schedulingOptions = Kept(ScheduleSerializer, required=False, allow_null=True)
    complianceSignalOptions = serializers.DictField(required=False)
    version = Whole(required=False, allow_null=True)

    def validate_cases(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        CaseSerializer(data=cases, many=True).is_valid(raise_exception=True)
        return cases

    validate_thirdPartyCases = validate_cases

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
    options = Kept(OptionsSerializer)
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
