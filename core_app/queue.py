"""Handing work to the worker."""

from __future__ import annotations

from typing import Any

from kombu.exceptions import OperationalError


def send(task: Any) -> None:
    """Queue a task without waiting for a broker that is away: the sweeps find the work in the database."""
    try:
        task.apply_async(retry=False)
    except OperationalError:
        pass
