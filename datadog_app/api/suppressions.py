"""Suppressions: what shall make no signal."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from core_app.errors import StaleVersion
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.paging import Numbered, order
from datadog_app.queries import rules
from datadog_app.reading import given, text
from datadog_app.serializers.rules import (
    FIRST_VERSION,
    SUPPRESSION_FIELDS,
    RuleCreateSerializer,
    SuppressionCreate,
    SuppressionUpdate,
    rule_fields,
    seen_version,
    suppression_data,
    suppression_fields,
)
from signals_app import actions
from signals_app.actions import SUPPRESSIONS_WRITE
from signals_app.actions.suppressions import check_suppression
from signals_app.models import DetectionRule, Suppression

TAG = "Suppressions"
READ = "security_monitoring_suppressions_read"
SORTS = {
    "name": "name",
    "start_date": "starts_at",
    "expiration_date": "expires_at",
    "update_date": "modified_at",
    "creation_date": "created_at",
    "enabled": "is_enabled",
}
FILTERS = [
    told.parameter("query", words="Words about suppressions: id, name, enabled, tags and parts of their text."),
    told.parameter("sort", enum=[sign + name for name in SORTS for sign in ("", "-")]),
    told.counted("page[size]", "How many there are on a page; all of them without it, and for -1.", least=-1),
    told.PAGE_NUMBER,
]


class SuppressionDoor(Door):
    """What the endpoints of suppressions have in common."""

    group = "suppressions"
    first_version = FIRST_VERSION
    fields = {ours: theirs for theirs, ours in SUPPRESSION_FIELDS.items()}
    statuses = {**Door.statuses, StaleVersion: 409}

    def told(self, request: Request, row: Suppression) -> dict[str, object]:
        return suppression_data(row, may_edit=request.actor.can(SUPPRESSIONS_WRITE))

    def answer(self, request: Request, suppression_id: object) -> Response:
        """The suppression as it is now."""
        return Response({"data": self.told(request, rules.suppression(request.actor, str(suppression_id)))})


class SuppressionList(SuppressionDoor):
    """`/api/v2/security_monitoring/configuration/suppressions`"""

    @told.operation(TAG, "Get all suppression rules", query=FILTERS, answer=told.SUPPRESSIONS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        everything = rules.suppressions(request.actor)
        total = everything.count()
        rows = rules.those_of(everything.order_by(order(request, SORTS, "name"), "pk"), text(request, "query"))
        found = len(rows)
        # Without a size there is one page, of all of them: whoever goes on to the next has to come to an end.
        page = Numbered.of(request, size=max(found, 1), all_for="-1")
        number, rows = page.number, rows[page.size * page.number : page.size * (page.number + 1)]
        meta = {"page": {"pageNumber": number, "pageSize": len(rows), "totalCount": found, "total_count": total}}
        return Response({"data": [self.told(request, row) for row in rows], "meta": meta})

    @told.operation(TAG, "Create a suppression rule", body=SuppressionCreate, answer=told.SUPPRESSION)
    def post(self, request: Request) -> Response:
        require(request.actor, SUPPRESSIONS_WRITE)
        fields = suppression_fields(given(request, SuppressionCreate)["data"]["attributes"])
        return self.answer(request, actions.create_suppression(actor=request.actor, **fields).uuid)


class SuppressionValidation(SuppressionDoor):
    """`…/suppressions/validation`"""

    @told.operation(TAG, "Validate a suppression rule", body=SuppressionCreate, status=204)
    def post(self, request: Request) -> Response:
        require(request.actor, SUPPRESSIONS_WRITE)
        check_suppression(Suppression(**suppression_fields(given(request, SuppressionCreate)["data"]["attributes"])))
        return Response(status=204)


class SuppressionDetail(SuppressionDoor):
    """`…/suppressions/{suppression_id}`"""

    @told.operation(TAG, "Get a suppression rule", answer=told.SUPPRESSION)
    def get(self, request: Request, suppression_id: str) -> Response:
        require(request.actor, READ)
        return self.answer(request, suppression_id)

    @told.operation(TAG, "Update a suppression rule", body=SuppressionUpdate, answer=told.SUPPRESSION)
    def patch(self, request: Request, suppression_id: str) -> Response:
        require(request.actor, SUPPRESSIONS_WRITE)
        asked = given(request, SuppressionUpdate)["data"]["attributes"]
        row = rules.suppression(request.actor, suppression_id)
        actions.edit_suppressions(
            actor=request.actor, seen={row.pk: seen_version(asked)}, **suppression_fields(asked)
        ).one_or_raise()
        return self.answer(request, suppression_id)

    @told.operation(TAG, "Delete a suppression rule", status=204)
    def delete(self, request: Request, suppression_id: str) -> Response:
        require(request.actor, SUPPRESSIONS_WRITE)
        row = rules.suppression(request.actor, suppression_id)
        actions.delete_suppression(actor=request.actor, suppression=row)
        return Response(status=204)


class AffectingDoor(SuppressionDoor):
    """The suppressions whose rules hold some rule."""

    def affecting(self, request: Request, rule: DetectionRule) -> Response:
        found = rules.affecting(rules.suppressions(request.actor), rule)
        return Response({"data": [self.told(request, row) for row in found]})


class SuppressionsOfRule(AffectingDoor):
    """`…/suppressions/rules/{rule_id}`"""

    @told.operation(TAG, "Get suppressions affecting a specific rule", answer=told.SUPPRESSIONS)
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, READ)
        return self.affecting(request, rules.rule(request.actor, rule_id))


class SuppressionsOfFutureRule(AffectingDoor):
    """`…/suppressions/rules`: of a rule that is only thought of."""

    @told.operation(TAG, "Get suppressions affecting future rule", body=RuleCreateSerializer, answer=told.SUPPRESSIONS)
    def post(self, request: Request) -> Response:
        require(request.actor, READ)
        return self.affecting(request, DetectionRule(**rule_fields(given(request, RuleCreateSerializer), {})))
