"""Incidents for machines: what the pages do with them, by the same actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts_app.access import NOBODY, require
from core_app.errors import Invalid, NotFound
from incidents_app import actions
from incidents_app.actions import LINK, WRITE
from incidents_app.actions.checking import MAX_SIGNALS
from incidents_app.models import Attachment, Impact, Incident, IncidentSignal, Note, Todo
from incidents_app.models.managers import READ
from incidents_app.queries import KINDS, postmortem, timeline
from incidents_app.queries.search import matching
from incidents_app.serializers import (
    AddedSerializer,
    AddSignalsSerializer,
    AttachmentSerializer,
    DeclareSerializer,
    EditSerializer,
    ImpactSerializer,
    IncidentSerializer,
    IncidentSignalSerializer,
    ItemSerializer,
    NoteSerializer,
    PostmortemSerializer,
    TodoSerializer,
)
from signals_app.models import Signal

Verb = Callable[..., Any]
TAGS = ["Incidents"]
QUERY = OpenApiParameter("q", str, description="In the query language: `state:active severity:>=SEV-2 commander:me`.")
KIND = OpenApiParameter("kind", str, enum=list(KINDS), description="Only what is of this kind.")
ORDER = OpenApiParameter("order", str, enum=["asc", "desc"], description="`desc`: the newest first.")


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200
    farthest = 100_000

    def get_offset(self, request: Request) -> int:
        return min(super().get_offset(request), self.farthest)


def _given(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


@extend_schema(tags=TAGS)
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Incidents that you may see: a private one is seen by those in it and by administrators."""

    serializer_class = IncidentSerializer
    pagination_class = Pages
    queryset = Incident.objects.visible_to(NOBODY)  # says which model; what there is depends on who asks
    lookup_field = "public_id"
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Incident]:
        require(self.request.actor, READ)
        actor, words = self.request.actor, self.request.query_params.get("q", "")
        if self.action != "list":
            found = Incident.objects.visible_to(actor)
        else:
            found = matching(actor, words) if words else Incident.objects.found_by(actor)
        found = found.select_related("type", "commander", "created_by").order_by("-declared_at", "-pk")
        return found.prefetch_related("responders", "tags", "impacts")

    @extend_schema(summary="List incidents, the newest first", parameters=[QUERY])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Look at an incident")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(summary="Declare an incident", request=DeclareSerializer, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        require(request.actor, WRITE)  # before anything is said about what was sent
        given = _given(DeclareSerializer(data=request.data, context=self.get_serializer_context()))
        signals = _named(request, given.pop("signals", []))
        if missing := [name for name, pk in signals.items() if pk is None]:
            raise NotFound(f"There is no signal {missing[0]}, or it is not yours to see.", field="signals")
        seen = dict(found for found in signals.values() if found is not None)
        return self._told(actions.declare(actor=request.actor, signals=seen, **given), status=201)

    @extend_schema(
        summary="Change an incident: what is left out stays as it is",
        request=EditSerializer,
        responses=IncidentSerializer,
    )
    def partial_update(self, request: Request, public_id: int) -> Response:
        incident = self.get_object()
        require(request.actor, WRITE)
        given = _given(EditSerializer(data=request.data, context=self.get_serializer_context()))
        seen = {incident.pk: given.pop("version", None)}
        return self._told(actions.edit_incidents(actor=request.actor, seen=seen, **given).one_or_raise())

    @extend_schema(summary="Delete an incident, for everybody", responses={204: None})
    def destroy(self, request: Request, public_id: int) -> Response:
        actions.delete_incident(actor=request.actor, incident=self.get_object())
        return Response(status=204)

    @extend_schema(
        summary="List the signals of an incident", methods=["GET"], responses=IncidentSignalSerializer(many=True)
    )
    @extend_schema(
        summary="Put signals into an incident",
        methods=["POST"],
        request=AddSignalsSerializer,
        responses=AddedSerializer,
    )
    @action(detail=True, methods=["get", "post"])
    def signals(self, request: Request, public_id: int) -> Response:
        incident = self.get_object()
        if request.method == "POST":
            return self._add_signals(request, incident)
        links = IncidentSignal.objects.visible_to(request.actor).filter(incident=incident).select_related("signal")
        page = self.paginate_queryset(links.order_by("pk"))
        return self.get_paginated_response(IncidentSignalSerializer(page, many=True).data)

    def _add_signals(self, request: Request, incident: Incident) -> Response:
        require(request.actor, LINK)
        given = _given(AddSignalsSerializer(data=request.data, context=self.get_serializer_context()))
        signals = _named(request, given["signals"])
        seen = dict(found for found in signals.values() if found is not None)
        outcome = actions.add_signals(
            actor=request.actor, incident=incident, signals=seen, on_timeline=given["on_timeline"]
        )
        names = {found[0]: name for name, found in signals.items() if found is not None}
        absent = NotFound("There is no such signal, or it is not yours to see.")
        problems = {names[pk]: problem for pk, problem in outcome.refused.items()}
        problems |= {name: absent for name, found in signals.items() if found is None}
        told = {
            "added": [names[signal.pk] for signal in outcome.changed],
            "unchanged": [names[signal.pk] for signal in outcome.unchanged],
            "refused": [{"id": name, "code": one.code, "message": one.message} for name, one in problems.items()],
        }
        return Response(AddedSerializer(told).data)

    @extend_schema(summary="Take a signal out of an incident", responses={204: None})
    @action(detail=True, methods=["delete"], url_path="signals/<str:signal_id>")
    def signal(self, request: Request, public_id: int, signal_id: str) -> Response:
        incident = self.get_object()
        require(request.actor, LINK)
        signal = get_object_or_404(Signal.objects.visible_to(request.actor), public_id=signal_id)
        actions.remove_signals(actor=request.actor, incident=incident, signals={signal.pk: None}).one_or_raise()
        return Response(status=204)

    @extend_schema(
        summary="Read what happened", parameters=[KIND, ORDER], responses=ItemSerializer(many=True), filters=False
    )
    @action(detail=True)
    def timeline(self, request: Request, public_id: int) -> Response:
        kind = request.query_params.get("kind", "")
        if kind and kind not in KINDS:
            raise Invalid(f"“{kind}” is no kind; the kinds are {', '.join(KINDS)}.", field="kind")
        newest_first = request.query_params.get("order") == "desc"
        items = timeline(request.actor, self.get_object(), kinds=[kind] if kind else [], newest_first=newest_first)
        return self.get_paginated_response(ItemSerializer(self.paginate_queryset(items), many=True).data)

    @extend_schema(summary="Read the draft of the postmortem", responses=PostmortemSerializer)
    @action(detail=True)
    def postmortem(self, request: Request, public_id: int) -> Response:
        return Response({"markdown": postmortem(request.actor, self.get_object())})

    def _told(self, incident: Incident, *, status: int = 200) -> Response:
        """The incident as it is now; one that has left one's sight is told as it is put."""
        fresh = self.get_queryset().filter(pk=incident.pk).first()
        return Response(self.get_serializer(fresh or incident).data, status=status)


