"""What an organisation decides about its incidents: who is told of which, and in what words."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from core_app.models import Versioned
from incidents_app.models.incidents import IncidentType
from incidents_app.models.managers import SeenWithIncidents


class OfType(Versioned):
    """Something that holds for the incidents of one type, and goes with the type."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    type = models.ForeignKey(IncidentType, models.CASCADE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SeenWithIncidents.as_manager()

    class Meta:
        abstract = True
        default_related_name = "%(class)ss"


class NotificationTemplate(OfType):
    """The words of a message: `{{incident.title}}` and the like stand for what the incident says then."""

    name = models.CharField(max_length=120)
    category = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    content = models.TextField()

    class Meta(OfType.Meta):
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class NotificationRule(OfType):
    """Who is told when something happens to incidents of a type that meet all conditions.

    `conditions` are `{"field", "values"}`, `handles` as people write them: `@` and an e-mail address or a team's
    handle. `renotify_on` are fields whose change is told as well by a rule about what is declared.
    """

    class Trigger(models.TextChoices):
        CREATED = "incident_created_trigger", "An incident is declared"
        MODIFIED = "incident_modified_trigger", "An incident changes"
        SAVED = "incident_saved_trigger", "An incident is declared or changes"

    class Visibility(models.TextChoices):
        ORGANIZATION = "organization", "Those that everybody sees"
        PRIVATE = "private", "Private ones"
        ALL = "all", "All"

    enabled = models.BooleanField("is on", default=True)
    trigger = models.CharField(max_length=40, choices=Trigger)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.ORGANIZATION)
    conditions = models.JSONField(default=list, blank=True)
    handles = models.JSONField(default=list, blank=True)
    renotify_on = models.JSONField(default=list, blank=True)
    template = models.ForeignKey(NotificationTemplate, models.SET_NULL, null=True, blank=True, related_name="rules")

    class Meta(OfType.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()}: {', '.join(self.handles)}"[:300]


class PostmortemTemplate(OfType):
    """The headings that postmortems of a type have. What is drafted goes below those that name it.

    The newest `default_since` of a type is the one that drafts are made by without a choice.
    """

    name = models.CharField(max_length=120)
    content = models.TextField()
    default_since = models.DateTimeField(null=True, blank=True)

    class Meta(OfType.Meta):
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
