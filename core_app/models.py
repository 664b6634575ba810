"""The ledger and what is owed because of it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone


class Versioned(models.Model):
    """A row whose changes are counted, so that two people who edit it at once are told."""

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class AppendOnly(models.QuerySet["Entry"]):
    """Rows that may be added and read; the ORM has no way to change them."""

    def _refuse(self) -> NoReturn:
        raise TypeError("Ledger entries cannot be changed or removed.")

    def update(self, **kwargs: Any) -> NoReturn:
        self._refuse()

    def delete(self) -> NoReturn:
        self._refuse()

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()


class Entry(models.Model):
    """One thing that happened, written beside the change itself: audit log, timeline and outbox in one.

    `data` says what changed, in JSON: for a field, `{"field": [before, after]}`.
    `mark` proves that we wrote it, also before the sweep has sealed it: see `core_app.chain`.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_label = models.CharField(max_length=254)
    verb = models.CharField(max_length=80)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    target_label = models.CharField(max_length=300, blank=True)
    operation = models.UUIDField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    mark = models.CharField(max_length=64, editable=False)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-id"]
        base_manager_name = "objects"  # the one that Django uses behind the scenes refuses too
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["target_type", "target_id", "id"], name="entry_target"),
            models.Index(fields=["verb", "id"], name="entry_verb"),
            models.Index(fields=["actor_id", "id"], name="entry_actor"),
            models.Index(
                fields=["operation", "id"], name="entry_operation", condition=models.Q(operation__isnull=False)
            ),
            models.Index(fields=["at"], name="entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type}:{self.target_id} by {self.actor_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Ledger entries cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Ledger entries cannot be removed.")


class Seal(models.Model):
    """One link of the chain over the ledger: `digest` binds the entry's content to the link before it.

    `entry_id` is a plain number and no foreign key: the seal must outlive a removed entry, to tell of it.
    """

    number = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number} of entry {self.entry_id}"


class ChainHead(models.Model):
    """The end of the chain, in a single row (pk 1): how many links there are and the last digest.

    `mac` binds both to the secret key, so that the tail of the chain cannot be cut off unseen.
    Every entry up to `horizon` has its seal: the sweep does not look there again.
    """

    length = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64, blank=True)
    horizon = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"chain of {self.length}"


class Delivery(models.Model):
    """One entry owed to one handler, until the handler says that it is done."""

    class State(models.TextChoices):
        OWED = "owed", "Owed"
        DONE = "done", "Done"
        FAILED = "failed", "Given up"

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=State, default=State.OWED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["entry", "handler"], name="delivery_owed_once")]
        indexes = [models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(state="owed"))]

    def __str__(self) -> str:
        return f"{self.handler} for {self.entry_id}: {self.state}"
