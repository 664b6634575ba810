"""How many rows there are over time: bars of a round size, stacked, in one statement."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Count, F, Func, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.sql.compiler import SQLCompiler

from search_app.fields import Column
from search_app.index.scope import Scope
from search_app.index.shapes import Bucket, Window

MAX_BUCKETS = 90
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# No step is more than three times the one before, so that the first that gives at most 90 bars gives at least 30.
ROUND_SECONDS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def draw_timeline(scope: Scope) -> tuple[list[Bucket], int]:
    """Every bar of the window, empty ones too, and how many seconds a bar is.

    Bars begin at round moments of the asker's clock; the first and the last hold only what is in the window.
    """
    seconds = bucket_seconds(scope.window)
    origin = _origin(scope, seconds)
    stack = scope.surface.stacked
    (place,) = scope.surface.table[scope.surface.stack].places
    if not isinstance(place, Column):
        raise TypeError(f"{scope.surface.stack} is kept in no column.")
    number = CombinedExpression(
        EpochSecond(F(scope.surface.time)) - Value(origin), "/", Value(seconds), output_field=BigIntegerField()
    )
    found = scope.rows().annotate(bar=number).values_list("bar", place.path).annotate(rows_of_bar=Count("pk"))
    counts: dict[int, dict[str, int]] = {}
    for bar, stored, count in found:
        counts.setdefault(bar, {})[stack.word(stored)] = count
    bars = math.ceil((scope.window.end - _EPOCH - timedelta(seconds=origin)) / timedelta(seconds=seconds))
    return [
        Bucket(_EPOCH + timedelta(seconds=origin + seconds * bar), counts.get(bar, {})) for bar in range(bars)
    ], seconds


def bucket_seconds(window: Window) -> int:
    """The smallest round size that makes at most 90 bars of the window."""
    width = (window.end - window.start).total_seconds()
    return next((size for size in ROUND_SECONDS if width / size <= MAX_BUCKETS - 1), ROUND_SECONDS[-1])


def _origin(scope: Scope, seconds: int) -> int:
    """When the first bar begins, in seconds since 1970: the last round moment that is not after the window's start."""
    offset = int((scope.window.start.astimezone(scope.asker.zone).utcoffset() or timedelta()).total_seconds())
    start = math.floor((scope.window.start - _EPOCH) / timedelta(seconds=1))
    return (start + offset) // seconds * seconds - offset