def _named(request: Request, refs: list[Mapping[str, Any]]) -> dict[str, tuple[int, int | None] | None]:
    """Signals by their ids, with their key and the version that was seen; None for one that is not there."""
    versions = {ref["id"]: ref.get("version") for ref in refs}
    if len(versions) > MAX_SIGNALS:
        raise Invalid(f"An incident can be about {MAX_SIGNALS:,} signals at most.", field="signals")
    rows = Signal.objects.visible_to(request.actor).filter(public_id__in=list(versions))
    keys = dict(rows.values_list("public_id", "pk"))
    return {name: (keys[name], version) if name in keys else None for name, version in versions.items()}


class _PartViewSet(GenericViewSet):
    """What belongs to one incident: `part` is what its actions call it."""

    pagination_class = Pages
    lookup_field = "uuid"
    lookup_value_converter = "uuid"
    part: ClassVar[str]
    adds: ClassVar[Verb]
    edits: ClassVar[Verb]
    removes: ClassVar[Verb]

    def get_queryset(self) -> QuerySet[Any]:
        require(self.request.actor, READ)
        parts = self.queryset.model.objects.visible_to(self.request.actor)
        return parts.filter(incident=self._incident()).select_related("created_by")

    def _incident(self) -> Incident:
        incidents = Incident.objects.visible_to(self.request.actor)
        return get_object_or_404(incidents, public_id=self.kwargs["public_id"])

    def list(self, request: Request, public_id: int) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def create(self, request: Request, public_id: int) -> Response:
        incident = self._incident()
        require(request.actor, WRITE)
        given = _given(self.get_serializer(data=request.data))
        given.pop("version", None)
        row = self.adds(actor=request.actor, incident=incident, **given)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=201)

    def partial_update(self, request: Request, public_id: int, uuid: str) -> Response:
        row = self.get_object()
        require(request.actor, WRITE)
        given = _given(self.get_serializer(row, data=request.data, partial=True))
        seen = given.pop("version", None)
        self.edits(actor=request.actor, seen_version=seen, **{self.part: row}, **given)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    def destroy(self, request: Request, public_id: int, uuid: str) -> Response:
        self.removes(actor=request.actor, **{self.part: self.get_object()})
        return Response(status=204)


def _described(what: str, one: str) -> Any:
    """How the API's description tells of the verbs."""
    return extend_schema_view(
        list=extend_schema(summary=f"List the {what} of an incident", tags=TAGS),
        create=extend_schema(summary=f"Add {one}", tags=TAGS),
        partial_update=extend_schema(summary=f"Change {one}: what is left out stays as it is", tags=TAGS),
        destroy=extend_schema(summary=f"Take {one} away", tags=TAGS, responses={204: None}),
    )


@_described("notes", "a note")
class NoteViewSet(_PartViewSet):
    part = "note"
    adds, edits, removes = map(staticmethod, (actions.add_note, actions.edit_note, actions.delete_note))
    queryset = Note.objects.visible_to(NOBODY)
    serializer_class = NoteSerializer


@_described("to-dos", "a to-do")
class TodoViewSet(_PartViewSet):
    part = "todo"
    adds, edits, removes = map(staticmethod, (actions.add_todo, actions.edit_todo, actions.delete_todo))
    queryset = Todo.objects.visible_to(NOBODY)
    serializer_class = TodoSerializer

    def get_queryset(self) -> QuerySet[Todo]:
        return super().get_queryset().prefetch_related("assignees")


@_described("impacts", "an impact")
class ImpactViewSet(_PartViewSet):
    part = "impact"
    adds, edits, removes = map(staticmethod, (actions.add_impact, actions.edit_impact, actions.delete_impact))
    queryset = Impact.objects.visible_to(NOBODY)
    serializer_class = ImpactSerializer


@_described("links", "a link")
class AttachmentViewSet(_PartViewSet):
    part = "attachment"
    adds, edits, removes = map(
        staticmethod, (actions.add_attachment, actions.edit_attachment, actions.delete_attachment)
    )
    queryset = Attachment.objects.visible_to(NOBODY)
    serializer_class = AttachmentSerializer
