"""What the endpoints of incidents have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts_app.access import Actor
from accounts_app.models import User
from core_app.errors import NotFound
from datadog_app.api.door import Door
from datadog_app.errors import JSON_API, Problem, Wording, source
from datadog_app.queries.incidents import incident_with, person_with
from datadog_app.queries.searching import FARTHEST, MOST, Span
from datadog_app.reading import chosen, number, uuid, wrong
from incidents_app.models import Incident
from incidents_app.models.managers import READ, SETTINGS, WRITE

TAG = "Incidents"
NOWHERE = UUID(int=0)

__all__ = ["READ", "SETTINGS", "TAG", "WRITE", "GenericErrors", "IncidentDoor", "PartDoor", "chosen", "span"]


class GenericErrors(Wording):
    """`{"errors": [{"title": "Generic Error", "detail", "status"}]}`: the younger half of the incidents' endpoints."""

    content_type = JSON_API

    def write(self, status: int, problems: Sequence[Problem]) -> list[Any]:
        return [self._one(status, path, message) for path, message in problems]

    def _one(self, status: int, path: Sequence[str | int], message: str) -> dict[str, Any]:
        found: dict[str, Any] = {"title": "Generic Error", "detail": message, "status": str(status)}
        if path:
            found["source"] = source(path)
        return found


class IncidentDoor(Door):
    group = "incidents"
    stranger = 401

    def named(self, name: str, text: str) -> UUID:
        """A UUID of the address. Raises Refusals."""
        found = uuid(text)
        if found is None:
            raise wrong(name, "a UUID is expected.")
        return found

    def incident(self, request: Request, incident_id: str) -> Incident:
        """The incident of the address. Raises Refusals or NotFound; out of sight is not there."""
        return incident_with(request.actor, self.named("incident_id", incident_id))

    def person(self, actor: Actor, relation: dict[str, Any] | None) -> User | None:
        """Whom a relationship names. Raises NotFound."""
        named = (relation or {}).get("data")
        return person_with(actor, named["id"]) if named else None


class PartDoor(IncidentDoor):
    """What belongs to an incident and is told by the younger endpoints."""

    wording = GenericErrors()

    def named(self, name: str, text: str) -> UUID:
        found = super().named(name, text)
        if found == NOWHERE:
            raise wrong(name, "this UUID names nothing.")
        return found

    def incident(self, request: Request, incident_id: str) -> Incident:
        try:
            return super().incident(request, incident_id)
        except NotFound:
            raise NotFound("incident not found") from None


def span(request: Request) -> Span:
    """`page[offset]` and `page[size]`. Raises Refusals."""
    return Span(
        offset=number(request, "page[offset]", 0, most=FARTHEST),
        size=number(request, "page[size]", 10, least=1, most=MOST),
    )
