"""Keys and tokens: listed, made (which shows their secret, once), edited, revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import require
from accounts_app.models import AccessToken, ApiKey, ApplicationKey, User
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.api.users import same_id
from datadog_app.paging import Numbered, order, totals
from datadog_app.queries import people
from datadog_app.reading import flag, given, moment, text, words
from datadog_app.serializers.keys import (
    ApiKeyCreate,
    ApiKeyUpdate,
    ApplicationKeyCreate,
    ApplicationKeyUpdate,
    TokenCreate,
    TokenUpdate,
    api_key_data,
    application_key_data,
    people_of,
    token_data,
)
from datadog_app.serializers.people import user_data

TAG = "Keys"
OWN = "user_app_keys"
SORTS = {name: name for name in ("created_at", "last4", "name")}
API_SORTS = {**SORTS, "modified_at": "modified_at"}
TOKEN_SORTS = {**SORTS, "modified_at": "modified_at", "expires_at": "expires_at"}
PERIODS = (("created_at", "gte", "start"), ("created_at", "lte", "end"))
CHANGED = (("modified_at", "gte", "start"), ("modified_at", "lte", "end"))


def filters(sorts: dict[str, str], *more: Any) -> list[Any]:
    """The parameters of a list of keys."""
    return [
        told.PAGE_SIZE,
        told.PAGE_NUMBER,
        told.parameter("sort", enum=[sign + name for name in sorts for sign in ("", "-")]),
        told.parameter("filter", words="A part of the name."),
        told.parameter("filter[created_at][start]", words="Made from then on: a date-time."),
        told.parameter("filter[created_at][end]", words="Made until then: a date-time."),
        told.parameter("include", words="`created_by`, `owned_by`: whose they are is told beside."),
        *more,
    ]


API_KEY_FILTERS = filters(
    API_SORTS,
    told.parameter("filter[modified_at][start]", words="Changed from then on: a date-time."),
    told.parameter("filter[modified_at][end]", words="Changed until then: a date-time."),
)
OWNED_BY = told.parameter("filter[owned_by]", words="The id of the owner.")
PAGED = told.PAGED


class KeyDoor(Door):
    """What the endpoints of keys have in common."""

    group = "keys"

    def listed(
        self,
        request: Request,
        keys: QuerySet[Any],
        tell: Callable[[Any], dict[str, Any]],
        sorts: dict[str, str],
        periods: Any = PERIODS,
    ) -> Response:
        """A page of keys."""
        page, everything, now = Numbered.of(request), keys.count(), datetime.now(tz=UTC)
        found = keys.order_by(order(request, sorts, "name"), "pk")
        if part := text(request, "filter"):
            found = found.filter(name__icontains=part)
        for field, comparison, name in periods:
            parameter = f"filter[{field}][{name}]"
            if value := text(request, parameter):
                found = found.filter(**{f"{field}__{comparison}": moment(value, parameter, now)})
        rows = page.rows(found)
        answer: dict[str, Any] = {
            "data": [tell(key) for key in rows],
            "meta": totals(everything, found.count()),
        }
        if words(request, "include"):
            answer["included"] = self.owners(request, rows)
        return Response(answer)

    def owners(self, request: Request, keys: list[Any]) -> list[dict[str, Any]]:
        """Whose these keys are, as far as the actor may see them."""
        wanted = [user.pk for user in people_of(keys)]
        return [user_data(user) for user in people.users(request.actor).filter(pk__in=wanted)]

    def answer(self, request: Request, key: Any, told_key: dict[str, Any], status: int = 200) -> Response:
        """A key, with whose it is when that is asked for."""
        answer: dict[str, Any] = {"data": told_key}
        if words(request, "include"):
            answer["included"] = self.owners(request, [key])
        return Response(answer, status=status)


# --- the organisation's -----------------------------------------------------------------------


class ApiKeyList(KeyDoor):
    """`/api/v2/api_keys`"""

    @told.operation(TAG, "Get all API keys", query=API_KEY_FILTERS, answer=told.KEYS)
    def get(self, request: Request) -> Response:
        require(request.actor, "api_keys_read")
        keys = people.api_keys(request.actor)
        if flag(request, "filter[remote_config_read_enabled]"):  # no key is
            keys = keys.none()
        return self.listed(request, keys, api_key_data, API_SORTS, (*PERIODS, *CHANGED))

    @told.operation(TAG, "Create an API key", body=ApiKeyCreate, answer=told.KEY, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, "api_keys_write")
        name = given(request, ApiKeyCreate)["data"]["attributes"]["name"]
        key, secret = actions.make_api_key(actor=request.actor, name=name)
        return Response({"data": api_key_data(key, secret)}, status=201)


class ApiKeyDetail(KeyDoor):
    """`/api/v2/api_keys/{api_key_id}`"""

    def one(self, request: Request, api_key_id: str) -> ApiKey:
        return people.one_of(people.api_keys(request.actor), api_key_id, "API key not found")

    @told.operation(TAG, "Get API key", answer=told.KEY)
    def get(self, request: Request, api_key_id: str) -> Response:
        require(request.actor, "api_keys_read")
        key = self.one(request, api_key_id)
        return self.answer(request, key, api_key_data(key))

    @told.operation(TAG, "Edit an API key", body=ApiKeyUpdate, answer=told.KEY)
    def patch(self, request: Request, api_key_id: str) -> Response:
        require(request.actor, "api_keys_write")
        data = given(request, ApiKeyUpdate)["data"]
        key = self.one(request, api_key_id)
        same_id(data, api_key_id, status=400)
        actions.rename_api_key(actor=request.actor, key=key, name=data["attributes"]["name"])
        return Response({"data": api_key_data(self.one(request, api_key_id))})

    @told.operation(TAG, "Delete an API key", status=204)
    def delete(self, request: Request, api_key_id: str) -> Response:
        require(request.actor, "api_keys_delete")
        actions.revoke_api_key(actor=request.actor, key=self.one(request, api_key_id))
        return Response(status=204)


# --- application keys -------------------------------------------------------------------------


class ApplicationKeyDoor(KeyDoor):
    """What one application key can be asked."""

    permission, may_edit = "org_app_keys_read", "org_app_keys_write"

    def those(self, request: Request) -> QuerySet[ApplicationKey]:
        """The keys that this address is about."""
        return people.application_keys(request.actor)

    def one(self, request: Request, app_key_id: str) -> ApplicationKey:
        return people.one_of(self.those(request), app_key_id, "Application key not found")

    def found(self, request: Request, app_key_id: str) -> Response:
        require(request.actor, self.permission)
        key = self.one(request, app_key_id)
        return self.answer(request, key, application_key_data(key))

    def edit(self, request: Request, app_key_id: str) -> Response:
        require(request.actor, self.may_edit)
        data = given(request, ApplicationKeyUpdate)["data"]
        key = self.one(request, app_key_id)
        same_id(data, app_key_id, status=400)
        asked = data["attributes"]
        scopes = (asked["scopes"] or ()) if "scopes" in asked else None
        actions.edit_application_key(actor=request.actor, key=key, name=asked.get("name"), scopes=scopes)
        return Response({"data": application_key_data(self.one(request, app_key_id))})

    def revoke(self, request: Request, app_key_id: str) -> Response:
        require(request.actor, self.may_edit)
        actions.revoke_application_key(actor=request.actor, key=self.one(request, app_key_id))
        return Response(status=204)

    def make(self, request: Request, owner: User) -> Response:
        asked = given(request, ApplicationKeyCreate)["data"]["attributes"]
        key, secret = actions.make_application_key(
            actor=request.actor, owner=owner, name=asked["name"], scopes=asked.get("scopes") or ()
        )
        return Response({"data": application_key_data(key, secret)}, status=201)


class ApplicationKeyList(ApplicationKeyDoor):
    """`/api/v2/application_keys`"""

    @told.operation(TAG, "Get all application keys", query=filters(SORTS, OWNED_BY), answer=told.KEYS)
    def get(self, request: Request) -> Response:
        require(request.actor, self.permission)
        keys = self.those(request)
        if owner := text(request, "filter[owned_by]"):
            keys = keys.filter(owner=people.user(request.actor, owner))
        return self.listed(request, keys, application_key_data, SORTS)


class ApplicationKeyDetail(ApplicationKeyDoor):
    """`/api/v2/application_keys/{app_key_id}`"""

    @told.operation(TAG, "Get an application key", answer=told.KEY)
    def get(self, request: Request, app_key_id: str) -> Response:
        return self.found(request, app_key_id)

    @told.operation(TAG, "Edit an application key", body=ApplicationKeyUpdate, answer=told.KEY)
    def patch(self, request: Request, app_key_id: str) -> Response:
        return self.edit(request, app_key_id)

    @told.operation(TAG, "Delete an application key", status=204)
    def delete(self, request: Request, app_key_id: str) -> Response:
        return self.revoke(request, app_key_id)


class OwnKeyDoor(ApplicationKeyDoor):
    """One's own application keys."""

    permission = may_edit = OWN

    def those(self, request: Request) -> QuerySet[ApplicationKey]:
        return people.application_keys(request.actor).filter(owner=request.actor.user)


