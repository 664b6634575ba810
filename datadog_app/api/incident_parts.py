"""What belongs to an incident: to-dos, impacts, attachments, responders."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urljoin

from django.db import models, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import locked
from core_app.errors import NotFound
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, TAG, WRITE, IncidentDoor, PartDoor, chosen
from datadog_app.describing import operation
from datadog_app.queries.incidents import (
    attachments_of,
    impacts_of,
    people_called,
    person_with,
    postmortem_templates_of,
    responders_of,
    todos_of,
)
from datadog_app.reading import choice, given
from datadog_app.serializers.incident_documents import PostmortemKept, content_of
from datadog_app.serializers.incident_parts import (
    AttachmentCreate,
    AttachmentEdit,
    ImpactCreate,
    ImpactEdit,
    ResponderCreate,
    TodoCreate,
    TodoEdit,
    impact_fields,
    told_attachment,
    told_impact,
    told_responder,
    told_todo,
)
from datadog_app.serializers.resources import Told, each_once, profile
from incidents_app import actions
from incidents_app.models import Attachment, Incident

Row = TypeVar("Row", bound=models.Model)

IMPACT_INCLUDED = ("incident", "created_by_user", "last_modified_by_user")
ATTACHMENT_INCLUDED = ("last_modified_by_user",)


def only(rows: models.QuerySet[Row], what: str) -> Row:
    """The one row there is. Raises NotFound."""
    found = rows.first()
    if found is None:
        raise NotFound(f"{what} not found")
    return found


# --- to-dos -----------------------------------------------------------------------------------


def doers(actor: Actor, named: list[Any]) -> dict[str, Any]:
    """Those who do it: the people here, and those who are somewhere else."""
    found = people_called(actor, [one for one in named if isinstance(one, str)])
    people = [found[one] for one in named if isinstance(one, str) and one in found]
    return {"assignees": people, "elsewhere": [one for one in named if not isinstance(one, str) or one not in found]}


def todo_of(actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a to-do's actions: what is not sent is not among them."""
    names = {"content": "content", "due_date": "due_at", "completed": "completed_at"}
    found = {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}
    return found | (doers(actor, asked["assignees"]) if "assignees" in asked else {})


