"""What shall make no signal."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from core_app.models import Versioned
from signals_app.models.managers import SeenWithSuppressions

LONGEST_QUERY = 4000  # characters
# The first and the last day of all time have no clock in some zones, and nobody means them.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class Suppression(Versioned):
    """Detections that match are counted and kept, but make no signal.

    `rule_query` says of which rules (empty: of all), in words about rules; `query` and `exclusion_query` say which of
    their detections, in the language of the explorer, and either is enough. With both of these empty it is all.
    It is about what happened from `starts_at` until `expires_at`, whenever that is read.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=5000)
    is_enabled = models.BooleanField("enabled", default=True)
    rule_query = models.CharField("rules", max_length=LONGEST_QUERY, blank=True)
    query = models.CharField("suppression query", max_length=LONGEST_QUERY, blank=True)
    exclusion_query = models.CharField("data exclusion query", max_length=LONGEST_QUERY, blank=True)
    starts_at = models.DateTimeField("from", null=True, blank=True)
    expires_at = models.DateTimeField("until", null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    count = models.PositiveBigIntegerField("detections suppressed", default=0, editable=False)
    last_match_at = models.DateTimeField("last match", null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = SeenWithSuppressions.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="suppression_ends_after_it_begins",
                condition=Q(starts_at=None) | Q(expires_at=None) | Q(expires_at__gt=models.F("starts_at")),
                violation_error_message="It would end before it begins.",
            ),
            models.CheckConstraint(
                name="suppression_is_of_something",
                condition=~Q(rule_query="", query="", exclusion_query=""),
                violation_error_message="Say which rules or which detections it is about: this would suppress all.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        for name in ("starts_at", "expires_at"):
            at = getattr(self, name)
            if at is not None and not EARLIEST <= at <= LATEST:
                raise ValidationError({name: "That lies too far away: the years from 1900 can be meant."})

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is about what happened at that moment."""
        began = self.starts_at is None or self.starts_at <= at
        return self.is_enabled and began and (self.expires_at is None or at < self.expires_at)