class OwnKeyList(OwnKeyDoor):
    """`/api/v2/current_user/application_keys`"""

    @told.operation(TAG, "Get all application keys owned by current user", query=filters(SORTS), answer=told.KEYS)
    def get(self, request: Request) -> Response:
        require(request.actor, OWN)
        return self.listed(request, self.those(request), application_key_data, SORTS)

    @told.operation(
        TAG,
        "Create an application key for current user",
        body=ApplicationKeyCreate,
        answer=told.KEY,
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, OWN)
        return self.make(request, request.actor.user)


class OwnKeyDetail(OwnKeyDoor):
    """`/api/v2/current_user/application_keys/{app_key_id}`"""

    @told.operation(TAG, "Get one application key owned by current user", answer=told.KEY)
    def get(self, request: Request, app_key_id: str) -> Response:
        return self.found(request, app_key_id)

    @told.operation(TAG, "Edit an application key owned by current user", body=ApplicationKeyUpdate, answer=told.KEY)
    def patch(self, request: Request, app_key_id: str) -> Response:
        return self.edit(request, app_key_id)

    @told.operation(TAG, "Delete an application key owned by current user", status=204)
    def delete(self, request: Request, app_key_id: str) -> Response:
        return self.revoke(request, app_key_id)


# --- tokens -----------------------------------------------------------------------------------


