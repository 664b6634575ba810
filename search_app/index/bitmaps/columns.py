"""The columns of the facet index: what each row's value is, and which rows have a value.

A row is a position: 0 … n-1. Columns are read by many threads while one prepares the next version, so
nothing that a reader can see is ever changed: `with_rows` returns a new column that shares what did not
change. Appending is the exception that needs no copy: a reader never looks past its own `n`.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from pyroaring import BitMap

MOST_BITMAPS = 2000  # above this many values a column is counted by its codes alone
ROWS_PER_BITMAP = 2000  # intersecting with a bitmap costs about as much as looking at the codes of this many rows
SPARE_ROWS = 65_536
PATTERNS = 8  # whose fitting values a dictionary remembers, and a column the rows
STRETCH, MOST_LISTED, NO_RUNS = 1 << 16, 4096, 12346  # of the format of bitmaps


def bitmap(positions: np.ndarray) -> BitMap:
    """A bitmap of these positions. Going through `array` is much faster than through Python ints."""
    return BitMap(array.array("I", np.ascontiguousarray(positions, np.uint32).tobytes()))


def bitmap_of(mask: np.ndarray) -> BitMap:
    """The positions at which a boolean array says yes, as `bitmap(np.flatnonzero(mask))`.

    Written in the format that bitmaps are exchanged in (https://github.com/RoaringBitmap/RoaringFormatSpec): of a
    stretch of 65,536 positions with many among them it keeps a bit each, which is what numpy packs at once.
    """
    bits = np.packbits(mask, bitorder="little")
    heads, bodies = [], []
    for key in range(-(-len(mask) // STRETCH)):
        stretch = mask[key * STRETCH : (key + 1) * STRETCH]
        count = int(np.count_nonzero(stretch))
        if count > MOST_LISTED:
            bytes_of = slice(key * STRETCH // 8, (key + 1) * STRETCH // 8)
            bodies.append(bits[bytes_of].tobytes().ljust(STRETCH // 8, b"\0"))
        elif count:
            bodies.append(np.flatnonzero(stretch).astype("<u2").tobytes())
        if count:
            heads.append((key, count - 1))
    preface = np.array([NO_RUNS, len(heads)], "<u4").tobytes() + np.array(heads, "<u2").tobytes()
    ends = np.cumsum([len(preface) + 4 * len(heads), *map(len, bodies)])
    return BitMap.deserialize(b"".join([preface, ends[:-1].astype("<u4").tobytes(), *bodies]))


def positions(rows: BitMap) -> np.ndarray:
    """The positions of a bitmap, ascending, as uint32."""
    return np.frombuffer(rows.to_array(), np.uint32) if rows else np.empty(0, np.uint32)


def together(some: Sequence[BitMap]) -> BitMap:
    """What is in any of these, to be read only: of one alone it is that one: a copy takes a while."""
    return some[0] if len(some) == 1 else BitMap.union(BitMap(), *some)


def at(values: np.ndarray, rows: BitMap) -> np.ndarray:
    """What stands at these positions. Where they are all of a stretch, as in a window of time, nothing is copied."""
    if rows and rows.max() - rows.min() + 1 == len(rows):
        return values[rows.min() : rows.max() + 1]
    return values.take(positions(rows))


def distinct(values: np.ndarray) -> np.ndarray:
    """Each of these whole numbers once, rising. Sorting is many times faster here than numpy's table of hashes."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """What was found for the patterns that were asked for lately, among the first so many things. Threads share it."""

    def __init__(self, others: Remembered[Found] | None = None) -> None:
        self._found = dict(others._found) if others else {}
        self._lock = Lock()

    def of(self, pattern: Hashable, none: Found) -> tuple[int, Found]:
        """Among how many it was looked for, and what was found."""
        return self._found.get(pattern, (0, none))

    def add(self, pattern: Hashable, among: int, found: Found) -> None:
        with self._lock:
            self._found.pop(pattern, None)
            self._found[pattern] = among, found
            while len(self._found) > PATTERNS:
                del self._found[next(iter(self._found))]


class _Codes(dict[Hashable, int]):
    """Codes by value. One that is missing is given out by the look-up itself, which C can do for a million."""

    def __init__(self, values: list[Hashable]) -> None:
        super().__init__((value, code) for code, value in enumerate(values))
        self._values = values

    def __missing__(self, value: Hashable) -> int:
        code = self[value] = len(self._values)
        self._values.append(value)
        return code


class Dictionary:
    """Values and their codes, in order of first sight. It only grows, so every version of a column shares it."""

    def __init__(self, values: Iterable[Hashable] = ()) -> None:
        self.values: list[Hashable] = list(values)
        self._codes = _Codes(self.values)
        self._fitting: Remembered[np.ndarray] = Remembered()

    def __len__(self) -> int:
        return len(self.values)

    def code(self, value: Hashable) -> int | None:
        """The code of a value; None for one that no row ever had."""
        return self._codes.get(value)

    def fitting(self, pattern: Hashable, fits: Callable[[Any], bool]) -> np.ndarray:
        """The codes of the values that fit; `pattern` stands for the test. Remembered for the last few patterns:
        what fitted once does for ever, and only values that came since are tested."""
        seen, codes = self._fitting.of(pattern, np.empty(0, np.uint32))
        upto = len(self.values)
        if seen < upto:
            new = [code for code in range(seen, upto) if fits(self.values[code])]
            codes = np.concatenate([codes, np.array(new, np.uint32)])
        self._fitting.add(pattern, upto, codes)
        return codes

    def encode(self, value: Hashable) -> int:
        """The code of a value, given out now if it is new."""
        return self._codes[value]

    def encode_all(self, values: Sequence[Hashable]) -> np.ndarray:
        """The codes of many values, those that are new given out now, as int64."""
        return np.fromiter(map(self._codes.__getitem__, values), np.int64, len(values))


def smallest_type(codes: int) -> type:
    """The narrowest unsigned type that tells that many codes apart."""
    return np.uint8 if codes <= 1 << 8 else np.uint16 if codes <= 1 << 16 else np.uint32


def narrowest(values: np.ndarray) -> np.ndarray:
    """The same whole numbers in the narrowest signed type that holds them."""
    low, high = values.min(initial=0), values.max(initial=0)
    fitting = (t for t in (np.int8, np.int16, np.int32) if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return values.astype(next(fitting, np.int64))


def grown(values: np.ndarray, length: int, capacity: int, dtype: type | None = None) -> np.ndarray:
    """A copy of the first `length` values with room for `capacity`."""
    copy = np.empty(capacity, dtype or values.dtype)
    copy[:length] = values[:length]
    return copy


@dataclass(frozen=True)
class Numbers:
    """One whole number a row: times in microseconds, counts. The type of `values` is signed and as narrow as it may."""

    values: np.ndarray

    @classmethod
    def build(cls, values: np.ndarray) -> Numbers:
        return cls(grown(narrowest(values), len(values), len(values) + SPARE_ROWS))

    def with_rows(self, n: int, old: np.ndarray, old_values: np.ndarray, new_values: np.ndarray) -> Numbers:
        """Change the rows at `old`, append `new_values` after row n - 1."""
        values, end = self.values, n + len(new_values)
        dtype = np.result_type(values, narrowest(np.concatenate([old_values, new_values])))
        if end > len(values) or dtype != values.dtype or (len(old) and (values[old] != old_values).any()):
            values = grown(values, n, max(end + SPARE_ROWS, len(values)), dtype)
            values[old] = old_values
        values[n:end] = new_values
        return Numbers(values)

    def reordered(self, rows: np.ndarray) -> Numbers:
        """The column of these rows, in this order."""
        return Numbers.build(self.values[rows])

    def between(self, n: int, low: int | None, high: int | None) -> BitMap:
        """The rows with low <= value <= high."""
        values = self.values[:n]
        hit = np.ones(n, bool) if low is None else values >= low
        if high is not None:
            hit &= values <= high
        return bitmap_of(hit)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes


@dataclass(frozen=True)
class Codes:
    """One value a row, as a code into a dictionary; with a bitmap per value while the values are few."""

    dictionary: Dictionary
    codes: np.ndarray
    rows: dict[int, BitMap] | None
    remembered: Remembered[BitMap] = field(default_factory=Remembered, compare=False, repr=False)

    @classmethod
    def build(cls, dictionary: Dictionary, codes: np.ndarray) -> Codes:
        """`codes` in row order; every code has its value in the dictionary."""
        codes = codes.astype(smallest_type(len(dictionary) + 1), copy=False)
        rows = rows_by_code(codes, np.arange(len(codes), dtype=np.uint32)) if len(dictionary) <= MOST_BITMAPS else None
        return cls(dictionary, grown(codes, len(codes), len(codes) + SPARE_ROWS), rows)

    def with_rows(self, n: int, old: np.ndarray, old_values: Sequence, new_values: Sequence) -> Codes:
        """Change the rows at `old`, append `new_values` after row n - 1."""
        changed = self.dictionary.encode_all(old_values)
        added = self.dictionary.encode_all(new_values)
        return self._with_codes(n, old, changed, added)

    def with_values(self, n: int, rows: np.ndarray, which: np.ndarray, values: Sequence[Hashable]) -> Codes:
        """Give the row rows[i] the value values[which[i]]."""
        codes = self.dictionary.encode_all(values)
        return self._with_codes(n, rows, codes[which], np.empty(0, np.int64))

    def _with_codes(self, n: int, old: np.ndarray, changed: np.ndarray, added: np.ndarray) -> Codes:
        codes, end = self.codes, n + len(added)
        dtype = smallest_type(len(self.dictionary) + 1)
        was = codes[old].astype(np.int64)
        differ = np.flatnonzero(was != changed)
        old, was, changed = old[differ], was[differ], changed[differ]
        if end > len(codes) or dtype != codes.dtype or len(old):
            codes = grown(codes, n, max(end + SPARE_ROWS, len(codes)) if end > len(codes) else len(codes), dtype)
            codes[old] = changed
        codes[n:end] = added
        rows = self.rows
        if rows is not None and len(self.dictionary) > MOST_BITMAPS:
            rows = None
        if rows is not None:
            rows = moved(rows, old, was, np.concatenate([old, np.arange(n, end)]), np.concatenate([changed, added]))
        # What is only longer than it was still has what was found in it.
        return Codes(self.dictionary, codes, rows, Remembered(None if len(old) else self.remembered))

    def reordered(self, rows: np.ndarray) -> Codes:
        """The column of these rows, in this order."""
        return Codes.build(self.dictionary, self.codes[rows])

    def having(self, n: int, codes: Sequence[int]) -> BitMap:
        """The rows whose value is one of these codes."""
        if self.rows is not None:
            return together([self.rows[code] for code in codes if code in self.rows])
        return self._among(0, n, codes)

    def fitting(self, n: int, pattern: Hashable, fits: Callable[[Any], bool]) -> BitMap:
        """The rows whose value fits; `pattern` stands for the test. Of a pattern that was asked for lately, only rows
        that came since are looked at: people ask for the same words with one term more, and page by page."""
        codes = self.dictionary.fitting(pattern, fits)
        if self.rows is not None:
            return self.having(n, codes)
        seen, hits = self.remembered.of(pattern, BitMap())
        if seen < n:
            hits = hits | self._among(seen, n, codes)
        self.remembered.add(pattern, max(seen, n), hits)
        return hits

    def _among(self, start: int, end: int, codes: Sequence[int]) -> BitMap:
        """The rows from `start` up to `end` whose value is one of these codes."""
        hit = one_of(len(self.dictionary), codes).take(self.codes[start:end])
        return bitmap_of(hit) if start == 0 else bitmap(np.flatnonzero(hit) + start)

    def counts(self, hits: BitMap, n: int) -> dict[int, int]:
        """How many of the hit rows have each code: zero counts left out."""
        if self.rows is not None and len(self.rows) <= len(hits) // ROWS_PER_BITMAP:
            found = {code: hits.intersection_cardinality(rows) for code, rows in self.rows.items()}
            return {code: count for code, count in found.items() if count}
        counted = np.bincount(at(self.codes, hits))
        found = np.flatnonzero(counted)
        return dict(zip(found.tolist(), counted[found].tolist(), strict=True))

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes


def one_of(size: int, codes: Sequence[int]) -> np.ndarray:
    """A boolean table by code: true for these."""
    table = np.zeros(size, bool)
    table[np.asarray(codes, np.int64)] = True
    return table


def rows_by_code(codes: np.ndarray, where: np.ndarray) -> dict[int, BitMap]:
    """A bitmap per code of the positions `where` it stands."""
    order = np.argsort(codes, kind="stable")
    counted = np.bincount(codes)
    ends = np.cumsum(counted)
    where = where[order]
    return {int(code): bitmap(where[ends[code] - counted[code] : ends[code]]) for code in np.flatnonzero(counted)}


def moved(
    rows: dict[int, BitMap], lost: np.ndarray, was: np.ndarray, won: np.ndarray, now: np.ndarray
) -> dict[int, BitMap]:
    """Bitmaps by code, when the positions `lost` no longer have the codes `was`, and `won` have `now`."""
    after = dict(rows)
    for code, where in rows_by_code(was, lost).items():
        after[code] = after[code] - where
    for code, where in rows_by_code(now, won).items():
        after[code] = after.get(code, BitMap()) | where
    return after
