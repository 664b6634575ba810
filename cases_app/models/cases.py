"""The case: a piece of work."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from cases_app.models.managers import SeenWithCases
from cases_app.models.projects import CaseType, Project
from core_app.models import Versioned
from signals_app.models import Signal


class Status(models.TextChoices):
    """Where the work stands: the columns of the board, in this order. Source: Datadog's API."""

    OPEN = "OPEN", "Open"
    IN_PROGRESS = "IN_PROGRESS", "In Progress"
    CLOSED = "CLOSED", "Closed"


class Priority(models.TextChoices):
    """How soon, the soonest first. Source: Datadog's API."""

    P1 = "P1", "P1 Critical"
    P2 = "P2", "P2 High"
    P3 = "P3", "P3 Medium"
    P4 = "P4", "P4 Low"
    P5 = "P5", "P5 Info"
    NOT_DEFINED = "NOT_DEFINED", "Not defined"


class Case(Versioned):
    """One piece of work. `version` counts what people change in it, not what they say about it.

    `attributes` maps a name to a list of texts, as in Datadog's API; `custom_attributes` the key of one of its type's
    to a text, a number or a list of these. `search_text` is what free words meet: its key and title, casefolded. One
    that is archived is found only by who asks for it.
    `token` is what the form that made it carried: a form that is sent twice makes one case.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField(editable=False)
    type = models.ForeignKey(CaseType, models.PROTECT, related_name="cases")
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    priority = models.CharField(max_length=12, choices=Priority, default=Priority.NOT_DEFINED)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="cases")
    due_date = models.DateField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    custom_attributes = models.JSONField(default=dict, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    signals = models.ManyToManyField(Signal, through="CaseSignal", related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    token = models.UUIDField(default=uuid4, unique=True, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="case_number_once"),
            models.CheckConstraint(
                name="closed_case_says_when",
                condition=models.Q(status="CLOSED", closed_at__isnull=False)
                | (~models.Q(status="CLOSED") & models.Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="case_time"),
            models.Index(fields=["project", "status"], name="case_board"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def key(self) -> str:
        """What people call it, such as SEC-12. Reads the project."""
        return f"{self.project.key}-{self.number}"


class CaseTag(models.Model):
    """One tag of one case, as `key:value` or a bare word."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="tags")
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["text"]
        constraints = [models.UniqueConstraint(fields=["case", "text"], name="case_tagged_once")]

    def __str__(self) -> str:
        return self.text


class CaseSignal(models.Model):
    """A signal that a case is about."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="signal_links")
    signal = models.ForeignKey(Signal, models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "signal"], name="case_signal_once")]
        indexes = [models.Index(fields=["signal"], name="case_of_signal")]

    def __str__(self) -> str:
        return f"{self.signal_id} in {self.case_id}"


class Comment(Versioned):
    """What somebody says about a case, in Markdown. One that is taken back keeps its place and loses its text."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"comment on case {self.case_id}"


class CaseWatcher(models.Model):
    """Somebody who is told of what happens to a case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="watcher_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="case_watched_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.case_id}"


class CaseLink(models.Model):
    """What one case is to another: the parent blocks the child, say."""

    class Relationship(models.TextChoices):
        """From the parent's side. Source: Datadog's API."""

        RELATES_TO = "RELATES_TO", "relates to"
        BLOCKS = "BLOCKS", "blocks"
        CAUSES = "CAUSES", "causes"
        DUPLICATES = "DUPLICATES", "duplicates"
        PARENT_OF = "PARENT_OF", "is the parent of"
        SUCCESSOR_OF = "SUCCESSOR_OF", "is the successor of"
        ESCALATES_TO = "ESCALATES_TO", "escalates to"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    parent = models.ForeignKey(Case, models.CASCADE, related_name="links_down")
    child = models.ForeignKey(Case, models.CASCADE, related_name="links_up")
    relationship = models.CharField(max_length=12, choices=Relationship)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeenWithCases.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "child", "relationship"], name="case_link_once"),
            models.CheckConstraint(name="case_link_of_two", condition=~models.Q(parent=models.F("child"))),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} {self.get_relationship_display()} {self.child_id}"
