"""What cases are kept in and what kinds of them there are, for machines."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import NOBODY
from cases_app import actions
from cases_app import serializers as told
from cases_app.api.room import Room
from cases_app.models import CaseType, Project
from cases_app.models.managers import SETTINGS

PROJECT = OpenApiParameter(
    "key",
    {"type": "string", "pattern": "^[A-Z][A-Z0-9]{0,9}$"},
    OpenApiParameter.PATH,
    description="The project's key.",
)


@extend_schema(tags=["Cases"])
@extend_schema_view(
    list=extend_schema(summary="List projects"),
    retrieve=extend_schema(summary="Look at a project", parameters=[PROJECT]),
)
class ProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Room):
    """What cases are kept in."""

    serializer_class = told.ProjectSerializer
    queryset = Project.objects.visible_to(NOBODY)  # says which model; what there is depends on who asks
    lookup_field = "key"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.actor)

    @extend_schema(summary="Make a project", responses={201: told.ProjectSerializer})
    def create(self, request: Request) -> Response:
        given = self.given(request, told.ProjectSerializer, SETTINGS)
        given.pop("version", None)
        project = actions.create_project(actor=request.actor, **given)
        return Response(self.get_serializer(project).data, status=201)

    @extend_schema(summary="Change a project: what is left out stays as it is", parameters=[PROJECT])
    def partial_update(self, request: Request, key: str) -> Response:
        project = self.get_object()
        given = self.given(request, told.ProjectSerializer, SETTINGS, instance=project, partial=True)
        seen = {project.pk: given.pop("version", None)}
        row = actions.edit_projects(actor=request.actor, seen=seen, **given).one_or_raise()
        return Response(self.get_serializer(row).data)

    @extend_schema(summary="Delete a project that has no cases", parameters=[PROJECT], responses={204: None})
    def destroy(self, request: Request, key: str) -> Response:
        actions.delete_project(actor=request.actor, project=self.get_object())
        return Response(status=204)


@extend_schema(tags=["Cases"])
@extend_schema_view(
    list=extend_schema(summary="List types of cases"), retrieve=extend_schema(summary="Look at a type of case")
)
class CaseTypeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Room):
    """What kinds of cases there are."""

    serializer_class = told.CaseTypeSerializer
    queryset = CaseType.objects.visible_to(NOBODY)
    lookup_field = "uuid"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[CaseType]:
        return CaseType.objects.visible_to(self.request.actor)

    @extend_schema(summary="Make a type of case", responses={201: told.CaseTypeSerializer})
    def create(self, request: Request) -> Response:
        kind = actions.create_case_type(actor=request.actor, **self.given(request, told.CaseTypeSerializer, SETTINGS))
        return Response(self.get_serializer(kind).data, status=201)

    @extend_schema(summary="Change a type of case: what is left out stays as it is")
    def partial_update(self, request: Request, uuid: UUID) -> Response:
        kind = self.get_object()
        given = self.given(request, told.CaseTypeSerializer, SETTINGS, instance=kind, partial=True)
        row = actions.edit_case_type(actor=request.actor, type=kind, **given)
        return Response(self.get_serializer(row).data)

    @extend_schema(summary="Delete a type that no case has", responses={204: None})
    def destroy(self, request: Request, uuid: UUID) -> Response:
        actions.delete_case_type(actor=request.actor, type=self.get_object())
        return Response(status=204)
