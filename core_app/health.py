"""Whether this process can serve: each part is asked in turn. Higher floors add theirs from `AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OK = "ok"
BUILDING = "building"  # not there yet, and what needs it says so: no reason to send people elsewhere
FAILED = "failed"

Check = Callable[[], str]

log = structlog.get_logger(__name__)

_parts: dict[str, Check] = {}


def part(name: str) -> Callable[[Check], Check]:
    """Register a check. It answers `OK`, `BUILDING` or in a few words what is missing; an exception is `FAILED`."""

    def register(check: Check) -> Check:
        _parts[name] = check
        return check

    return register


def readiness() -> dict[str, str]:
    """The state of every part. What went wrong in full goes to the log and not to whoever asks."""
    return {name: _ask(name, check) for name, check in _parts.items()}


def _ask(name: str, check: Check) -> str:
    try:
        return check()
    except Exception:  # whatever a dead database or broker raises means the same here: not ready
        log.warning("not_ready", part=name, exc_info=True)
        return FAILED


@part("database")
def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


@part("migrations")
def _migrations() -> str:
    executor = MigrationExecutor(connection)
    owed = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(owed)} not applied" if owed else OK


@part("broker")
def _broker() -> str:
    # The cache and the broker are the same Redis: a key written and read back proves more than a ping.
    cache.set("readyz", "1", timeout=60)
    return OK if cache.get("readyz") == "1" else FAILED
