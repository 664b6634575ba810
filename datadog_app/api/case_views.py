"""Views of cases: the saved views of their explorer that begin with a project."""

from __future__ import annotations

import re

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from cases_app.explorer import EXPLORER
from cases_app.models import Project
from core_app.errors import NotFound
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, TAG, CaseDoor
from datadog_app.describing import operation
from datadog_app.queries.cases import project_with
from datadog_app.reading import given, text, uuid, wrong
from datadog_app.serializers.case_settings import ViewCreate, ViewEdit, told_view
from datadog_app.serializers.resources import Told
from search_app import actions
from search_app.models import SavedView

SURFACE = EXPLORER.surface.name
OF_PROJECT = re.compile(r"project:([A-Z][A-Z0-9]{0,9})(?:\s+(.*))?", re.DOTALL)
IN_BRACKETS = re.compile(r"\(([^()]*)\)")


def query_of(view: SavedView) -> str:
    return str(view.configuration.get("query", ""))


def whole_query(project: Project, query: str) -> str:
    """The query of the explorer for a query within a project. Raises QueryError for one that is none by itself."""
    query = query.strip()
    EXPLORER.surface.parse(query)
    return f"project:{project.key} ({query})" if query else f"project:{project.key}"


def rest_of(query: str) -> str:
    """What a query says beside its project."""
    found = OF_PROJECT.fullmatch(query)
    rest = (found[2] or "").strip() if found else query
    inner = IN_BRACKETS.fullmatch(rest)
    return inner[1] if inner else rest


def views_of(actor: Actor) -> list[tuple[SavedView, str]]:
    """The views of cases that the actor may use and that begin with a project, each with the project's key."""
    rows = SavedView.objects.visible_to(actor).filter(surface=SURFACE).select_related("owner")
    found = [(view, OF_PROJECT.fullmatch(query_of(view))) for view in rows]
    return [(view, match[1]) for view, match in found if match]


class CaseViews(CaseDoor):
    """`GET` and `POST /api/v2/cases/views`."""

    @operation(TAG, "List case views", query=shapes.VIEWS_OF, answer=shapes.VIEWS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        named = uuid(text(request, "project_id"))
        if named is None:
            raise wrong("project_id", "a UUID is expected.")
        project = project_with(request.actor, named)
        views = [view for view, key in views_of(request.actor) if key == project.key]
        return Response({"data": [one_told(view, project) for view in views]})

    @operation(TAG, "Create a case view", body=ViewCreate, answer=shapes.VIEW, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, READ)
        asked = given(request, ViewCreate)["data"]["attributes"]
        project = project_with(request.actor, asked["project_id"])
        configuration = {"query": whole_query(project, asked["query"])}
        made = actions.create_view(
            actor=request.actor, surface=SURFACE, name=asked["name"], configuration=configuration
        )
        return Response({"data": one_told(made, project)}, status=201)


class CaseViewDetail(CaseDoor):
    """`GET`, `PUT` and `DELETE /api/v2/cases/views/{view_id}`."""

    @operation(TAG, "Get a case view", answer=shapes.VIEW)
    def get(self, request: Request, view_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": one_told(*self.view(request, view_id))})

    @operation(TAG, "Update a case view", body=ViewEdit, answer=shapes.VIEW)
    def put(self, request: Request, view_id: str) -> Response:
        require(request.actor, READ)
        view, project = self.view(request, view_id)
        asked = given(request, ViewEdit)["data"].get("attributes", {})
        changes = {"name": asked["name"]} if "name" in asked else {}
        if "query" in asked:
            changes["configuration"] = {**view.configuration, "query": whole_query(project, asked["query"])}
        changed = actions.update_view(actor=request.actor, view=view, **changes)
        return Response({"data": one_told(changed, project)})

    @operation(TAG, "Delete a case view", status=204)
    def delete(self, request: Request, view_id: str) -> Response:
        require(request.actor, READ)
        view, _ = self.view(request, view_id)
        actions.delete_view(actor=request.actor, view=view)
        return Response(status=204)

    def view(self, request: Request, view_id: str) -> tuple[SavedView, Project]:
        """The view and its project. Raises NotFound."""
        name = self.named("ViewID", view_id)
        for view, key in views_of(request.actor):
            if view.uuid == name and (project := Project.objects.visible_to(request.actor).filter(key=key).first()):
                return view, project
        raise NotFound("view not found")


def one_told(view: SavedView, project: Project) -> Told:
    return told_view(view, str(project.uuid), rest_of(query_of(view)))
