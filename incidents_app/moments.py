"""Which moments can be meant, and how they are read from texts."""

from __future__ import annotations

from datetime import UTC, datetime

# The first and the last day of all time have no clock in some zones, and nobody means them.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def moment_in(text: str) -> datetime:
    """The moment that a text tells, in UTC where it names no zone. Raises ValueError for none that can be meant."""
    found = datetime.fromisoformat(text)
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError(text) from problem
    if not EARLIEST <= found <= LATEST:
        raise ValueError(text)
    return found
