"""Puts the actor on every request, the person's clock on every page, and no password link into the log."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, tzinfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware

from accounts_app.access import NOBODY, Actor, person
from core_app.errors import NotAuthenticated
from core_app.http import draw_error, wants_fragment

PASSWORD_LINK = re.compile(r"(/password/reset/key/)[^/?]+")


class RequestLogMiddleware(RequestMiddleware):
    """Tells of every request in the log, without the token of a link that sets a password."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return PASSWORD_LINK.sub(r"\1…", RequestMiddleware.format_request(request))


class LoginMiddleware(LoginRequiredMiddleware):
    """Leads who is not logged in to the log-in, unless only a piece of a page is asked for: that would be filled with
    the log-in, and what somebody had typed beside it would be gone. The page says it instead (`requests.js`)."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if wants_fragment(request):
            return draw_error(request, NotAuthenticated("You are logged out."))
        return super().handle_no_permission(request, view_func)


class ActorMiddleware:
    """`request.actor` is who acts: made on first use, so that a page nobody asks about permissions costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """The person logged in, as an actor; nobody when no one is."""
    return person(request.user) if request.user.is_authenticated else NOBODY


class PersonalClockMiddleware:
    """Times are shown in the time zone of the person who looks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The worker thread serves someone else next: override gives the clock back also when the view fails.
        with timezone.override(clock_of(request.user.time_zone) if request.user.is_authenticated else UTC):
            return self.get_response(request)


def clock_of(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that an update of the system's list has taken away."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return UTC
