"""Signals, triaged many at once: all of what a request asks for is done, or nothing of it.

The answer has no place for what was refused, so a partial success could not be told from a whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from core_app.errors import DomainError
from datadog_app import describing as told
from datadog_app.api.door import said
from datadog_app.api.signals import SignalDoor
from datadog_app.api.triage import TAG, WRITE, archiving, decision, people
from datadog_app.errors import OBJECTS, Refusals
from datadog_app.queries.signals import keys_of, lock_signals, triaged
from datadog_app.reading import given
from datadog_app.serializers.signals import (
    BulkAssigneeSerializer,
    BulkStateSerializer,
    BulkUpdateSerializer,
    bulk_result,
)
from signals_app import actions

Path = tuple[str | int, ...]
Arguments = Callable[[Actor, dict[str, Any], Path], dict[str, Any]]


class BulkDoor(SignalDoor):
    """What the three bulk edits have in common; each says how an item's attributes become arguments of `decide`."""

    wording = OBJECTS

    def decide(self, request: Request, items: list[dict[str, Any]], arguments: Arguments) -> Response:
        actor = request.actor
        require(actor, WRITE)
        keys = keys_of(actor, [item["id"] for item in items])
        places: dict[int, int] = {}
        for place, item in enumerate(items):
            key = keys.get(item["id"])
            if key is None or key in places:
                message = "Signal not found" if key is None else "This signal stands in the list twice."
                raise Refusals([(("data", place, "id"), message)])
            places[key] = place
        # Those of which the same is asked go together, whatever their versions.
        alike: dict[str, tuple[dict[str, Any], dict[int, int | None]]] = {}
        for key, place in places.items():
            attributes = dict(items[place]["attributes"])
            version = attributes.pop("version", None)
            asked, seen = alike.setdefault(repr(sorted(attributes.items(), key=str)), (attributes, {}))
            seen[key] = version
        operation = uuid4()
        with transaction.atomic():
            lock_signals(actor, places)
            refused: dict[int, DomainError] = {}
            for asked, seen in alike.values():
                place = places[next(iter(seen))]
                wanted = arguments(actor, asked, ("data", place, "attributes", "assignee"))
                refused |= actions.decide(actor=actor, seen=seen, operation=operation, **wanted).refused
            if refused:
                problems = sorted((places[key], said(problem)) for key, problem in refused.items())
                raise Refusals([(("data", place), message) for place, message in problems])
        return Response(bulk_result(triaged(actor, list(places))))


class BulkState(BulkDoor):
    """`PATCH /api/v2/security_monitoring/signals/bulk/state`."""

    @told.operation(TAG, "Change the state of many signals", body=BulkStateSerializer, answer=told.BULK)
    def patch(self, request: Request) -> Response:
        items = given(request, BulkStateSerializer)["data"]
        return self.decide(request, items, lambda _, asked, __: archiving(asked))


class BulkAssignee(BulkDoor):
    """`PATCH /api/v2/security_monitoring/signals/bulk/assignee`; here the assignee is plain text."""

    @told.operation(TAG, "Modify the assignee of many signals", body=BulkAssigneeSerializer, answer=told.BULK)
    def patch(self, request: Request) -> Response:
        items = given(request, BulkAssigneeSerializer)["data"]
        return self.decide(request, items, lambda actor, asked, path: {"users": people(actor, asked["assignee"], path)})


class BulkUpdate(BulkDoor):
    """`PATCH /api/v2/security_monitoring/signals/bulk/update`: state and assignee in one."""

    @told.operation(TAG, "Modify many signals", body=BulkUpdateSerializer, answer=told.BULK)
    def patch(self, request: Request) -> Response:
        items = given(request, BulkUpdateSerializer)["data"]
        return self.decide(request, items, decision)
