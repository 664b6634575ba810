"""Keys: made, shown once, edited, revoked."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts_app.access import Actor, person, require
from accounts_app.keys import new_secret, new_token
from accounts_app.models import AccessToken, ApiKey, ApplicationKey, User
from accounts_app.rules import change, check, check_reach, locked
from core_app.errors import Conflict, Invalid, NotAllowed
from core_app.ledger import record

OWN, EVERYONES, OF_PROGRAMS = "user_app_keys", "org_app_keys_write", "service_account_write"
SCOPE = re.compile(r"[a-z][a-z0-9_]{1,99}")

OwnedKey = TypeVar("OwnedKey", ApplicationKey, AccessToken)


# --- the organisation's -----------------------------------------------------------------------


@transaction.atomic
def make_api_key(
    *, actor: Actor, name: str, expires_at: datetime | None = None, token: UUID | None = None
) -> tuple[ApiKey, str]:
    """Make a key of the organisation's. Returns it with its secret, which nobody can read again.

    Of two requests with the same `token` the second makes none. Raises NotAllowed, Invalid, or Conflict for that one.
    """
    require(actor, "api_keys_write")
    secret = new_secret()
    key = ApiKey(
        name=name,
        digest=secret.digest,
        last4=secret.last4,
        created_by=actor.user,
        modified_by=actor.user,
        expires_at=expires_at,
    )
    _check_expiry(expires_at)
    _keep(key, token)
    record(actor, "accounts.api_key_made", key, name=name, expires_at=_iso(expires_at))
    return key, secret.value


@transaction.atomic
def rename_api_key(*, actor: Actor, key: ApiKey, name: str) -> ApiKey:
    """Call a key of the organisation's otherwise. Raises NotAllowed, or Invalid."""
    require(actor, "api_keys_write")
    row = locked(ApiKey.objects.visible_to(actor), key.pk)
    if changes := change(row, name=name):
        row.modified_at, row.modified_by = timezone.now(), actor.user
        check(row)
        row.save(update_fields=["name", "modified_at", "modified_by"])
        record(actor, "accounts.api_key_renamed", row, **changes)
    return row


