"""What cases are kept in, and what kinds of them there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

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
    """A kind of case. Exactly one is the default."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    emoji = models.CharField(max_length=16, blank=True, validators=[is_emoji])
    is_default = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], name="case_type_one_default", condition=models.Q(is_default=True)
            )
        ]

    def __str__(self) -> str:
        return self.name
