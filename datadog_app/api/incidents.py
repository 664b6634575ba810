"""Incidents: declared, listed, searched, changed and taken away."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, TAG, WRITE, IncidentDoor, chosen, span
from datadog_app.api.incident_parts import origin_of
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.incidents import as_put, facets_of, impacts_of, type_with, whole, whole_incident
from datadog_app.queries.searching import Span, searched
from datadog_app.reading import choice, given, text, wrong
from datadog_app.serializers.incidents import (
    IMPORT_INCLUDED,
    INCLUDED,
    IncidentCreate,
    IncidentEdit,
    IncidentImport,
    added_fields,
    columns_of,
    handles_of,
    included,
    included_in_import,
    told_incident,
)
from incidents_app import actions
from incidents_app.fields import INCIDENTS
from incidents_app.models import Incident, State

NEWEST_FIRST, OLDEST_FIRST = "-created", "created"
ORDERS = {NEWEST_FIRST: ("-declared_at", "-pk"), OLDEST_FIRST: ("declared_at", "pk")}


def pagination(page: Span, count: int) -> dict[str, Any]:
    return {"pagination": {"offset": page.offset, "next_offset": page.offset + count, "size": count}}


class IncidentList(IncidentDoor):
    """`GET` and `POST /api/v2/incidents`."""

    @operation(TAG, "Get a list of incidents", query=[shapes.INCLUDE, *shapes.OFFSETS], answer=shapes.INCIDENTS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted, page = chosen(request, "include", INCLUDED), span(request)
        found = page.of(whole(Incident.objects.found_by(request.actor)).order_by(*ORDERS[NEWEST_FIRST]))
        answer = {"data": [told_incident(one) for one in found], "meta": pagination(page, len(found))}
        return Response(answer | included(found, wanted, origin_of(request)))

    @operation(TAG, "Create an incident", body=IncidentCreate, answer=shapes.INCIDENT, status=201)
    def post(self, request: Request) -> Response:
        actor = request.actor
        require(actor, WRITE)
        asked = given(request, IncidentCreate)["data"]
        attributes, fields = asked["attributes"], asked["attributes"].get("fields", {})
        columns = columns_of(fields)
        root_cause = columns.pop("root_cause", "")
        with transaction.atomic():
            incident = actions.declare(
                actor=actor,
                title=attributes["title"],
                customer_impacted=attributes["customer_impacted"],
                customer_impact_scope=attributes.get("customer_impact_scope") or "",
                is_test=attributes.get("is_test", False),
                handles=handles_of(attributes),
                commander=self.person(actor, asked.get("relationships", {}).get("commander_user")),
                fields=added_fields(fields),
                **kind(actor, attributes),
                **columns,
            )
            if root_cause:
                actions.edit_incidents(actor=actor, seen={incident.pk: None}, root_cause=root_cause).one_or_raise()
            for cell in attributes.get("initial_cells") or ():
                actions.add_note(actor=actor, incident=incident, body=cell["content"].get("content", ""))
        return Response({"data": told_incident(whole_incident(actor, incident.pk))}, status=201)


def kind(actor: Actor, attributes: dict[str, Any]) -> dict[str, Any]:
    """The kind of incident that is named, if any. Raises NotFound."""
    named = attributes.get("incident_type_uuid")
    return {"type": type_with(actor, named)} if named else {}


class IncidentDetail(IncidentDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/{incident_id}`."""

    @operation(TAG, "Get the details of an incident", query=[shapes.INCLUDE], answer=shapes.INCIDENT)
    def get(self, request: Request, incident_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        return told(request, whole_incident(request.actor, self.incident(request, incident_id).pk), wanted)

    @operation(TAG, "Update an existing incident", query=[shapes.INCLUDE], body=IncidentEdit, answer=shapes.INCIDENT)
    def patch(self, request: Request, incident_id: str) -> Response:
        actor = request.actor
        require(actor, WRITE)
        wanted = chosen(request, "include", INCLUDED)
        incident = self.incident(request, incident_id)
        asked = given(request, IncidentEdit)["data"]
        if asked["id"].lower() != str(incident.uuid):
            raise Refusals([(("data", "id"), "it is not the incident of the address.")])
        attributes = asked.get("attributes", {})
        with transaction.atomic():
            row = actions.edit_incidents(actor=actor, seen={incident.pk: None}, **edits(attributes)).one_or_raise()
            set_impact(actor, incident, attributes)
            if handles := handles_of(attributes):
                actions.tell_of_incident(actor=actor, incident=incident, handles=handles)
            if "commander_user" in asked.get("relationships", {}):
                # Last: whoever hands a private incident over may not see it any more, and has the right to.
                handed = {"commander": self.person(actor, asked["relationships"]["commander_user"])}
                row = actions.edit_incidents(actor=actor, seen={incident.pk: None}, **handed).one_or_raise()
            row = as_put(actor, row)
        return told(request, row, wanted)

    @operation(TAG, "Delete an existing incident", status=204)
    def delete(self, request: Request, incident_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_incident(actor=request.actor, incident=self.incident(request, incident_id))
        return Response(status=204)


def told(request: Request, row: Incident, wanted: list[str]) -> Response:
    return Response({"data": told_incident(row)} | included([row], wanted, origin_of(request)))


def edits(attributes: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `edit_incidents`: what is not sent stays as it is."""
    changes = {name: attributes[name] for name in ("title", "customer_impacted") if name in attributes}
    if "customer_impact_scope" in attributes:
        changes["customer_impact_scope"] = attributes["customer_impact_scope"] or ""
    if attributes.get("detected"):
        changes["detected_at"] = attributes["detected"]
    fields = attributes.get("fields", {})
    if added := added_fields(fields):
        changes["fields"] = added
    return changes | columns_of(fields)


def set_impact(actor: Actor, incident: Incident, attributes: dict[str, Any]) -> None:
    """The wire sets from when until when customers are affected on the incident itself, which here its impact says.

    Raises Refusals where that is not to be told: an end without a beginning, or several impacts.
    """
    sent = {
        name: attributes[f"customer_impact_{word}"]
        for name, word in (("start_at", "start"), ("end_at", "end"))
        if f"customer_impact_{word}" in attributes
    }
    there = list(impacts_of(actor, incident)[:2])
    if sent.get("start_at") is None:
        sent.pop("start_at", None)
    if not sent or not (there or any(sent.values())):
        return
    if len(there) > 1:
        message = "this incident has several impacts: change them one by one."
        raise Refusals([(("data", "attributes", "customer_impact_start"), message)])
    if there:
        actions.edit_impact(actor=actor, impact=there[0], **sent)
    elif "start_at" not in sent:
        raise Refusals([(("data", "attributes", "customer_impact_start"), "an impact that ends has begun.")])
    else:
        felt = attributes.get("customer_impact_scope") or incident.customer_impact_scope or incident.title
        actions.add_impact(actor=actor, incident=incident, description=felt, **sent)


class IncidentImporting(IncidentDoor):
    """`POST /api/v2/incidents/import`: an incident that was, somewhere else."""

    @operation(
        TAG,
        "Import an incident",
        query=[shapes.IMPORT_INCLUDE],
        body=IncidentImport,
        answer=shapes.INCIDENT,
        status=201,
    )
    def post(self, request: Request) -> Response:
        actor = request.actor
        require(actor, WRITE)
        wanted = chosen(request, "include", IMPORT_INCLUDED)
        asked = given(request, IncidentImport)["data"]
        attributes = asked["attributes"]
        fields = attributes.get("fields", {})
        columns = columns_of(fields)
        root_cause = columns.pop("root_cause", "")
        resolved = attributes.get("resolved")
        with transaction.atomic():
            incident = actions.declare(
                actor=actor,
                title=attributes["title"],
                commander=self.person(actor, asked.get("relationships", {}).get("commander_user")),
                is_private=attributes.get("visibility") == "private",
                declared_at=attributes.get("declared"),
                # What was resolved before it was imported was detected before that.
                detected_at=attributes.get("detected") or attributes.get("declared") or resolved,
                fields=added_fields(fields),
                **kind(actor, attributes),
                **{name: value for name, value in columns.items() if name != "state" or not resolved},
            )
            later: dict[str, Any] = {"root_cause": root_cause} if root_cause else {}
            if resolved:
                state = columns.get("state", State.RESOLVED)
                later |= {"state": state, "resolved_at": resolved} if state == State.RESOLVED else {"state": state}
            if later:
                actions.edit_incidents(actor=actor, seen={incident.pk: None}, **later).one_or_raise()
        row = whole_incident(actor, incident.pk)
        told = told_incident(row)
        told["relationships"]["incident_type"] = {"data": {"id": str(row.type.uuid), "type": "incident_types"}}
        return Response({"data": told} | included_in_import(row, wanted), status=201)


class IncidentSearch(IncidentDoor):
    """`GET /api/v2/incidents/search`, in the query language of the explorer."""

    @operation(TAG, "Search for incidents", query=[*shapes.SEARCH, *shapes.OFFSETS], answer=shapes.SEARCHED)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        query = text(request, "query")
        if not query.strip():
            raise wrong("query", "this parameter is required.")
        wanted, page = chosen(request, "include", INCLUDED), span(request)
        order = choice(request, "sort", list(ORDERS), NEWEST_FIRST)
        rows = searched(INCIDENTS, request.actor, query)
        found = page.of(whole(rows).order_by(*ORDERS[order]))
        attributes = {
            "total": rows.count(),
            "facets": facets_of(rows),
            "incidents": [{"data": told_incident(one)} for one in found],
        }
        answer = {"data": {"type": "incidents_search_results", "attributes": attributes}}
        return Response(answer | {"meta": pagination(page, len(found))} | included(found, wanted, origin_of(request)))
