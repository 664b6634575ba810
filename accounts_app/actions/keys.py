"""Keys: made, shown once, revoked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts_app.access import Actor, person, require
from accounts_app.keys import new_secret
from accounts_app.models import ApiKey, ApplicationKey, User
from accounts_app.permissions import LABELS
from accounts_app.rules import check, check_reach, locked
from core_app.errors import Conflict, Invalid, NotAllowed
from core_app.ledger import record


@transaction.atomic
def make_api_key(
    *, actor: Actor, name: str, expires_at: datetime | None = None, token: UUID | None = None
) -> tuple[ApiKey, str]:
    """Make a key of the organisation's. Returns it with its secret, which nobody can read again.

    Of two requests with the same `token` the second makes none. Raises NotAllowed, Invalid, or Conflict for that one.
    """
    require(actor, "api_keys_write")
    secret = new_secret()
    key = ApiKey(name=name, digest=secret.digest, last4=secret.last4, created_by=actor.user, expires_at=expires_at)
    _check_expiry(expires_at)
    _keep(key, token)
    record(actor, "accounts.api_key_made", key, name=name, expires_at=_iso(expires_at))
    return key, secret.value


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

    `scopes` are permissions to narrow it to; none means whatever the owner may do. People make keys for themselves
    only, and a key that makes a key cannot make a wider one. Of two requests with the same `token` the second makes
    none. Raises NotAllowed, Invalid, or Conflict for that one.
    """
    require(actor, "user_app_keys")
    if actor.kind != "system" and actor.user != owner:
        raise NotAllowed("A key acts as its owner: people make their own.", permission="user_app_keys")
    if unknown := sorted(set(scopes) - LABELS.keys()):
        raise Invalid(f"There is no permission {', '.join(unknown)}.", field="scopes")
    of_owner = person(owner)
    check_reach(of_owner, scopes, "make a key with these scopes")
    check_reach(actor, scopes or of_owner.permissions, "make a key that may do more than the key you use")
    _check_expiry(expires_at)
    secret = new_secret()
    key = ApplicationKey(
        owner=owner,
        name=name,
        digest=secret.digest,
        last4=secret.last4,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    _keep(key, token)
    record(actor, "accounts.application_key_made", key, name=name, scopes=key.scopes, expires_at=_iso(expires_at))
    return key, secret.value


@transaction.atomic
def revoke_application_key(*, actor: Actor, key: ApplicationKey) -> ApplicationKey:
    """End a person's key, at once and for good. One's own always; another's with the permission. Raises NotAllowed."""
    if actor.user is None or key.owner_id != actor.user.pk:
        require(actor, "org_app_keys_write")
    row = locked(ApplicationKey.objects.visible_to(actor), key.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(actor, "accounts.application_key_revoked", row)
    return row


def _keep(key: ApiKey | ApplicationKey, token: UUID | None) -> None:
    """Save a new key under the uuid that its form has brought, which no two keys can have: sent again, it is known."""
    key.uuid = token or key.uuid
    check(key, exclude={"uuid"})
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError as problem:
        raise Conflict("This form has been sent before: its key is made, and its secret was shown then.") from problem


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("A key that has expired opens nothing: choose a day to come.", field="expires_at")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
