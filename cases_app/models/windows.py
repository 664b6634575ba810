"""Times in which nobody is told of what happens to some cases."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from cases_app.models.managers import SeenWithCases
from core_app.models import Versioned


class MaintenanceWindow(Versioned):
    """From when until when nobody is told of what happens to the cases that meet a query."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    query = models.TextField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["-start_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="maintenance_time_runs_forward", condition=models.Q(end_at__gt=models.F("start_at"))
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.start_at <= timezone.now() < self.end_at

    @property
    def is_over(self) -> bool:
        return self.end_at <= timezone.now()
