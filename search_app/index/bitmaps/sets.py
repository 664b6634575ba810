"""Columns with any number of values a row: the codes of one row after another, and a bitmap per value while few."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from search_app.index.bitmaps.columns import (
    MOST_BITMAPS,
    Dictionary,
    bitmap,
    moved,
    one_of,
    positions,
    rows_by_code,
    smallest_type,
    together,
)

NONE = 0  # the code that stands for "no value at all", so that `none` is a value like any other


def set_dictionary(values: Iterable[Hashable] = ()) -> Dictionary:
    """A dictionary whose code 0 is "none"."""
    return Dictionary([None, *values])


BLOCK = 16  # lists


@dataclass(frozen=True)
class Starts:
    """Where lists begin, as where the first of each block does and how far from it the others: a list takes little
    more than a byte so, and not four."""

    blocks: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, starts: np.ndarray) -> Starts:
        blocks = starts[::BLOCK].astype(np.uint32)
        offsets = starts - np.repeat(blocks, BLOCK)[: len(starts)]
        return cls(blocks, offsets.astype(smallest_type(int(offsets.max()) + 1)))

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, lists: np.ndarray) -> np.ndarray:
        return self.blocks[lists // BLOCK] + self.offsets[lists]

    def whole(self) -> np.ndarray:
        """Where each list begins, as uint32."""
        return np.repeat(self.blocks, BLOCK)[: len(self)] + self.offsets

    @property
    def nbytes(self) -> int:
        return self.blocks.nbytes + self.offsets.nbytes


@dataclass(frozen=True)
class Lists:
    """Lists of codes, none empty: list i is codes[starts[i]:starts[i + 1]], and the last start ends the last list."""

    starts: Starts
    codes: np.ndarray

    @classmethod
    def build(cls, of: np.ndarray, codes: np.ndarray, n: int, dtype: type) -> Lists:
        """Of n lists, from (list, code) pairs in any order. A list without a pair becomes [NONE]."""
        lengths = np.bincount(of, minlength=n)
        empty = np.flatnonzero(lengths == 0)
        order = np.argsort(np.concatenate([of, empty]), kind="stable")
        starts = np.zeros(n + 1, np.uint32)
        np.cumsum(np.maximum(lengths, 1), out=starts[1:])
        return cls(Starts.of(starts), np.concatenate([codes, np.full(len(empty), NONE)])[order].astype(dtype))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def pairs(self, lists: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Every code of these lists, or of all: the place of its list among them, rising, and the code."""
        if lists is None:
            return np.repeat(np.arange(len(self)), self.lengths()), self.codes
        starts = self.starts[lists].astype(np.int64)
        lengths = self.starts[lists + 1] - starts
        return np.repeat(np.arange(len(lists)), lengths), self.codes[spread(starts, lengths)]

    def lengths(self) -> np.ndarray:
        return np.diff(self.starts.whole())

    def having(self, wanted: np.ndarray) -> np.ndarray:
        """The lists with a code that the table `wanted` says yes to, rising, maybe repeatedly."""
        return np.searchsorted(self.starts.whole(), np.flatnonzero(wanted[self.codes]), side="right") - 1


