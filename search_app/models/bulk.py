"""Bulk operations: one deed done to many rows, a chunk at a time, with an honest report."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from accounts_app.access import Actor
from core_app.prepared import Slot

UNDO_FOR = timedelta(hours=1)  # after its end
READS_ALL = "audit_logs_read"


class BulkOperationQuerySet(models.QuerySet["BulkOperation"]):
    def visible_to(self, actor: Actor) -> BulkOperationQuerySet:
        """One's own; everybody's for whoever may read the ledger, which tells of them all."""
        if actor.can(READS_ALL):
            return self
        return self.filter(user=actor.user) if actor.user else self.none()

    def unfinished(self) -> BulkOperationQuerySet:
        return self.filter(state__in=BulkOperation.UNFINISHED)

    def to_show(self, since: datetime | Slot | None = None) -> BulkOperationQuerySet:
        """What runs, and what has ended so lately (`since`) that it can still be undone, the newest first."""
        recent = Q(finished_at__gt=since or timezone.now() - UNDO_FOR, is_dismissed=False)
        return self.filter(Q(state__in=BulkOperation.UNFINISHED) | recent).order_by("-created_at", "-pk")


class BulkOperation(models.Model):
    """What is done to which rows, by whom, and how far it has come.

    `keys`, `versions` and `results` are packed (see `search_app.bulk.frozen`): which rows, the version of each that
    the person saw, and what became of it. `position` counts the rows that are settled, in the order of their keys.
    A worker that runs it is its `holder` until `lease_until`; every chunk commits with the position after it.
    `within` are the permissions that a key was narrowed to; a person has those of the moment.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    UNFINISHED = (State.WAITING, State.RUNNING)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    surface = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    words = models.CharField(max_length=300)  # what is done: “Set state to Archived”
    selection = models.CharField(max_length=600)  # which rows, in words

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=40)
    actor_label = models.CharField(max_length=254)
    within = models.JSONField(null=True)
    token = models.UUIDField(default=uuid4, editable=False)

    keys = models.BinaryField()
    versions = models.BinaryField()
    results = models.BinaryField()
    total = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)  # sentences; the results of refused rows number them

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    is_cancel_requested = models.BooleanField(default=False)
    is_dismissed = models.BooleanField(default=False)
    undo_of = models.OneToOneField("self", models.CASCADE, null=True, related_name="undone_by")
    entry_read = models.BigIntegerField(default=0)  # how far an undo has read the ledger of what it undoes

    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since the last chunk that was settled
    error = models.TextField(blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BulkOperationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["actor_kind", "actor_id", "token"], name="bulk_operation_once"),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], name="bulk_operation_due", condition=Q(state__in=("waiting", "running"))
            ),
            models.Index(fields=["user", "-created_at"], name="bulk_operation_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.words}: {self.selection}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @cached_property
    def is_undone(self) -> bool:
        """Whether another operation puts back what this one did. Lists set it, so as not to ask for each."""
        return hasattr(self, "undone_by")

    @property
    def percent(self) -> int:
        """How much of it is settled."""
        return self.position * 100 // self.total if self.total else 100

    @property
    def undo_until(self) -> timezone.datetime | None:
        """Until when it can be undone; None while it runs, and for what has changed nothing or is itself an undo."""
        if not self.is_finished or not self.changed or self.undo_of_id or self.finished_at is None:
            return None
        return self.finished_at + UNDO_FOR
