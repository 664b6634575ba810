"""What any engine answers: plain reads, from which `explore` and `analyse` make everything that is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Any, Protocol

import numpy as np

from search_app.fields import Field
from search_app.language import Node


@dataclass(frozen=True)
class Tally:
    """One facet, raw: `(stored value, label, rows)` from the most frequent down, at most one more than is shown;
    and how many rows have no value."""

    values: Sequence[tuple[Any, Any, int]]
    missing: int


Stored = tuple[Any, ...]
Named = tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class Groups:
    """The groups with the most: per field `(stored value, label)`, both None for no value, and the measure;
    and how many groups there are beyond them."""

    found: Sequence[tuple[Named, int]]
    others: int


@dataclass(frozen=True)
class Share:
    """The rows of one value of a field: of every other field that is asked for, how many have each stored value;
    and their first and their last moment, in microseconds since 1970."""

    stored: Any
    label: Any
    counts: Sequence[Mapping[Any, int]]
    first: int
    last: int

    def together(self, other: Share) -> Share:
        """With the rows of another that turns out to be of the same value."""
        counts = [Counter(own) + Counter(more) for own, more in zip(self.counts, other.counts, strict=True)]
        return replace(self, counts=counts, first=min(self.first, other.first), last=max(self.last, other.last))


@dataclass(frozen=True)
class Beyond:
    """Where a page begins: after the row with this sort key and primary key, in the order that is asked for."""

    key: Any
    pk: int


class Engine(Protocol):
    """One query over one window, ready to be asked. All its answers are about the same moment."""

    def total(self) -> int:
        """How many rows match."""

    def keys(self) -> np.ndarray:
        """The primary keys of the rows that match, in any order."""

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

    def groups(self, fields: Sequence[Field], unique: Field | None, limit: int) -> Groups:
        """Rows by their values of up to two fields, a row in each of its values. The measure is how many rows there
        are, or how many values of `unique` they have; groups that have none are left out."""

    def series(
        self, fields: Sequence[Field], groups: Sequence[Stored], unique: Field | None, origin: int, seconds: int
    ) -> Mapping[tuple[int, int], int]:
        """The measure by (place among `groups`, bar), as in `groups` and `bars`; zeros may be left out."""

    def shares(self, field: Field, parts: Sequence[Field]) -> Sequence[Share]:
        """The rows by every value of a field; stored None is no value. No row has several values of any of these."""


def most(groups: Mapping[Named, int], limit: int) -> list[tuple[Named, int]]:
    """The `limit` groups with the most; of equals the one whose values come first, with "no value" at the end."""

    def place(group: tuple[Named, int]) -> tuple[Any, ...]:
        return (-group[1], *((stored is None, "" if stored is None else stored) for stored, _ in group[0]))

    return nsmallest(limit, groups.items(), key=place)
