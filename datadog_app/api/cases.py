"""Cases: listed, counted, made, and changed many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from cases_app import actions
from cases_app.models import Case
from core_app.outcome import Outcome
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, TAG, WRITE, CaseDoor
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.cases import (
    GROUPS,
    MOST_GROUPS,
    SORTS,
    cases_named,
    counted,
    matching,
    ordered,
    person_with,
    project_with,
    told,
    type_with,
)
from datadog_app.queries.searching import FARTHEST, MOST, Span
from datadog_app.reading import choice, flag, given, number, text, uuid, words
from datadog_app.serializers.cases import (
    Aggregate,
    BulkEdit,
    CaseCreate,
    people_of,
    status_called,
    told_case,
)

Payload = dict[str, str]
Edit = Callable[..., Outcome[Case]]


def page_of(request: Request) -> tuple[int, Span]:
    """`page[number]` and `page[size]`: which page, and its rows. The first is 1, and 0 as well.

    The original counts from 0, and the iterators of its own clients begin with 1.
    """
    size = number(request, "page[size]", 10, least=1, most=MOST)
    current = max(number(request, "page[number]", 1, most=FARTHEST), 1)
    return current, Span(offset=(current - 1) * size, size=size)


class CaseList(CaseDoor):
    """`GET` and `POST /api/v2/cases`."""

    @operation(TAG, "Search cases", query=shapes.SEARCH, answer=shapes.CASES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        current, page = page_of(request)
        sort = choice(request, "sort[field]", list(SORTS), "created_at")
        cases = matching(request.actor, text(request, "filter"))
        total = cases.count()
        rows = ordered(cases, sort, ascending=bool(flag(request, "sort[asc]")))
        found = told(request.actor, rows[page.offset : page.offset + page.size])
        pages = {"current": current, "size": len(found), "total": -(-total // page.size)}
        meta = {"total_cases": total, "page": pages}
        return Response({"data": [told_case(one) for one in found], "included": people_of(found), "meta": meta})

    @operation(TAG, "Create a case", body=CaseCreate, answer=shapes.CASE, status=201)
    def post(self, request: Request) -> Response:
        actor = request.actor
        require(actor, WRITE)
        asked = given(request, CaseCreate)["data"]
        attributes, relationships = asked["attributes"], asked["relationships"]
        assignee = (relationships.get("assignee") or {}).get("data")
        more: dict[str, Any] = {}
        if "status_name" in attributes:
            more["status"] = status_named(attributes["status_name"])
        if "priority" in attributes:
            more["priority"] = attributes["priority"]
        if "custom_attributes" in attributes:
            more["custom_attributes"] = {key: one["value"] for key, one in attributes["custom_attributes"].items()}
        case = actions.create_case(
            actor=actor,
            project=project_with(actor, relationships["project"]["data"]["id"]),
            type=type_with(actor, attributes["type_id"]),
            title=attributes["title"],
            description=attributes.get("description", ""),
            assignee=person_with(actor, assignee["id"]) if assignee else None,
            **more,
        )
        return self.told(request, case, status=201)


def status_named(name: str) -> str:
    """The status of this name. Raises Refusals."""
    found = status_called(name)
    if found is None:
        raise Refusals([(("data", "attributes", "status_name"), f"invalid status name {name}")])
    return found


# --- counted ----------------------------------------------------------------------------------


class CaseCount(CaseDoor):
    """`GET /api/v2/cases/count`: how many, by each of some groups."""

    @operation(TAG, "Count cases", query=shapes.COUNTING, answer=shapes.COUNT)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        limit = number(request, "limit", 100, least=1, most=MOST_GROUPS)
        cases = matching(request.actor, text(request, "query_filter"))
        groups = [
            {
                "group": name,
                "group_values": [{"value": value, "count": count} for (value,), count in counted(cases, [name], limit)],
            }
            for name in dict.fromkeys(words(request, "group_bys")[: len(GROUPS) + 1] or ["status"])
        ]
        return Response({"data": {"id": str(uuid4()), "type": "count", "attributes": {"groups": groups}}})


class CaseAggregate(CaseDoor):
    """`POST /api/v2/cases/aggregate`: how many, by some groups together."""

    @operation(TAG, "Aggregate cases", body=Aggregate, answer=shapes.AGGREGATE)
    def post(self, request: Request) -> Response:
        require(request.actor, READ)
        asked = given(request, Aggregate)["data"]["attributes"]
        cases = matching(request.actor, asked["query_filter"])
        found = counted(cases, asked["group_by"]["groups"], asked["group_by"]["limit"])
        groups = [{"group": ",".join(values), "value": [float(count)]} for values, count in found]
        attributes = {"groups": groups, "total": float(cases.count())}
        return Response({"data": {"id": str(uuid4()), "type": "aggregate", "attributes": attributes}})


# --- many at once -----------------------------------------------------------------------------


def named_in(payload: Payload, key: str) -> Any:
    """The UUID that the payload has under this key. Raises Refusals."""
    found = uuid(payload.get(key, ""))
    if found is None:
        raise Refusals([(("data", "attributes", "payload", key), "a UUID is expected.")])
    return found


def needed_in(payload: Payload, key: str) -> str:
    if key not in payload:
        raise Refusals([(("data", "attributes", "payload", key), "this field is required.")])
    return payload[key]


def bulk_edit(actor: Actor, kind: str, payload: Payload) -> tuple[Edit, dict[str, Any]]:
    """The action of a bulk update and what it takes. Raises Refusals or NotFound."""
    match kind:
        case "assign":
            return actions.assign, {"user": person_with(actor, named_in(payload, "assignee_id"))}
        case "unassign":
            return actions.assign, {"user": None}
        case "priority":
            return actions.set_priority, {"to": needed_in(payload, "priority")}
        case "status":
            return actions.set_status, {"to": needed_in(payload, "status")}
        case "update_project":
            return actions.move, {"to": project_with(actor, named_in(payload, "project_id"))}
    return (actions.archive if kind == "archive" else actions.unarchive), {}


class CaseBulk(CaseDoor):
    """`POST /api/v2/cases/bulk`: all of it is done, or nothing."""

    @operation(TAG, "Bulk update cases", body=BulkEdit)
    def post(self, request: Request) -> Response:
        actor = request.actor
        require(actor, WRITE)
        asked = given(request, BulkEdit)["data"]["attributes"]
        seen = {case.pk: None for case in cases_named(actor, asked["case_ids"])}
        edit, arguments = bulk_edit(actor, asked["type"], asked.get("payload", {}))
        with transaction.atomic():
            outcome = edit(actor=actor, seen=seen, operation=uuid4(), **arguments)
            for problem in outcome.refused.values():
                raise problem
        return Response(status=200)
