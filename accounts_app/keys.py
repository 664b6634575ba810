"""Secrets for machines: made from 256 random bits, kept as an HMAC, compared in constant time."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts_app.access import Actor, key_actor
from accounts_app.models import AccessToken, ApiKey, ApplicationKey, Key
from core_app.errors import NotAuthenticated

BEGINNING = "tocsin_"  # of a token, so that it is known where it should not be
TOUCH_EVERY = timedelta(minutes=1)  # a busy key must not cost a write per request

OwnedKey = TypeVar("OwnedKey", ApplicationKey, AccessToken)


class Secret(NamedTuple):
    """A new secret. `value` is shown once and never stored; `digest` and `last4` are what is kept."""

    value: str
    digest: str
    last4: str


def new_secret() -> Secret:
    """256 random bits as 64 hexadecimal digits, with what to keep of them."""
    value = secrets.token_hex(32)
    return Secret(value, digest_of(value), value[-4:])


def new_token() -> tuple[str, Secret]:
    """A token of 256 random bits, and its public part, by which it is told from others."""
    public = secrets.token_hex(8)
    value = f"{BEGINNING}{public}_{secrets.token_hex(32)}"
    return public, Secret(value, digest_of(value), value[-4:])


def digest_of(value: str) -> str:
    """What is kept of a secret: HMAC-SHA-256, as 64 hexadecimal digits, under a key derived from SECRET_KEY."""
    return digests_of(value)[0]


def digests_of(value: str) -> list[str]:
    """The digest under the current key, then those under SECRET_KEY_FALLBACKS: what a kept digest may be equal to."""
    roots = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [hmac.new(root.encode(), b"tocsin.keys", sha256).digest() for root in roots]
    return [hmac.new(key, value.encode(), sha256).hexdigest() for key in keys]


def matches(value: str, digest: str) -> bool:
    """Whether this is the secret that the digest was made of, in a time that says nothing about how near it was."""
    return any(hmac.compare_digest(candidate, digest) for candidate in digests_of(value))


def find_api_key(value: str) -> ApiKey | None:
    """The API key with this secret, if it is in force."""
    keys = ApiKey.objects.in_force().filter(digest__in=digests_of(value))
    return next((key for key in keys if matches(value, key.digest)), None)


def find_application_key(value: str) -> ApplicationKey | None:
    """The application key with this secret, if it is in force and its owner may still log in."""
    return _of_owner(ApplicationKey, value)


def find_access_token(value: str) -> AccessToken | None:
    """The same of a token."""
    return _of_owner(AccessToken, value)


def _of_owner(kind: type[OwnedKey], value: str) -> OwnedKey | None:
    keys = kind._default_manager.in_force().filter(digest__in=digests_of(value), owner__is_active=True)
    return next((key for key in keys.select_related("owner") if matches(value, key.digest)), None)


def authenticate(api_key: str, application_key: str) -> Actor:
    """Who a request with these two secrets acts for: the application key's owner, narrowed to its scopes.

    Both keys are needed, as in Datadog's API. Raises NotAuthenticated, with the same words whatever is wrong.
    """
    organisation, personal = find_api_key(api_key), find_application_key(application_key)
    if organisation is None or personal is None:
        raise NotAuthenticated("This needs a valid API key and a valid application key.")
    touch(organisation)
    touch(personal)
    return key_actor(personal)


def authenticate_token(token: str) -> Actor:
    """Who a request with this token acts for: its owner, narrowed to its scopes. Raises NotAuthenticated."""
    found = find_access_token(token)
    if found is None:
        raise NotAuthenticated("This needs a valid token.")
    touch(found)
    return key_actor(found)


def touch(key: Key) -> None:
    """Note that the key was used just now, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is not None and key.last_used_at > now - TOUCH_EVERY:
        return
    # Asked again in the UPDATE, so that of several processes at once only one writes.
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - TOUCH_EVERY)
    type(key)._default_manager.filter(stale, pk=key.pk).update(last_used_at=now)
