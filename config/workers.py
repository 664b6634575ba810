"""gunicorn's threaded worker, one that leaves a new connection to a worker that has less to do.

Whichever worker wakes first takes a new connection, and keeps it for as long as the browser does. Four people may so
come to share one process while the other has nothing to do. Here every worker counts its connections where all can
see them, and says whether all of its threads are taken.
"""

from __future__ import annotations

import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

PLACES = 64  # for workers; any beyond take what comes
FREE, AWAY, THERE = 0, 1, 2  # of a place: nobody's, of one that takes no connections, of one that does
FULL = 1_000_000  # more than any number of connections: the load of one whose threads are all taken
PATIENCE = 0.05  # seconds that a connection waits for the other worker, which may be computing just now
PAUSE = 0.001  # seconds between two looks

# In memory that the processes share, because it is there before they are forked.
_places = memoryview(mmap.mmap(-1, PLACES * 4)).cast("i")
_loads = memoryview(mmap.mmap(-1, PLACES * 4)).cast("i")


class BalancingWorker(ThreadWorker):
    """A worker that takes a new connection when no other has less to do, or none of those has come for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """In the process that forks them, one after the other."""
        self.place = next((place for place, state in enumerate(_places) if state == FREE), None)
        if self.place is not None:
            _places[self.place] = AWAY
        self._waiting_since = self._looked_at = 0.0
        self._busy = 0  # connections that a thread has, or that wait for one
        super().__init__(*args, **kwargs)

    @property
    def nr_conns(self) -> int:
        """How many connections it has: gunicorn counts them up and down."""
        return self._nr_conns

    @nr_conns.setter
    def nr_conns(self, number: int) -> None:
        self._nr_conns = number
        self._tell()

    @property
    def load(self) -> int:
        """What the others compare with theirs."""
        return self.nr_conns + (FULL if self._busy >= self.cfg.threads else 0)

    def _tell(self) -> None:
        if self.place is not None:
            _loads[self.place] = self.load

    def enqueue_req(self, conn: Any) -> None:
        self._busy += 1
        self._tell()
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self._busy -= 1
        self._tell()
        super().finish_request(conn, fs)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.place is not None:
            _places[self.place] = THERE if enabled else AWAY

    def accept(self, listener: Any) -> None:
        if self._is_for_another():
            time.sleep(PAUSE)
        else:
            super().accept(listener)
            self._looked_at = 0.0  # the next one is waited for anew

    def leave(self) -> None:
        """Give its place back when its process is no more, whatever became of it; where it was forked."""
        if self.place is not None:
            _places[self.place] = FREE

    def _is_for_another(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at > PATIENCE:  # nothing was left to another just now: this is a new connection
            self._waiting_since = now
        self._looked_at = now
        others = zip(_places, _loads, strict=True)
        return now - self._waiting_since < PATIENCE and any(
            state == THERE and load < self.load for state, load in others
        )
