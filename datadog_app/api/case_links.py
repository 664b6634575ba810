"""What is said about a case, and what it is about: comments, signals, incidents."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from cases_app import actions
from cases_app.models import Case, Comment
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, TAG, WRITE, CaseDoor
from datadog_app.api.cases import page_of
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.cases import comment_with, comments_of, incidents_named, signals_named
from datadog_app.reading import flag, given
from datadog_app.serializers.cases import (
    INCIDENT,
    SIGNAL,
    CommentEdit,
    IncidentRelation,
    InsightsEdit,
    told_comment,
)
from incidents_app import actions as incidents
from incidents_app.models import Incident


class CaseComments(CaseDoor):
    """`POST /api/v2/cases/{case_id}/comment`."""

    @operation(TAG, "Comment case", body=CommentEdit, answer=shapes.TIMELINE)
    def post(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case = self.case(request, case_id)
        said = given(request, CommentEdit)["data"]["attributes"]["comment"]
        return Response({"data": [told_comment(actions.comment(actor=request.actor, case=case, body=said))]})


class CaseComment(CaseDoor):
    """`PUT` and `DELETE /api/v2/cases/{case_id}/comment/{cell_id}`."""

    @operation(TAG, "Update case comment", body=CommentEdit)
    def put(self, request: Request, case_id: str, cell_id: str) -> Response:
        require(request.actor, WRITE)
        comment = self.comment(request, case_id, cell_id)
        said = given(request, CommentEdit)["data"]["attributes"]["comment"]
        actions.edit_comment(actor=request.actor, comment=comment, body=said)
        return Response(status=200)

    @operation(TAG, "Delete case comment", status=204)
    def delete(self, request: Request, case_id: str, cell_id: str) -> Response:
        require(request.actor, WRITE)
        actions.delete_comment(actor=request.actor, comment=self.comment(request, case_id, cell_id))
        return Response(status=204)

    def comment(self, request: Request, case_id: str, cell_id: str) -> Comment:
        name = self.named("CellID", cell_id)
        return comment_with(request.actor, self.case(request, case_id), name)


class CaseTimeline(CaseDoor):
    """`GET /api/v2/cases/{case_id}/timelines`: the comments. The official clients know no other cells."""

    @operation(TAG, "Get case timeline", query=shapes.TIMELINE_PAGES, answer=shapes.TIMELINE)
    def get(self, request: Request, case_id: str) -> Response:
        require(request.actor, READ)
        _, page = page_of(request)
        is_ascending = flag(request, "sort[ascending]")
        comments = comments_of(request.actor, self.case(request, case_id))
        order = ("-created_at", "-pk") if is_ascending is False else ("created_at", "pk")
        return Response({"data": [told_comment(comment) for comment in page.of(comments.order_by(*order))]})


class CaseInsights(CaseDoor):
    """`PUT` and `DELETE /api/v2/cases/{case_id}/insights`: signals and incidents, all of those that are named."""

    @operation(TAG, "Add insights to a case", body=InsightsEdit, answer=shapes.CASE)
    def put(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case, asked = self.case(request, case_id), given(request, InsightsEdit)["data"]["attributes"]["insights"]
        with transaction.atomic():
            signals = about(request.actor, asked)
            for incident in incidents_about(request.actor, asked):
                incidents.link_case(actor=request.actor, incident=incident, case=case)
            if signals:
                outcome = actions.add_signals(actor=request.actor, case=case, signals=signals)
                for problem in outcome.refused.values():
                    raise problem
        return self.told(request, case)

    @operation(TAG, "Remove insights from a case", body=InsightsEdit, answer=shapes.CASE)
    def delete(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case, asked = self.case(request, case_id), given(request, InsightsEdit)["data"]["attributes"]["insights"]
        with transaction.atomic():
            signals = about(request.actor, asked)
            for incident in incidents_about(request.actor, asked):
                incidents.unlink_case(actor=request.actor, incident=incident, case=case)
            if signals:
                outcome = actions.remove_signals(actor=request.actor, case=case, signals=signals)
                for problem in outcome.refused.values():
                    raise problem
        return self.told(request, case)


def named(insights: list[dict[str, Any]], kind: str) -> list[str]:
    return [one["resource_id"] for one in insights if one["type"] == kind]


def about(actor: Actor, insights: list[dict[str, Any]]) -> dict[int, None]:
    """The signals among the insights. Raises NotFound, or Refusals for a kind that cases here are not about."""
    for place, one in enumerate(insights):
        if one["type"] not in (SIGNAL, INCIDENT):
            message = f"a case is about signals and incidents: {SIGNAL} or {INCIDENT}."
            raise Refusals([(("data", "attributes", "insights", place, "type"), message)])
    return dict.fromkeys(signals_named(actor, named(insights, SIGNAL)))


def incidents_about(actor: Actor, insights: list[dict[str, Any]]) -> list[Incident]:
    """The incidents among the insights, in the order of their keys, in which they are locked: before any signal."""
    return sorted(incidents_named(actor, named(insights, INCIDENT)), key=lambda incident: incident.pk)


class CaseIncidents(CaseDoor):
    """`POST /api/v2/cases/{case_id}/relationships/incidents`."""

    @operation(TAG, "Link incident to case", body=IncidentRelation, answer=shapes.CASE, status=201)
    def post(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case: Case = self.case(request, case_id)
        name = given(request, IncidentRelation)["data"]["id"]
        (incident,) = incidents_named(request.actor, [str(name)])
        incidents.link_case(actor=request.actor, incident=incident, case=case)
        return self.told(request, case, status=201)
