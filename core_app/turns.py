"""One page at a time in each process.

Python runs one thread at a time. Threads that draw pages side by side take the interpreter from each other at every
statement, and all of them come late; one after the other, the first is there in its own time and the last no later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

PATIENCE = 1.0  # seconds; whoever has waited so long goes on beside the others

_turn = Lock()
_mine = local()


@contextmanager
def turn() -> Iterator[None]:
    """Have the process to oneself, for what computes and hardly ever waits."""
    if getattr(_mine, "held", False):
        yield
        return
    _mine.held = _turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if _mine.held:  # it may have been lost in a wait
            _mine.held = False
            _turn.release()


@contextmanager
def aside() -> Iterator[None]:
    """Step aside for a wait, such as for a statement that looks through a whole table: others have the turn."""
    if not getattr(_mine, "held", False):
        yield
        return
    _turn.release()
    _mine.held = False
    try:
        yield
    finally:
        _mine.held = _turn.acquire(timeout=PATIENCE)


def is_taken() -> bool:
    """Whether somebody has the turn."""
    return _turn.locked()
