"""What people set for all signals to come: what is looked at, how grave it is where it matters, and who is told."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from core_app.models import Versioned
from signals_app.models.managers import SeenWithFilters, SeenWithNotificationRules, SeenWithRules
from signals_app.models.rules import Severity
from signals_app.models.suppressions import LONGEST_QUERY


class Setting(Versioned):
    """What every setting has: who made it, who changed it last, and whether it is on."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


EVERYTHING = ("", "*")  # the queries that ask nothing


class SecurityFilter(Setting):
    """Which detections are looked at: those that an enabled filter includes and does not exclude.

    One is there from the start, which includes everything; it can be switched off and given exclusions, not deleted.
    """

    name = models.CharField(max_length=200, unique=True, error_messages={"unique": "There is a filter of this name."})
    query = models.CharField(max_length=LONGEST_QUERY)
    exclusions = models.JSONField("exclusion filters", default=list, blank=True)  # [{"name", "query"}]
    is_builtin = models.BooleanField("built in", default=False, editable=False)

    objects = SeenWithFilters.as_manager()

    class Meta:
        ordering = ["-is_builtin", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def includes_all(self) -> bool:
        """Whether it includes every detection, so that the other filters have no effect."""
        return self.is_enabled and self.query in EVERYTHING and not self.exclusions


class CriticalAsset(Setting):
    """Where a detection matters more, or less: the signals that it makes have another severity, and these tags.

    `rule_query` says of which rules, in words about rules; `query` of which of their detections, in the language of
    the explorer.
    """

    class Weight(models.TextChoices):
        """What becomes of the severity that a signal would have."""

        INCREASE = "increase", "One higher"
        DECREASE = "decrease", "One lower"
        NO_OP = "no-op", "As it is"
        INFO = "info", "Info"
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"
        CRITICAL = "critical", "Critical"

    description = models.TextField(blank=True, max_length=5000)
    rule_query = models.CharField("rules", max_length=LONGEST_QUERY)
    query = models.CharField(max_length=LONGEST_QUERY)
    severity = models.CharField(max_length=10, choices=Weight)
    tags = models.JSONField(default=list, blank=True)

    objects = SeenWithRules.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.query[:200]

    def weigh(self, severity: Severity) -> Severity:
        """The severity that a signal has here instead of this one."""
        match self.severity:
            case self.Weight.NO_OP:
                return severity
            case self.Weight.INCREASE:
                return Severity(min(severity + 1, Severity.CRITICAL))
            case self.Weight.DECREASE:
                return Severity(max(severity - 1, Severity.INFO))
        return Severity[self.severity.upper()]


class NotificationRule(Setting):
    """Who is told of which signals, under the bell and by mail.

    A signal that begins, or becomes graver, and has one of these severities (none: any), a rule of one of these types
    (none: any) and meets the query, is told to the targets: `@` and an e-mail address, or the handle of a team.
    """

    class About(models.TextChoices):
        """What it is about. Nothing here finds vulnerabilities: rules about findings are kept and tell nobody."""

        SIGNALS = "security_signals", "Signals"
        FINDINGS = "security_findings", "Findings"

    class Place(models.TextChoices):
        """Which list of the API it is in."""

        SIGNALS = "signals"
        VULNERABILITIES = "vulnerabilities"

    name = models.CharField(max_length=200)
    place = models.CharField(max_length=20, choices=Place, default=Place.SIGNALS, editable=False)
    about = models.CharField(max_length=20, choices=About, default=About.SIGNALS, editable=False)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    severities = models.JSONField(default=list, blank=True)  # the words of the API
    rule_types = models.JSONField("types of rules", default=list, blank=True)  # the words of the API
    targets = models.JSONField(default=list)
    quiet = models.PositiveIntegerField("at most once in (seconds)", default=0)
    told_at = models.DateTimeField("told last", null=True, editable=False)
    held_back = models.PositiveIntegerField(default=0, editable=False)  # signals that will be told when it was quiet

    objects = SeenWithNotificationRules.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
