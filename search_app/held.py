"""What of a surface's rows the facet index holds, and where it is read from."""

from __future__ import annotations

from dataclasses import dataclass

from search_app.fields import Many


@dataclass(frozen=True)
class One:
    """One value a row, from a column of the row's table or by a path of foreign keys. A foreign key gives the key."""

    path: str


@dataclass(frozen=True)
class Amount:
    """One whole number a row, never NULL."""

    path: str


@dataclass(frozen=True)
class Moment:
    """One time a row, never NULL; held as microseconds since 1970."""

    path: str


@dataclass(frozen=True)
class Each:
    """Any number of values a row: `path` in the child rows of a Many. A foreign key gives the key."""

    many: Many
    path: str


Holding = One | Amount | Moment | Each