@dataclass(frozen=True)
class Sets:
    """Any number of values a row, (NONE,) for a row without.

    `main` has a list for each row of the main region. Rows that came or changed since are named in `late_rows`
    (ascending) and have their lists in `late`, which win.
    """

    dictionary: Dictionary
    main: Lists
    late_rows: np.ndarray
    late: Lists
    rows: dict[int, BitMap] | None

    @classmethod
    def build(cls, dictionary: Dictionary, row_of: np.ndarray, codes: np.ndarray, n: int) -> Sets:
        """From (row, code) pairs in any order, over n rows. Rows without a pair get the code NONE."""
        return cls.of(dictionary, Lists.build(row_of, codes, n, smallest_type(len(dictionary) + 1)))

    @classmethod
    def of(cls, dictionary: Dictionary, main: Lists) -> Sets:
        """From the finished main region."""
        rows = None
        if len(dictionary) <= MOST_BITMAPS:
            row_of = np.repeat(np.arange(len(main), dtype=np.uint32), main.lengths())
            rows = rows_by_code(main.codes, row_of)
        none = np.empty(0, np.int64)
        return cls(dictionary, main, none, Lists.build(none, none, 0, np.uint32), rows)

    def with_rows(
        self, n: int, old: np.ndarray, old_values: Sequence[Iterable], new_values: Sequence[Iterable]
    ) -> Sets:
        """Change the rows at `old`, append rows with `new_values` after row n - 1."""
        rows = np.concatenate([old, np.arange(n, n + len(new_values))])
        places = [(place, codes) for place, codes in enumerate(map(self._codes, [*old_values, *new_values]))]
        of = np.repeat([place for place, _ in places], [len(codes) for _, codes in places]).astype(np.int64)
        return self._with(n, rows, of, np.array([code for _, codes in places for code in codes], np.int64))

    def with_values(self, n: int, rows: np.ndarray, which: np.ndarray, values: Sequence[Iterable]) -> Sets:
        """Give the row rows[i] the values values[which[i]]."""
        lists = [self._codes(some) for some in values]
        lengths = np.array([len(codes) for codes in lists])
        flat = np.array([code for codes in lists for code in codes], np.int64)
        starts = np.cumsum(lengths) - lengths
        of = np.repeat(np.arange(len(rows)), lengths[which])
        return self._with(n, rows, of, flat[spread(starts[which], lengths[which])])

    def _codes(self, values: Iterable) -> Sequence[int]:
        return sorted({self.dictionary.encode(value) for value in values}) or (NONE,)

    def _with(self, n: int, rows: np.ndarray, of: np.ndarray, codes: np.ndarray) -> Sets:
        """Give the rows (each once, those from n on are new) the codes: rows[of[i]] gets codes[i]."""
        order = np.argsort(rows)
        rows, of = rows[order], np.argsort(order)[of]
        old = rows[rows < n]
        was_of, was = self.pairs(old)
        same = _same(len(old), (was_of, was), (of, codes))
        if same.any():
            changed = np.concatenate([~same, np.ones(len(rows) - len(old), bool)])
            keep, kept_was = changed[of], ~same[was_of]
            of, codes = (np.cumsum(changed) - 1)[of[keep]], codes[keep]
            was_rows, was = old[was_of[kept_was]], was[kept_was]
            rows = rows[changed]
        else:
            was_rows = old[was_of]
        if not len(rows):
            return self
        by_code = self.rows if len(self.dictionary) <= MOST_BITMAPS else None
        if by_code is not None:
            by_code = moved(by_code, was_rows, was, rows[of], codes)
        stay = np.flatnonzero(~np.isin(self.late_rows, rows))
        stay_of, stay_codes = self.late.pairs(stay)
        late_rows = np.concatenate([self.late_rows[stay], rows])
        order = np.argsort(late_rows)
        place = np.argsort(order)
        late = Lists.build(
            place[np.concatenate([stay_of, len(stay) + of])],
            np.concatenate([stay_codes, codes]),
            len(late_rows),
            smallest_type(len(self.dictionary) + 1),
        )
        return replace(self, late_rows=late_rows[order], late=late, rows=by_code)

    def reordered(self, rows: np.ndarray) -> Sets:
        """The column of these rows, in this order."""
        order = np.argsort(rows)
        of, codes = self.pairs(rows[order])
        return Sets.build(self.dictionary, order[of], codes, len(rows))

    def having(self, n: int, codes: Sequence[int]) -> BitMap:
        """The rows that have at least one of these codes."""
        if self.rows is not None:
            return together([self.rows[code] for code in codes if code in self.rows])
        wanted = one_of(len(self.dictionary), codes)
        hit = bitmap(self.main.having(wanted))
        if len(self.late_rows):
            hit = (hit - bitmap(self.late_rows)) | bitmap(self.late_rows[self.late.having(wanted)])
        return hit

    def counts(self, hits: BitMap, n: int) -> dict[int, int]:
        """How many of the hit rows have each code: zero counts left out."""
        if self.rows is not None:
            found = {code: hits.intersection_cardinality(rows) for code, rows in self.rows.items()}
            return {code: count for code, count in found.items() if count}
        every = len(hits) == len(self.main) and not len(self.late_rows)
        codes = self.main.codes if every else self.pairs(positions(hits))[1]
        counted = np.bincount(codes)
        found = np.flatnonzero(counted)
        return dict(zip(found.tolist(), counted[found].tolist(), strict=True))

    def pairs(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Every value of these rows (ascending): the place of its row among `rows`, rising, and its code."""
        if not len(self.late_rows):
            return self.main.pairs(rows)
        at = np.minimum(np.searchsorted(self.late_rows, rows), len(self.late_rows) - 1)
        is_late = self.late_rows[at] == rows
        late, plain = np.flatnonzero(is_late), np.flatnonzero(~is_late)
        late_of, late_codes = self.late.pairs(at[late])
        of, codes = self.main.pairs(rows[plain])
        of, codes = np.concatenate([plain[of], late[late_of]]), np.concatenate([codes, late_codes])
        order = np.argsort(of, kind="stable")
        return of[order], codes[order]

    @property
    def nbytes(self) -> int:
        return self.main.codes.nbytes + self.main.starts.nbytes + self.late.codes.nbytes + self.late.starts.nbytes


def _same(n: int, these: tuple[np.ndarray, np.ndarray], those: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Of n lists, given as (list, code) pairs with each list's codes ascending: which are the same in both."""
    (of, codes), (other_of, other_codes) = these, those
    within = other_of < n
    other_of, other_codes = other_of[within], other_codes[within]
    same = np.bincount(of, minlength=n) == np.bincount(other_of, minlength=n)
    mine, other = same[of], same[other_of]
    order, other_order = (np.lexsort(pair) for pair in ((codes[mine], of[mine]), (other_codes[other], other_of[other])))
    differ = codes[mine][order] != other_codes[other][other_order]
    same[of[mine][order][differ]] = False
    return same


def spread(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers start … start + length - 1 of each pair, one run after another."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)
