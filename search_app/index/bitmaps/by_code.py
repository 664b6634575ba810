"""Counting by the codes of several columns at once, one stretch of rows after another.

A stretch is so short that what is made of it stays in the processor's own memory: that takes a third of the time of a
walk through whole columns, and no memory that grows with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from pyroaring import BitMap

from search_app.index.bitmaps.columns import Codes, positions

STRETCH = 1 << 16  # rows


@dataclass(frozen=True)
class Split:
    """How many rows have each code of a column beside each code of others, and the first and the last of their times.

    `counts[i][code, other]` is of the i-th other column. The times are without meaning for a code that no row has.
    """

    counts: Sequence[np.ndarray]
    first: np.ndarray
    last: np.ndarray

    @property
    def codes(self) -> list[int]:
        """Those that rows have."""
        return np.flatnonzero(self.counts[0].any(axis=1)).tolist()


def split(whole: Codes, parts: Sequence[Codes], rows: BitMap, times: np.ndarray, ordered: int) -> Split:
    """These rows by the codes of the whole, each by those of the parts. Rows below `ordered` are in order of time."""
    sizes = [len(column.dictionary) for column in (whole, *parts)]
    table = np.zeros(prod(sizes), np.int64)
    # Of those with rows in order of time, the stretch with the first row of each code and that with the last.
    first_in, last_in = np.full(sizes[0], -1), np.full(sizes[0], -1)
    stretches = _stretches(rows, max(STRETCH, len(table)))
    in_order = [_end(where) <= ordered for where in stretches]
    for number, where in enumerate(stretches):
        cells = whole.codes[where].astype(np.intp)
        for part, size in zip(parts, sizes[1:], strict=True):
            cells *= size
            cells += part.codes[where]
        counted = np.bincount(cells, minlength=len(table))
        table += counted
        if in_order[number]:
            here = counted.reshape(sizes[0], -1).any(axis=1)
            first_in[here & (first_in < 0)] = number
            last_in[here] = number
    edges = {*first_in.tolist(), *last_in.tolist()}
    first, last = _extremes(
        whole, [where for number, where in enumerate(stretches) if number in edges or not in_order[number]], times
    )
    shape = table.reshape(sizes)
    others = [tuple(axis for axis in range(1, len(sizes)) if axis != place) for place in range(1, len(sizes))]
    return Split([shape.sum(axis=axes) for axes in others], first, last)


def _stretches(rows: BitMap, length: int) -> list[slice | np.ndarray]:
    """The rows, ascending, so many at a time. All of a window are a slice, of which nothing is copied."""
    if not rows:
        return []
    start, end = rows.min(), rows.max() + 1
    if end - start == len(rows):
        return [slice(place, min(place + length, end)) for place in range(start, end, length)]
    found = positions(rows)
    return [found[place : place + length] for place in range(0, len(found), length)]


def _end(where: slice | np.ndarray) -> int:
    return where.stop if isinstance(where, slice) else int(where[-1]) + 1


def _extremes(
    whole: Codes, stretches: Sequence[slice | np.ndarray], times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest time by code in these stretches."""
    limits = np.iinfo(np.int64)
    first = np.full(len(whole.dictionary), limits.max)
    last = np.full(len(whole.dictionary), limits.min)
    for where in stretches:
        np.minimum.at(first, whole.codes[where], times[where])
        np.maximum.at(last, whole.codes[where], times[where])
    return first, last
