"""The view that every endpoint here derives from: who asks, how often, in which words it is answered.

A view names its `group` (whose requests are counted together), its `wording` (how it writes errors) and what
differs from the usual: `stranger` is the status for missing or wrong keys, `statuses` for kinds of errors.
"""

from __future__ import annotations

import json
import re
import time
from functools import lru_cache
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.openapi import AutoSchema
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts_app.authentication import APPLICATION_KEY, KeyAuthentication, bearer
from accounts_app.keys import digest_of
from accounts_app.limits import Count, Rate, count
from core_app.errors import DomainError, IllegalMove, StaleVersion, Throttled
from datadog_app.errors import SENTENCES, Refusals, Wording, is_stranger, problems_of, status_of
from datadog_app.reading import AnyJson

STRANGERS = {401: "Unauthorized", 403: "Forbidden"}
_any_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_json(data: Any) -> bytes:
    """Plain values as JSON, in UTF-8."""
    try:
        return orjson.dumps(data)
    except TypeError:  # a number of more than 64 bits, which JSON may have
        return _any_json(data).encode()


class Json(BaseRenderer):
    """Plain values as JSON; `charset` None because it is UTF-8 by definition."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else as_json(data)


class DoorSchema(AutoSchema):
    """How a door is described: every operation is called by its method and its whole path, which no two share."""

    def get_operation_id(self) -> str:
        return re.sub(r"\W+", "_", f"{self.method} {self.path}").strip("_").lower()

    def _get_request_for_media_type(self, serializer: Any, direction: str = "request") -> Any:
        """A PATCH needs what its body needs: the default would say of each that nothing need be sent."""
        method, self.method = self.method, "PUT" if self.method == "PATCH" else self.method
        try:
            return super()._get_request_for_media_type(serializer, direction)
        finally:
            self.method = method

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: str = "response"
    ) -> Any:
        """What is refused is of the type that the view's wording has; too many requests are told alike everywhere."""
        if status_code.startswith("4") and status_code != "429":
            media_types = [self.view.wording.content_type]
        return super()._get_response_for_code(serializer, status_code, media_types, direction)


class Door(APIView):
    """One path of Datadog's API."""

    schema = DoorSchema()

    authentication_classes = [KeyAuthentication]
    parser_classes = [AnyJson]
    renderer_classes = [Json]

    group: ClassVar[str]
    wording: ClassVar[Wording] = SENTENCES
    stranger: ClassVar[int] = 403
    # The original lists no 409 for what is edited with a version; where it does, the view says so.
    statuses: ClassVar[dict[type[DomainError], int]] = {StaleVersion: 400, IllegalMove: 400}
    fields: ClassVar[dict[str, str]] = {}  # how the wire calls, below `data.attributes`, what an action refuses
    first_version: ClassVar[int] = 0  # what the wire calls the version that ours counts as 0
    counted: Count | None = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """JSON, whatever the client accepts: there is nothing else."""
        renderer = self.renderer_classes[0]()
        return renderer, renderer.media_type

    def who(self, request: Request) -> str:
        """By whom requests are counted: the application key, or the token."""
        return digest_of(request.headers.get(APPLICATION_KEY, "") or bearer(request))

    def check_throttles(self, request: Request) -> None:
        self.counted = count(rate_of(self.group), self.who(request))
        if self.counted and self.counted.is_over:
            raise Throttled("Too many requests", retry_after=self.counted.reset)

    def handle_exception(self, exc: Exception) -> Response:
        status = status_of(exc)
        if status is None:
            raise exc
        problems = problems_of(exc)
        if is_stranger(exc):
            status = self.stranger
            problems = [((), STRANGERS[status])]
        elif isinstance(exc, DomainError) and not isinstance(exc, Refusals):
            status = next((found for kind, found in self.statuses.items() if isinstance(exc, kind)), status)
            field = self.fields.get(exc.data.get("field", ""))
            place = ("data", "attributes", *field.split(".")) if field else ()
            problems = [(place, said(exc, self.first_version))]
        elif isinstance(exc, MethodNotAllowed):
            problems = [((), f"{exc.detail} It takes {', '.join(self.allowed_methods)}.")]
        wording = SENTENCES if status == 429 else self.wording  # this one is the same everywhere
        told = {"errors": wording.write(status, problems)}
        response = Response(told, status=status, content_type=wording.content_type)
        if isinstance(exc, DomainError) and "retry_after" in exc.data:
            response["Retry-After"] = str(exc.data["retry_after"])
        response.exception = True
        return response

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        if counted := self.counted:
            response["X-RateLimit-Limit"] = str(counted.rate.limit)
            response["X-RateLimit-Period"] = str(counted.rate.period)
            response["X-RateLimit-Remaining"] = str(counted.remaining)
            response["X-RateLimit-Reset"] = str(counted.reset)
            response["X-RateLimit-Name"] = counted.rate.name
        response["Cache-Control"] = "no-store"
        return response


def said(error: DomainError, first_version: int = 0) -> str:
    """The error's sentence; for a stale version with the version that the server has."""
    if isinstance(error, StaleVersion):
        version = error.data["version"] + first_version
        return f"{error.message} The version here is {version}, which is higher than the one sent."
    return error.message


@lru_cache(maxsize=64)
def rate_of(group: str) -> Rate:
    """How often one key may ask a group of endpoints."""
    return Rate.read(group, settings.TOCSIN_API_RATES.get(group, settings.TOCSIN_API_RATE))


class Stopwatch:
    """How long an answer has taken, as its `elapsed` says it: in milliseconds."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    @property
    def elapsed(self) -> int:
        return round((time.perf_counter() - self.start) * 1000)


def request_id(request: Request) -> str:
    """The name of this request in the log and in the ledger."""
    return request.META.get("HTTP_X_REQUEST_ID", "")


@csrf_exempt
@login_not_required
def nothing_here(request: HttpRequest, path: str) -> JsonResponse:
    """Any other address of either version."""
    return JsonResponse({"errors": ["Not found"]}, status=404)
