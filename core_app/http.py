"""What every page and API view shares: fragments, drawn errors and headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.defaults import server_error as django_server_error
from django_htmx.http import trigger_client_event
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core_app.errors import DomainError
from core_app.templatetags.console import quick

Writer = Callable[[HttpRequest, DomainError], HttpResponse]

_writers: list[tuple[str, Writer]] = []  # (how an address begins, who writes what is refused there)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page. A history restore, or a boosted link to all of it, gets all of it."""
    htmx = getattr(request, "htmx", None)  # a foreign Host is turned away before HtmxMiddleware has looked
    return bool(htmx) and not (htmx.history_restore_request or (htmx.boosted and not htmx.target))


def partial(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200, trigger: str = ""
) -> HttpResponse:
    """Draw `app/page.html#name` for htmx; `trigger` announces a change to the lists on the page."""
    response = render(request, template, context, status=status)
    return trigger_client_event(response, trigger, after="settle") if trigger else response


def quick_part(request: HttpRequest, template: str, context: dict[str, Any]) -> SafeString:
    """Draw a template of `templates/quick/`, with the request's `actor` and one `csrf_token` for all its forms."""
    return quick(template, **{"actor": request.actor, "csrf_token": get_token(request), **context})


def page_or_partial(request: HttpRequest, template: str, name: str, context: dict[str, Any]) -> HttpResponse:
    """Draw the whole page, or only its part `name` when htmx asks for that."""
    return render(request, f"{template}#{name}" if wants_fragment(request) else template, context)


class RequestIdMiddleware:
    """Gives every request an id: logs and ledger entries carry it, and so does the answer, in `X-Request-ID`.

    The one that a proxy in front has given is kept if it looks like one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id  # where django-structlog looks for it
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class WholeBodyMiddleware:
    """Reads what is left of the body when a request was answered without it.

    The server would cut the line otherwise: of a large request neither the refusal arrives, nor the next one that the
    client sends on the same connection.
    """

    most = 10 * 2**20  # bytes, what intake takes; who sends more is cut off

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        left = self.most
        with suppress(OSError):  # whoever sent it is gone
            while left > 0 and (piece := request.read(2**16)):
                left -= len(piece)
        return response


class DomainErrorMiddleware:
    """Draws any DomainError: JSON under /api/, the error fragment for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None:
            response = page_not_found(request)  # an address that is none looks like any other refusal, also in DEBUG
        patch_vary_headers(response, ["HX-Request"])
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Turn away what no name and no query of ours can hold: PostgreSQL refuses even to look for a NUL."""
        if "\0" in request.path:
            return page_not_found(request)
        return nul_in_query(request) if "%00" in request.META["QUERY_STRING"] else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return page_not_found(request)
        if isinstance(exception, PermissionDenied):  # Django would log it with a traceback, as if something had broken
            return permission_denied(request, exception)
        return draw_error(request, exception) if isinstance(exception, DomainError) else None


def write_errors_below(start: str, writer: Writer) -> None:
    """A floor above has a form of its own for what is refused at addresses that begin so, whoever refuses it."""
    _writers.append((start, writer))


def draw_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """One refusal, in the form that the asker reads."""
    writer = next((writer for start, writer in _writers if request.path.startswith(start)), None)
    if writer:
        response = writer(request, error)
    elif request.path.startswith("/api/"):
        response = JsonResponse(as_json(error), status=error.status)
    else:
        template = "error.html#problem" if wants_fragment(request) else "error.html"
        response = render(request, template, {"error": error}, status=error.status)
    if "retry_after" in error.data:
        response["Retry-After"] = str(error.data["retry_after"])
    if error.status == 503:
        response["Refresh"] = str(error.data.get("retry_after", 2))  # a page asks again by itself
    return response


def as_json(error: DomainError) -> dict[str, Any]:
    """`{"errors": [{"code", "message", …facts}]}`."""
    return {"errors": [{"code": error.code, "message": error.message, **error.data}]}


def api_exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's half of the same: its own refusals take the same form."""
    if isinstance(exception, DomainError):
        response = Response(as_json(exception), status=exception.status)
        if exception.status == 401 and (scheme := context["view"].get_authenticate_header(context["request"])):
            response["WWW-Authenticate"] = scheme
        return response
    response = exception_handler(exception, context)
    if response is not None:  # Http404 and PermissionDenied become APIExceptions on the way
        details = exception.get_full_details() if isinstance(exception, APIException) else _of(response.data["detail"])
        response.data = {"errors": list(_told(details))}
    return response


def _of(detail: ErrorDetail) -> dict[str, str]:
    return {"code": detail.code, "message": str(detail)}


def _told(details: Any, field: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested details as one flat list: code, message and, for what is wrong with a field, its path."""
    if isinstance(details, list):
        for inner in details:
            yield from _told(inner, field)
    elif isinstance(details, dict) and isinstance(details.get("message"), str):
        yield {"code": str(details["code"]), "message": details["message"]} | ({"field": field} if field else {})
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _told(inner, ".".join(filter(None, [field, own])))


def _error_page(status: int, code: str, message: str) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
        said = str(exception) if isinstance(exception, PermissionDenied) and str(exception) else message
        error = DomainError("This host name is not served here." if isinstance(exception, DisallowedHost) else said)
        error.code, error.status = code, status
        return draw_error(request, error)

    return view


bad_request = _error_page(400, "bad_request", "The request could not be understood.")
nul_in_query = _error_page(400, "bad_request", "The query of the address holds a NUL, %00, which nothing here holds.")
permission_denied = _error_page(403, "not_allowed", "You may not do this.")
page_not_found = _error_page(404, "not_found", "There is nothing at this address, or it is not yours to see.")
csrf_failed = _error_page(
    403,
    "csrf_failed",
    "The page was open for too long, or its cookies are blocked: load it again, and then repeat what you did.",
)
_broken = _error_page(500, "broken", "Something went wrong here. It is not your doing, and it is in the log.")


def server_error(request: HttpRequest) -> HttpResponse:
    """A mistake of ours: programs read JSON, and people a page that needs nothing that may be broken."""
    return _broken(request) if request.path.startswith("/api/") else django_server_error(request)


too_many_requests = _error_page(429, "throttled", "Too many requests: wait a little, then try again.")
