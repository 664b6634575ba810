"""Signals, triaged: what v1 and v2 edit of one signal."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from accounts_app.models import User
from datadog_app import describing as told
from datadog_app.api.door import Stopwatch, request_id
from datadog_app.api.signals import SignalDoor
from datadog_app.errors import Refusals
from datadog_app.queries.signals import assignable, incidents_named, signal_with, triaged
from datadog_app.reading import given, uuid
from datadog_app.serializers.signals import (
    NO_REASON,
    AddToIncidentSerializer,
    AssigneeEdit,
    AssigneeV1Serializer,
    IncidentsEdit,
    StateEdit,
    StateV1Serializer,
    UpdateEdit,
    metadata,
)
from incidents_app import actions as incidents
from signals_app import actions
from signals_app.models import TriageState
from signals_app.models.signals import ArchiveReason

WRITE = actions.WRITE
TAG = "Security signals"


def archiving(
    asked: dict[str, Any], reason: str = "archive_reason", comment: str = "archive_comment"
) -> dict[str, Any]:
    """The reason and comment for `decide`. Archiving without a reason, which the original allows, is `other`.

    What is archived already keeps what nothing is said of.
    """
    said = {"reason": asked.get(reason), "comment": asked.get(comment)}
    if said["reason"] == NO_REASON:
        said["reason"] = None
    renewed = {name: value for name, value in said.items() if value is not None}
    to = asked.get("state")
    if to is None:
        return {"renewed": renewed}
    if to != TriageState.ARCHIVED:
        return {"to": to}
    return {
        "to": to,
        "renewed": renewed,
        "reason": said["reason"] or ArchiveReason.OTHER,
        "comment": said["comment"] or "",
    }


def people(actor: Actor, text: str, path: tuple[str | int, ...]) -> list[User]:
    """The person with this UUID, alone; nobody for an empty text. Raises Refusals."""
    if not text:
        return []
    name = uuid(text)
    found = assignable(actor, [name])
    if name is None or name not in found:
        raise Refusals([(path, "there is no such person.")])
    return [found[name]]


# --- v1 ---------------------------------------------------------------------------------------


def done(request: Request, watch: Stopwatch) -> Response:
    """The answer of v1, with the keys that its recorded answers have."""
    facts = {"elapsed": watch.elapsed, "hitCount": 1, "type": "status", "requestId": request_id(request)}
    return Response({"status": "done", **facts})


class AddToIncident(SignalDoor):
    """`PATCH /api/v1/security_analytics/signals/{signal_id}/add_to_incident`."""

    @told.operation(TAG, "Add a security signal to an incident", body=AddToIncidentSerializer, answer=told.STATUS)
    def patch(self, request: Request, signal_id: str) -> Response:
        watch = Stopwatch()
        require(request.actor, WRITE)
        asked = given(request, AddToIncidentSerializer)
        key = self.key(request, signal_id)
        incident = incidents_named(request.actor, [asked["incident_id"]])[0]
        incidents.add_signals(
            actor=request.actor,
            incident=incident,
            signals={key: asked.get("version")},
            on_timeline=bool(asked.get("add_to_signal_timeline")),
        ).one_or_raise()
        return done(request, watch)


class StateV1(SignalDoor):
    """`PATCH /api/v1/security_analytics/signals/{signal_id}/state`."""

    @told.operation(TAG, "Change the triage state of a signal", body=StateV1Serializer, answer=told.STATUS)
    def patch(self, request: Request, signal_id: str) -> Response:
        watch = Stopwatch()
        require(request.actor, WRITE)
        asked = given(request, StateV1Serializer)
        key = self.key(request, signal_id)
        decided = archiving(asked, "archiveReason", "archiveComment")
        actions.decide(actor=request.actor, seen={key: asked.get("version")}, **decided).one_or_raise()
        return done(request, watch)


class AssigneeV1(SignalDoor):
    """`PATCH /api/v1/security_analytics/signals/{signal_id}/assignee`."""

    @told.operation(TAG, "Modify the assignee of a signal", body=AssigneeV1Serializer, answer=told.STATUS)
    def patch(self, request: Request, signal_id: str) -> Response:
        watch = Stopwatch()
        require(request.actor, WRITE)
        asked = given(request, AssigneeV1Serializer)
        key = self.key(request, signal_id)
        users = people(request.actor, asked["assignee"], ("assignee",))
        actions.assign(actor=request.actor, seen={key: asked.get("version")}, users=users).one_or_raise()
        return done(request, watch)


# --- v2 ---------------------------------------------------------------------------------------

ASSIGNEE = ("data", "attributes", "assignee", "uuid")


class TriageDoor(SignalDoor):
    """What the edits of v2 have in common."""

    def answer(self, request: Request, key: int) -> Response:
        """What triage has decided by now."""
        return Response(metadata(triaged(request.actor, [key])[0]))


class State(TriageDoor):
    """`PATCH /api/v2/security_monitoring/signals/{signal_id}/state`."""

    @told.operation(TAG, "Change the triage state of a signal", body=StateEdit, answer=told.METADATA)
    def patch(self, request: Request, signal_id: str) -> Response:
        require(request.actor, WRITE)
        asked = given(request, StateEdit)["data"]["attributes"]
        key = self.key(request, signal_id)
        actions.decide(actor=request.actor, seen={key: asked.get("version")}, **archiving(asked)).one_or_raise()
        return self.answer(request, key)


class Assignee(TriageDoor):
    """`PATCH /api/v2/security_monitoring/signals/{signal_id}/assignee`."""

    @told.operation(TAG, "Modify the assignee of a signal", body=AssigneeEdit, answer=told.METADATA)
    def patch(self, request: Request, signal_id: str) -> Response:
        require(request.actor, WRITE)
        asked = given(request, AssigneeEdit)["data"]["attributes"]
        key = self.key(request, signal_id)
        users = people(request.actor, asked["assignee"]["uuid"], ASSIGNEE)
        actions.assign(actor=request.actor, seen={key: asked.get("version")}, users=users).one_or_raise()
        return self.answer(request, key)


class Update(TriageDoor):
    """`PATCH /api/v2/security_monitoring/signals/{signal_id}/update`: state and assignee in one."""

    @told.operation(TAG, "Modify the state and the assignee of a signal", body=UpdateEdit, answer=told.METADATA)
    def patch(self, request: Request, signal_id: str) -> Response:
        require(request.actor, WRITE)
        asked = given(request, UpdateEdit)["data"]["attributes"]
        key = self.key(request, signal_id)
        actions.decide(
            actor=request.actor, seen={key: asked.get("version")}, **decision(request.actor, asked, ASSIGNEE)
        ).one_or_raise()
        return self.answer(request, key)


def decision(actor: Actor, asked: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    """The arguments of `decide`: what is not sent stays as it is."""
    found = archiving(asked)
    if asked.get("assignee") is not None:
        found["users"] = people(actor, asked["assignee"]["uuid"], path)
    return found


class Incidents(TriageDoor):
    """`PATCH /api/v2/security_monitoring/signals/{signal_id}/incidents`: these, and no others."""

    @told.operation(TAG, "Change the related incidents of a signal", body=IncidentsEdit, answer=told.METADATA)
    def patch(self, request: Request, signal_id: str) -> Response:
        require(request.actor, WRITE)
        asked = given(request, IncidentsEdit)["data"]["attributes"]
        key = self.key(request, signal_id)
        rows = incidents_named(request.actor, asked["incident_ids"])
        signal = signal_with(request.actor, key)
        incidents.set_incidents(actor=request.actor, signal=signal, incidents=rows, seen_version=asked.get("version"))
        return self.answer(request, key)
