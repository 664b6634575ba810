"""What is asked of the index and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from core_app.errors import Invalid

MAX_FACET_VALUES = 100
MAX_PAGE = 1000  # rows


@dataclass(frozen=True)
class Window:
    """A stretch of time, half open: [start, end). Both know their zone. Raises Invalid if it is empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise Invalid("The time range ends before it begins.", field="end")


@dataclass(frozen=True)
class Page:
    """Which rows: `sort` is the name of one of the surface's orders, `after` a cursor that an earlier page gave."""

    sort: str = "time"
    descending: bool = True
    after: str = ""
    size: int = 50


class FacetValue(NamedTuple):
    """One value of a facet: `value` is text of the query language (`none` for nothing), `label` is for people."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Bucket:
    """One bar of the timeline: rows from `start` on, for the explored number of seconds, by stacked value."""

    start: datetime
    counts: dict[str, int]


@dataclass(frozen=True)
class Explored:
    """The answer. `next` and `previous` are cursors, empty at the ends.

    `cut` names the facets that have more than MAX_FACET_VALUES values, of which the most frequent are given.
    """

    total: int
    facets: dict[str, list[FacetValue]]
    timeline: list[Bucket]
    bucket_seconds: int
    pks: list[int]
    next: str
    previous: str
    cut: frozenset[str] = field(default=frozenset())
