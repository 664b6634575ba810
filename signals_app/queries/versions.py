"""What a rule, a suppression or another setting was before it was edited: read backwards out of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.dateparse import parse_datetime

from core_app.ledger import history
from core_app.models import Versioned
from signals_app.queries.activity import EDITED

FARTHEST = 1000  # versions back

Row = TypeVar("Row", bound=Versioned)


@dataclass(frozen=True)
class Version(Generic[Row]):
    """A row as it was from `at` on; `changes` are what made it of the version before: `{"field": [before, after]}`."""

    row: Row
    at: datetime
    by: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.row.version


def versions(row: Row) -> Iterator[Version[Row]]:
    """The versions of a row, newest first. The caller has asked `visible_to` for the row itself."""
    for entry in history(row).filter(verb__in=EDITED)[:FARTHEST].iterator(chunk_size=20):
        row = _of(row, modified_at=entry.at)
        yield Version(row, entry.at, entry.actor_label, entry.data)
        before = {name: _read(row, name, values[0]) for name, values in entry.data.items()}
        row = _of(row, version=row.version - 1, **before)
    if row.version == 0:
        row = _of(row, modified_at=row.created_at)
        yield Version(row, row.created_at)


def version_of(row: Row, number: int) -> Version[Row] | None:
    """One of them."""
    return next((version for version in versions(row) if version.number == number), None)


def _of(row: Row, **values: Any) -> Row:
    """The same row with these values, which nobody may save: it is a picture of the past."""
    picture = copy(row)
    for name, value in values.items():
        setattr(picture, name, value)
    return picture


def _read(row: models.Model, name: str, value: Any) -> Any:
    """A value as the row has it, of what the ledger keeps of it."""
    kind = row._meta.get_field(name)
    if value is not None and isinstance(kind, models.DurationField):
        return timedelta(seconds=value)
    if value is not None and isinstance(kind, models.DateTimeField):
        return parse_datetime(value)
    return value
