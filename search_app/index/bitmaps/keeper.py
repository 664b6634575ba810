"""The index of this process: opened, brought up to date before each answer, compacted beside the answers."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection

from core_app.errors import DomainError
from search_app import changes
from search_app.changes import News, Since, Void, settled
from search_app.held import INDEX
from search_app.index.bitmaps import file
from search_app.index.bitmaps.load import load, load_changes
from search_app.index.bitmaps.snapshot import Snapshot, compact
from search_app.surfaces import Surface

PATIENCE = 1.5  # seconds that a question waits for an index that is being opened
LATE_ROWS = 20_000  # rows out of place that are worth a compaction

log = structlog.get_logger(__name__)


class IndexBuilding(DomainError):
    """There is no index yet: the page says so and asks again."""

    code, status = "index_building", 503


class Keeper:
    """Keeps one surface's index. `current` is for many threads; each answer is read from the one snapshot it gives."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._snapshot: Snapshot | None = None
        self._applying = threading.Lock()
        self._opening: threading.Thread | None = None
        self._compacting: threading.Thread | None = None

    def current(self) -> Snapshot:
        """The index as of now: whatever was committed before the call is in it.

        Raises IndexBuilding while there is none and it takes longer than PATIENCE to get one.
        """
        if self._snapshot is None:
            self._wait_until_open()
        snapshot = self._snapshot
        if snapshot is not None and not changes.is_newer(self.surface.name, snapshot.stamp):
            return snapshot
        with self._applying:
            self._catch_up()
        if self._snapshot is None:  # it was void
            self._wait_until_open()
        self._compact_if_worth_it()
        if self._snapshot is None:
            raise IndexBuilding("The index is being built anew. This page will be here in a moment.", retry_after=2)
        return self._snapshot

    def forget(self) -> None:
        """Drop what is in memory: the next question opens the index anew."""
        with self._applying:
            self._snapshot = None

    # --- catching up

    def _catch_up(self) -> None:
        if self._snapshot is None:
            return
        try:
            with changes.one_moment():
                news = changes.read_news(self.surface.name, self.surface.rows(INDEX), self._snapshot.stamp)
                self._snapshot = self._applied(self._snapshot, news)
        except Void:
            log.warning(
                "index_void", surface=self.surface.name, reason="these are no longer the rows it was built from"
            )
            self._snapshot = None

    def _applied(self, snapshot: Snapshot, news: News) -> Snapshot:
        # Values first: a row that is read anew already has what it was given before.
        if news.values:
            snapshot = snapshot.with_values(settled(news.values))
        if news.rows or news.deleted:
            snapshot = snapshot.apply(load_changes(self.surface, news.rows, news.deleted), news.since)
        return replace(snapshot, stamp=news.since)

    # --- opening

    def _wait_until_open(self) -> None:
        if connection.in_atomic_block:
            # Nobody else sees what this transaction has written, so nobody else can read it for us.
            with self._applying:
                self._snapshot = self._snapshot or self._build()
            return
        with self._applying:
            if self._snapshot is None and self._opening is None:
                self._opening = threading.Thread(target=self._open, name=f"open-index-{self.surface.name}", daemon=True)
                self._opening.start()
            opening = self._opening
        if opening is not None:
            opening.join(PATIENCE)
        if self._snapshot is None:
            raise IndexBuilding("The index is being built. This page will be here in a moment.", retry_after=2)

    def _open(self) -> None:
        try:
            with self._lease():
                changes.epoch(self.surface.name)  # before anything is read: it says which rows these are
                snapshot = self._load()
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

    def _build(self) -> Snapshot:
        with changes.one_moment():
            since = changes.start(self.surface.name)
            return load(self.surface, since)

    # --- compacting

    def _compact_if_worth_it(self) -> None:
        snapshot = self._snapshot
        if snapshot is None or self._compacting is not None or connection.in_atomic_block:
            return
        if snapshot.late > max(LATE_ROWS, snapshot.main // 50):
            self._compacting = threading.Thread(target=self._compact, args=(snapshot,), daemon=True)
            self._compacting.start()

    def _compact(self, snapshot: Snapshot) -> None:
        try:
            tidy = compact(snapshot)
            # What came meanwhile is news again for the tidy one: its stamp is of when it was taken.
            with self._applying:
                self._snapshot = tidy
            with self._lease():
                self._save(tidy)
        except Exception:  # the index goes on as it was; the next question tries again
            log.exception("index_not_compacted", surface=self.surface.name)
        finally:
            self._compacting = None
            connection.close()

    # --- the file

    def _load(self) -> Snapshot | None:
        snapshot = file.load(self.path, self._made_from())
        return snapshot and replace(snapshot, stamp=Since.from_json(snapshot.stamp))

    def _save(self, snapshot: Snapshot) -> None:
        file.save(self.path, replace(snapshot, stamp=snapshot.stamp.as_json()), self._made_from())

    @property
    def path(self) -> Path:
        return Path(settings.TOCSIN_DATA_DIR) / f"index-{self.surface.name}"

    def _made_from(self) -> dict[str, str]:
        held = ", ".join(
            f"{name}={type(holding).__name__}:{holding.path}" for name, holding in self.surface.held.items()
        )
        return {"surface": self.surface.name, "epoch": changes.epoch(self.surface.name), "held": held}

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Of several processes on this machine, one builds; the others then find its file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_keepers: dict[str, Keeper] = {}
_making = threading.Lock()


def keeper(surface: Surface) -> Keeper:
    """The keeper of a surface in this process."""
    with _making:
        if surface.name not in _keepers:
            _keepers[surface.name] = Keeper(surface)
        return _keepers[surface.name]


def forget_all() -> None:
    """Drop every index in memory. After a fork, too: a child must not share its parent's locks."""
    _keepers.clear()


os.register_at_fork(after_in_child=forget_all)
