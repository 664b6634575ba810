"""What the facet index follows: which rows changed since it last looked. See `search_app.changes`."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ChangeCounter(models.Model):
    """The number of the last change of one surface, and the identity of this set of rows.

    `epoch` is drawn anew when the rows may no longer be those that an index was built from, as after a restore.
    Of what has a number below `floor`, some may have been forgotten.
    """

    surface = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)
    epoch = models.CharField(max_length=32)
    floor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.surface}: {self.value}"


class Tombstone(models.Model):
    """A row that was deleted."""

    surface = models.CharField(max_length=40)
    row = models.BigIntegerField()
    change_seq = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["surface", "change_seq"], name="tombstone_since"),
            models.Index(fields=["at"], name="tombstone_at"),
        ]

    def __str__(self) -> str:
        return f"{self.surface}:{self.row}"


class ValueChange(models.Model):
    """Many rows that were given the same values at once: `values` by held column, `rows` as a Roaring bitmap of keys.

    Catching up with one of these costs a few set operations, where reading its rows anew would cost a second.
    """

    surface = models.CharField(max_length=40)
    change_seq = models.BigIntegerField()
    values = models.JSONField()
    rows = models.BinaryField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["surface", "change_seq"], name="value_change_since"),
            models.Index(fields=["at"], name="value_change_at"),
        ]

    def __str__(self) -> str:
        return f"{self.surface} at {self.change_seq}"
