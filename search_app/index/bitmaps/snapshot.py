"""One consistent state of the index: what an answer is read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from search_app.index.bitmaps.asked import Asked
from search_app.index.bitmaps.columns import SPARE_ROWS, Codes, Numbers, bitmap, grown, positions
from search_app.index.bitmaps.sets import Sets

Column = Codes | Sets | Numbers


@dataclass(frozen=True)
class Changes:
    """Rows as the database has them now: `values[name][i]` belongs to `pks[i]`; and the keys of deleted rows."""

    pks: np.ndarray
    times: np.ndarray  # microseconds
    values: Mapping[str, Sequence]
    deleted: Sequence[int] = ()


@dataclass(frozen=True)
class Snapshot:
    """Rows 0 … main-1 in the order of (time, pk), then the tail in the order of arrival.

    A row whose time changed is dead where it stood and lives on in the tail. Nothing in a snapshot
    ever changes: `apply` makes the next one, which shares what is the same.
    """

    n: int
    main: int
    pks: np.ndarray
    times: np.ndarray
    columns: Mapping[str, Column]
    by_pk: np.ndarray | None  # positions of the main region in the order of pk; None when that is their own order
    tail: Mapping[int, int] = field(default_factory=dict)  # pk -> position
    dead: BitMap = field(default_factory=BitMap)
    stamp: Any = 0  # up to which change of the database this is true
    axis: str = ""  # the column whose values are the times, if there is one
    asked: Asked = field(default_factory=Asked, compare=False, repr=False)

    @classmethod
    def build(
        cls, pks: np.ndarray, times: np.ndarray, columns: Mapping[str, Column], stamp: Any, axis: str = ""
    ) -> Snapshot:
        """From rows already in the order of (time, pk). The columns are all but that of the axis."""
        n = len(pks)
        rising = n < 2 or bool((pks[1:] > pks[:-1]).all())
        by_pk = None if rising else np.argsort(pks).astype(np.uint32)
        room = n + SPARE_ROWS
        times = grown(times, n, room)
        return cls(n, n, grown(pks, n, room), times, _with_axis(columns, axis, times), by_pk, stamp=stamp, axis=axis)

    def rows_of(self, pks: np.ndarray) -> np.ndarray:
        """The position of each key, -1 for a key that has no living row."""
        found = np.full(len(pks), -1, np.int64)
        if self.main:
            keys = self.pks[: self.main]
            at = np.minimum(np.searchsorted(keys, pks, sorter=self.by_pk), self.main - 1)
            at = at if self.by_pk is None else self.by_pk[at].astype(np.int64)
            hit = keys[at] == pks
            found[hit] = at[hit]
        if self.tail:
            for i, pk in enumerate(pks.tolist()):
                if pk in self.tail:
                    found[i] = self.tail[pk]
        if self.dead:
            found[np.isin(found, positions(self.dead))] = -1
        return found

    def apply(self, changes: Changes, stamp: Any) -> Snapshot:
        """The state after these changes."""
        rows = self.rows_of(changes.pks)
        known = rows >= 0
        moved = known.copy()
        moved[known] = self.times[rows[known]] != changes.times[known]
        dead = self.dead
        gone = self.rows_of(np.asarray(changes.deleted, np.int64)) if len(changes.deleted) else np.empty(0, np.int64)
        gone = np.concatenate([gone[gone >= 0], rows[moved]])
        if len(gone):
            dead = dead | bitmap(gone)
        self.asked.forget(bitmap(rows[known]))
        stay = np.flatnonzero(known & ~moved)
        added = np.flatnonzero(~known | moved)
        n, end = self.n, self.n + len(added)
        pks, times = self.pks, self.times
        if end > len(pks):
            pks, times = grown(pks, n, end + SPARE_ROWS), grown(times, n, end + SPARE_ROWS)
        pks[n:end], times[n:end] = changes.pks[added], changes.times[added]
        columns = {
            name: column.with_rows(
                n, rows[stay], [changes.values[name][i] for i in stay], [changes.values[name][i] for i in added]
            )
            for name, column in self.columns.items()
            if name in changes.values  # else a declared facet was taken away, and its column with it
        }
        columns = _with_axis(columns, self.axis, times)
        tail = self.tail
        if len(added):
            tail = {**tail, **dict(zip(changes.pks[added].tolist(), range(n, end), strict=True))}
        return replace(self, n=end, pks=pks, times=times, columns=columns, tail=tail, dead=dead, stamp=stamp)

    def alive(self) -> BitMap:
        """Every living row."""
        return BitMap(range(self.n)) - self.dead

    def within(self, start: int, end: int) -> BitMap:
        """The living rows with start <= time < end, in microseconds."""
        low, high = np.searchsorted(self.times[: self.main], [start, end])
        hit = BitMap(range(int(low), max(int(low), int(high))))
        late = self.times[self.main : self.n]
        if len(late):
            hit |= bitmap(np.flatnonzero((late >= start) & (late < end)) + self.main)
        return hit - self.dead if self.dead else hit

    @cached_property
    def tail_rows(self) -> BitMap:
        return BitMap(range(self.main, self.n))

    def histogram(self, hits: BitMap, edges: np.ndarray) -> np.ndarray:
        """How many of the hit rows fall between consecutive edges (len(edges) - 1 counts), in microseconds."""
        places = np.searchsorted(self.times[: self.main], edges).tolist()
        below = np.array([hits.rank(place - 1) if place else 0 for place in places])
        counts = np.diff(below)
        late = hits & self.tail_rows
        if late:
            counts += np.histogram(self.times[positions(late)], edges)[0]  # the last edge closes the window
        return counts

    def extent(self, rows: BitMap) -> tuple[int, int]:
        """The first and the last time of these rows, in microseconds. There is at least one."""
        if rows.max() < self.main:  # in order of time
            return int(self.times[rows.min()]), int(self.times[rows.max()])
        late = rows & self.tail_rows
        times = self.times[positions(late)]
        if ordered := rows - late:
            times = np.append(times, self.times[[ordered.min(), ordered.max()]])
        return int(times.min()), int(times.max())

    def by_time(self, hits: BitMap, limit: int, *, falling: bool, beyond: tuple[int, int] | None) -> np.ndarray:
        """The first `limit` rows in the order of (time, pk), as positions; after the row `beyond` in that order."""
        late = hits & self.tail_rows
        ordered = hits - late if late else hits
        first, last = 0, len(ordered)
        if beyond and self.main:
            edge = self._edge(*beyond, after=not falling)
            at = ordered.rank(edge - 1) if edge else 0
            first, last = (first, at) if falling else (at, last)
        span = range(max(last - limit, first), last) if falling else range(first, min(first + limit, last))
        rows = np.array([ordered[i] for i in span] + list(late), np.int64)
        if beyond and late:
            keys = [(int(self.times[row]), int(self.pks[row])) for row in rows]
            rows = rows[[key < beyond if falling else key > beyond for key in keys]]
        order = np.lexsort((self.pks[rows], self.times[rows]))
        return rows[order[::-1] if falling else order][:limit]

    def _edge(self, time: int, pk: int, *, after: bool) -> int:
        """How many rows of the main region come before (time, pk); with `after`, that row itself as well."""
        low, high = (int(np.searchsorted(self.times[: self.main], time, side)) for side in ("left", "right"))
        return low + int(np.searchsorted(self.pks[low:high], pk, "right" if after else "left"))

    @property
    def late(self) -> int:
        """How many rows are out of place: in the tail, dead, or changed in a column that keeps changes apart."""
        changed = (len(column.late_rows) for column in self.columns.values() if isinstance(column, Sets))
        return self.n - self.main + len(self.dead) + max(changed, default=0)

    def with_values(self, given: Mapping[str, Sequence[tuple[Any, np.ndarray]]]) -> Snapshot:
        """The state after rows were given values: by column `(value, keys)`, no key twice in one column."""
        columns = dict(self.columns)
        for name, pairs in given.items():
            where = [self.rows_of(keys) for _, keys in pairs]
            rows = np.concatenate(where)
            which = np.repeat(np.arange(len(pairs)), [len(some) for some in where])
            alive = rows >= 0
            columns[name] = columns[name].with_values(self.n, rows[alive], which[alive], [value for value, _ in pairs])
        return replace(self, columns=columns)


def compact(snapshot: Snapshot) -> Snapshot:
    """The same rows with the tail merged in and the dead left out: what a fresh build would give."""
    rows = positions(snapshot.alive()).astype(np.int64)
    pks, times = snapshot.pks[rows], snapshot.times[rows]
    order = np.lexsort((pks, times))
    columns = {
        name: column.reordered(rows[order]) for name, column in snapshot.columns.items() if name != snapshot.axis
    }
    return Snapshot.build(pks[order], times[order], columns, snapshot.stamp, snapshot.axis)


def _with_axis(columns: Mapping[str, Column], axis: str, times: np.ndarray) -> Mapping[str, Column]:
    return {**columns, axis: Numbers(times)} if axis else columns
