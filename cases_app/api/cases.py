"""Cases for machines: what the pages do with them, by the same actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts_app.access import NOBODY, require
from cases_app import actions
from cases_app import serializers as told
from cases_app.addresses import CONVERTER, CaseKeyConverter
from cases_app.api.room import Room
from cases_app.fields import CASES
from cases_app.models import Case, Comment, Priority, Status
from cases_app.queries import timeline, with_key
from cases_app.queries.rows import meeting
from core_app.errors import NotFound
from core_app.outcome import Outcome
from signals_app.actions import WRITE as SIGNALS_WRITE
from signals_app.models import Signal

CASE = OpenApiParameter(
    "case",
    {"type": "string", "pattern": f"^{CaseKeyConverter.regex}$"},
    OpenApiParameter.PATH,
    description="The case's key, such as `SEC-12`.",
)
MOST_TOLD = 1000  # rows of a timeline


class CaseFilter(filters.FilterSet):
    """Archived cases are there only for a `q` that asks for them, as in the list of cases."""

    q = filters.CharFilter(
        method="as_it_is", help_text="A query, as in the list of cases: `status:OPEN priority:>=P2`."
    )
    project = filters.CharFilter(field_name="project__key", help_text="A project's key.")
    status = filters.MultipleChoiceFilter(choices=Status)
    priority = filters.MultipleChoiceFilter(choices=Priority)
    assignee = filters.UUIDFilter(field_name="assignee__uuid", help_text="A person's UUID.")

    class Meta:
        model = Case
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        tree = CASES.parse(self.form.cleaned_data["q"])
        found = meeting(self.request.actor, tree).order_by().values("pk")
        return super().filter_queryset(queryset.filter(pk__in=found))

    def as_it_is(self, queryset: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """`q` narrows in `filter_queryset`, also when it is left out."""
        return queryset


@extend_schema(tags=["Cases"])
class CaseViewSet(mixins.ListModelMixin, Room):
    """Cases, by their keys."""

    serializer_class = told.CaseSerializer
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = CaseFilter
    queryset = Case.objects.visible_to(NOBODY)
    lookup_url_kwarg = "case"
    lookup_field = "uuid"
    lookup_value_converter = CONVERTER

    def get_queryset(self) -> QuerySet[Case]:
        cases = Case.objects.visible_to(self.request.actor).order_by("-created_at", "-pk")
        return cases.select_related("project", "type", "assignee", "created_by").prefetch_related("tags")

    def get_object(self) -> Case:
        """By the key that it has, or one that it had."""
        found = with_key(self.get_queryset(), self.kwargs["case"])
        if found is None:
            raise Http404
        return found

    @extend_schema(summary="List cases, the newest first")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Look at a case", parameters=[CASE])
    def retrieve(self, request: Request, case: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(summary="Make a case", request=told.NewCaseSerializer, responses={201: told.CaseSerializer})
    def create(self, request: Request) -> Response:
        given = self.given(request, told.NewCaseSerializer)
        named = given.pop("signals", ())
        if named:
            require(request.actor, SIGNALS_WRITE)
        signals = self._keys(named)
        if len(signals) < len({one["id"] for one in named}):
            raise NotFound("One of these signals is not there, or not yours to see.", field="signals")
        case = actions.create_case(actor=request.actor, signals=signals, **given)
        return self._told(case, status=201)

    @extend_schema(
        summary="Change what a case says: what is left out stays as it is",
        parameters=[CASE],
        request=told.EditCaseSerializer,
        responses=told.CaseSerializer,
    )
    def partial_update(self, request: Request, case: str) -> Response:
        return self._changed(request, told.EditCaseSerializer, actions.edit_cases)

    @extend_schema(
        summary="Set the status", parameters=[CASE], request=told.StatusSerializer, responses=told.CaseSerializer
    )
    @action(detail=True, methods=["post"])
    def status(self, request: Request, case: str) -> Response:
        return self._changed(request, told.StatusSerializer, actions.set_status, {"status": "to"})

    @extend_schema(
        summary="Set the priority", parameters=[CASE], request=told.PrioritySerializer, responses=told.CaseSerializer
    )
    @action(detail=True, methods=["post"])
    def priority(self, request: Request, case: str) -> Response:
        return self._changed(request, told.PrioritySerializer, actions.set_priority, {"priority": "to"})

    @extend_schema(
        summary="Assign it to a person, or to nobody",
        parameters=[CASE],
        request=told.AssigneeSerializer,
        responses=told.CaseSerializer,
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, case: str) -> Response:
        return self._changed(request, told.AssigneeSerializer, actions.assign, {"assignee": "user"})

    @extend_schema(
        summary="Move it into another project, where it gets a new key",
        parameters=[CASE],
        request=told.ToProjectSerializer,
        responses=told.CaseSerializer,
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, case: str) -> Response:
        return self._changed(request, told.ToProjectSerializer, actions.move, {"project": "to"})

    @extend_schema(summary="Put it away", parameters=[CASE], request=told.SeenSerializer, responses=told.CaseSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, case: str) -> Response:
        return self._changed(request, told.SeenSerializer, actions.archive)

    @extend_schema(
        summary="Bring it back from the archive",
        parameters=[CASE],
        request=told.SeenSerializer,
        responses=told.CaseSerializer,
    )
    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, case: str) -> Response:
        return self._changed(request, told.SeenSerializer, actions.unarchive)

    @extend_schema(
        summary="What happened to it, oldest first: at most the newest 1,000 rows",
        parameters=[CASE],
        responses=told.HappeningSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def timeline(self, request: Request, case: str) -> Response:
        rows = timeline(request.actor, self.get_object(), MOST_TOLD)
        return Response(told.HappeningSerializer(rows, many=True, context=self.get_serializer_context()).data)

    @extend_schema(
        summary="The signals that it is about, those added first first",
        methods=["GET"],
        parameters=[CASE],
        responses=told.LinkedSignalSerializer(many=True),
        filters=False,
    )
    @extend_schema(
        summary="Say that it is about these signals too",
        methods=["POST"],
        parameters=[CASE],
        request=told.SignalsSerializer,
        responses=told.LinkingSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get", "post"])
    def signals(self, request: Request, case: str) -> Response:
        row = self.get_object()
        if request.method == "POST":
            return self._linked(request, row, actions.add_signals)
        links = row.signal_links.filter(signal__in=Signal.objects.visible_to(request.actor))
        page = self.paginate_queryset(links.select_related("signal"))
        found = [link.signal for link in page or ()]
        return self.get_paginated_response(told.LinkedSignalSerializer(found, many=True).data)

    @extend_schema(
        summary="Say that it is not about these signals",
        parameters=[CASE],
        request=told.SignalsSerializer,
        responses=told.LinkingSerializer,
    )
    @action(detail=True, methods=["post"], url_path="signals/remove")
    def remove_signals(self, request: Request, case: str) -> Response:
        return self._linked(request, self.get_object(), actions.remove_signals)

    @extend_schema(
        summary="What was said about it, oldest first",
        methods=["GET"],
        parameters=[CASE],
        responses=told.CommentSerializer(many=True),
        filters=False,
    )
    @extend_schema(
        summary="Say something about it",
        methods=["POST"],
        parameters=[CASE],
        request=told.CommentSerializer,
        responses={201: told.CommentSerializer},
        filters=False,
    )
    @action(detail=True, methods=["get", "post"])
    def comments(self, request: Request, case: str) -> Response:
        row = self.get_object()
        if request.method == "POST":
            given = self.given(request, told.CommentSerializer)
            said = actions.comment(actor=request.actor, case=row, body=given["body"])
            return Response(told.CommentSerializer(said).data, status=201)
        page = self.paginate_queryset(
            Comment.objects.visible_to(request.actor).filter(case=row).select_related("author")
        )
        return self.get_paginated_response(told.CommentSerializer(page, many=True).data)

    @extend_schema(
        summary="Say it differently: only one's own",
        methods=["PATCH"],
        parameters=[CASE],
        request=told.CommentSerializer,
        responses=told.CommentSerializer,
    )
    @extend_schema(summary="Take a comment back", methods=["DELETE"], parameters=[CASE], responses={204: None})
    @action(detail=True, methods=["patch", "delete"], url_path="comments/<uuid:comment>")
    def comment(self, request: Request, case: str, comment: UUID) -> Response:
        said = get_object_or_404(
            Comment.objects.visible_to(request.actor).select_related("author"), case=self.get_object(), uuid=comment
        )
        if request.method == "DELETE":
            actions.delete_comment(actor=request.actor, comment=said)
            return Response(status=204)
        given = self.given(request, told.CommentSerializer)
        row = actions.edit_comment(
            actor=request.actor, comment=said, body=given["body"], seen_version=given.get("version")
        )
        return Response(told.CommentSerializer(row).data)

    def _changed(
        self, request: Request, serializer: type[Serializer], verb: Any, called: Mapping[str, str] | None = None
    ) -> Response:
        """Do it to the case; `called` says how the action calls what the API calls otherwise."""
        case = self.get_object()
        given = self.given(request, serializer)
        seen = {case.pk: given.pop("version", None)}
        arguments = {(called or {}).get(name, name): value for name, value in given.items()}
        verb(actor=request.actor, seen=seen, **arguments).one_or_raise()
        return self._told(case)

    def _linked(self, request: Request, case: Case, verb: Any) -> Response:
        require(request.actor, SIGNALS_WRITE)
        named = self.given(request, told.SignalsSerializer)["signals"]
        outcome: Outcome[Signal] = verb(actor=request.actor, case=case, signals=self._keys(named))
        settled = [*outcome.changed, *outcome.unchanged]
        keys = {signal.pk for signal in settled} | outcome.refused.keys()
        ids = dict(Signal.objects.visible_to(request.actor).filter(pk__in=keys).values_list("pk", "public_id"))
        refused = [
            {"id": ids[pk], "code": problem.code, "message": problem.message}
            for pk, problem in outcome.refused.items()
            if pk in ids
        ]
        found = set(ids.values())
        refused += [
            {"id": one["id"], "code": "not_found", "message": "There is no such signal, or it is not yours to see."}
            for one in named
            if one["id"] not in found
        ]
        answer = {
            "changed": [ids[signal.pk] for signal in outcome.changed],
            "unchanged": [ids[signal.pk] for signal in outcome.unchanged],
            "refused": refused,
        }
        return Response(answer)

    def _keys(self, named: Sequence[Mapping[str, Any]]) -> dict[int, int | None]:
        """The primary keys of these signals, with the versions seen; those that are not there are left out."""
        versions = {one["id"]: one.get("version") for one in named}
        found = Signal.objects.visible_to(self.request.actor).filter(public_id__in=versions)
        return {pk: versions[public_id] for pk, public_id in found.values_list("pk", "public_id")}

    def _told(self, case: Case, *, status: int = 200) -> Response:
        """The case as it is now."""
        fresh = self.get_queryset().get(pk=case.pk)
        return Response(self.get_serializer(fresh).data, status=status)
