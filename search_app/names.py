"""What rows are called, by their keys: pages ask this half a dozen times of small tables, as statements made once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from core_app.prepared import Prepared, Slot

MOST_KEYS = 500  # above this many, the whole table is read instead of the rows that are asked for

_OF_ALL = Prepared(lambda model, *paths: model._base_manager.order_by().values_list("pk", *paths))
_OF_SOME = Prepared(lambda model, *paths: _OF_ALL.build(model, *paths).filter(pk__among=Slot("keys")))


def names_of(model: type[Model], *paths: str, keys: Iterable[int | None]) -> dict[int, tuple[Any, ...]]:
    """What stands at these paths of the rows with these keys, each once; None is nobody's key.

    Nothing is asked about who may see them: names are told beside what the reader may see.
    """
    wanted = {*keys} - {None}
    if not wanted:
        return {}
    found = _OF_ALL.rows(model, *paths) if len(wanted) > MOST_KEYS else _OF_SOME.rows(model, *paths, keys=wanted)
    return {row[0]: tuple(row[1:]) for row in found}


def is_own_name(model: type[Model], path: str) -> bool:
    """Whether every row has something at the path, and no two the same."""
    try:
        field = model._meta.get_field(path)
    except FieldDoesNotExist:  # it leads further
        return False
    return field.unique and not field.null and not field.blank
