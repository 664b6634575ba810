"""The index of this process: opened, brought up to date before each answer, compacted beside the answers."""

from __future__ import annotations

import ctypes
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection

from core_app.errors import DomainError
from core_app.health import BUILDING, OK, part
from core_app.turns import aside
from search_app import changes
from search_app.changes import News, Since, Void, settled
from search_app.held import INDEX
from search_app.index.bitmaps import file
from search_app.index.bitmaps.load import load, load_changes, load_declared
from search_app.index.bitmaps.snapshot import Snapshot, compact
from search_app.language import Node
from search_app.surfaces import Surface

PATIENCE = 1.5  # seconds that a question waits for an index that is being opened
MOST_NEWS = 50_000  # rows that a question waits to have read anew; more are read beside the questions
LATE_ROWS = 20_000  # rows out of place that are worth a compaction
FILE_AGE = 4 * 3600  # seconds after which a file is written anew, so that a restart has little to catch up with

log = structlog.get_logger(__name__)


class IndexBuilding(DomainError):
    """There is no index yet: the page says so and asks again."""

    code, status = "index_building", 503


class Keeper:
    """Keeps one surface's index. `current` is for many threads; each answer is read from the one snapshot it gives."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._model = surface.rows(INDEX).model
        self._snapshot: Snapshot | None = None
        self._applying = threading.Lock()
        self._opening: threading.Thread | None = None
        self._compacting: threading.Thread | None = None
        self._read = 0  # rows, while it is being built

    def current(self) -> Snapshot:
        """The index as of now: whatever was committed before the call is in it.

        Raises IndexBuilding while there is none and it takes longer than PATIENCE to get one.
        """
        for _ in range(2):  # what there is may turn out to be void
            snapshot = self._snapshot or self._opened()
            if self._lacks(snapshot):
                snapshot = self._with_declared(snapshot)
            if not changes.is_newer(self.surface.name, self._model, snapshot.stamp):
                return snapshot
            with self._applying:
                caught_up = self._snapshot = self._caught_up(self._snapshot, MOST_NEWS)
            if caught_up is not None:
                self._compact_if_worth_it(caught_up)
                return caught_up
        raise self._building()

    def open_soon(self) -> None:
        """Begin to open the index, and do not wait for it."""
        with self._applying:
            if self._snapshot is None and self._opening is None:
                self._opening = threading.Thread(target=self._open, name=f"open-index-{self.surface.name}", daemon=True)
                self._opening.start()

    def answers_at_once(self, tree: Node) -> bool:
        """Whether the index is open and has all that a query asks about, so that no row is looked up for it."""
        snapshot = self._snapshot
        return snapshot is not None and self.surface.answers(tree, snapshot.columns)

    @property
    def is_building(self) -> bool:
        """Whether questions have to wait."""
        return self._snapshot is None and self._opening is not None

    # --- catching up

    def _caught_up(self, snapshot: Snapshot | None, most: int) -> Snapshot | None:
        """The snapshot as of now; None when it is void, or when more than `most` rows would have to be read."""
        if snapshot is None:
            return None
        try:
            with changes.one_moment():
                news = changes.read_news(self.surface.name, self._model, snapshot.stamp)
                return self._applied(snapshot, news) if len(news.rows) <= most else None
        except Void:
            log.warning("index_void", surface=self.surface.name, reason="the database no longer tells what changed")
            return None

    def _applied(self, snapshot: Snapshot, news: News) -> Snapshot:
        # Values first: a row that is read anew already has what it was given before.
        if news.values:
            snapshot = snapshot.with_values(settled(news.values))
        if news.rows or news.deleted:
            snapshot = snapshot.apply(load_changes(self.surface, news.rows, news.deleted), news.since)
        return replace(snapshot, stamp=news.since)

    # --- opening

    def _opened(self) -> Snapshot:
        if connection.in_atomic_block:
            # Nobody else sees what this transaction has written, so nobody else can read it for us.
            with self._applying:
                self._snapshot = self._snapshot or self._build()
                return self._snapshot
        self.open_soon()
        if opening := self._opening:
            with aside():
                opening.join(PATIENCE)
        if snapshot := self._snapshot:
            return snapshot
        raise self._building()

    def _building(self) -> IndexBuilding:
        far = f" {self._read:,} {self.surface.label} read so far." if self._read else ""
        return IndexBuilding(f"Building the index.{far} This page will be here in a moment.", retry_after=2)

    def _open(self) -> None:
        try:
            with self._lease():
                changes.epoch(self.surface.name)  # before anything is read: it says which rows these are
                kept = self._load()
                snapshot = self._caught_up(kept, max(MOST_NEWS, kept.n // 4)) if kept else None
                if snapshot is None:
                    snapshot = self._build()
                    self._save(snapshot)
            with self._applying:
                self._snapshot = snapshot
        except Exception:  # whatever it was is told, and the next question tries again
            log.exception("index_not_opened", surface=self.surface.name)
        finally:
            self._opening = None
            connection.close()
            give_back()

    def _build(self) -> Snapshot:
        def tell(rows: int) -> None:
            self._read = rows

        try:
            with changes.one_moment():
                since = changes.start(self.surface.name)
                return load(self.surface, since, tell)
        finally:
            self._read = 0

    # --- declared facets

    def _lacks(self, snapshot: Snapshot) -> bool:
        """Whether a facet was declared that has no column yet."""
        return not self.surface.held.keys() <= snapshot.columns.keys()

    def _with_declared(self, snapshot: Snapshot) -> Snapshot:
        """Have the missing columns read beside the answers, which go on without them."""
        if connection.in_atomic_block:  # nobody else could read what this transaction has written
            with self._applying:
                self._snapshot = load_declared(self.surface, snapshot)
                return self._snapshot
        if self._compacting is None:
            self._compacting = threading.Thread(target=self._compact, args=(snapshot,), daemon=True)
            self._compacting.start()
        return snapshot

    # --- compacting

    def _compact_if_worth_it(self, snapshot: Snapshot) -> None:
        if self._compacting is not None or connection.in_atomic_block:
            return
        if snapshot.late > max(LATE_ROWS, snapshot.main // 50) or self._file_is_old():
            self._compacting = threading.Thread(target=self._compact, args=(snapshot,), daemon=True)
            self._compacting.start()

    def _compact(self, snapshot: Snapshot) -> None:
        try:
            tidy = load_declared(self.surface, compact(snapshot))
            # What came meanwhile is news again for the tidy one: its stamp is of when it was taken.
            with self._applying:
                self._snapshot = tidy if self._snapshot is not None else None
            with self._lease():
                self._save(tidy)
        except Exception:  # the index goes on as it was; the next question tries again
            log.exception("index_not_compacted", surface=self.surface.name)
        finally:
            self._compacting = None
            connection.close()
            give_back()

    # --- the file

    def _load(self) -> Snapshot | None:
        snapshot = file.load(self.path, self._made_from())
        return snapshot and replace(snapshot, stamp=Since.from_json(snapshot.stamp))

    def _save(self, snapshot: Snapshot) -> None:
        file.save(self.path, replace(snapshot, stamp=snapshot.stamp.as_json()), self._made_from())

    def _file_is_old(self) -> bool:
        try:
            return time.time() - self.path.stat().st_mtime > FILE_AGE
        except FileNotFoundError:
            return True

    @property
    def path(self) -> Path:
        return Path(settings.TOCSIN_DATA_DIR) / f"index-{self.surface.name}"

    def _made_from(self) -> dict[str, str]:
        held = ", ".join(
            f"{name}={type(holding).__name__}:{holding.path}" for name, holding in self.surface.holds.items()
        )
        return {"surface": self.surface.name, "epoch": changes.epoch(self.surface.name), "held": held}

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Of several processes on this machine, one builds; the others then find its file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def give_back() -> None:
    """Return freed memory to the system: what reading a million rows took would stay with the process for good."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim:
        trim(0)


_keepers: dict[str, Keeper] = {}
_making = threading.Lock()


def keeper(surface: Surface) -> Keeper:
    """The keeper of a surface in this process."""
    with _making:
        if surface.name not in _keepers:
            _keepers[surface.name] = Keeper(surface)
        return _keepers[surface.name]


@part("index")
def _readiness() -> str:
    return BUILDING if any(kept.is_building for kept in list(_keepers.values())) else OK


def forget_all() -> None:
    """Drop every index in memory. After a fork, too: a child must not share its parent's locks."""
    _keepers.clear()


os.register_at_fork(after_in_child=forget_all)
