"""What is asked of many rules at once, of their past, and of what they would see."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.serializers import Serializer

from datadog_app.serializers.fields import Flag, Text, Whole, Word, type_of
from datadog_app.serializers.rules import RuleCreateSerializer

MOST = 1000  # things of one request
MOST_PAYLOADS = 100


class Ids(serializers.ListField):
    """Ids of things, at least one."""

    def __init__(self) -> None:
        super().__init__(child=Text(max_length=100), min_length=1, max_length=MOST)


def _of_many(name: str, kind: str, field: str) -> type[Serializer]:
    attributes = type_of(f"{name}Attributes", **{field: Ids()})
    data = type_of(f"{name}Data", type=Word(choices=[kind]), attributes=attributes())
    return type_of(name, data=data())


RuleBulkDelete = _of_many("RuleBulkDelete", "bulk_delete_rules", "ruleIds")
RuleBulkExport = _of_many("RuleBulkExport", "security_monitoring_rules_bulk_export", "ruleIds")
RuleBulkConvert = _of_many("RuleBulkConvert", "security_monitoring_rules_convert_bulk", "ruleIds")
ExportResources = _of_many("ExportResources", "bulk_export_resources", "resource_ids")


class ResourceAttributesSerializer(Serializer):
    resource_json = serializers.DictField()


ConvertResource = type_of(
    "ConvertResource",
    data=type_of(
        "ConvertResourceData",
        type=Word(choices=["convert_resource"]),
        id=Text(max_length=100),
        attributes=ResourceAttributesSerializer(),
    )(),
)


class PayloadSerializer(Serializer):
    """An event, and whether a query of the rule shall meet it."""

    index = Whole(required=False, default=0, min_value=0, max_value=MOST)
    expectedResult = Flag(required=False, default=True)
    payload = serializers.DictField()


class RuleTestSerializer(Serializer):
    rule = RuleCreateSerializer(required=False, allow_null=True)
    ruleQueryPayloads = PayloadSerializer(many=True, max_length=MOST_PAYLOADS, min_length=1)
