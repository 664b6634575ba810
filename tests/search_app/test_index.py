"""The facet index: its columns against brute force, and the index against the database, whatever is asked."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from search_app.changes import settled
from search_app.index.bitmaps import columns, file, sets
from search_app.index.bitmaps.columns import Codes, Dictionary, Numbers
from search_app.index.bitmaps.file import load, save
from search_app.index.bitmaps.sets import Sets, set_dictionary
from search_app.index.bitmaps.snapshot import Changes, Snapshot, compact

NAMES = ("state", "count", "who")
ROW = st.fixed_dictionaries(
    {
        "time": st.integers(0, 30),
        "state": st.sampled_from("abc"),
        "who": st.frozensets(st.sampled_from("xyzw"), max_size=3),
        "count": st.integers(0, 5),
    }
)
PUT = st.tuples(
    st.just("put"), st.lists(st.tuples(st.integers(1, 12), ROW), min_size=1, max_size=6, unique_by=lambda pair: pair[0])
)
DELETE = st.tuples(st.just("delete"), st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))


def built(rows):
    order = sorted(rows, key=lambda pk: (rows[pk]["time"], pk))
    states, people = Dictionary(), set_dictionary()
    pairs = [(place, people.encode(value)) for place, pk in enumerate(order) for value in rows[pk]["who"]]
    row_of, codes = np.array(pairs, np.int64).reshape(-1, 2).T
    held = {
        "state": Codes.build(states, np.array([states.encode(rows[pk]["state"]) for pk in order], np.int64)),
        "count": Numbers.build(np.array([rows[pk]["count"] for pk in order], np.int64)),
        "who": Sets.build(people, row_of, codes, len(order)),
    }
    times = np.array([rows[pk]["time"] for pk in order], np.int64)
    return Snapshot.build(np.array(order, np.int64), times, held, 0)


def changed(pairs, deleted=()):
    return Changes(
        np.array([pk for pk, _ in pairs], np.int64),
        np.array([row["time"] for _, row in pairs], np.int64),
        {name: [row[name] for _, row in pairs] for name in NAMES},
        deleted,
    )


def counted(column, hits, n):
    return {column.dictionary.values[code]: count for code, count in column.counts(hits, n).items()}


def having(column, n, value):
    code = column.dictionary.code(value)
    return column.having(n, [] if code is None else [code])


def check(snapshot, rows, low, high):
    """The snapshot says of these rows, within low <= time < high, what counting them by hand says."""
    pks, n = snapshot.pks, snapshot.n
    hits = snapshot.within(low, high)
    inside = {pk: row for pk, row in rows.items() if low <= row["time"] < high}
    assert {int(pks[row]) for row in hits} == set(inside)
    state, who, count = (snapshot.columns[name] for name in ("state", "who", "count"))
    wanted = {pk: row for pk, row in inside.items() if row["state"] == "a"}
    hits &= having(state, n, "a")
    assert {int(pks[row]) for row in hits} == set(wanted)
    assert counted(who, hits, n) == Counter(v for row in wanted.values() for v in (row["who"] or [None]))
    assert counted(state, hits, n) == Counter(row["state"] for row in wanted.values())
    edges = np.linspace(low, high, 4).astype(np.int64)
    assert snapshot.histogram(hits, edges).sum() == len(wanted)
    for falling in (True, False):
        order = sorted(wanted, key=lambda pk: (wanted[pk]["time"], pk), reverse=falling)
        assert [int(pks[row]) for row in snapshot.by_time(hits, 3, falling=falling, beyond=None)] == order[:3]
        for place, pk in enumerate(order):
            after = snapshot.by_time(hits, 2, falling=falling, beyond=(wanted[pk]["time"], pk))
            assert [int(pks[row]) for row in after] == order[place + 1 : place + 3]
    assert {int(pks[row]) for row in hits & count.between(n, 2, 4)} == {
        pk for pk, row in wanted.items() if 2 <= row["count"] <= 4
    }
    assert {int(pks[row]) for row in hits & having(who, n, "x")} == {
        pk for pk, row in wanted.items() if "x" in row["who"]
    }


@pytest.mark.parametrize("most_bitmaps", [2000, 1], ids=["few values", "many values"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dictionaries(st.integers(1, 12), ROW, max_size=8),
    steps=st.lists(st.one_of(PUT, DELETE), max_size=6),
    low=st.integers(0, 20),
    length=st.integers(1, 20),
)
def test_every_state_of_the_index_stays_true_while_it_goes_on(monkeypatch, most_bitmaps, first, steps, low, length):
    monkeypatch.setattr(columns, "MOST_BITMAPS", most_bitmaps)
    monkeypatch.setattr(sets, "MOST_BITMAPS", most_bitmaps)
    rows, snapshot = dict(first), built(first)
    states = [(snapshot, dict(rows))]
    for number, (kind, what) in enumerate(steps):
        if kind == "put":
            rows.update(what)
            snapshot = snapshot.apply(changed(what), number)
        else:
            rows = {pk: row for pk, row in rows.items() if pk not in what}
            snapshot = snapshot.apply(changed([], what), number)
        tidy = compact(snapshot)
        states += [(snapshot, dict(rows)), (tidy, dict(rows))]
        snapshot = tidy if number % 3 == 2 else snapshot
    for state, then in states:
        check(state, then, low, low + length)


VALUES = {"state": st.sampled_from("abc"), "who": st.lists(st.sampled_from("xyzw"), max_size=3, unique=True)}
GIVEN = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), VALUES[name], st.sets(st.integers(1, 14), min_size=1))
)


@pytest.mark.parametrize("most_bitmaps", [2000, 1], ids=["few values", "many values"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dictionaries(st.integers(1, 12), ROW, max_size=8),
    put=PUT,
    records=st.lists(GIVEN, min_size=1, max_size=5),
)
def test_values_given_to_many_rows_at_once_are_what_giving_them_one_by_one_is(
    monkeypatch, most_bitmaps, first, put, records
):
    monkeypatch.setattr(columns, "MOST_BITMAPS", most_bitmaps)
    monkeypatch.setattr(sets, "MOST_BITMAPS", most_bitmaps)
    rows = {**first, **dict(put[1])}
    before = built(first).apply(changed(put[1]), 1)
    after = before.with_values(settled([({name: value}, BitMap64(pks)) for name, value, pks in records]))
    check(before, rows, 0, 40)
    for name, value, pks in records:
        for pk in pks & rows.keys():
            rows[pk] = {**rows[pk], name: frozenset(value) if name == "who" else value}
    check(after, rows, 0, 40)
    check(compact(after), rows, 0, 40)


class TestFile:
    @pytest.fixture
    def snapshot(self):
        return built(
            {
                pk: {"time": pk % 3, "state": "ab"[pk % 2], "who": frozenset("xy"[: pk % 3]), "count": pk}
                for pk in range(9)
            }
        )

    def test_gives_back_what_was_saved(self, tmp_path, snapshot):
        save(tmp_path / "index", snapshot, {"epoch": "1"})
        found = load(tmp_path / "index", {"epoch": "1"})
        rows = {
            pk: {"time": pk % 3, "state": "ab"[pk % 2], "who": frozenset("xy"[: pk % 3]), "count": pk}
            for pk in range(9)
        }
        check(found, rows, 0, 3)

    def test_of_another_database_is_no_file(self, tmp_path, snapshot):
        save(tmp_path / "index", snapshot, {"epoch": "1"})
        assert load(tmp_path / "index", {"epoch": "2"}) is None

    def test_that_is_not_there_is_no_file(self, tmp_path):
        assert load(tmp_path / "index", {}) is None

    @pytest.mark.parametrize("place", [0, 20, 60, 200, -1])
    def test_with_one_bit_wrong_is_no_file(self, tmp_path, snapshot, place):
        path = tmp_path / "index"
        save(path, snapshot, {})
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        assert load(path, {}) is None

    @pytest.mark.parametrize("length", [0, 5, 13, 40, 200])
    def test_cut_short_is_no_file(self, tmp_path, snapshot, length):
        path = tmp_path / "index"
        save(path, snapshot, {})
        path.write_bytes(path.read_bytes()[:length])
        assert load(path, {}) is None

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(where=st.floats(0, 1, exclude_max=True))
    def test_cut_short_anywhere_is_no_file(self, tmp_path, snapshot, where):
        path = tmp_path / "index"
        save(path, snapshot, {})
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * where)])
        assert load(path, {}) is None

    def test_of_another_format_is_no_file(self, tmp_path, snapshot, monkeypatch):
        path = tmp_path / "index"
        monkeypatch.setattr(file, "FORMAT", file.FORMAT - 1)
        save(path, snapshot, {})
        monkeypatch.undo()
        assert load(path, {}) is None
