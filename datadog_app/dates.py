"""Moments as the wire tells them."""

from __future__ import annotations

from datetime import datetime


def moment(at: datetime) -> str:
    """`2026-11-23T05:37:00.000Z`. Moments come in UTC, as the database gives them."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)
