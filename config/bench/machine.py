"""What was measured on, and how fast it was meanwhile: a shared machine's pace changes by half within seconds."""

from __future__ import annotations

import os
import platform
import time

ADDITIONS = 1_000_000  # that a pace is told for


def pace() -> float:
    """Milliseconds of a million additions in Python, at best of five."""
    return min(beat(ADDITIONS) for _ in range(5))


def beat(additions: int = 50_000) -> float:
    """Milliseconds that a million additions would take just now, judged by some of them."""
    start = time.perf_counter()
    sum(number for number in range(additions))
    return (time.perf_counter() - start) * 1000 * ADDITIONS / additions


def machine() -> str:
    """For whoever compares figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
