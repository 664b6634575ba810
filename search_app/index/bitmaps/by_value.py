"""Counting by the values of one field that a row has one of, where each value has its bitmap.

Meeting bitmaps costs microseconds each, however many rows they hold; the codes of a million rows have to be walked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pyroaring import BitMap

from search_app.index.bitmaps.columns import Codes
from search_app.index.bitmaps.snapshot import Snapshot

ROWS_PER_MEETING, FEW_MEETINGS = 100, 200  # two bitmaps meet in the time in which so many rows' codes are walked

Values = Mapping[Any, tuple[Any, BitMap]]  # by stored value, None for none: its label and its rows


def is_quicker(meetings: int, hits: BitMap) -> bool:
    """Whether so many bitmaps meet more quickly than the hit rows are walked through."""
    return meetings <= max(FEW_MEETINGS, len(hits) // ROWS_PER_MEETING)


def values_of(column: Codes, named: Iterable[tuple[Any, Any]]) -> Values:
    """The rows of every value, from the most frequent down. `named` gives what each code stands for: a stored value
    and its label, both None for no value; several codes may stand for one."""
    found: dict[Any, tuple[Any, BitMap]] = {}
    for code, (stored, label) in enumerate(named):
        rows = (column.rows or {}).get(code)
        if rows is None:
            continue
        known = found.get(stored)
        found[stored] = (label, rows) if known is None else (known[0], known[1] | rows)
    return dict(sorted(found.items(), key=lambda value: -len(value[1][1])))


def counts(values: Values, hits: BitMap) -> dict[Any, int]:
    """How many of the hit rows have each value; zero counts left out.

    A row has one value, so when all rows are found nothing is left for the values that were not met yet: with the
    most frequent ones first, that is soon.
    """
    found, left = {}, len(hits)
    for stored, (_, rows) in values.items():
        if not left:
            break
        if count := hits.intersection_cardinality(rows):
            found[stored] = count
            left -= count
    return found


def over_time(
    snapshot: Snapshot, hits: BitMap, values: Values, stored: Sequence[Any], origin: int, seconds: int
) -> dict[tuple[int, int], int]:
    """The hit rows of each of these stored values by bar: by (place among them, bar), zeros left out.

    Bar 0 begins at `origin`, in seconds since 1970, and each is so many `seconds`.
    """
    if not hits:
        return {}
    step = seconds * 1_000_000
    bars = (snapshot.extent(hits)[1] - origin * 1_000_000) // step + 1
    edges = origin * 1_000_000 + step * np.arange(bars + 1)
    found = {}
    for place, value in enumerate(stored):
        if value in values:
            counted = snapshot.histogram(hits & values[value][1], edges)
            found |= {(place, int(bar)): int(counted[bar]) for bar in np.flatnonzero(counted)}
    return found
