"""The incident: an emergency, and who and what is in it."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from cases_app.models import Case
from core_app.models import Versioned
from incidents_app.models.managers import IncidentQuerySet, OfIncident, SeenWithIncidents, SignalsOfIncident
from signals_app.models import Signal


class Severity(models.TextChoices):
    """How bad it is, the worst first. Source: Datadog's API."""

    SEV_1 = "SEV-1", "SEV-1"
    SEV_2 = "SEV-2", "SEV-2"
    SEV_3 = "SEV-3", "SEV-3"
    SEV_4 = "SEV-4", "SEV-4"
    SEV_5 = "SEV-5", "SEV-5"
    UNKNOWN = "UNKNOWN", "Unknown"

    @property
    def meaning(self) -> str:
        """What it says, in a line."""
        return MEANINGS[self]


MEANINGS = {
    Severity.SEV_1: "Critical: a service is down or taken over, or data is being lost, for everyone.",
    Severity.SEV_2: "High: a service that many depend on is badly degraded, or an attacker is inside.",
    Severity.SEV_3: "Moderate: some people or one service are affected, and there is a way around.",
    Severity.SEV_4: "Low: hardly anyone notices, and it has to be put right all the same.",
    Severity.SEV_5: "Minor: nobody is affected, and it is worth following up.",
    Severity.UNKNOWN: "Not known yet: find out first of all.",
}


class State(models.TextChoices):
    """Where it stands, in this order. Source: Datadog's API."""

    ACTIVE = "active", "Active"
    STABLE = "stable", "Stable"
    RESOLVED = "resolved", "Resolved"

    @property
    def meaning(self) -> str:
        """What it says, in a line."""
        return {
            State.ACTIVE: "Others are affected, and people work on it.",
            State.STABLE: "Nobody is affected any more, and people still look into it.",
            State.RESOLVED: "It is over and understood.",
        }[self]


class IncidentType(models.Model):
    """A kind of incident. Exactly one is the default. Its row is locked while a number is drawn.

    Two may have the same name, as in the original: programs that make one by name do not look first.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    is_default = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SeenWithIncidents.as_manager()

    class Meta:
        ordering = ["-is_default", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], name="incident_type_one_default", condition=models.Q(is_default=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Incident(Versioned):
    """An emergency. `public_id` is what people call it, 1 and up. `version` counts changes of this row.

    `fields` holds what an organisation adds, as on Datadog's wire: name → `{"type": …, "value": …}`, among them
    `services` and `teams`, whose values are lists of texts. `search_text` is what free words meet: its number and
    title, casefolded. `stable_at` and `resolved_at` are when it last got there; empty when it is not there any more.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    public_id = models.PositiveBigIntegerField(unique=True, editable=False)
    type = models.ForeignKey(IncidentType, models.PROTECT, related_name="incidents")
    title = models.CharField(max_length=300)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.UNKNOWN)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="commanded_incidents"
    )
    responders = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Responder", related_name="+")
    customer_impacted = models.BooleanField(default=False)
    customer_impact_scope = models.TextField(blank=True)
    summary = models.TextField("what happened", blank=True)
    root_cause = models.TextField(blank=True)
    detection_method = models.CharField(max_length=60, blank=True, default="unknown")
    fields = models.JSONField(default=dict, blank=True)
    is_private = models.BooleanField("seen by its responders and administrators only", default=False)
    is_test = models.BooleanField("a rehearsal", default=False)
    search_text = models.TextField(blank=True, editable=False)
    signals = models.ManyToManyField(Signal, through="IncidentSignal", related_name="+")
    cases = models.ManyToManyField(Case, through="IncidentCase", related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    declared_at = models.DateTimeField(default=timezone.now, editable=False)
    detected_at = models.DateTimeField(default=timezone.now)
    stable_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    modified_at = models.DateTimeField(auto_now=True)
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    token = models.UUIDField(default=uuid4, unique=True, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-declared_at", "-id"]
        indexes = [
            models.Index(fields=["-declared_at", "-id"], name="incident_time"),
            models.Index(fields=["state", "severity"], name="incident_state"),
        ]

    def __str__(self) -> str:
        return f"#{self.public_id} {self.title}"


class IncidentTag(models.Model):
    """One tag of one incident, as `key:value` or a bare word."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="tags")
    text = models.CharField(max_length=200)

    objects = OfIncident.as_manager()

    class Meta:
        ordering = ["text"]
        constraints = [models.UniqueConstraint(fields=["incident", "text"], name="incident_tagged_once")]

    def __str__(self) -> str:
        return self.text


class Responder(models.Model):
    """Somebody who works on an incident."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="responder_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfIncident.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="responder_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.incident_id}"


class IncidentSignal(models.Model):
    """A signal that an incident is about, shown on the incident's timeline or not."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="signal_links")
    signal = models.ForeignKey(Signal, models.CASCADE, related_name="+")
    on_timeline = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    objects = SignalsOfIncident.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "signal"], name="incident_signal_once")]
        indexes = [models.Index(fields=["signal"], name="incident_of_signal")]

    def __str__(self) -> str:
        return f"{self.signal_id} in {self.incident_id}"


class IncidentCase(models.Model):
    """A case that belongs to an incident."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="case_links")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfIncident.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "case"], name="incident_case_once")]
        indexes = [models.Index(fields=["case"], name="incident_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} in {self.incident_id}"
