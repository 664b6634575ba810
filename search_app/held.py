"""What of a surface's rows the facet index holds, and where it is read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts_app.access import system
from search_app.fields import Many

INDEX = system("index")  # sees every row: what an actor may see is and-ed on when a question is asked
Plain = str | int | None


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


@dataclass(frozen=True)
class Inside:
    """Any number of values a row: what stands at the end of these keys in a JSON column, each held as its JSON."""

    json: str
    keys: tuple[str, ...]

    @property
    def path(self) -> str:
        """What a declared column is found by; no path of the ORM looks like it."""
        return ".".join((self.json, *self.keys))


Holding = One | Amount | Moment | Each | Inside


def given(held: Mapping[str, Holding], model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Plain] | None:
    """What an UPDATE of the model's rows with these values gives every row that it meets, by held column.

    Empty where it concerns no held column; None where it cannot be told without looking at the rows.
    """
    found: dict[str, Plain] = {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        for column, holding in held.items():
            if isinstance(holding, Each) or holding.path.partition("__")[0] != field.name:
                continue
            if not isinstance(holding, One) or holding.path != field.name:
                return None
            plain = _plain(field, value)
            if plain is _UNKNOWN:
                return None
            found[column] = plain
    return found


def given_parts(
    held: Mapping[str, Holding], model: type[models.Model], parts: Sequence[Mapping[str, Any]]
) -> dict[str, list[Plain]] | None:
    """What a row has, by held column, when these, as field values, become all its child rows of the model.

    None where that cannot be told.
    """
    found: dict[str, list[Plain]] = {}
    for column, holding in held.items():
        if not isinstance(holding, Each):
            continue
        rows = holding.many.rows(INDEX)
        if rows.model is not model:
            continue
        if rows.query.where or "__" in holding.path:
            return None
        values = [_plain(model._meta.get_field(holding.path), part[holding.path]) for part in parts]
        if _UNKNOWN in values:
            return None
        found[column] = [value for value in values if value is not None and value != ""]
    return found


def _plain(field: Any, value: Any) -> Any:
    """A field's value as JSON and the index both keep it; _UNKNOWN for an expression and for what they do not."""
    if hasattr(value, "resolve_expression"):
        return _UNKNOWN
    plain = field.to_python(value.pk if isinstance(value, models.Model) else value)
    return plain if isinstance(plain, Plain) else _UNKNOWN


_UNKNOWN = object()
