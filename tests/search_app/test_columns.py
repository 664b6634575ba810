"""The short ways of the index's columns lead where the long ones do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from search_app.index.bitmaps import columns
from search_app.index.bitmaps.columns import MOST_LISTED, PATTERNS, STRETCH, Codes, Dictionary, at, bitmap_of, one_of


@pytest.mark.parametrize("length", [0, 1, 8, STRETCH - 1, STRETCH, STRETCH + 1, 3 * STRETCH + 7])
@pytest.mark.parametrize("share", [0, 0.001, MOST_LISTED / STRETCH, 0.5, 1])
def test_a_mask_becomes_the_positions_at_which_it_says_yes(length, share):
    mask = np.random.default_rng(length).random(length) < share
    assert bitmap_of(mask) == BitMap(np.flatnonzero(mask).tolist())


@given(st.lists(st.booleans(), max_size=300))
def test_any_mask_does(values):
    mask = np.array(values, bool)
    assert bitmap_of(mask) == BitMap(np.flatnonzero(mask).tolist())


@given(st.sets(st.integers(0, 99)))
def test_what_stands_at_positions_is_there_for_stretches_and_for_scattered_ones(rows):
    values = np.arange(100, 200)
    assert at(values, BitMap(rows)).tolist() == [100 + row for row in sorted(rows)]


@pytest.mark.parametrize("hits", [range(0), range(10), range(0, 9000, 7), range(9000)])
def test_counts_are_the_same_by_bitmaps_and_by_codes(hits):
    codes = np.random.default_rng(1).integers(0, 4, 9000)
    column = Codes.build(Dictionary("abcd"), codes)
    expected = {code: count for code, count in enumerate(np.bincount(codes[list(hits)], minlength=4)) if count}
    assert column.counts(BitMap(hits), 9000) == expected


def test_a_dictionary_looks_at_new_values_only():
    looked_at = []

    def fits(value: str) -> bool:
        looked_at.append(value)
        return "a" in value

    dictionary = Dictionary(["a", "b"])
    assert [*dictionary.fitting("*a*", fits)] == [0]
    dictionary.encode("ca")
    assert [*dictionary.fitting("*a*", fits)] == [0, 2]
    assert looked_at == ["a", "b", "ca"]
    for other in range(PATTERNS):
        dictionary.fitting(other, fits)
    looked_at.clear()
    assert [*dictionary.fitting("*a*", fits)] == [0, 2]  # forgotten, and found again
    assert looked_at == ["a", "b", "ca"]


def test_what_is_asked_for_again_and_again_is_not_forgotten_for_what_is_asked_once():
    looked_at = []
    dictionary = Dictionary(["a"])
    for other in range(2 * PATTERNS):
        dictionary.fitting("hot", lambda value: looked_at.append(value) or True)
        dictionary.fitting(other, lambda value: True)
    assert looked_at == ["a"]


def test_a_column_looks_at_new_rows_only_and_again_at_all_when_one_has_changed(monkeypatch):
    monkeypatch.setattr(columns, "MOST_BITMAPS", 1)
    looked_at = []
    monkeypatch.setattr(columns, "one_of", lambda *args: looked_at.append(args) or one_of(*args))

    def rows(column, n):
        looked_at.clear()
        return [*column.fitting(n, "*a*", lambda value: "a" in value)]

    none = np.empty(0, np.int64)
    column = Codes.build(Dictionary(["a", "b"]), np.array([0, 1, 0]))
    assert (rows(column, 3), len(looked_at)) == ([0, 2], 1)
    assert (rows(column, 3), len(looked_at)) == ([0, 2], 0)
    longer = column.with_rows(3, none, [], ["ca", "b"])
    assert rows(longer, 5) == [0, 2, 3]
    assert rows(column, 3) == [0, 2]  # of the version that some reader may still have
    same = longer.with_rows(5, np.array([1]), ["b"], [])
    assert (rows(same, 5), len(looked_at)) == ([0, 2, 3], 0)
    other = same.with_rows(5, np.array([0, 1]), ["b", "a"], ["a"])
    assert rows(other, 6) == [1, 2, 3, 5]
    assert rows(same, 5) == [0, 2, 3]
