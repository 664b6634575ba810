"""The order of rows by (sort key, primary key), in numbers: times as microseconds, other keys as ranks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np

from search_app.index.scope import microseconds


def number(key: Any) -> int:
    """A sort key of a column of numbers as it stands there."""
    return key if isinstance(key, int) else microseconds(key)


def rank_of(key: Any, keys: Sequence[Any]) -> float:
    """Where a key stands among the keys; between two of them if it has gone meanwhile."""
    place = bisect_left(keys, key)
    return place if place < len(keys) and keys[place] == key else place - 0.5


def beyond(ranks: np.ndarray, pks: np.ndarray, edge: Any, pk: int, *, falling: bool) -> np.ndarray:
    if falling:
        return np.flatnonzero((ranks < edge) | ((ranks == edge) & (pks < pk)))
    return np.flatnonzero((ranks > edge) | ((ranks == edge) & (pks > pk)))


def first(ranks: np.ndarray, pks: np.ndarray, limit: int, *, falling: bool) -> np.ndarray:
    """The places of the first `limit` rows in the order of (rank, pk), without sorting all of them."""
    sign = -1 if falling else 1
    ranks, pks = ranks * sign, pks * sign
    places = np.arange(len(ranks))
    if len(ranks) > limit:
        edge = np.partition(ranks, limit - 1)[limit - 1]
        before, at = np.flatnonzero(ranks < edge), np.flatnonzero(ranks == edge)
        left = limit - len(before)
        if len(at) > left:
            at = at[np.argpartition(pks[at], left - 1)[:left]]
        places = np.concatenate([before, at])
    return places[np.lexsort((pks[places], ranks[places]))]
