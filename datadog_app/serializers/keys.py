"""Keys and tokens on the wire. Their secrets are told once, in the answer that makes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.serializers import Serializer

from accounts_app.models import AccessToken, ApiKey, ApplicationKey, User
from datadog_app.dates import moment
from datadog_app.serializers.fields import Flag, Moment, Text, Texts
from datadog_app.serializers.people import one

PERSONAL, OF_PROGRAMS = "personal_access_tokens", "service_access_tokens"

# --- what is sent -----------------------------------------------------------------------------


class ApiKeyAttributesSerializer(Serializer):
    name = Text(max_length=120, allow_blank=False)
    category = Text(max_length=60, required=False)
    remote_config_read_enabled = Flag(required=False)


class ApplicationKeyAttributesSerializer(Serializer):
    name = Text(max_length=120, allow_blank=False)
    scopes = Texts(required=False, allow_null=True)


class ApplicationKeyUpdateAttributesSerializer(ApplicationKeyAttributesSerializer):
    name = Text(max_length=120, allow_blank=False, required=False)


class TokenAttributesSerializer(Serializer):
    name = Text(max_length=120, allow_blank=False)
    scopes = Texts()
    expires_at = Moment(required=False, allow_null=True)


class TokenUpdateAttributesSerializer(Serializer):
    name = Text(max_length=120, allow_blank=False, required=False)
    scopes = Texts(required=False)


def _update(name: str, kind: str, attributes: type[Serializer]) -> type[Serializer]:
    return one(name, kind, needs_id=True, attributes=attributes())


ApiKeyCreate = one("ApiKeyCreate", "api_keys", attributes=ApiKeyAttributesSerializer())
ApiKeyUpdate = _update("ApiKeyUpdate", "api_keys", ApiKeyAttributesSerializer)
ApplicationKeyCreate = one("ApplicationKeyCreate", "application_keys", attributes=ApplicationKeyAttributesSerializer())
ApplicationKeyUpdate = _update("ApplicationKeyUpdate", "application_keys", ApplicationKeyUpdateAttributesSerializer)
TokenCreate = one("AccessTokenCreate", PERSONAL, attributes=TokenAttributesSerializer())
TokenUpdate = _update("AccessTokenUpdate", PERSONAL, TokenUpdateAttributesSerializer)
ProgramTokenCreate = one("ServiceAccessTokenCreate", OF_PROGRAMS, attributes=TokenAttributesSerializer())
ProgramTokenUpdate = _update("ServiceAccessTokenUpdate", OF_PROGRAMS, TokenUpdateAttributesSerializer)

# --- how it is told ---------------------------------------------------------------------------


def api_key_data(key: ApiKey, secret: str = "") -> dict[str, Any]:
    """A key of the organisation's. Reads who made it and who changed it last."""
    attributes = {
        "name": key.name,
        "last4": key.last4,
        "created_at": moment(key.created_at),
        "modified_at": moment(key.modified_at),
        "date_last_used": moment(key.last_used_at) if key.last_used_at else None,
        "remote_config_read_enabled": False,
        **_with(secret),
    }
    relationships = {"modified_by": {"data": _person(key.modified_by)}}
    if key.created_by:  # without whom Tocsin made it
        relationships["created_by"] = {"data": _person(key.created_by)}
    return {"id": str(key.uuid), "type": "api_keys", "attributes": attributes, "relationships": relationships}


def application_key_data(key: ApplicationKey, secret: str = "") -> dict[str, Any]:
    """A person's key. Reads its owner."""
    attributes = {
        "name": key.name,
        "last4": key.last4,
        "created_at": moment(key.created_at),
        "last_used_at": moment(key.last_used_at) if key.last_used_at else None,
        "scopes": key.scopes or None,
        **_with(secret),
    }
    return {
        "id": str(key.uuid),
        "type": "application_keys",
        "attributes": attributes,
        "relationships": {"owned_by": {"data": _person(key.owner)}},
    }


def token_data(token: AccessToken, secret: str = "") -> dict[str, Any]:
    """A token. Reads its owner."""
    attributes = {
        "name": token.name,
        "public_portion": token.public,
        "created_at": moment(token.created_at),
        "modified_at": moment(token.modified_at),
        "expires_at": moment(token.expires_at) if token.expires_at else None,
        "last_used_at": moment(token.last_used_at) if token.last_used_at else None,
        "scopes": token.scopes,
        **_with(secret),
    }
    owner = {"id": str(token.owner.uuid), "type": "service_account" if token.owner.is_service_account else "users"}
    return {
        "id": str(token.uuid),
        "type": OF_PROGRAMS if token.owner.is_service_account else PERSONAL,
        "attributes": attributes,
        "relationships": {"owned_by": {"data": owner}},
    }


def people_of(keys: Iterable[ApiKey | ApplicationKey | AccessToken]) -> list[User]:
    """Whoever made these keys, or owns them, each once."""
    found = [key.created_by if isinstance(key, ApiKey) else key.owner for key in keys]
    return list({user.pk: user for user in found if user}.values())


def _with(secret: str) -> dict[str, str]:
    return {"key": secret} if secret else {}


def _person(user: User | None) -> dict[str, str] | None:
    return {"id": str(user.uuid), "type": "users"} if user else None
