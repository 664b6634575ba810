"""The engine in SQL: a fixed number of statements, however many rows there are. What the other engine is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Count, F, Func, Max, Min, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.sql.compiler import SQLCompiler

from search_app.fields import Column, Field
from search_app.index import sql_elements
from search_app.index.engine import Beyond, Groups, Share, Stored, Tally, most
from search_app.index.scope import Scope, microseconds
from search_app.index.shapes import MAX_FACET_VALUES
from search_app.language import Node
from search_app.to_q import compile_for


class EpochSecond(Func):
    """The whole second that a moment lies in, counted from 1970."""

    output_field = BigIntegerField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="floor(extract(epoch FROM %(expressions)s))::bigint")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        # Without the fraction: strftime rounds it, and 59.9999 would fall into the next minute.
        return self.as_sql(
            compiler, connection, template="CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS integer)"
        )


@dataclass(frozen=True)
class SqlEngine:
    """One query, asked of the rows' own tables."""

    scope: Scope

    @cached_property
    def _total(self) -> int:
        return self.scope.rows().count()

    def total(self) -> int:
        return self._total

    def keys(self) -> np.ndarray:
        return np.fromiter(self.scope.rows().values_list("pk", flat=True).iterator(), np.int64)

    def tallies(self, fields: Sequence[Field]) -> Mapping[str, Tally]:
        """Two statements a facet that the query narrows, one for any other and one for what all others lack."""
        missing = self._missing(fields)
        return {
            field.name: Tally(self.values(field, "", MAX_FACET_VALUES + 1), missing[field.name]) for field in fields
        }

    def count_beside(self, field: Field, nodes: Sequence[Node]) -> list[int]:
        scope = self.scope
        wanted = [compile_for(node, scope.surface.table, scope.asker) for node in nodes]
        counts = {f"node_{number}": Count("pk", filter=q) for number, q in enumerate(wanted)}
        return list(scope.rows_beside(field.name).aggregate(**counts).values())

    def bars(self, origin: int, seconds: int, bars: int) -> Mapping[tuple[int, Any], int]:
        scope = self.scope
        (place,) = scope.surface.table[scope.surface.stack].places
        if not isinstance(place, Column):
            raise TypeError(f"{scope.surface.stack} is kept in no column.")
        since = EpochSecond(F(scope.surface.time)) - Value(origin)
        number = CombinedExpression(since, "/", Value(seconds), output_field=BigIntegerField())
        found = scope.rows().annotate(bar=number).values_list("bar", place.path).annotate(rows_of_bar=Count("pk"))
        return {(bar, stored): count for bar, stored, count in found}

    def groups(self, fields: Sequence[Field], unique: Field | None, limit: int) -> Groups:
        width = len(fields)
        found = {
            tuple(zip(row[:width], row[width : 2 * width], strict=True)): row[-1]
            for row in self._grouped(fields, unique, [])
            if row[-1]
        }
        return Groups(most(found, limit), max(len(found) - limit, 0))

    def series(
        self, fields: Sequence[Field], groups: Sequence[Stored], unique: Field | None, origin: int, seconds: int
    ) -> Mapping[tuple[int, int], int]:
        places = {group: place for place, group in enumerate(groups)}
        width = len(fields)
        found = self._grouped(fields, unique, [origin, seconds])
        return {(places[row[:width]], row[-2]): row[-1] for row in found if row[:width] in places}

    def shares(self, field: Field, parts: Sequence[Field]) -> Sequence[Share]:
        time = self.scope.surface.time
        paths = [_path(field), field.label_path or _path(field), *map(_path, parts)]
        found: dict[Any, Share] = {}
        rows = self.scope.rows().values_list(*[F(path) for path in paths])
        for stored, label, *values, count, first, last in rows.annotate(
            rows_of_share=Count("pk"), first_time=Min(time), last_time=Max(time)
        ):
            stored = stored if stored != "" else None
            label = None if stored is None else label
            first, last = microseconds(first), microseconds(last)
            share = found.get(stored, Share(stored, label, [{} for _ in parts], first, last))
            for counts, value in zip(share.counts, values, strict=True):
                key = value if value != "" else None
                counts[key] = counts.get(key, 0) + count
            found[stored] = replace(share, first=min(share.first, first), last=max(share.last, last))
        return list(found.values())

    def page(self, sort: str, *, falling: bool, beyond: Beyond | None, limit: int) -> list[tuple[int, Any]]:
        rows = self.scope.rows().annotate(sort_key=self.scope.surface.order(sort))
        if beyond:
            side = "lt" if falling else "gt"
            # The first condition says nothing new: it lets an index begin at the key.
            rows = rows.filter(
                Q(**{f"sort_key__{side}e": beyond.key}),
                Q(**{f"sort_key__{side}": beyond.key}) | Q(**{f"pk__{side}": beyond.pk}),
            )
        sign = "-" if falling else ""
        return list(rows.order_by(f"{sign}sort_key", f"{sign}pk").values_list("pk", "sort_key")[:limit])

    def _grouped(self, fields: Sequence[Field], unique: Field | None, bars: Sequence[int]) -> list[tuple[Any, ...]]:
        """Per group its values, their labels, with `bars` (origin and seconds) its bar, and the measure.

        A field of many values is a table of (row, value), and so, to be treated alike, is one of a single value.
        Rows are joined with these tables and grouped.
        """
        if any(map(sql_elements.is_declared, [*fields, unique] if unique else fields)):
            return sql_elements.grouped(self.scope, fields, unique, bars, self._pairs_of)
        rows = self.scope.rows().annotate(row_key=F("pk"))
        names = ["row_key"]
        if bars:
            origin, seconds = bars
            since = EpochSecond(F(self.scope.surface.time)) - Value(origin)
            rows = rows.annotate(bar=CombinedExpression(since, "/", Value(seconds), output_field=BigIntegerField()))
            names.append("bar")
        try:
            sql, params = rows.values(*names).query.sql_with_params()
        except EmptyResultSet:
            return []
        joined, given = [f"({sql}) kept"], [*params]
        for number, field in enumerate([*fields, unique] if unique else fields):
            sql, params = self._values_of(field).query.sql_with_params()
            joined.append(f"({sql}) v{number} ON v{number}.row_key = kept.row_key")
            given += params
        values = [f"v{number}.stored" for number in range(len(fields))]
        labels = [f"MIN(v{number}.label)" for number in range(len(fields))]
        groups = [*values, *(["kept.bar"] if bars else [])]
        measure = f"COUNT(DISTINCT v{len(fields)}.stored)" if unique else "COUNT(*)"
        selected = ", ".join([*values, *labels, *(["kept.bar"] if bars else []), measure])
        grouped = f" GROUP BY {', '.join(groups)}" if groups else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {selected} FROM {' LEFT JOIN '.join(joined)}{grouped}", given)  # noqa: S608
            return [tuple(row) for row in cursor.fetchall()]

    def _pairs_of(self, field: Field) -> sql_elements.Pairs:
        if sql_elements.is_declared(field):
            return sql_elements.pairs(self.scope, field)
        return self._values_of(field).values_list("row_key", "stored", "label")

    def _values_of(self, field: Field) -> QuerySet[Any]:
        """The field as (row_key, stored, label), without rows that have none of it."""
        place, actor = field.places[0], self.scope.actor
        if not isinstance(place, Column):
            raise TypeError(f"{field.name} is kept in no column.")
        rows = field.many.rows(actor) if field.many else self.scope.surface.rows(actor)
        named = {
            "row_key": F(field.many.link if field.many else "pk"),
            "stored": F(place.path),
            "label": F(field.label_path or place.path),
        }
        return rows.filter(place.q(place.kind.present())).order_by().annotate(**named).values(*named).distinct()

    def _missing(self, fields: Sequence[Field]) -> dict[str, int]:
        """For each field how many rows have no value of it.

        A field that the query narrows is counted among other rows than the rest, in a statement of its own.
        """
        scope = self.scope
        absent = {field.name: ~field.present(scope.actor) for field in fields}
        beside = [field.name for field in fields if scope.is_narrowed_by(field.name)]
        together = {
            f"missing_{number}": Count("pk", filter=absent[field.name])
            for number, field in enumerate(fields)
            if field.name not in beside
        }
        found = scope.rows().aggregate(**together) if together else {}
        missing = {field.name: found.get(f"missing_{number}", 0) for number, field in enumerate(fields)}
        for name in beside:
            missing[name] = scope.rows_beside(name).filter(absent[name]).count()
        return missing

    def values(self, field: Field, containing: str, limit: int) -> Sequence[tuple[Any, Any, int]]:
        place = field.places[0]
        if not isinstance(place, Column):
            return []
        if sql_elements.is_declared(field):
            return sql_elements.frequent(self.scope, field, containing, limit)
        path, label = place.path, field.label_path or place.path
        wanted = place.q(place.kind.present())
        if containing:
            wanted &= Q(**{f"{path}__icontains": containing}) | Q(**{f"{label}__icontains": containing})
        rows = self.scope.rows_beside(field.name)
        if field.many:
            found = field.many.rows(self.scope.actor).filter(**{f"{field.many.link}__in": rows}).filter(wanted)
            count = Count(field.many.link, distinct=True)
        else:
            found, count = rows.filter(wanted), Count("pk")
        grouped = found.order_by().values(*dict.fromkeys([path, label])).annotate(rows_of_value=count)
        ordered = grouped.order_by("-rows_of_value", path)[:limit]
        return [(row[path], row[label], row["rows_of_value"]) for row in ordered]


def _path(field: Field) -> str:
    """The column of a field that has one value a row."""
    place = field.places[0]
    if field.many or not isinstance(place, Column):
        raise TypeError(f"{field.name} is not kept in one column.")
    return place.path
