"""Keys and tokens: who a machine acts for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from accounts_app.models.people import User

if TYPE_CHECKING:
    from accounts_app.access import Actor


class KeyQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Neither revoked nor past its last day."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), revoked_at=None)


class Key(models.Model):
    """A secret for a machine: 256 random bits, shown once, kept as an HMAC that cannot be turned back."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last4})"

    @property
    def in_force(self) -> bool:
        """Whether it opens anything: the same as the query set's `in_force`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class ApiKeyQuerySet(KeyQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """API keys (never their secrets) are seen by whoever may read API keys."""
        return self if actor.can("api_keys_read") else self.none()


class ApiKey(Key):
    """The organisation's key: it says which organisation a request belongs to, and nothing more."""

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    modified_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = "API key"


class OwnedKeyQuerySet(KeyQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """People's keys are seen by whoever may read everyone's, those of service accounts by whoever may edit
        these; one always sees one's own."""
        if actor.can("org_app_keys_read"):
            return self
        mine = models.Q(owner=actor.user) if actor.user else models.Q(pk__in=[])
        if actor.can("service_account_write"):
            mine |= models.Q(owner__is_service_account=True)
        return self.filter(mine)


class ApplicationKey(Key):
    """A person's key: with it a machine acts as that person, narrowed to `scopes` (empty means all)."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="application_keys", editable=False)
    scopes = models.JSONField(default=list, blank=True)

    objects = OwnedKeyQuerySet.as_manager()


class AccessToken(Key):
    """A key that needs no other beside it: `Authorization: Bearer …`. It has scopes always, and a person's an end."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="access_tokens", editable=False)
    scopes = models.JSONField(default=list)
    public = models.CharField("public part", max_length=16, editable=False)

    objects = OwnedKeyQuerySet.as_manager()
