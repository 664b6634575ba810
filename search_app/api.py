"""Saved views for machines: what the pages do with them, by the same actions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts_app.access import NOBODY, require
from search_app import actions
from search_app.models import SavedView
from search_app.models.saved_views import WRITE
from search_app.queries import marks_of, readable_views
from search_app.serializers import SavedViewSerializer


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200
    farthest = 100_000

    def get_offset(self, request: Request) -> int:
        return min(super().get_offset(request), self.farthest)


@extend_schema(tags=["Saved views"])
class SavedViewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Views of explorers: one's own, those shared with one's teams, and for administrators all that are shared."""

    serializer_class = SavedViewSerializer
    pagination_class = Pages
    filter_backends = [DjangoFilterBackend]
    filterset_fields = {"surface": ["exact"], "name": ["icontains"]}
    queryset = SavedView.objects.visible_to(NOBODY)  # says which model; what there is depends on who asks
    lookup_field = "uuid"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[SavedView]:
        return readable_views(self.request.actor)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "marks": marks_of(self.request.actor)}

    @extend_schema(summary="List the saved views that you may use")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Look at a saved view")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(summary="Save a view")
    def create(self, request: Request) -> Response:
        require(request.actor, WRITE)  # before anything is said about what was sent
        given = self._given(request)
        view = actions.create_view(
            actor=request.actor,
            surface=given["surface"],
            name=given["name"],
            configuration=given.get("configuration", {}),
            teams=given.get("teams", ()),
        )
        return self._told(view, status=201)

    @extend_schema(summary="Change a saved view: what is left out stays as it is")
    def partial_update(self, request: Request, uuid: str) -> Response:
        view = self.get_object()
        require(request.actor, WRITE)
        given = self._given(request, view, partial=True)
        actions.update_view(
            actor=request.actor,
            view=view,
            seen_version=given.get("version"),
            name=given.get("name"),
            configuration=given.get("configuration"),
            teams=given.get("teams"),
        )
        return self._told(view)

    @extend_schema(summary="Delete a saved view, for everybody", responses={204: None})
    def destroy(self, request: Request, uuid: str) -> Response:
        actions.delete_view(actor=request.actor, view=self.get_object())
        return Response(status=204)

    @extend_schema(summary="Make it one of your favourites", methods=["PUT"], request=None, responses={204: None})
    @extend_schema(summary="Take it from your favourites", methods=["DELETE"], responses={204: None})
    @action(detail=True, methods=["put", "delete"])
    def favourite(self, request: Request, uuid: str) -> Response:
        return self._mark(request, actions.set_favourite)

    @extend_schema(summary="Make it what you see first", methods=["PUT"], request=None, responses={204: None})
    @extend_schema(summary="Make it that no more", methods=["DELETE"], responses={204: None})
    @action(detail=True, methods=["put", "delete"])
    def default(self, request: Request, uuid: str) -> Response:
        return self._mark(request, actions.set_default)

    def _mark(self, request: Request, mark: Any) -> Response:
        view = self.get_object()
        mark(actor=request.actor, surface=view.surface, key=str(view.uuid), on=request.method == "PUT")
        return Response(status=204)

    def _given(self, request: Request, view: SavedView | None = None, *, partial: bool = False) -> dict[str, Any]:
        serializer = self.get_serializer(view, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _told(self, view: SavedView, *, status: int = 200) -> Response:
        """The view as it is now."""
        fresh = self.get_queryset().get(pk=view.pk)
        return Response(self.get_serializer(fresh).data, status=status)
