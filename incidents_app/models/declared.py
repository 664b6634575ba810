"""What an organisation declares about the incidents of a type: fields of its own, and roles that responders hold."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from incidents_app.models.incidents import Responder
from incidents_app.models.managers import OfResponder
from incidents_app.models.settings import OfType


class DeclaredField(OfType):
    """A field that has been declared: what it is called, and what it may say.

    `valid_values` are `{"value", "display_name", …}`; without any, a field to choose from takes any text.
    """

    class Kind(models.TextChoices):
        """In the order of the numbers that Datadog's API has for them, from 1."""

        DROPDOWN = "dropdown", "One of a list"
        MULTISELECT = "multiselect", "Several of a list"
        TEXTBOX = "textbox", "Text"
        TEXTARRAY = "textarray", "Several texts"
        METRICTAG = "metrictag", "Values of a tag"
        AUTOCOMPLETE = "autocomplete", "Several, with suggestions"
        NUMBER = "number", "Number"
        DATETIME = "datetime", "Moment"

    MANY = (Kind.MULTISELECT, Kind.TEXTARRAY, Kind.METRICTAG, Kind.AUTOCOMPLETE)
    CHOSEN = (Kind.DROPDOWN, Kind.MULTISELECT, Kind.AUTOCOMPLETE)

    name = models.CharField(max_length=60)
    display_name = models.CharField("is called", max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    tag_key = models.CharField(max_length=200, blank=True)
    valid_values = models.JSONField(default=list, blank=True)

    class Meta(OfType.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of texts."""
        return self.kind in self.MANY

    @property
    def is_column(self) -> bool:
        """Whether it is about one of an incident's own texts."""
        return False

    @property
    def wire_kind(self) -> str:
        """Its type in `fields`: numbers and moments are texts there."""
        return self.kind if self.kind not in (self.Kind.NUMBER, self.Kind.DATETIME) else self.Kind.TEXTBOX.value

    @property
    def choices(self) -> dict[str, str]:
        """What may be chosen, value → what it is called; empty where any text may be written."""
        if self.kind not in self.CHOSEN:
            return {}
        return {one["value"]: one["display_name"] for one in self.valid_values}


class UserDefinedField(DeclaredField):
    """A field of the incidents of a type.

    `name` is its key in an incident's `fields`, or one of an incident's own texts (`COLUMNS`). `collected` is the
    state in which people are asked for it. `ordinal` orders fields; those without come last.
    """

    class Category(models.TextChoices):
        WHAT_HAPPENED = "what_happened", "What happened"
        WHY_IT_HAPPENED = "why_it_happened", "Root cause"

    class Collected(models.TextChoices):
        """The last is a state of Datadog's beyond ours: it is asked for once the incident is resolved."""

        ACTIVE = "active", "Active"
        STABLE = "stable", "Stable"
        RESOLVED = "resolved", "Resolved"
        COMPLETED = "completed", "Completed"

    COLUMNS = ("summary", "root_cause", "detection_method")

    category = models.CharField(max_length=16, choices=Category, blank=True)
    collected = models.CharField(max_length=10, choices=Collected, blank=True)
    default_value = models.CharField(max_length=2000, blank=True)
    ordinal = models.DecimalField(max_digits=15, decimal_places=6, null=True, blank=True)
    required = models.BooleanField("has to be filled in", default=False)

    class Meta(OfType.Meta):
        ordering = [models.F("ordinal").asc(nulls_last=True), "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["type", "name"], name="user_defined_field_once")]

    @property
    def is_column(self) -> bool:
        return self.name in self.COLUMNS


class ImpactField(DeclaredField):
    """A field of the impacts of incidents of a type: `name` is its key in an impact's `fields`."""

    required = False

    class Meta(OfType.Meta):
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["type", "name"], name="impact_field_once")]


class UserDefinedRole(OfType):
    """A part that responders of incidents of a type play, such as the technical lead.

    One that `is_single` is held by one responder of an incident at a time.
    """

    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    is_single = models.BooleanField("only one responder at a time", default=False)

    class Meta(OfType.Meta):
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["type", "name"], name="user_defined_role_once")]

    def __str__(self) -> str:
        return self.name


class RoleHolder(models.Model):
    """A responder of an incident who holds a role; ends with either."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    responder = models.ForeignKey(Responder, models.CASCADE, related_name="role_links")
    role = models.ForeignKey(UserDefinedRole, models.CASCADE, related_name="holders")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    objects = OfResponder.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["responder", "role"], name="role_held_once")]

    def __str__(self) -> str:
        return f"{self.role} in {self.responder_id}"
