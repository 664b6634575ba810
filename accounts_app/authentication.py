"""Machines at the door: two keys in two headers, as in Datadog's API."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts_app.access import Actor
from accounts_app.actions import note_key_refusal
from accounts_app.keys import authenticate, authenticate_token
from accounts_app.limits import Rate, count
from accounts_app.models import User
from core_app.errors import NotAuthenticated, Throttled

API_KEY, APPLICATION_KEY = "DD-API-KEY", "DD-APPLICATION-KEY"
FAILURES = Rate("failed-keys", limit=60, period=60)


class KeyAuthentication(BaseAuthentication):
    """Makes `request.actor` the application key's owner, narrowed to the key's scopes.

    A request that carries either header is a machine's: it is refused when the keys are wrong, whatever session
    it also carries. Without an application key a token stands for both keys.
    """

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        token = "" if APPLICATION_KEY in request.headers else bearer(request)
        if not token and API_KEY not in request.headers and APPLICATION_KEY not in request.headers:
            return None
        try:
            if token:
                actor = authenticate_token(token)
            else:
                actor = authenticate(request.headers.get(API_KEY, ""), request.headers.get(APPLICATION_KEY, ""))
        except NotAuthenticated:
            note_failure(request)
            raise
        request._request.actor = actor
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        return API_KEY  # DRF answers 401 instead of 403 when there is something to say here


def bearer(request: Request) -> str:
    """The token in `Authorization: Bearer …`; empty when there is none."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def note_failure(request: Request) -> None:
    """Count wrong keys by the address that they come from, and write down the first of a minute and the one too many.

    Right keys are never turned away here: behind one address there may be many machines. Raises Throttled.
    """
    address = get_adapter().get_client_ip(request._request)
    failures = count(FAILURES, address)
    if failures is None:
        return
    if failures.used in (1, FAILURES.limit + 1):
        note_key_refusal(ip=address, locked=failures.is_over)
    if failures.is_over:
        raise Throttled("Too many requests", retry_after=failures.reset)
