"""The signal: what a person triages."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from accounts_app.models import Team
from core_app.indexes import SqliteIndex
from core_app.models import Versioned
from search_app.indexed import Indexed, IndexedQuerySet, PartOfIndexed
from signals_app.models.entities import Entity
from signals_app.models.managers import SeenWithSignals
from signals_app.models.rules import DetectionRule, Severity
from signals_app.models.services import Service


class TriageState(models.TextChoices):
    OPEN = "open", "Open"
    UNDER_REVIEW = "under_review", "Under Review"
    ARCHIVED = "archived", "Archived"


class ArchiveReason(models.TextChoices):
    """Why a signal was archived. Source: the archive reasons of Datadog's API."""

    FALSE_POSITIVE = "false_positive", "False positive"
    TESTING_OR_MAINTENANCE = "testing_or_maintenance", "Testing or maintenance"
    REMEDIATED = "remediated", "Remediated"
    INVESTIGATED_CASE_OPENED = "investigated_case_opened", "Investigated, case opened"
    TRUE_POSITIVE_BENIGN = "true_positive_benign", "True positive: benign"
    TRUE_POSITIVE_MALICIOUS = "true_positive_malicious", "True positive: malicious"
    OTHER = "other", "Other"


def new_public_id() -> str:
    """A URL-safe base64 name of 55 characters that starts as Datadog's do and says nothing about the signal."""
    return "AQAAA" + secrets.token_urlsafe(38)[:50]


class SignalQuerySet(IndexedQuerySet, SeenWithSignals):
    """Signals, each write of which the facet index hears of."""


class Signal(Indexed, Versioned):
    """Detections that belong together, with who did what to whom and what people have decided about it.

    `version` counts triage actions, never correlation. `first_seen` is event time: it is the Creation Date,
    the time axis, the default sort and the clock of the 30 days; `created_at` is when we took it in.
    """

    SURFACE = "signals"

    public_id = models.CharField(max_length=64, unique=True, default=new_public_id, editable=False)
    rule = models.ForeignKey(DetectionRule, models.PROTECT, related_name="signals")
    source = models.ForeignKey("signals_app.Source", models.PROTECT, related_name="signals")
    correlation_key = models.CharField(max_length=200, editable=False)
    title = models.CharField(max_length=300)
    message = models.TextField(blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.LOW)
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="signals")
    env = models.CharField(max_length=60, blank=True)
    host = models.CharField(max_length=254, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    search_text = models.TextField(blank=True, editable=False)  # the title, casefolded: what free words meet

    state = models.CharField(max_length=12, choices=TriageState, default=TriageState.OPEN)
    archive_reason = models.CharField(max_length=30, choices=ArchiveReason, blank=True)
    archive_comment = models.TextField(blank=True)
    state_changed_at = models.DateTimeField(null=True, blank=True)
    state_changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assignees = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Assignment", related_name="assigned_signals")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="signals")

    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.PositiveIntegerField("detections", default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-first_seen", "-id"]
        indexes = [
            models.Index(fields=["-first_seen", "-id"], name="signal_time"),
            models.Index(fields=["source", "rule", "env", "-last_seen"], name="signal_correlation"),
            models.Index(fields=["state", "-first_seen"], name="signal_state"),
            # Who asks for a free attribute or a word of the message has every row looked through: SQLite reads the two
            # columns from here, a tenth of the table.
            SqliteIndex(fields=["first_seen", "attributes", "message"], name="signal_looked_up"),
        ]
        constraints = [
            models.CheckConstraint(
                name="archived_signal_has_reason",
                condition=(models.Q(state="archived") & ~models.Q(archive_reason=""))
                | (~models.Q(state="archived") & models.Q(archive_reason="", archive_comment="")),
            ),
            models.CheckConstraint(
                name="signal_time_runs_forward", condition=models.Q(last_seen__gte=models.F("first_seen"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Assignment(PartOfIndexed):
    """One person who looks after one signal. The lowest `position` is the one the API calls the assignee."""

    WHOLE = "signal"

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["signal", "user"], name="assigned_once")]

    def __str__(self) -> str:
        return f"{self.user} on {self.signal_id}"


class SignalTag(PartOfIndexed):
    """One tag of one signal, as `key:value` or a bare word."""

    WHOLE = "signal"

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="tags")
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["text"]
        constraints = [models.UniqueConstraint(fields=["signal", "text"], name="tagged_once")]
        indexes = [models.Index(fields=["text"], name="tag_text")]

    def __str__(self) -> str:
        return self.text


class SignalEntity(PartOfIndexed):
    """One entity's part in one signal, with its own evidence."""

    WHOLE = "signal"

    class Role(models.TextChoices):
        ATTACKER = "attacker", "Attacker"
        VICTIM = "victim", "Victim"

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="parts")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="parts")
    role = models.CharField(max_length=8, choices=Role)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=dict)  # what this attacker has shown here: see correlation.evidence.Evidence

    class Meta:
        verbose_name_plural = "signal entities"
        ordering = ["-count", "pk"]
        constraints = [models.UniqueConstraint(fields=["signal", "entity", "role"], name="part_once")]
        indexes = [models.Index(fields=["entity", "role"], name="part_entity")]

    def __str__(self) -> str:
        return f"{self.entity} ({self.role}) in {self.signal_id}"


class Sample(models.Model):
    """One raw event kept with its signal: the newest N, already redacted."""

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    event = models.JSONField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["signal", "-at"], name="sample_newest")]

    def __str__(self) -> str:
        return f"sample of {self.signal_id} at {self.at:%Y-%m-%d %H:%M:%S}"
