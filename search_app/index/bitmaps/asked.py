"""What the database was asked row by row, kept for the next question: people ask for the same with one term more, and
page by page, and the database takes long to look through a million rows."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from pyroaring import BitMap

from search_app.language.nodes import Condition

MOST = 8  # conditions that are kept, those that were asked for last
_NOTHING = BitMap(), BitMap()


class Asked:
    """By condition: the rows that it was asked of, and those of them that meet it.

    Snapshots whose rows stand at the same places share one, and threads do. The bitmaps in it are never changed.
    """

    def __init__(self) -> None:
        self._known: dict[Condition, tuple[BitMap, BitMap]] = {}
        self._lock = Lock()
        self._under_way: list[BitMap] = []  # for each question that waits for its answer: rows that changed meanwhile

    def rows(self, condition: Condition, among: BitMap, ask: Callable[[BitMap], BitMap]) -> BitMap:
        """The rows among these that meet the condition. `ask` says so of those that it is not known of."""
        changed = BitMap()
        with self._lock:
            known, met = self._known.pop(condition, _NOTHING)
            self._known[condition] = known, met  # the last of all now
            if not (unknown := among - known):
                return among & met
            self._under_way.append(changed)
        try:
            found = ask(unknown)
        except BaseException:
            with self._lock:
                self._end(changed)
            raise
        with self._lock:  # both in one: no change may come between the last look at `changed` and the keeping
            self._end(changed)
            self._keep(condition, unknown - changed, found - changed)
        return among & (met | found)

    def _end(self, changed: BitMap) -> None:
        self._under_way = [one for one in self._under_way if one is not changed]

    def _keep(self, condition: Condition, rows: BitMap, met: BitMap) -> None:
        known, known_met = self._known.pop(condition, _NOTHING)
        self._known[condition] = known | rows, known_met | met
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def forget(self, rows: BitMap) -> None:
        """These rows have changed, and what is known of them is no more."""
        with self._lock:
            for changed in self._under_way:
                changed |= rows
            for condition, (known, met) in self._known.items():
                self._known[condition] = known - rows, met - rows
