"""Combinations of what rows have several of."""

import numpy as np
import pytest

from core_app.errors import Invalid
from search_app.index.bitmaps.groups import Pairs, measure


def crowd(size: int) -> Pairs:
    """One row that has so many values."""
    return Pairs(np.zeros(size, np.int64), np.arange(1, size + 1), size + 1)


def test_a_row_with_several_of_both_is_counted_in_every_combination():
    numbers, counts = measure(crowd(3).times(crowd(2), 1), None, 1)
    assert (len(numbers), set(counts.tolist())) == (6, {1})


def test_more_combinations_than_memory_holds_are_refused_before_they_are_made():
    with pytest.raises(Invalid, match="Narrow the query"):
        measure(crowd(20_000), crowd(20_000), 1)
