"""Detection rules: what a signal's rule is, flat and without JSON:API's envelope."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from accounts_app.permissions import RULES_READ
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered, order, totals
from datadog_app.queries import rules
from datadog_app.reading import given, text
from datadog_app.serializers.rule_parts import LARGEST_DEFINITION
from datadog_app.serializers.rules import (
    FIRST_VERSION,
    RuleCreateSerializer,
    RuleUpdateSerializer,
    rule_data,
    rule_fields,
    seen_version,
)
from signals_app import actions

TAG = "Detection rules"
READ, WRITE = RULES_READ, "security_monitoring_rules_write"
SORTS = {
    "name": "name",
    "creation_date": "created_at",
    "update_date": "modified_at",
    "enabled": "is_enabled",
    "type": "type",
    "highest_severity": "severity",
    "source": "key",
}
FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("query", words="Words about rules: name, id, type, severity, tactic, technique and tags."),
    told.parameter("sort", enum=[sign + name for name in SORTS for sign in ("", "-")]),
]


class RuleDoor(Door):
    """What the endpoints of rules have in common."""

    group = "rules"
    first_version = FIRST_VERSION


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, whose definition may not be larger than a row can bear. Raises Refusals."""
    if len(json.dumps(fields["definition"])) > LARGEST_DEFINITION:
        raise Refusals([((), f"A rule may have at most {LARGEST_DEFINITION} characters.")])
    return fields


class RuleList(RuleDoor):
    """`/api/v2/security_monitoring/rules`"""

    @told.operation(TAG, "List rules", query=FILTERS, answer=told.RULES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page = Numbered.of(request)
        found = rules.rules(request.actor, text(request, "query"), order(request, SORTS, "name"))
        start = page.size * page.number
        shown = [rule_data(rule) for rule in found[start : start + page.size]]
        return Response({"data": shown, "meta": totals(len(found), len(shown))})

    @told.operation(TAG, "Create a detection rule", body=RuleCreateSerializer, answer=told.RULE)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        fields = checked(rule_fields(given(request, RuleCreateSerializer), {}))
        return Response(rule_data(actions.create_rule(actor=request.actor, **fields)))


class RuleValidation(RuleDoor):
    """`/api/v2/security_monitoring/rules/validation`"""

    @told.operation(TAG, "Validate a detection rule", body=RuleCreateSerializer, status=204)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        checked(rule_fields(given(request, RuleCreateSerializer), {}))
        return Response(status=204)


class RuleDetail(RuleDoor):
    """`/api/v2/security_monitoring/rules/{rule_id}`"""

    @told.operation(TAG, "Get a rule's details", answer=told.RULE)
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, READ)
        return Response(rule_data(rules.rule(request.actor, rule_id)))

    @told.operation(TAG, "Update an existing rule", body=RuleUpdateSerializer, answer=told.RULE)
    def put(self, request: Request, rule_id: str) -> Response:
        require(request.actor, WRITE)
        asked = given(request, RuleUpdateSerializer)
        rule = rules.rule(request.actor, rule_id)
        actions.edit_rules(
            actor=request.actor,
            seen={rule.pk: seen_version(asked)},
            **checked(rule_fields(asked, rule.definition)),
        ).one_or_raise()
        return Response(rule_data(rules.rule(request.actor, rule_id)))

    @told.operation(TAG, "Delete an existing rule", status=204)
    def delete(self, request: Request, rule_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_rules(actor=request.actor, rules=[rules.rule(request.actor, rule_id)]).one_or_raise()
        return Response(status=204)
