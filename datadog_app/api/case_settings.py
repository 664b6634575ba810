"""The projects that cases are in, and their kinds."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from cases_app import actions
from cases_app.models import CaseType, Project
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, SETTINGS, TAG, CaseDoor
from datadog_app.describing import operation
from datadog_app.queries.cases import project_with, type_with
from datadog_app.reading import given
from datadog_app.serializers.cases import (
    ProjectCreate,
    ProjectEdit,
    TypeCreate,
    TypeEdit,
    told_project,
    told_type,
)


class Projects(CaseDoor):
    """`GET` and `POST /api/v2/cases/projects`."""

    @operation(TAG, "Get all projects", answer=shapes.PROJECTS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [told_project(project) for project in Project.objects.visible_to(request.actor)]})

    @operation(TAG, "Create a project", body=ProjectCreate, answer=shapes.PROJECT, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, ProjectCreate)["data"]["attributes"]
        return Response({"data": told_project(actions.create_project(actor=request.actor, **asked))}, status=201)


class ProjectDetail(CaseDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/cases/projects/{project_id}`."""

    @operation(TAG, "Get the details of a project", answer=shapes.PROJECT)
    def get(self, request: Request, project_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": told_project(self.project(request, project_id))})

    @operation(TAG, "Update a project", body=ProjectEdit, answer=shapes.PROJECT)
    def patch(self, request: Request, project_id: str) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, ProjectEdit)["data"].get("attributes", {})
        project = self.project(request, project_id)
        changed = actions.edit_projects(actor=request.actor, seen={project.pk: None}, **asked).one_or_raise()
        return Response({"data": told_project(changed)})

    @operation(TAG, "Remove a project", status=204)
    def delete(self, request: Request, project_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_project(actor=request.actor, project=self.project(request, project_id))
        return Response(status=204)

    def project(self, request: Request, project_id: str) -> Project:
        return project_with(request.actor, self.named("ProjectID", project_id))


class CaseTypes(CaseDoor):
    """`GET` and `POST /api/v2/cases/types`."""

    @operation(TAG, "Get all case types", answer=shapes.TYPES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [told_type(kind) for kind in CaseType.objects.visible_to(request.actor)]})

    @operation(TAG, "Create a case type", body=TypeCreate, answer=shapes.TYPE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, TypeCreate)["data"]["attributes"]
        return Response({"data": told_type(actions.create_case_type(actor=request.actor, **asked))}, status=201)


class CaseTypeDetail(CaseDoor):
    """`PUT` and `DELETE /api/v2/cases/types/{case_type_id}`."""

    @operation(TAG, "Update a case type", body=TypeEdit, answer=shapes.TYPE)
    def put(self, request: Request, case_type_id: str) -> Response:
        require(request.actor, SETTINGS)
        kind = self.kind(request, case_type_id)
        asked = given(request, TypeEdit)["data"].get("attributes", {})
        return Response({"data": told_type(actions.edit_case_type(actor=request.actor, type=kind, **asked))})

    @operation(TAG, "Delete a case type", status=204)
    def delete(self, request: Request, case_type_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_case_type(actor=request.actor, type=self.kind(request, case_type_id))
        return Response(status=204)

    def kind(self, request: Request, case_type_id: str) -> CaseType:
        return type_with(request.actor, self.named("CaseTypeID", case_type_id))
