"""What cases are kept in, and what kinds of them there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from cases_app.models.managers import SeenWithCases
from core_app.models import Versioned

is_emoji = RegexValidator(
    # Of the planes and blocks of emoji, with what joins and varies them.
    r"\A[\U0001f000-\U0001faff\u2190-\u2bff\u3030\u303d\u3297\u3299\u200d\ufe0f]+\Z",
    "This is no emoji.",
)
is_attribute_key = RegexValidator(
    r"\A[A-Za-z][A-Za-z0-9_.\-]{0,59}\Z",
    "A key has up to 60 letters, digits, dots, dashes and underscores, a letter first.",
)
is_key = RegexValidator(r"\A[A-Z][A-Z0-9]{0,9}\Z", "A key has one to ten capital letters and digits, a letter first.")


class Project(Versioned):
    """A place for cases. Its `key` begins the name of each of them and can never be changed.

    `last_number` is the number that its newest case was given; the row is locked while the next is drawn.
    With `triages_signals` a signal that a case here is made from goes under review, and to whoever makes the case.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.CharField(max_length=10, unique=True, validators=[is_key])
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    triages_signals = models.BooleanField("sets signals under review and assigns them", default=True)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"

    def unique_error_message(self, model_class: type[models.Model], unique_check: Sequence[str]) -> ValidationError:
        """Which other project is in the way: its key and its name are each its own."""
        field = unique_check[0]
        return ValidationError(f"There is a project with the {field} {getattr(self, field)} already.", code="unique")


class CaseType(models.Model):
    """A kind of case. Exactly one is the default. Two may have the same name, as in the original."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    emoji = models.CharField(max_length=16, blank=True, validators=[is_emoji])
    is_default = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["-is_default", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], name="case_type_one_default", condition=models.Q(is_default=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomAttribute(models.Model):
    """Something that cases of one type can say besides: of which kind it is, and whether there may be several.

    `options` are what a SELECT chooses from; without any, every text can be chosen.
    """

    class Kind(models.TextChoices):
        TEXT = "TEXT", "Text"
        NUMBER = "NUMBER", "Number"
        URL = "URL", "Link"
        SELECT = "SELECT", "Choice"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    type = models.ForeignKey(CaseType, models.CASCADE, related_name="custom_attributes")
    key = models.CharField(max_length=60, validators=[is_attribute_key])
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=6, choices=Kind)
    is_multi = models.BooleanField("may have several values", default=False)
    options = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["type", "key"], name="custom_attribute_once")]

    def __str__(self) -> str:
        return self.name


class ProjectFavourite(models.Model):
    """A project that somebody wants to find first."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="favourites")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="project_favourite_once")]

    def __str__(self) -> str:
        return f"{self.project_id} of {self.user_id}"


class ProjectRule(Versioned):
    """Who is told of what happens to cases of a project that meet a query.

    `recipients` are `{"type": "EMAIL", "data": {"email"}}`, where one without an address tells nobody yet; `triggers`
    are `{"type", "data"}`, of which one is enough.
    """

    class Trigger(models.TextChoices):
        """Source: Datadog's API."""

        CREATED = "CASE_CREATED", "a case is made"
        STATUS = "STATUS_TRANSITIONED", "a status changes"
        VALUE = "ATTRIBUTE_VALUE_CHANGED", "something else changes"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="rules")
    is_enabled = models.BooleanField("is on", default=True)
    query = models.TextField(blank=True)
    recipients = models.JSONField(default=list)
    triggers = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.told} when {self.when}"[:300]

    @property
    def told(self) -> str:
        """Whom it names."""
        addresses = [one["data"]["email"] for one in self.recipients if one["data"].get("email")]
        return ", ".join(addresses) or "nobody yet"

    @property
    def when(self) -> str:
        """What it is told of."""
        return " or ".join(_told_trigger(one["type"], one["data"]) for one in self.triggers)


def _told_trigger(kind: str, data: dict[str, str]) -> str:
    words = ProjectRule.Trigger(kind).label
    if kind == ProjectRule.Trigger.VALUE and data.get("field"):
        words = f"the {data['field']} changes"
    origin = data.get("from_status") or data.get("from_status_name")
    goal = data.get("to_status") or data.get("to_status_name")
    return words + (f" from {origin}" if origin else "") + (f" to {goal}" if goal else "")
