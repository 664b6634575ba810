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
from accounts_app.models import AccessToken, ApiKey, ApplicationKey, Key, User
from core_app.errors import NotAuthenticated
from core_app.prepared import Prepared, Slot, columns_of

BEGINNING = "tocsin_"  # of a token, so that it is known where it should not be
TOUCH_EVERY = timedelta(minutes=1)  # a busy key must not cost a write per request

OwnedKey = TypeVar("OwnedKey", ApplicationKey, AccessToken)
AnyKey = TypeVar("AnyKey", bound=Key)


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


# Every request of a machine asks these: see core_app/prepared.py.
_KEYS = Prepared(
    lambda kind, digests: (
        kind._default_manager.filter(digest__in=[Slot(f"digest_{n}") for n in range(digests)])
        .order_by()
        .values_list(*columns_of(kind))
    )
)
_OWNERS = Prepared(lambda: User.objects.filter(pk=Slot("owner"), is_active=True).values_list(*columns_of(User)))


def find_api_key(value: str) -> ApiKey | None:
    """The API key with this secret, if it is in force."""
    return _found(ApiKey, value)


def find_application_key(value: str) -> ApplicationKey | None:
    """The application key with this secret, if it is in force and its owner may still log in."""
    return _of_owner(ApplicationKey, value)


def find_access_token(value: str) -> AccessToken | None:
    """The same of a token."""
    return _of_owner(AccessToken, value)


def _found(kind: type[AnyKey], value: str) -> AnyKey | None:
    digests = digests_of(value)
    keys = _KEYS.objects(kind, kind, len(digests), **{f"digest_{n}": digest for n, digest in enumerate(digests)})
    return next((key for key in keys if key.in_force and matches(value, key.digest)), None)


def _of_owner(kind: type[OwnedKey], value: str) -> OwnedKey | None:
    if (key := _found(kind, value)) is None:
        return None
    owner = next(_OWNERS.objects(User, owner=key.owner_id), None)
    if owner is None:
        return None
    key.owner = owner
    return key


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
