"""Service accounts: programs that act under a name of their own, with keys and without a password."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import require
from accounts_app.models import AccessToken, ApplicationKey, User
from core_app.errors import NotFound
from datadog_app import describing as told
from datadog_app.api.keys import SORTS, TOKEN_SORTS, ApplicationKeyDoor, TokenDoor, filters
from datadog_app.api.users import UserDoor, roles_named
from datadog_app.queries import people
from datadog_app.reading import given
from datadog_app.serializers.keys import (
    ApplicationKeyCreate,
    ApplicationKeyUpdate,
    ProgramTokenCreate,
    ProgramTokenUpdate,
    application_key_data,
    token_data,
)
from datadog_app.serializers.people import ServiceAccountCreate

TAG = "Service accounts"
WRITE = "service_account_write"


class ServiceAccountList(UserDoor):
    """`/api/v2/service_accounts`"""

    @told.operation(TAG, "Create a service account", body=ServiceAccountCreate, answer=told.USER, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        data = given(request, ServiceAccountCreate)["data"]
        asked = data["attributes"]
        user = actions.create_user(
            actor=request.actor,
            email=asked["email"],
            name=(asked.get("name") or "").strip() or asked["email"].partition("@")[0][:120],
            job_title=asked.get("title") or "",
            roles=roles_named(request, data),
            is_service_account=True,
        )
        return self.told(request, user, status=201)


def account(request: Request, service_account_id: str) -> User:
    """A service account. Raises NotAllowed, NotFound."""
    require(request.actor, WRITE)
    found = people.user(request.actor, service_account_id, "Service account not found")
    if not found.is_service_account:
        raise NotFound("Service account not found")
    return found


class ProgramKeyDoor(ApplicationKeyDoor):
    """The application keys of one service account."""

    permission = may_edit = WRITE

    def those(self, request: Request) -> QuerySet[ApplicationKey]:
        owner = account(request, self.kwargs["service_account_id"])
        return people.application_keys(request.actor).filter(owner=owner)


class ProgramKeyList(ProgramKeyDoor):
    """`/api/v2/service_accounts/{service_account_id}/application_keys`"""

    @told.operation(TAG, "List application keys for this service account", query=filters(SORTS), answer=told.KEYS)
    def get(self, request: Request, service_account_id: str) -> Response:
        return self.listed(request, self.those(request), application_key_data, SORTS)

    @told.operation(
        TAG,
        "Create an application key for this service account",
        body=ApplicationKeyCreate,
        answer=told.KEY,
        status=201,
    )
    def post(self, request: Request, service_account_id: str) -> Response:
        return self.make(request, account(request, service_account_id))


class ProgramKeyDetail(ProgramKeyDoor):
    """`/api/v2/service_accounts/{service_account_id}/application_keys/{app_key_id}`"""

    @told.operation(TAG, "Get one application key for this service account", answer=told.KEY)
    def get(self, request: Request, service_account_id: str, app_key_id: str) -> Response:
        return self.found(request, app_key_id)

    @told.operation(TAG, "Edit an application key for this service account", body=ApplicationKeyUpdate, answer=told.KEY)
    def patch(self, request: Request, service_account_id: str, app_key_id: str) -> Response:
        return self.edit(request, app_key_id)

    @told.operation(TAG, "Delete an application key for this service account", status=204)
    def delete(self, request: Request, service_account_id: str, app_key_id: str) -> Response:
        return self.revoke(request, app_key_id)


class ProgramTokenDoor(TokenDoor):
    """The tokens of one service account."""

    body_create, body_update = ProgramTokenCreate, ProgramTokenUpdate
    permission = WRITE

    def those(self, request: Request) -> QuerySet[AccessToken]:
        owner = account(request, self.kwargs["service_account_id"])
        return people.access_tokens(request.actor).filter(owner=owner)


class ProgramTokenList(ProgramTokenDoor):
    """`/api/v2/service_accounts/{service_account_id}/access_tokens`"""

    @told.operation(TAG, "List access tokens for a service account", query=filters(TOKEN_SORTS), answer=told.KEYS)
    def get(self, request: Request, service_account_id: str) -> Response:
        return self.listed(request, self.those(request), token_data, TOKEN_SORTS)

    @told.operation(
        TAG, "Create an access token for a service account", body=ProgramTokenCreate, answer=told.KEY, status=201
    )
    def post(self, request: Request, service_account_id: str) -> Response:
        return self.make(request, account(request, service_account_id))


class ProgramTokenDetail(ProgramTokenDoor):
    """`/api/v2/service_accounts/{service_account_id}/access_tokens/{token_id}`"""

    @told.operation(TAG, "Get an access token for a service account", answer=told.KEY)
    def get(self, request: Request, service_account_id: str, token_id: str) -> Response:
        return self.found(request, token_id)

    @told.operation(TAG, "Update an access token for a service account", body=ProgramTokenUpdate, answer=told.KEY)
    def patch(self, request: Request, service_account_id: str, token_id: str) -> Response:
        return self.edit(request, token_id)

    @told.operation(TAG, "Revoke an access token for a service account", status=204)
    def delete(self, request: Request, service_account_id: str, token_id: str) -> Response:
        return self.revoke(request, token_id)
