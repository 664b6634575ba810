"""What any engine answers: four plain reads, from which `explore` makes everything that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from search_app.fields import Field
from search_app.language import Node


@dataclass(frozen=True)
class Tally:
    """One facet, raw: `(stored value, label, rows)` from the most frequent down, at most one more than is shown;
    and how many rows have no value."""

    values: Sequence[tuple[Any, Any, int]]
    missing: int


@dataclass(frozen=True)
class Beyond:
    """Where a page begins: after the row with this sort key and primary key, in the order that is asked for."""

    key: Any
    pk: int


class Engine(Protocol):
    """One query over one window, ready to be asked. All its answers are about the same moment."""

    def total(self) -> int:
        """How many rows match."""

    def tallies(self, fields: Sequence[Field]) -> Mapping[str, Tally]:
        """Every facet by name, each among the rows that match everything but the terms that narrow only it."""

    def values(self, field: Field, containing: str, limit: int) -> Sequence[tuple[Any, Any, int]]:
        """The most frequent `(stored value, label, rows)` of a field whose value or label has that text in it,
        whatever its case. None for a field that is not kept in a column."""

    def count_beside(self, field: Field, nodes: Sequence[Node]) -> list[int]:
        """How many rows match everything but the terms that narrow only the field, and meet each of these."""

    def bars(self, origin: int, seconds: int, bars: int) -> Mapping[tuple[int, Any], int]:
        """Rows by (bar, stored value of the stack); bar 0 begins at `origin`, in seconds since 1970."""

    def page(self, sort: str, *, falling: bool, beyond: Beyond | None, limit: int) -> list[tuple[int, Any]]:
        """The first (primary key, sort key) pairs in the order of (sort key, primary key)."""
