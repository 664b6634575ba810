"""How many rows there are over time: bars of a round size, stacked."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from functools import cache

from search_app.index.engine import Engine
from search_app.index.scope import EPOCH, Scope
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


def draw_timeline(engine: Engine, scope: Scope) -> tuple[list[Bucket], int]:
    """Every bar of the window, empty ones too, and how many seconds a bar is.

    Bars begin at round moments of the asker's clock; the first and the last hold only what is in the window.
    """
    origin, seconds, bars = bars_of(scope)
    word = cache(scope.surface.stacked.word)
    counts: dict[int, dict[str, int]] = {}
    for (bar, stored), count in engine.bars(origin, seconds, bars).items():
        counts.setdefault(bar, {})[word(stored)] = count
    return [Bucket(moment(origin + seconds * bar), counts.get(bar, {})) for bar in range(bars)], seconds


def bars_of(scope: Scope) -> tuple[int, int, int]:
    """When the window's first bar begins, in seconds since 1970, how many seconds a bar is, and how many there are."""
    seconds = bucket_seconds(scope.window)
    origin = _origin(scope, seconds)
    return origin, seconds, math.ceil((scope.window.end - moment(origin)) / timedelta(seconds=seconds))


def moment(seconds: int) -> datetime:
    """The moment so many seconds after 1970 began."""
    return EPOCH + timedelta(seconds=seconds)


def bucket_seconds(window: Window) -> int:
    """The smallest round size that makes at most 90 bars of the window."""
    width = (window.end - window.start).total_seconds()
    return next((size for size in ROUND_SECONDS if width / size <= MAX_BUCKETS - 1), ROUND_SECONDS[-1])


def _origin(scope: Scope, seconds: int) -> int:
    """When the first bar begins, in seconds since 1970: the last round moment that is not after the window's start."""
    offset = int((scope.window.start.astimezone(scope.asker.zone).utcoffset() or timedelta()).total_seconds())
    start = math.floor((scope.window.start - EPOCH) / timedelta(seconds=1))
    return (start + offset) // seconds * seconds - offset