class TokenDoor(KeyDoor):
    """What one token can be asked. One's own with the permission to make keys; others' with the one to see them."""

    body_create: Any = TokenCreate
    body_update: Any = TokenUpdate
    permission = OWN

    def those(self, request: Request) -> QuerySet[AccessToken]:
        return people.access_tokens(request.actor)

    def one(self, request: Request, token_id: str) -> AccessToken:
        return people.one_of(self.those(request), token_id, "Token not found")

    def found(self, request: Request, token_id: str) -> Response:
        require(request.actor, self.permission)
        token = self.one(request, token_id)
        return self.answer(request, token, token_data(token))

    def edit(self, request: Request, token_id: str) -> Response:
        require(request.actor, self.permission)
        data = given(request, self.body_update)["data"]
        token = self.one(request, token_id)
        same_id(data, token_id, status=400)
        asked = data["attributes"]
        actions.edit_access_token(actor=request.actor, token=token, name=asked.get("name"), scopes=asked.get("scopes"))
        return Response({"data": token_data(self.one(request, token_id))})

    def revoke(self, request: Request, token_id: str) -> Response:
        require(request.actor, self.permission)
        actions.revoke_access_token(actor=request.actor, token=self.one(request, token_id))
        return Response(status=204)

    def make(self, request: Request, owner: User) -> Response:
        asked = given(request, self.body_create)["data"]["attributes"]
        token, secret = actions.make_access_token(
            actor=request.actor,
            owner=owner,
            name=asked["name"],
            scopes=asked["scopes"],
            expires_at=asked.get("expires_at"),
        )
        return Response({"data": token_data(token, secret)}, status=201)


class TokenList(TokenDoor):
    """`/api/v2/personal_access_tokens`: which lists those of service accounts as well, as the original does."""

    @told.operation(TAG, "Get all access tokens", query=filters(TOKEN_SORTS, OWNED_BY), answer=told.KEYS)
    def get(self, request: Request) -> Response:
        require(request.actor, OWN)
        tokens = self.those(request)
        if owners := words(request, "filter[owned_by]"):
            tokens = tokens.filter(owner__in=[people.user(request.actor, owner) for owner in owners])
        if flag(request, "filter[leaked]"):  # nobody looks for them in the world
            tokens = tokens.none()
        return self.listed(request, tokens, token_data, TOKEN_SORTS)

    @told.operation(TAG, "Create a personal access token", body=TokenCreate, answer=told.KEY, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, OWN)
        return self.make(request, request.actor.user)


class TokenDetail(TokenDoor):
    """`/api/v2/personal_access_tokens/{token_id}`"""

    def those(self, request: Request) -> QuerySet[AccessToken]:
        return people.access_tokens(request.actor).filter(owner__is_service_account=False)

    @told.operation(TAG, "Get a personal access token", answer=told.KEY)
    def get(self, request: Request, token_id: str) -> Response:
        return self.found(request, token_id)

    @told.operation(TAG, "Update a personal access token", body=TokenUpdate, answer=told.KEY)
    def patch(self, request: Request, token_id: str) -> Response:
        return self.edit(request, token_id)

    @told.operation(TAG, "Revoke a personal access token", status=204)
    def delete(self, request: Request, token_id: str) -> Response:
        return self.revoke(request, token_id)
