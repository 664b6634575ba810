"""The parts of a detection rule that are kept as they were sent, when each is of the type that its readers expect.

The official clients make objects of what they are told: one rule with a number where a text belongs, and none of
them can list rules any more.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from datadog_app.serializers.fields import Flag, Text, Whole, Word
from signals_app.models import Severity

SEVERITIES = [severity.slug for severity in Severity]
DURATIONS = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)  # seconds that the wire has words for
MOST_PARTS = 100
LARGEST_DEFINITION = 100_000  # characters of JSON
THIRD_PARTY = "third_party"  # whose cases are another's findings
METHODS = (
    *("threshold", "new_value", "anomaly_detection", "anomaly_threshold", "impossible_travel", "hardcoded"),
    *(THIRD_PARTY, "sequence_detection"),
)
AGGREGATIONS = ("count", "cardinality", "sum", "max", "new_value", "geo_data", "event_count", "none")
DATA_SOURCES = (
    *("logs", "audit", "app_sec_spans", "spans", "security_runtime", "network", "events", "security_signals"),
)


class Kept(serializers.DictField):
    """An object that is kept as it was sent, when these parts of it are what they have to be."""

    def __init__(self, parts: type[Serializer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = parts

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found = super().to_internal_value(data)
        self.parts(data=found).is_valid(raise_exception=True)
        return found


class Objects(serializers.ListField):
    """A list of objects that are kept as they are."""

    def __init__(self, parts: type[Serializer], **kwargs: Any) -> None:
        super().__init__(child=Kept(parts), **{"max_length": MOST_PARTS, "required": False, **kwargs})


class OneOf(Whole):
    """One of these numbers."""

    default_error_messages = {"unknown": "one of {numbers} is expected."}

    def __init__(self, *numbers: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.numbers = numbers

    def to_internal_value(self, data: Any) -> int:
        found = super().to_internal_value(data)
        if found not in self.numbers:
            self.fail("unknown", numbers=", ".join(map(str, self.numbers)))
        return found


OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}


def words() -> Text:
    return Text(max_length=LARGEST_DEFINITION, **OPTIONAL)


def several() -> serializers.ListField:
    return serializers.ListField(child=Text(max_length=4000), max_length=MOST_PARTS, **OPTIONAL)


def flag() -> Flag:
    return Flag(**OPTIONAL)


def seconds() -> OneOf:
    return OneOf(0, *DURATIONS, **OPTIONAL)


def whole(least: int, most: int) -> Whole:
    return Whole(min_value=least, max_value=most, **OPTIONAL)


class ActionOptions(Serializer):
    duration = Whole(min_value=0, **OPTIONAL)
    flaggedIPType = Word(choices=["SUSPICIOUS", "FLAGGED"], **OPTIONAL)
    userBehaviorName = words()


class Action(Serializer):
    type = Word(choices=["block_ip", "block_user", "user_behavior", "flag_ip"], **OPTIONAL)
    options = Kept(ActionOptions, **OPTIONAL)


class Case(Serializer):
    status = Word(choices=SEVERITIES)
    customStatus = Word(choices=SEVERITIES, **OPTIONAL)
    name = Text(**OPTIONAL)
    condition = Text(max_length=4000, **OPTIONAL)
    query = words()
    notifications = several()
    actions = Objects(Action, allow_null=True)


class Query(Serializer):
    query = words()
    name = words()
    aggregation = Word(choices=AGGREGATIONS, **OPTIONAL)
    dataSource = Word(choices=DATA_SOURCES, **OPTIONAL)
    customQueryExtension = words()
    distinctFields = several()
    groupByFields = several()
    hasOptionalGroupByFields = flag()
    index = words()
    indexes = several()
    metric = words()
    metrics = several()
    # Those of a correlation, which asks for the signals of a rule.
    ruleId = words()
    defaultRuleId = words()
    correlatedByFields = several()
    correlatedQueryIndex = whole(0, 9)


class Filter(Serializer):
    action = Word(choices=["require", "suppress"], **OPTIONAL)
    query = words()


class ReferenceTable(Serializer):
    checkPresence = flag()
    columnName = words()
    logFieldPath = words()
    ruleQueryName = words()
    tableName = words()


class CalculatedField(Serializer):
    name = Text(max_length=4000)
    expression = Text(max_length=LARGEST_DEFINITION)


class AnomalyOptions(Serializer):
    bucketDuration = OneOf(300, 600, 900, 1800, 3600, 10_800, **OPTIONAL)
    detectionTolerance = whole(1, 5)
    learningDuration = OneOf(1, 6, 12, 24, 48, 168, 336, **OPTIONAL)
    learningPeriodBaseline = Whole(min_value=0, **OPTIONAL)
    instantaneousBaseline = flag()


class TravelOptions(Serializer):
    baselineUserLocations = flag()
    baselineUserLocationsDuration = whole(1, 30)


class NewValueOptions(Serializer):
    forgetAfter = whole(1, 30)
    instantaneousBaseline = flag()
    learningDuration = whole(0, 30)
    learningMethod = Word(choices=["duration", "threshold"], **OPTIONAL)
    learningThreshold = whole(0, 1)


class Step(Serializer):
    name = words()
    condition = words()
    evaluationWindow = seconds()


class Transition(Serializer):
    parent = words()
    child = words()
    evaluationWindow = seconds()


class SequenceOptions(Serializer):
    steps = Objects(Step, allow_null=True)
    stepTransitions = Objects(Transition, allow_null=True)


class RootQuery(Serializer):
    query = words()
    groupByFields = several()


class ThirdPartyOptions(Serializer):
    defaultNotifications = several()
    defaultStatus = Word(choices=SEVERITIES, **OPTIONAL)
    rootQueries = Objects(RootQuery, allow_null=True)
    signalTitleTemplate = words()


class RegoRule(Serializer):
    policy = Text(max_length=LARGEST_DEFINITION)
    resourceTypes = serializers.ListField(child=Text(max_length=4000), max_length=MOST_PARTS)


class PostureOptions(Serializer):
    complexRule = flag()
    regoRule = Kept(RegoRule, **OPTIONAL)
    resourceType = words()


class Options(Serializer):
    detectionMethod = Word(choices=METHODS, **OPTIONAL)
    evaluationWindow = seconds()
    keepAlive = seconds()
    maxSignalDuration = seconds()
    decreaseCriticalityBasedOnEnv = flag()
    hardcodedEvaluatorType = Word(choices=["log4shell"], **OPTIONAL)
    anomalyDetectionOptions = Kept(AnomalyOptions, **OPTIONAL)
    complianceRuleOptions = Kept(PostureOptions, **OPTIONAL)
    impossibleTravelOptions = Kept(TravelOptions, **OPTIONAL)
    newValueOptions = Kept(NewValueOptions, **OPTIONAL)
    sequenceDetectionOptions = Kept(SequenceOptions, **OPTIONAL)
    thirdPartyRuleOptions = Kept(ThirdPartyOptions, **OPTIONAL)


class Schedule(Serializer):
    rrule = Text(max_length=500, allow_blank=False)
    start = Text(max_length=40, allow_blank=False)
    timezone = Text(max_length=60, allow_blank=False)


class Posture(Serializer):
    defaultActivationStatus = flag()
    defaultGroupByFields = several()
    userActivationStatus = flag()
    userGroupByFields = several()
