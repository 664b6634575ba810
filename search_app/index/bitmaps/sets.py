"""The multi-valued column: attackers, users, tags, assignees, countries."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from search_app.index.bitmaps.columns import (
    MOST_BITMAPS,
    Dictionary,
    bitmap,
    one_of,
    positions,
    rows_by_code,
    smallest_type,
)

NONE = 0  # the code that stands for "no value at all", so that `none` is a value like any other


def set_dictionary(values: Iterable[Hashable] = ()) -> Dictionary:
    """A dictionary whose code 0 is "none"."""
    return Dictionary([None, *values])


@dataclass(frozen=True)
class Sets:
    """Any number of values a row.

    Rows of the main region stand in `starts` and `codes` (row r has codes[starts[r]:starts[r + 1]]);
    rows that came or changed since stand in `changed`, which wins.
    """

    dictionary: Dictionary
    starts: np.ndarray
    codes: np.ndarray
    changed: dict[int, tuple[int, ...]]
    rows: dict[int, BitMap] | None

    @classmethod
    def build(cls, dictionary: Dictionary, row_of: np.ndarray, codes: np.ndarray, n: int) -> Sets:
        """From (row, code) pairs in any order, over n rows. Rows without a pair get the code NONE."""
        lengths = np.bincount(row_of, minlength=n)
        empty = np.flatnonzero(lengths == 0)
        row_of = np.concatenate([row_of, empty])
        codes = np.concatenate([codes, np.full(len(empty), NONE, codes.dtype)])
        order = np.argsort(row_of, kind="stable")
        row_of, codes = row_of[order], codes[order].astype(smallest_type(len(dictionary) + 1))
        starts = np.zeros(n + 1, np.uint32)
        np.cumsum(np.maximum(lengths, 1), out=starts[1:])
        return cls.of(dictionary, starts, codes)

    @classmethod
    def of(cls, dictionary: Dictionary, starts: np.ndarray, codes: np.ndarray) -> Sets:
        """From the finished main region."""
        rows = None
        if len(dictionary) <= MOST_BITMAPS:
            row_of = np.repeat(np.arange(len(starts) - 1, dtype=np.uint32), np.diff(starts))
            rows = rows_by_code(codes, row_of)
        return cls(dictionary, starts, codes, {}, rows)

    def codes_of(self, row: int) -> tuple[int, ...]:
        """The codes of one row: (NONE,) for a row without values."""
        if row in self.changed:
            return self.changed[row]
        return tuple(self.codes[self.starts[row] : self.starts[row + 1]].tolist())

    def with_rows(
        self, n: int, old: np.ndarray, old_values: Sequence[Iterable], new_values: Sequence[Iterable]
    ) -> Sets:
        """Change the rows at `old`, append rows with `new_values` after row n - 1."""
        now: dict[int, tuple[int, ...]] = {}
        for row, values in zip(
            [*old.tolist(), *range(n, n + len(new_values))], [*old_values, *new_values], strict=True
        ):
            now[row] = tuple(sorted({self.dictionary.encode(value) for value in values})) or (NONE,)
        for row in old.tolist():
            if self.codes_of(row) == now[row]:
                del now[row]
        if not now:
            return self
        rows = self.rows if len(self.dictionary) <= MOST_BITMAPS else None
        if rows is not None:
            lost: dict[int, list[int]] = {}
            won: dict[int, list[int]] = {}
            for row, codes in now.items():
                for code in self.codes_of(row) if row < n else ():
                    lost.setdefault(code, []).append(row)
                for code in codes:
                    won.setdefault(code, []).append(row)
            rows = dict(rows)
            for code, where in lost.items():
                rows[code] = rows[code] - BitMap(where)
            for code, where in won.items():
                rows[code] = rows.get(code, BitMap()) | BitMap(where)
        return Sets(self.dictionary, self.starts, self.codes, {**self.changed, **now}, rows)

    def reordered(self, rows: np.ndarray) -> Sets:
        """The column of these rows, in this order."""
        main = len(self.starts) - 1
        place = np.full(max(int(rows.max(initial=-1)) + 1, main), -1, np.int64)
        place[rows] = np.arange(len(rows))
        own = np.repeat(np.arange(main), np.diff(self.starts))
        keep = (place[own] >= 0) & (self.codes != NONE)
        special = np.array(sorted(self.changed), np.int64)
        special = special[special < len(place)]
        if len(special):
            superseded = np.zeros(len(place), bool)
            superseded[special] = True
            keep &= ~superseded[own]
        pairs = [
            (place[row], code) for row in special.tolist() if place[row] >= 0 for code in self.changed[row] if code
        ]
        late = np.array(pairs, np.int64).reshape(-1, 2)
        row_of = np.concatenate([place[own[keep]], late[:, 0]])
        return Sets.build(self.dictionary, row_of, np.concatenate([self.codes[keep], late[:, 1]]), len(rows))

    def having(self, n: int, codes: Sequence[int]) -> BitMap:
        """The rows that have at least one of these codes."""
        if self.rows is not None:
            return BitMap.union(BitMap(), *[self.rows[code] for code in codes if code in self.rows])
        table = one_of(len(self.dictionary), codes)
        flat = np.flatnonzero(table[self.codes])
        hit = bitmap(np.searchsorted(self.starts, flat, side="right") - 1)
        if self.changed:
            hit -= BitMap(self.changed)
            hit |= BitMap([row for row, own in self.changed.items() if row < n and any(table[code] for code in own)])
        return hit

    def counts(self, hits: BitMap, n: int) -> dict[int, int]:
        """How many of the hit rows have each code: zero counts left out."""
        if self.rows is not None:
            found = {code: hits.intersection_cardinality(rows) for code, rows in self.rows.items()}
            return {code: count for code, count in found.items() if count}
        counted = np.zeros(len(self.dictionary), np.int64)
        if self.changed:
            special = hits & BitMap(self.changed)
            for row in special:
                for code in self.changed[row]:
                    counted[code] += 1
            hits = hits - special
        main = len(self.starts) - 1
        if len(hits) == main:
            counted += np.bincount(self.codes, minlength=len(counted))
        elif hits:
            where = positions(hits)
            starts = self.starts[where].astype(np.int64)
            lengths = self.starts[where + 1] - starts
            ends = np.cumsum(lengths)
            flat = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
            counted += np.bincount(self.codes[flat], minlength=len(counted))
        found = np.flatnonzero(counted)
        return dict(zip(found.tolist(), counted[found].tolist(), strict=True))

    def pairs(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Every value of these rows (ascending): the place of its row among `rows`, rising, and its code."""
        special = np.flatnonzero(np.isin(rows, list(self.changed))) if self.changed else np.empty(0, np.int64)
        plain = np.delete(np.arange(len(rows)), special) if len(special) else np.arange(len(rows))
        where = rows[plain]
        starts = self.starts[where].astype(np.int64)
        lengths = self.starts[where + 1] - starts
        of, codes = np.repeat(plain, lengths), self.codes[spread(starts, lengths)]
        if len(special):
            late = [(place, code) for place in special.tolist() for code in self.changed[int(rows[place])]]
            late_of, late_codes = np.array(late, np.int64).T
            of, codes = np.concatenate([of, late_of]), np.concatenate([codes, late_codes])
            order = np.argsort(of, kind="stable")
            of, codes = of[order], codes[order]
        return of, codes

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes + self.starts.nbytes


def spread(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers start … start + length - 1 of each pair, one run after another."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)