@transaction.atomic
def revoke_api_key(*, actor: Actor, key: ApiKey) -> ApiKey:
    """End a key of the organisation's, at once and for good. Raises NotAllowed."""
    require(actor, "api_keys_delete")
    row = locked(ApiKey.objects.visible_to(actor), key.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(actor, "accounts.api_key_revoked", row)
    return row


# --- people's, and those of service accounts --------------------------------------------------


@transaction.atomic
def make_application_key(
    *,
    actor: Actor,
    owner: User,
    name: str,
    scopes: Collection[str] = (),
    expires_at: datetime | None = None,
    token: UUID | None = None,
) -> tuple[ApplicationKey, str]:
    """Make a person's key. Returns it with its secret, which nobody can read again.

    `scopes` are permissions to narrow it to; none means whatever the owner may do, and one that Tocsin does not have
    gives nothing. People make keys for themselves only, and for service accounts with the permission to edit these;
    a key that makes a key cannot make a wider one. Of two requests with the same `token` the second makes none.
    Raises NotAllowed, Invalid, or Conflict for that one.
    """
    _may_make(actor, owner)
    _check_scopes(actor, owner, scopes)
    _check_expiry(expires_at)
    secret = new_secret()
    key = ApplicationKey(
        owner=owner,
        name=name,
        digest=secret.digest,
        last4=secret.last4,
        scopes=list(dict.fromkeys(scopes)),
        expires_at=expires_at,
    )
    _keep(key, token)
    record(actor, "accounts.application_key_made", key, name=name, scopes=key.scopes, expires_at=_iso(expires_at))
    return key, secret.value


@transaction.atomic
def edit_application_key(
    *, actor: Actor, key: ApplicationKey, name: str | None = None, scopes: Collection[str] | None = None
) -> ApplicationKey:
    """Change what is given and leave the rest; empty scopes mean whatever the owner may do.

    One's own with the permission to make them, another's with the one to edit everyone's. Raises NotAllowed, Invalid.
    """
    return _edit(actor, ApplicationKey, key, "accounts.application_key_edited", name, scopes)


@transaction.atomic
def revoke_application_key(*, actor: Actor, key: ApplicationKey) -> ApplicationKey:
    """End a person's key, at once and for good. One's own always; another's with the permission. Raises NotAllowed."""
    return _revoke(actor, ApplicationKey, key, "accounts.application_key_revoked")


@transaction.atomic
def make_access_token(
    *,
    actor: Actor,
    owner: User,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    token: UUID | None = None,
) -> tuple[AccessToken, str]:
    """Make a token that needs no key beside it. Returns it with its secret, which nobody can read again.

    It has scopes, and an end unless it is a service account's. Raises as `make_application_key` does.
    """
    _may_make(actor, owner)
    if not scopes:
        raise Invalid("Say what the token may do.", field="scopes")
    if expires_at is None and not owner.is_service_account:
        raise Invalid("Say when the token ends.", field="expires_at")
    _check_scopes(actor, owner, scopes)
    _check_expiry(expires_at)
    public, secret = new_token()
    made = AccessToken(
        owner=owner,
        name=name,
        public=public,
        digest=secret.digest,
        last4=secret.last4,
        scopes=list(dict.fromkeys(scopes)),
        expires_at=expires_at,
    )
    _keep(made, token)
    record(actor, "accounts.access_token_made", made, name=name, scopes=made.scopes, expires_at=_iso(expires_at))
    return made, secret.value


@transaction.atomic
def edit_access_token(
    *, actor: Actor, token: AccessToken, name: str | None = None, scopes: Collection[str] | None = None
) -> AccessToken:
    """Change what is given and leave the rest. Raises as `edit_application_key` does."""
    if scopes is not None and not scopes:
        raise Invalid("Say what the token may do.", field="scopes")
    return _edit(actor, AccessToken, token, "accounts.access_token_edited", name, scopes)


@transaction.atomic
def revoke_access_token(*, actor: Actor, token: AccessToken) -> AccessToken:
    """End a token, at once and for good. Raises as `revoke_application_key` does."""
    return _revoke(actor, AccessToken, token, "accounts.access_token_revoked")


def _may_make(actor: Actor, owner: User) -> None:
    if owner.is_service_account:
        require(actor, OF_PROGRAMS)
        return
    require(actor, OWN)
    if actor.kind != "system" and actor.user != owner:
        raise NotAllowed("A key acts as its owner: people make their own.", permission=OWN)


def _edit(
    actor: Actor, kind: type[OwnedKey], key: OwnedKey, verb: str, name: str | None, scopes: Collection[str] | None
) -> OwnedKey:
    is_own = actor.user is not None and key.owner_id == actor.user.pk
    require(actor, OF_PROGRAMS if key.owner.is_service_account else OWN if is_own else EVERYONES)
    row = locked(kind._default_manager.visible_to(actor).select_related("owner"), key.pk)
    given = {"name": name, "scopes": None if scopes is None else list(dict.fromkeys(scopes))}
    if changes := change(row, **{field: value for field, value in given.items() if value is not None}):
        if "scopes" in changes:
            _check_scopes(actor, row.owner, row.scopes)
        row.modified_at = timezone.now()
        check(row)
        row.save(update_fields=[*changes, "modified_at"])
        record(actor, verb, row, **changes)
    return row


def _revoke(actor: Actor, kind: type[OwnedKey], key: OwnedKey, verb: str) -> OwnedKey:
    if actor.user is None or key.owner_id != actor.user.pk:
        require(actor, OF_PROGRAMS if key.owner.is_service_account else EVERYONES)
    row = locked(kind._default_manager.visible_to(actor), key.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(actor, verb, row)
    return row


def _keep(key: ApiKey | ApplicationKey | AccessToken, token: UUID | None) -> None:
    """Save a new key under the uuid that its form has brought, which no two keys can have: sent again, it is known."""
    key.uuid = token or key.uuid
    check(key, exclude={"uuid"})
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError as problem:
        raise Conflict("This form has been sent before: its key is made, and its secret was shown then.") from problem


def _check_scopes(actor: Actor, owner: User, scopes: Collection[str]) -> None:
    """Raises Invalid for what is no name of a permission, NotAllowed for what the owner or the actor may not do."""
    if odd := sorted(scope for scope in scopes if not SCOPE.fullmatch(scope)):
        raise Invalid(f"“{odd[0][:100]}” is no name of a permission.", field="scopes")
    of_owner = person(owner)
    check_reach(of_owner, scopes, "make a key with these scopes")
    check_reach(actor, scopes or of_owner.permissions, "make a key that may do more than the key you use")


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("A key that has expired opens nothing: choose a day to come.", field="expires_at")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
