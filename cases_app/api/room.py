"""What the views of this floor's API have in common."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts_app.access import require
from cases_app.models.managers import READ, WRITE


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200
    farthest = 100_000

    def get_offset(self, request: Request) -> int:
        return min(super().get_offset(request), self.farthest)


class Room(GenericViewSet):
    """What the views of this floor have in common."""

    pagination_class = Pages
    needs = READ

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(request.actor, self.needs)

    def given(self, request: Request, serializer: type[Serializer], permission: str = WRITE, **options: Any) -> Any:
        """What was sent; whether it may be sent is asked before anything is said about it."""
        require(request.actor, permission)
        asked = serializer(data=request.data, context=self.get_serializer_context(), **options)
        asked.is_valid(raise_exception=True)
        return asked.validated_data