class Todos(IncidentDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/relationships/todos`."""

    @operation(TAG, "Get a list of an incident's to-dos", answer=shapes.TODOS)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        todos = [told_todo(todo) for todo in todos_of(request.actor, self.incident(request, incident_id))]
        return Response({"data": todos, "meta": {"pagination": {"offset": 0, "next_offset": 0, "size": len(todos)}}})

    @operation(TAG, "Create a to-do of an incident", body=TodoCreate, answer=shapes.TODO, status=201)
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = todo_of(request.actor, given(request, TodoCreate)["data"]["attributes"])
        todo = actions.add_todo(actor=request.actor, incident=incident, **asked)
        return Response({"data": told_todo(todos_of(request.actor, incident).get(pk=todo.pk))}, status=201)


class TodoDetail(IncidentDoor):
    """`GET`, `PATCH` and `DELETE …/relationships/todos/{todo_id}`."""

    @operation(TAG, "Get a to-do of an incident", answer=shapes.TODO)
    def get(self, request: Request, incident_id: str, todo_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": told_todo(self.todo(request, incident_id, todo_id))})

    @operation(TAG, "Update a to-do of an incident", body=TodoEdit, answer=shapes.TODO)
    def patch(self, request: Request, incident_id: str, todo_id: str) -> Response:
        require(request.actor, WRITE)
        todo = self.todo(request, incident_id, todo_id)
        asked = todo_of(request.actor, given(request, TodoEdit)["data"]["attributes"])
        actions.edit_todo(actor=request.actor, todo=todo, **asked)
        return Response({"data": told_todo(self.todo(request, incident_id, todo_id))})

    @operation(TAG, "Delete a to-do of an incident", status=204)
    def delete(self, request: Request, incident_id: str, todo_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_todo(actor=request.actor, todo=self.todo(request, incident_id, todo_id))
        return Response(status=204)

    def todo(self, request: Request, incident_id: str, todo_id: str) -> Any:
        todos = todos_of(request.actor, self.incident(request, incident_id))
        return only(todos.filter(uuid=self.named("todo_id", todo_id)), "todo")


# --- impacts ----------------------------------------------------------------------------------


def impact_of(asked: dict[str, Any]) -> dict[str, Any]:
    found = {name: asked[name] for name in ("description", "start_at", "end_at") if name in asked}
    return found | ({"fields": impact_fields(asked["fields"])} if "fields" in asked else {})


def told_impacts(impacts: list[Any], wanted: list[str]) -> Told:
    """People are included; the incident is not: the client would not know it there."""
    makers = each_once(impact.created_by for impact in impacts if "created_by_user" in wanted)
    modifiers = each_once(impact.created_by for impact in impacts if _unchanged(impact, wanted))
    people = each_once([*makers, *modifiers])
    return {"included": [profile(user) for user in people]} if wanted else {}


def _unchanged(row: Any, wanted: list[str]) -> bool:
    """Whether who made it is told of as who changed it last."""
    return "last_modified_by_user" in wanted and not row.version


class Impacts(PartDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/impacts`."""

    @operation(TAG, "List an incident's impacts", query=[shapes.IMPACT_INCLUDE], answer=shapes.IMPACTS)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", IMPACT_INCLUDED)
        impacts = list(impacts_of(request.actor, self.incident(request, incident_id)))
        return Response({"data": [told_impact(impact) for impact in impacts]} | told_impacts(impacts, wanted))

    @operation(
        TAG,
        "Create an incident impact",
        query=[shapes.IMPACT_INCLUDE],
        body=ImpactCreate,
        answer=shapes.IMPACT,
        status=201,
    )
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        wanted = chosen(request, "include", IMPACT_INCLUDED)
        incident = self.incident(request, incident_id)
        asked = impact_of(given(request, ImpactCreate)["data"]["attributes"])
        made = actions.add_impact(actor=request.actor, incident=incident, **asked)
        impact = impacts_of(request.actor, incident).get(pk=made.pk)
        return Response({"data": told_impact(impact)} | told_impacts([impact], wanted), status=201)


class ImpactDetail(PartDoor):
    """`PATCH` and `DELETE /api/v2/incidents/{incident_id}/impacts/{impact_id}`."""

    @operation(TAG, "Update an incident impact", query=[shapes.IMPACT_INCLUDE], body=ImpactEdit, answer=shapes.IMPACT)
    def patch(self, request: Request, incident_id: str, impact_id: str) -> Response:
        require(request.actor, WRITE)
        wanted = chosen(request, "include", IMPACT_INCLUDED)
        impact = self.impact(request, incident_id, impact_id)
        asked = impact_of(given(request, ImpactEdit)["data"].get("attributes", {}))
        actions.edit_impact(actor=request.actor, impact=impact, **asked)
        impact = self.impact(request, incident_id, impact_id)
        return Response({"data": told_impact(impact)} | told_impacts([impact], wanted))

    @operation(TAG, "Delete an incident impact", status=204)
    def delete(self, request: Request, incident_id: str, impact_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_impact(actor=request.actor, impact=self.impact(request, incident_id, impact_id))
        return Response(status=204)

    def impact(self, request: Request, incident_id: str, impact_id: str) -> Any:
        impacts = impacts_of(request.actor, self.incident(request, incident_id))
        return only(impacts.filter(uuid=self.named("impact_id", impact_id)), "impact")


# --- attachments ------------------------------------------------------------------------------


def origin_of(request: Request) -> str:
    """The address of this site, as whoever asks calls it."""
    return request.build_absolute_uri("/")


def attachment_of(asked: dict[str, Any]) -> dict[str, Any]:
    link = asked.get("attachment") or {}
    found = {ours: link[theirs] for theirs, ours in (("documentUrl", "url"), ("title", "title")) if theirs in link}
    return found | ({"kind": asked["attachment_type"]} if "attachment_type" in asked else {})


def people_in(attachments: list[Attachment]) -> list[Told]:
    return [profile(user) for user in each_once(one.created_by for one in attachments if not one.version)]


class Attachments(PartDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/attachments`."""

    @operation(TAG, "List incident attachments", query=shapes.ATTACHMENT_FILTERS, answer=shapes.ATTACHMENTS)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", ATTACHMENT_INCLUDED)
        kind = choice(request, "filter[attachment_type]", ["", *Attachment.Kind.values], "")
        incident = self.incident(request, incident_id)
        rows = attachments_of(request.actor, incident)
        found = list(rows.filter(kind=kind) if kind else rows)
        answer: Told = {"data": [told_attachment(one, incident, origin_of(request)) for one in found]}
        return Response(answer | ({"included": people_in(found)} if wanted else {}))

    @operation(TAG, "Create incident attachment", body=AttachmentCreate, answer=shapes.ATTACHMENT, status=201)
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = attachment_of(given(request, AttachmentCreate)["data"]["attributes"])
        made = actions.add_attachment(actor=request.actor, incident=incident, **asked)
        told = told_attachment(made, incident, origin_of(request))
        return Response({"data": told, "included": people_in([made])}, status=201)


class PostmortemAttachments(PartDoor):
    """`POST /api/v2/incidents/{incident_id}/attachments/postmortems`: a postmortem that is kept here."""

    @operation(TAG, "Create postmortem attachment", body=PostmortemKept, answer=shapes.ATTACHMENT, status=201)
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = given(request, PostmortemKept)["data"]["attributes"]
        template = None
        if named := asked.get("postmortem_template_id"):
            template = only(postmortem_templates_of(request.actor).filter(uuid=named), "postmortem template")
        made = actions.keep_postmortem(
            actor=request.actor,
            incident=incident,
            title=asked.get("title", ""),
            content=content_of(asked),
            template=template,
        )
        told = told_attachment(made, incident, origin_of(request))
        return Response({"data": told, "included": people_in([made])}, status=201)


class AttachmentDetail(PartDoor):
    """`PATCH` and `DELETE /api/v2/incidents/{incident_id}/attachments/{attachment_id}`."""

    @operation(TAG, "Update incident attachment", body=AttachmentEdit, answer=shapes.ATTACHMENT)
    def patch(self, request: Request, incident_id: str, attachment_id: str) -> Response:
        require(request.actor, WRITE)
        incident, attachment = self.attachment(request, incident_id, attachment_id)
        asked = attachment_of(given(request, AttachmentEdit)["data"].get("attributes", {}))
        origin = origin_of(request)
        if asked.get("url") == urljoin(origin, attachment.url):
            del asked["url"]  # as it was told
        changed = actions.edit_attachment(actor=request.actor, attachment=attachment, **asked)
        return Response({"data": told_attachment(changed, incident, origin), "included": people_in([changed])})

    @operation(TAG, "Delete incident attachment", status=204)
    def delete(self, request: Request, incident_id: str, attachment_id: str) -> Response:
        require(request.actor, WRITE)
        _, attachment = self.attachment(request, incident_id, attachment_id)
        actions.delete_attachment(actor=request.actor, attachment=attachment)
        return Response(status=204)

    def attachment(self, request: Request, incident_id: str, attachment_id: str) -> tuple[Incident, Attachment]:
        incident = self.incident(request, incident_id)
        named = self.named("attachment_id", attachment_id)
        return incident, only(attachments_of(request.actor, incident).filter(uuid=named), "attachment")


# --- responders -------------------------------------------------------------------------------


def set_responders(actor: Actor, incident: Incident, *, more: list[User] = (), fewer: list[User] = ()) -> None:
    """Add people to those who work on an incident, or take some away. Others may do so at the same time."""
    with transaction.atomic():
        row = locked(Incident.objects.visible_to(actor), incident.pk)
        there = [responder.user for responder in responders_of(actor, row)]
        wanted = [user for user in [*there, *more] if user not in fewer]
        actions.edit_incidents(actor=actor, seen={row.pk: None}, responders=wanted).one_or_raise()


class Responders(PartDoor):
    """`GET` and `POST /api/v2/incidents/{incident_id}/responders`."""

    @operation(TAG, "List incident responders", answer=shapes.RESPONDERS)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        found = list(responders_of(request.actor, self.incident(request, incident_id)))
        people = [profile(responder.user) for responder in found]
        return Response({"data": [told_responder(one) for one in found], "included": people})

    @operation(TAG, "Create an incident responder", body=ResponderCreate, answer=shapes.RESPONDER, status=201)
    def post(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        incident = self.incident(request, incident_id)
        asked = given(request, ResponderCreate)["data"]["relationships"]["user"]
        user = person_with(request.actor, asked["data"]["id"])
        set_responders(request.actor, incident, more=[user])
        responder = responders_of(request.actor, incident).get(user=user)
        return Response({"data": told_responder(responder), "included": [profile(user)]}, status=201)


class ResponderDetail(PartDoor):
    """`GET` and `DELETE /api/v2/incidents/{incident_id}/responders/{responder_id}`."""

    @operation(TAG, "Get an incident responder", answer=shapes.RESPONDER)
    def get(self, request: Request, incident_id: str, responder_id: str) -> Response:
        require(request.actor, READ)
        _, responder = self.responder(request, incident_id, responder_id)
        return Response({"data": told_responder(responder), "included": [profile(responder.user)]})

    @operation(TAG, "Delete an incident responder", status=204)
    def delete(self, request: Request, incident_id: str, responder_id: str) -> Response:
        require(request.actor, WRITE)
        incident, responder = self.responder(request, incident_id, responder_id)
        set_responders(request.actor, incident, fewer=[responder.user])
        return Response(status=204)

    def responder(self, request: Request, incident_id: str, responder_id: str) -> tuple[Incident, Any]:
        incident = self.incident(request, incident_id)
        named = self.named("responder_id", responder_id)
        return incident, only(responders_of(request.actor, incident).filter(user__uuid=named), "responder")
