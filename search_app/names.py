"""What rows are called, by their keys: pages ask this half a dozen times of small tables, as statements made once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from core_app.prepared import Prepared, Slot

MOST_KEYS = 500  # above this many, the whole table is read instead of the rows that are asked for

Names = dict[int, tuple[Any, ...]]  # by key


class Asked(NamedTuple):
    """Rows of a model by their keys, and the paths of texts that they are called by."""

    model: type[Model]
    paths: Sequence[str]
    keys: Collection[int | None]

    @property
    def shape(self) -> tuple[Any, ...]:
        return self.model, len(self.keys) > MOST_KEYS, *self.paths


def _build(model: type[Model], is_all: bool, *paths: str) -> Any:
    rows = model._base_manager.order_by().values_list("pk", *paths)
    return rows if is_all else rows.filter(pk__among=Slot("keys"))


_NAMES = Prepared(_build)


def names_of(model: type[Model], *paths: str, keys: Iterable[int | None]) -> Names:
    """What stands at these paths of the rows with these keys, each once; None is nobody's key.

    Nothing is asked about who may see them: names are told beside what the reader may see.
    """
    wanted = {*keys} - {None}
    if not wanted:
        return {}
    return _by_key(_NAMES.rows(*Asked(model, paths, wanted).shape, keys=wanted))


def names_of_all(asked: Sequence[Asked]) -> list[Names]:
    """The same for several, by one statement. All have as many paths."""
    found = _NAMES.rows_of_all([(one.shape, {"keys": {*one.keys} - {None}}) for one in asked]) if asked else []
    return [_by_key(rows) for rows in found]


def _by_key(rows: Iterable[Sequence[Any]]) -> Names:
    return {row[0]: tuple(row[1:]) for row in rows}


def is_own_name(model: type[Model], path: str) -> bool:
    """Whether every row has something at the path, and no two the same."""
    try:
        field = model._meta.get_field(path)
    except FieldDoesNotExist:  # it leads further
        return False
    return field.unique and not field.null and not field.blank
