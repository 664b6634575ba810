"""`key__among=[…]`: what `in` says, for many keys at once.

Django makes a parameter of each key of `in` and looks at each three times; here all of them are one. Keys are whole
numbers, and there may be as many as memory holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, IntegerField, Lookup
from django.db.models.sql.compiler import SQLCompiler

from core_app.prepared import Slot


@IntegerField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    """`path__among=keys`: the column holds one of these whole numbers."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[int] | Slot) -> None:
        super().__init__(lhs, Slot(rhs.name, list) if isinstance(rhs, Slot) else list(rhs))

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", (*params, self.rhs)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        sql = f"{lhs} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - `lhs` is a column
        keys = Slot(self.rhs.name, _as_json) if isinstance(self.rhs, Slot) else _as_json(self.rhs)
        return sql, (*params, keys)


def _as_json(keys: Iterable[int]) -> str:
    return json.dumps(list(keys))
