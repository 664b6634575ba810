"""Rules and suppressions as files: JSON to keep, and Terraform to keep them with other code."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from core_app.errors import NotFound
from datadog_app import describing as told
from datadog_app.api.rules import READ, TAG, WRITE, RuleDoor, checked
from datadog_app.api.suppressions import READ as SUPPRESSIONS_READ
from datadog_app.dates import moment
from datadog_app.errors import Refusals
from datadog_app.queries import rules
from datadog_app.reading import given
from datadog_app.serializers.rule_files import ConvertResource, ExportResources, RuleBulkConvert, RuleBulkExport
from datadog_app.serializers.rules import (
    POSTURE,
    RuleCreateSerializer,
    SuppressionAttributesSerializer,
    rule_data,
    rule_fields,
    suppression_data,
    suppression_fields,
)
from datadog_app.terraform import RULE, SUPPRESSION, label, rule_resource, suppression_resource
from signals_app.actions.suppressions import check_suppression
from signals_app.models import Suppression

CONVERTED = told.thing(("terraformContent",), ruleId=told.TEXT, terraformContent=told.TEXT)
RESOURCE = told.data(
    told.resource(
        "format_resource",
        told.thing(("type_name", "resource_id"), type_name=told.TEXT, resource_id=told.TEXT, output=told.TEXT),
    )
)


def zipped(files: Iterable[tuple[str, str, str]]) -> HttpResponse:
    """An archive of texts, each given with a name, an ending and its content. Names may be had by several."""
    archive, taken = io.BytesIO(), set()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, ending, content in files:
            number, free = 1, f"{label(name)}.{ending}"
            while free.lower() in taken:
                number, free = number + 1, f"{label(name)}_{number + 1}.{ending}"
            taken.add(free.lower())
            packed.writestr(free, content)
    return HttpResponse(archive.getvalue(), content_type=told.ZIP)


def as_terraform(rule: dict[str, Any]) -> str:
    """A rule, flat as the wire has it. Raises Refusals for one that looks at resources: those are another's."""
    if rule.get("type") in POSTURE:
        raise Refusals([(("type",), "rules of this type cannot be converted.")])
    return rule_resource(rule)


class RulesExport(RuleDoor):
    """`/api/v2/security_monitoring/rules/bulk_export`"""

    @told.operation(TAG, "Bulk export security monitoring rules", body=RuleBulkExport, media=told.ZIP)
    def post(self, request: Request) -> HttpResponse:
        require(request.actor, READ)
        wanted = given(request, RuleBulkExport)["data"]["attributes"]["ruleIds"]
        found = [rule_data(rule) for rule in rules.these(request.actor, wanted)]
        return zipped((rule["name"], "json", json.dumps(rule, indent=2, ensure_ascii=False)) for rule in found)


class RulesConvert(RuleDoor):
    """`/api/v2/security_monitoring/rules/convert`: of a rule that is only thought of."""

    @told.operation(TAG, "Convert a rule from JSON to Terraform", body=RuleCreateSerializer, answer=CONVERTED)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        asked = given(request, RuleCreateSerializer)
        checked(rule_fields(asked, {}))
        return Response({"terraformContent": as_terraform(asked)})


class RuleConvert(RuleDoor):
    """`/api/v2/security_monitoring/rules/{rule_id}/convert`"""

    @told.operation(TAG, "Convert an existing rule from JSON to Terraform", answer=CONVERTED)
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, READ)
        rule = rule_data(rules.rule(request.actor, rule_id))
        return Response({"ruleId": rule["id"], "terraformContent": as_terraform(rule)})


class RulesConvertBulk(RuleDoor):
    """`/api/v2/security_monitoring/rules/convert/bulk`"""

    @told.operation(TAG, "Bulk convert rules to Terraform", body=RuleBulkConvert, media=told.ZIP)
    def post(self, request: Request) -> HttpResponse:
        require(request.actor, READ)
        wanted = given(request, RuleBulkConvert)["data"]["attributes"]["ruleIds"]
        found = [rule_data(rule) for rule in rules.these(request.actor, wanted)]
        return zipped([(rule["name"], "tf", as_terraform(rule)) for rule in found])


# --- any kind of resource ---------------------------------------------------------------------


def suppression_text(row: Suppression) -> str:
    """A suppression as a resource."""
    attributes = suppression_data(row, may_edit=False)["attributes"]
    for name, at in (("start_date", row.starts_at), ("expiration_date", row.expires_at)):
        if at:
            attributes[name] = moment(at)
    return suppression_resource(attributes)


class ResourceDoor(RuleDoor):
    """Resources of two kinds, `rules` and `suppressions`."""

    def may_read(self, request: Request, kind: str) -> None:
        """Raises NotFound for a kind that there is not here, NotAllowed."""
        if kind not in ("rules", "suppressions"):
            raise NotFound("Not found")
        require(request.actor, READ if kind == "rules" else SUPPRESSIONS_READ)

    def one(self, request: Request, kind: str, resource_id: str) -> tuple[str, str]:
        """The name of a resource and its text. Raises NotFound."""
        if kind == "rules":
            rule = rules.rule(request.actor, resource_id)
            return rule.name, as_terraform(rule_data(rule))
        row = rules.suppression(request.actor, resource_id)
        return row.name, suppression_text(row)

    def told(self, kind: str, resource_id: str, output: str) -> Response:
        name = RULE if kind == "rules" else SUPPRESSION
        attributes = {"type_name": name, "resource_id": resource_id, "output": output}
        return Response({"data": {"id": resource_id, "type": "format_resource", "attributes": attributes}})


class ResourceExport(ResourceDoor):
    """`/api/v2/security_monitoring/terraform/{resource_type}/{resource_id}`"""

    @told.operation(TAG, "Export security monitoring resource to Terraform", answer=RESOURCE)
    def get(self, request: Request, resource_type: str, resource_id: str) -> Response:
        self.may_read(request, resource_type)
        return self.told(resource_type, resource_id, self.one(request, resource_type, resource_id)[1])


class ResourcesExport(ResourceDoor):
    """`/api/v2/security_monitoring/terraform/{resource_type}/bulk`"""

    @told.operation(TAG, "Export security monitoring resources to Terraform", body=ExportResources, media=told.ZIP)
    def post(self, request: Request, resource_type: str) -> HttpResponse:
        self.may_read(request, resource_type)
        wanted = given(request, ExportResources)["data"]["attributes"]["resource_ids"]
        found = [self.one(request, resource_type, one) for one in dict.fromkeys(wanted)]
        return zipped((name, "tf", content) for name, content in found)


class ResourceConvert(ResourceDoor):
    """`/api/v2/security_monitoring/terraform/{resource_type}/convert`: of one that is only thought of."""

    @told.operation(TAG, "Convert security monitoring resource to Terraform", body=ConvertResource, answer=RESOURCE)
    def post(self, request: Request, resource_type: str) -> Response:
        self.may_read(request, resource_type)
        data = given(request, ConvertResource)["data"]
        kinds = {"rules": RuleCreateSerializer, "suppressions": SuppressionAttributesSerializer}
        reader = kinds[resource_type](data=data["attributes"]["resource_json"])
        reader.is_valid(raise_exception=True)
        if resource_type == "rules":
            checked(rule_fields(reader.validated_data, {}))
            return self.told(resource_type, data["id"], as_terraform(reader.validated_data))
        asked = reader.validated_data
        check_suppression(Suppression(**suppression_fields(asked)))
        for name in ("start_date", "expiration_date"):
            if asked.get(name):
                asked[name] = moment(asked[name])
        return self.told(resource_type, data["id"], suppression_resource(asked))
