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


class _Turn:
    """What one thread has of the turn: all of it, or nothing."""

    held = False

    def take(self) -> None:
        self.held = _turn.acquire(timeout=PATIENCE)

    def give(self) -> None:
        if self.held:
            self.held = False
            _turn.release()


@contextmanager
def turn() -> Iterator[None]:
    """Have the process to oneself, for what computes and hardly ever waits. Not around what is sent bit by bit."""
    if (outer := getattr(_mine, "turn", None)) and outer.held:
        yield
        return
    own = _mine.turn = _Turn()
    own.take()
    try:
        yield
    finally:
        own.give()


@contextmanager
def aside() -> Iterator[None]:
    """Step aside for a wait, such as for a statement that looks through a whole table: others have the turn."""
    own = getattr(_mine, "turn", None)
    if own is None or not own.held:
        yield
        return
    own.give()
    try:
        yield
    finally:
        own.take()
