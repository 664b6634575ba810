"""Machines at the door: two keys in two headers, as in Datadog's API."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts_app.access import Actor
from accounts_app.keys import authenticate
from accounts_app.models import User

API_KEY, APPLICATION_KEY = "DD-API-KEY", "DD-APPLICATION-KEY"


class KeyAuthentication(BaseAuthentication):
    """Makes `request.actor` the application key's owner, narrowed to the key's scopes.

    A request that carries either header is a machine's: it is refused when the keys are wrong, whatever session
    it also carries.
    """

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        if API_KEY not in request.headers and APPLICATION_KEY not in request.headers:
            return None
        actor = authenticate(request.headers.get(API_KEY, ""), request.headers.get(APPLICATION_KEY, ""))
        request._request.actor = actor
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        return API_KEY  # DRF answers 401 instead of 403 when there is something to say here
