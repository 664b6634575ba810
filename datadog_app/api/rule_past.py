"""What rules and suppressions were, many rules taken away at once, and what a rule would see."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import describing as told
from datadog_app.api.rules import READ, TAG, WRITE, RuleDoor
from datadog_app.api.suppressions import READ as SUPPRESSIONS_READ
from datadog_app.api.suppressions import TAG as SUPPRESSIONS
from datadog_app.api.suppressions import SuppressionDoor
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered
from datadog_app.queries import rules
from datadog_app.reading import given
from datadog_app.serializers.rule_files import RuleBulkDelete, RuleTestSerializer
from datadog_app.serializers.rules import FIRST_VERSION, rule_data
from signals_app import actions
from signals_app.models import DetectionRule, Suppression
from signals_app.queries.versions import FARTHEST, Version, versions
from signals_app.suppressing import event_facts, meets

LONGEST_CHANGE = 2000  # characters of it that are told
PAGES = [told.PAGE_SIZE, told.PAGE_NUMBER]
CHANGE = told.thing(field=told.TEXT, change=told.TEXT, type=told.words("create", "update", "delete"))


def past(kind: str, name: str, shape: told.Shape) -> told.Shape:
    """The shape of a history: versions by their numbers."""
    one = told.thing(("changes", name), changes=told.many(CHANGE), **{name: shape})
    attributes = told.thing(("count", "data"), count=told.WHOLE, data={"type": "object", "additionalProperties": one})
    return told.data(told.resource(kind, attributes))


def history(
    request: Request, row: DetectionRule | Suppression, kind: str, name: str, tell: Callable[[Any], dict[str, Any]]
) -> Response:
    """A page of the versions of a row, the newest first."""
    page = Numbered.of(request)
    shown = islice(versions(row), page.size * page.number, page.size * (page.number + 1))
    data = {
        str(version.number + FIRST_VERSION): {"changes": changes(version), name: tell(version.row)} for version in shown
    }
    attributes = {"count": min(row.version, FARTHEST) + 1, "data": data}
    return Response({"data": {"id": str(row.uuid), "type": kind, "attributes": attributes}})


def changes(version: Version[Any]) -> list[dict[str, str]]:
    """What made a version of the one before."""
    return [
        {"field": field, "change": _words(after)[:LONGEST_CHANGE], "type": _kind(before, after)}
        for field, (before, after) in version.changes.items()
    ]


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kind(before: Any, after: Any) -> str:
    empty = (None, "", [], {})
    return "create" if before in empty else "delete" if after in empty else "update"


class RuleHistory(RuleDoor):
    """`/api/v2/security_monitoring/rules/{rule_id}/version_history`"""

    kind = "GetRuleVersionHistoryResponse"

    @told.operation(TAG, "Get a rule's version history", query=PAGES, answer=past(kind, "rule", told.RULE))
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, READ)
        return history(request, rules.rule(request.actor, rule_id), self.kind, "rule", rule_data)


class RuleRestore(RuleDoor):
    """`/api/v2/security_monitoring/rules/{rule_id}/restore/{version}`"""

    @told.operation(TAG, "Restore a rule to a historical version", answer=told.RULE)
    def post(self, request: Request, rule_id: str, version: int) -> Response:
        require(request.actor, WRITE)
        rule = rules.rule(request.actor, rule_id)
        actions.restore_rule(actor=request.actor, rule=rule, version=version - FIRST_VERSION).one_or_raise()
        return Response(rule_data(rules.rule(request.actor, rule_id)))


class SuppressionHistory(SuppressionDoor):
    """`…/suppressions/{suppression_id}/version_history`"""

    kind = "suppression_version_history"

    @told.operation(
        SUPPRESSIONS,
        "Get a suppression's version history",
        query=PAGES,
        answer=past(kind, "suppression", told.ANYTHING),
    )
    def get(self, request: Request, suppression_id: str) -> Response:
        require(request.actor, SUPPRESSIONS_READ)
        row = rules.suppression(request.actor, suppression_id)
        return history(request, row, self.kind, "suppression", lambda one: self.told(request, one)["attributes"])


class RulesDelete(RuleDoor):
    """`/api/v2/security_monitoring/rules/bulk_delete`: what signals have stays, and is told as failed."""

    @told.operation(
        TAG,
        "Bulk delete security monitoring rules",
        body=RuleBulkDelete,
        answer=told.data(
            told.resource(
                "bulk_delete_response",
                told.thing(deletedRules=told.many(told.TEXT), failedRules=told.many(told.TEXT)),
            )
        ),
    )
    def delete(self, request: Request) -> Response:
        require(request.actor, WRITE)
        asked = rules.these(request.actor, given(request, RuleBulkDelete)["data"]["attributes"]["ruleIds"])
        names = {rule.pk: str(rule.uuid) for rule in asked}
        refused = actions.delete_rules(actor=request.actor, rules=asked).refused
        attributes = {
            "deletedRules": [name for pk, name in names.items() if pk not in refused],
            "failedRules": [names[pk] for pk in refused],
        }
        return Response({"data": {"id": "bulk_delete", "type": "bulk_delete_response", "attributes": attributes}})


# --- tests ------------------------------------------------------------------------------------

RESULTS = told.thing(("results",), results=told.many(told.FLAG))


def results(rule: Mapping[str, Any], payloads: list[dict[str, Any]]) -> Response:
    """Of each event, whether the rule's query meets it as is expected. Raises QueryError, Refusals."""
    queries, filters = rule.get("queries") or [], rule.get("filters") or []
    told_results = []
    for place, one in enumerate(payloads):
        if one["index"] >= len(queries):
            raise Refusals([(("ruleQueryPayloads", place, "index"), "the rule has no such query.")])
        facts = event_facts(one["payload"])
        met = meets(str(queries[one["index"]].get("query") or ""), facts)
        for sieve in filters:
            met &= meets(str(sieve.get("query") or ""), facts) is (sieve.get("action") != "suppress")
        told_results.append(met is one["expectedResult"])
    return Response({"results": told_results})


class RuleTest(RuleDoor):
    """`/api/v2/security_monitoring/rules/test`: of a rule that is only thought of."""

    @told.operation(TAG, "Test a rule", body=RuleTestSerializer, answer=RESULTS)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        asked = given(request, RuleTestSerializer)
        if not asked.get("rule"):
            raise Refusals([(("rule",), "This field is required.")])
        return results(asked["rule"], asked["ruleQueryPayloads"])


class ExistingRuleTest(RuleDoor):
    """`/api/v2/security_monitoring/rules/{rule_id}/test`"""

    @told.operation(TAG, "Test an existing rule", body=RuleTestSerializer, answer=RESULTS)
    def post(self, request: Request, rule_id: str) -> Response:
        require(request.actor, WRITE)
        rule = rules.rule(request.actor, rule_id)
        asked = given(request, RuleTestSerializer)
        return results(asked.get("rule") or rule.definition, asked["ruleQueryPayloads"])
