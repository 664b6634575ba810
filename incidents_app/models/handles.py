"""What holds for all incidents of the organisation: handles that declare them, and global settings."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from core_app.models import Versioned
from incidents_app.models.managers import SeenWithIncidents
from incidents_app.models.settings import OfType


class IncidentHandle(OfType):
    """A word such as `@incident-sev-1` that stands for how an incident is declared: severity, type, commander.

    `severities` are those that it is for, of which the first is given to an incident that has none yet.
    """

    name = models.CharField(max_length=100, unique=True)
    severities = models.JSONField(default=list, blank=True)
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="incident_handles"
    )

    class Meta(OfType.Meta):
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class GlobalSettings(Versioned):
    """The one row of what is settled for all incidents. Without it everything is as at first.

    `analytics_dashboard_id` names what people analyse incidents with: here, the UUID of a saved view of them.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    analytics_dashboard_id = models.CharField(max_length=200, blank=True)
    is_only = models.BooleanField(default=True, editable=False, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SeenWithIncidents.as_manager()

    class Meta:
        verbose_name_plural = "global settings"

    def __str__(self) -> str:
        return "Settings of all incidents"
