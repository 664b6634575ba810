"""Measured from inside, in the same run: the index against SQL on the same database, and how the index starts."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts_app.access import system
from config.bench.pages import QUERIES
from search_app.index import Explored, Page, Window, explore
from search_app.index.bitmaps import keeper
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.sql import SqlEngine
from signals_app.fields import FACETS, SIGNALS

BENCH = system("bench")
PATIENCE = 3600  # seconds: the bench waits as long as it takes to open an index, which pages do not


def compare(*, times: int = 5) -> dict[str, Any]:
    """`explore` by the index and by SQL: best milliseconds of each, their ratio, and whether the answers are equal."""
    keeper.PATIENCE = PATIENCE
    now = timezone.now()
    found = {}
    for name, query in QUERIES.items():
        days = int(query["range"].removesuffix("d"))
        window = Window(now - timedelta(days=days), now)
        tree = SIGNALS.parse(query.get("query", ""))

        def ask(engine: Any, tree: Any = tree, window: Window = window) -> Explored:
            return explore(SIGNALS, BENCH, tree, window, FACETS, Page(), engine=engine)

        index_ms, by_index = _best(lambda ask=ask: ask(BitmapEngine.of), times)
        sql_ms, by_sql = _best(lambda ask=ask: ask(SqlEngine), 1)
        found[name] = {
            "index_ms": index_ms,
            "sql_ms": sql_ms,
            "ratio": sql_ms / index_ms,
            "rows": by_index.total,
            "equal": by_index == by_sql,
        }
    return found


def cold_start() -> dict[str, float]:
    """Seconds until the index answers: built from the database, and opened from its file."""
    keeper.PATIENCE = PATIENCE
    kept = keeper.keeper(SIGNALS)
    kept.path.unlink(missing_ok=True)
    start = time.perf_counter()
    kept.current()
    built = time.perf_counter() - start
    keeper.forget_all()
    start = time.perf_counter()
    keeper.keeper(SIGNALS).current()
    return {"built_seconds": built, "opened_seconds": time.perf_counter() - start}


def _best(once: Any, times: int) -> tuple[float, Explored]:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        answer = once()
        best = min(best, (time.perf_counter() - start) * 1000)
    return best, answer
