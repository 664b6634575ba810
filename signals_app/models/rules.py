"""Why a signal exists: the rule that saw it."""

from __future__ import annotations

import uuid

from django.db import models

from core_app.models import Versioned
from signals_app.models.managers import SeenWithRules


class Severity(models.IntegerChoices):
    """How bad it is. Numbers, so that the database sorts and compares; `slug` is the word of queries and the API."""

    INFO = 0, "Info"
    LOW = 1, "Low"
    MEDIUM = 2, "Medium"
    HIGH = 3, "High"
    CRITICAL = 4, "Critical"

    @property
    def slug(self) -> str:
        return self.name.lower()


class DetectionRule(Versioned):
    """What a detection means and what to do about it. Made on first sight of an unknown rule, edited by people."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(
        max_length=120, unique=True, editable=False
    )  # the parser's name for it, e.g. waf-sql-injection
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=60, default="Application Security")
    severity = models.PositiveSmallIntegerField("default severity", choices=Severity, default=Severity.LOW)
    tactic = models.CharField("MITRE tactic", max_length=80, blank=True)  # "TA0001 Initial Access"
    technique = models.CharField(
        "MITRE technique", max_length=120, blank=True
    )  # "T1190 Exploit Public-Facing Application"
    tags = models.JSONField(default=list, blank=True)
    meaning = models.TextField("what it means", blank=True)  # Markdown
    next_steps = models.TextField(blank=True)  # Markdown
    title_template = models.CharField(max_length=200, blank=True)
    window = models.DurationField("correlation window")  # quiet time after which a new signal begins
    # What the API was told besides (queries, cases, options): sensors decide what they see, so it is only given back.
    definition = models.JSONField(default=dict, blank=True, editable=False)
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SeenWithRules.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
