"""A time limit for questions to the database, so that no query holds a process for long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, connection, transaction

from search_app.language import Node, QueryTooSlow, to_text

STEPS = 10_000  # of SQLite's machine between two looks at the clock: about a millisecond
LONGEST_QUOTE = 60


@dataclass
class Patience:
    """Seconds that are left for one answer; everything that is asked for it draws on them."""

    seconds: float

    @classmethod
    def of_settings(cls) -> Patience:
        return cls(settings.TOCSIN_QUERY_SECONDS)

    @contextmanager
    def with_(self, node: Node) -> Iterator[None]:
        """Whatever is asked inside ends in time. Raises QueryTooSlow, which names this part of the query."""
        start = time.monotonic()
        deadline = start + self.seconds
        limited = _limited_on_sqlite if connection.vendor == "sqlite" else _limited_on_postgresql
        try:
            with limited(deadline):
                yield
        except OperationalError:
            if time.monotonic() < deadline:
                raise
            raise _too_slow(node) from None
        finally:
            self.seconds -= time.monotonic() - start


def _too_slow(node: Node) -> QueryTooSlow:
    text = to_text(node)
    quoted = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
    message = (
        f"“{quoted}” has to be looked up row by row, and that took longer than {settings.TOCSIN_QUERY_SECONDS:g} s."
        " Narrow the time range, or add a term that leaves fewer rows, such as a service or a rule."
    )
    return QueryTooSlow(message, node.span.start, node.span.end)


@contextmanager
def _limited_on_sqlite(deadline: float) -> Iterator[None]:
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


@contextmanager
def _limited_on_postgresql(deadline: float) -> Iterator[None]:
    left = max(int((deadline - time.monotonic()) * 1000), 1)
    with transaction.atomic(), connection.cursor() as cursor:
        # Until the end of the transaction; inside a longer one, what was in force is put back. If the limit is
        # reached, the savepoint that is rolled back takes it along.
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{left}ms"])
        yield
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
