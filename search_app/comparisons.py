"""What a condition asks of one value, for the database and for memory side by side, so that the two stay one.

A comparison never meets what is missing (NULL, an empty text), and its `q` is joined by the caller with
`path__isnull=False`, so that it is true or false but never unknown: negation is then plain negation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Protocol

from django.db.models import Q

from search_app.addresses import Network, packed, packed_range
from search_app.language import Value
from search_app.lookups import fits

NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING

_LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


Bounds = tuple[tuple[str, Any], ...]  # (Django lookup, value)


class Comparison(Protocol):
    def q(self, path: str) -> Q:
        """The comparison with the column at `path`."""

    def meets(self, value: Any) -> bool:
        """The comparison with one value in memory; false for a value of another type."""


@dataclass(frozen=True)
class Never:
    """No value meets it: a condition that can be asked and has no answer."""

    def q(self, path: str) -> Q:
        return NOTHING

    def meets(self, value: Any) -> bool:
        return False


@dataclass(frozen=True)
class Present:
    """There is a value, and if it is text, it is not empty."""

    is_text: bool = True

    def q(self, path: str) -> Q:
        return Q(**{f"{path}__gt": ""}) if self.is_text else Q(**{f"{path}__isnull": False})

    def meets(self, value: Any) -> bool:
        return value is not None and value != ""


@dataclass(frozen=True)
class Bounded:
    """All of these (lookup, value) hold; the values are all of `type`."""

    type: type
    bounds: Bounds

    def q(self, path: str) -> Q:
        return Q(**{f"{path}__{lookup}": value for lookup, value in self.bounds})

    def meets(self, value: Any) -> bool:
        return type(value) is self.type and holds(value, self.bounds)


@dataclass(frozen=True)
class Fitting:
    """Text of the shape of a pattern."""

    pattern: Value

    def q(self, path: str) -> Q:
        return Q(**{f"{path}__fits": self.pattern})

    def meets(self, value: Any) -> bool:
        return isinstance(value, str) and fits(self.pattern, value)


@dataclass(frozen=True)
class OneOf:
    """One of some known things: in the database by what is stored, in memory by their words."""

    stored: tuple[Any, ...]
    words: frozenset[str]

    def q(self, path: str) -> Q:
        return Q(**{f"{path}__in": self.stored})

    def meets(self, value: Any) -> bool:
        return value in self.words


@dataclass(frozen=True)
class InBlocks:
    """An address in one of the blocks; `column` is where its packed form is kept."""

    blocks: tuple[Network, ...]
    column: str

    def q(self, path: str) -> Q:
        return reduce(operator.or_, (Q(**{f"{self.column}__range": packed_range(block)}) for block in self.blocks))

    def meets(self, value: Any) -> bool:
        address = packed(value) if isinstance(value, str) else ""
        return any(first <= address <= last for first, last in map(packed_range, self.blocks))


def holds(value: Any, bounds: Bounds) -> bool:
    """Whether one value in memory keeps to all of these bounds."""
    return all(_LOOKUPS[lookup](value, bound) for lookup, bound in bounds)


def equal(value: Any) -> Bounded:
    return Bounded(type(value), (("exact", value),))


def within(start: datetime | None, end: datetime | None) -> Bounded:
    """From `start` on and before `end`; None is an open end."""
    bounds = (("gte", start), ("lt", end))
    return Bounded(datetime, tuple((lookup, value) for lookup, value in bounds if value is not None))
