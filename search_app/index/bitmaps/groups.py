"""Counting by the values of two fields at once, and by bar: what bitmaps are no good at, by the codes of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from core_app.errors import Invalid
from search_app.index.bitmaps.columns import Codes, distinct
from search_app.index.bitmaps.sets import Sets, spread

MOST_CELLS = 1 << 23  # a table of so many cells is counted in; larger ones are sorted
MOST_PAIRS = 1 << 25  # combinations of what rows have several of; so many weigh about a gigabyte while they are counted


@dataclass(frozen=True)
class Pairs:
    """What some rows have: the row at place `of[i]` has number `numbers[i]`, which is below `size`. `of` rises."""

    of: np.ndarray
    numbers: np.ndarray
    size: int

    @classmethod
    def of_column(cls, column: Codes | Sets, rows: np.ndarray, number_of_code: np.ndarray) -> Pairs:
        """What these rows (ascending) have in a column, by other numbers than its codes; 0 only where that is all."""
        size = int(number_of_code.max(initial=0)) + 1
        if isinstance(column, Codes):
            return cls(np.arange(len(rows)), number_of_code[column.codes[rows]], size)
        of, codes = column.pairs(rows)
        numbers = number_of_code[codes]
        if len(of) == len(rows) or len(np.unique(number_of_code)) == len(number_of_code):
            return cls(of, numbers, size)
        # Several codes have become one number, and one that is not 0 makes the 0 beside it untrue.
        both = distinct(of * size + numbers)
        of, numbers = both // size, both % size
        alone = np.bincount(of, minlength=len(rows))[of] == 1
        kept = (numbers != 0) | alone
        return cls(of[kept], numbers[kept], size)

    def times(self, other: Pairs, rows: int) -> Pairs:
        """Everything that a row has here beside everything that it has there: a * other.size + b.

        Raises Invalid when that is more than can be kept: one row with 20,000 attackers has 400 million pairs of them.
        """
        size = self.size * other.size
        if len(other.of) == rows:  # each row has exactly one
            return Pairs(self.of, self.numbers * other.size + other.numbers[self.of], size)
        lengths = np.bincount(other.of, minlength=rows)
        starts = np.cumsum(lengths) - lengths
        repeats = lengths[self.of]
        if repeats.sum() > MOST_PAIRS:
            raise Invalid("These have too many combinations to be counted. Narrow the query, or group by one field.")
        there = spread(starts[self.of], repeats)
        numbers = np.repeat(self.numbers, repeats) * other.size + other.numbers[there]
        return Pairs(np.repeat(self.of, repeats), numbers, size)

    def among(self, wanted: Sequence[int]) -> Pairs:
        """Those that have one of these numbers (ascending), by its place among them."""
        places = np.searchsorted(wanted, self.numbers)
        found = np.asarray([*wanted, -1])[places] == self.numbers
        return Pairs(self.of[found], places[found], len(wanted))

    def kept(self, which: np.ndarray) -> Pairs:
        return Pairs(self.of[which], self.numbers[which], self.size)


@dataclass(frozen=True)
class Numbered:
    """What rows have of one field: `(stored value, label)` by number, the numbers by stored value, and the rows'."""

    values: Sequence[tuple[Any, Any]]
    number_of: Mapping[Any, int]
    pairs: Pairs

    @classmethod
    def build(cls, column: Codes | Sets, rows: np.ndarray, named: Iterable[tuple[Any, Any]]) -> Numbered:
        """`named` gives what each code stands for: a stored value and its label, both None for no value."""
        values: list[tuple[Any, Any]] = [(None, None)]
        number_of: dict[Any, int] = {None: 0}
        number_of_code = []
        for stored, label in named:
            number = number_of.setdefault(stored, len(values))
            if number == len(values):
                values.append((stored, label))
            number_of_code.append(number)
        return cls(values, number_of, Pairs.of_column(column, rows, np.array(number_of_code, np.int64)))


def group_of(number: int, parts: Sequence[Numbered]) -> tuple[tuple[Any, Any], ...]:
    """The values that the number of a combination stands for."""
    named = []
    for part in reversed(parts):
        number, own = divmod(number, part.pairs.size)
        named.append(part.values[own])
    return tuple(reversed(named))


def number_of(group: Sequence[Any], parts: Sequence[Numbered]) -> int | None:
    """The number of a combination of stored values; None for one that no row has."""
    number = 0
    for stored, part in zip(group, parts, strict=True):
        own = part.number_of.get(stored, part.pairs.size)
        if own >= part.pairs.size:
            return None
        number = number * part.pairs.size + own
    return number


def everything(rows: int) -> Pairs:
    """Every row has the same."""
    return Pairs(np.arange(rows), np.zeros(rows, np.int64), 1)


def product(parts: Sequence[Pairs], rows: int) -> Pairs:
    """All that a row has of the parts, every combination."""
    return reduce(lambda left, right: left.times(right, rows), parts, everything(rows))


def measure(groups: Pairs, unique: Pairs | None, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the groups and how many rows have each, or how many different numbers but 0 these rows have."""
    if unique is None:
        return _counted(groups.numbers, groups.size)
    both = groups.times(unique, rows)
    both = both.kept(both.numbers % unique.size != 0)
    return _counted(_distinct(both.numbers, both.size) // unique.size, groups.size)


def largest(counts: np.ndarray, limit: int) -> np.ndarray:
    """Where the `limit` largest counts are, and those that equal the last of them."""
    if len(counts) <= limit:
        return np.arange(len(counts))
    return np.flatnonzero(counts >= np.partition(counts, -limit)[-limit])


def _counted(numbers: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    if size > MOST_CELLS:
        return np.unique(numbers, return_counts=True)
    counts = np.bincount(numbers)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _distinct(numbers: np.ndarray, size: int) -> np.ndarray:
    if size > MOST_CELLS:
        return distinct(numbers)
    table = np.zeros(size, bool)
    table[numbers] = True
    return np.flatnonzero(table)
