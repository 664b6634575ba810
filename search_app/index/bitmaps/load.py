"""From the database into columns: all of a surface, or the rows that changed."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Model, TextField
from django.db.models.sql.compiler import SQLCompiler

from search_app.elements import element_values
from search_app.held import INDEX, Amount, Each, Inside, Moment, One
from search_app.index.bitmaps.columns import Codes, Dictionary, Numbers, distinct
from search_app.index.bitmaps.sets import NONE, Sets, set_dictionary
from search_app.index.bitmaps.snapshot import Changes, Column, Snapshot, compact
from search_app.surfaces import Surface

FETCH = 20_000  # rows at a time, so that reading a million takes no memory for a million rows


@contextmanager
def uncollected() -> Iterator[None]:
    """Reading makes millions of tuples and no cycles: the collector, which looks through all of them, is put off."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def load(surface: Surface, stamp: Any, tell: Callable[[int], None]) -> Snapshot:
    """Everything there is, as it is now. `tell` hears from time to time how many rows have been read.

    The columns of declared facets are left to `load_declared`: the others can be asked before.
    """
    axis = next((name for name, holding in surface.held.items() if holding == Moment(surface.time)), "")
    own = {
        name: holding
        for name, holding in surface.held.items()
        if isinstance(holding, One | Amount | Moment) and name != axis
    }
    encoders: dict[str, Dictionary] = {name: Dictionary() for name, holding in own.items() if isinstance(holding, One)}
    pks: list[np.ndarray] = []
    times: list[np.ndarray] = []
    parts: dict[str, list[np.ndarray]] = defaultdict(list)
    rows = surface.rows(INDEX).order_by(surface.time, "pk")
    read = rows.values_list("pk", Microseconds(surface.time), *map(_read, own.values()))
    for chunk in _chunks(read.iterator(chunk_size=FETCH)):
        chunk_pks, chunk_times, *values = zip(*chunk, strict=True)
        pks.append(np.array(chunk_pks, np.int64))
        times.append(_microseconds(chunk_times))
        for (name, holding), column in zip(own.items(), values, strict=True):
            parts[name].append(_encoded(holding, encoders.get(name), column))
        tell(sum(map(len, pks)))
    all_pks = _joined(pks)
    held: dict[str, Column] = {}
    for name in own:
        column = _joined(parts.pop(name, []))
        held[name] = Codes.build(encoders[name], column) if name in encoders else Numbers.build(column)
    return Snapshot.build(all_pks, _joined(times), held | _load_children(surface, all_pks), stamp, axis)


def _load_children(surface: Surface, pks: np.ndarray) -> dict[str, Sets]:
    """The columns that are held of child rows. Those of the same child rows are read together."""
    alike: dict[int, dict[str, Each]] = defaultdict(dict)
    for name, holding in surface.held.items():
        if isinstance(holding, Each):
            alike[id(holding.many)][name] = holding
    places = _Places(pks)
    found: dict[str, Sets] = {}
    for named in alike.values():
        many = next(iter(named.values())).many
        rows = many.rows(INDEX).order_by()
        ends = [_end(rows.model, holding.path) for holding in named.values()]
        readers = {name: _SetsReader(len(pks), beyond) for name, (_, beyond) in zip(named, ends, strict=True)}
        own = list(dict.fromkeys(key for key, _ in ends))  # two paths may begin with the same foreign key
        for chunk in _chunks(rows.values_list(many.link, *own).iterator(chunk_size=FETCH)):
            keys, *columns = zip(*chunk, strict=True)
            at, by_name = places.of(keys), dict(zip(own, columns, strict=True))
            for reader, (key, _) in zip(readers.values(), ends, strict=True):
                reader.read(at, by_name[key])
        found |= {name: reader.sets() for name, reader in readers.items()}
    return found


def _end(model: type[Model], path: str) -> tuple[str, dict[int, Any] | None]:
    """The child rows' own column that the path begins with, and what stands at its end, by the value of that column.

    Far fewer rows stand beyond a foreign key than before it: reading each of them once is faster than a join.
    """
    key, _, rest = path.partition("__")
    field = model._meta.get_field(key)
    if field.null or not field.is_relation:
        return path, None
    return key, dict(field.related_model._base_manager.values_list("pk", rest or "pk"))


def load_declared(surface: Surface, snapshot: Snapshot) -> Snapshot:
    """The snapshot with exactly the columns that the surface's index holds now.

    What is read is of now, and so maybe of a later moment than the snapshot: the rows that have changed since are
    news to it, and are read again. Columns that are there already are taken as they are.
    """
    held = surface.held
    kept = {name: column for name, column in snapshot.columns.items() if name in held}
    missing = {name: holding for name, holding in held.items() if name not in kept}
    if missing and (snapshot.n > snapshot.main or snapshot.dead):
        return load_declared(surface, compact(snapshot))
    pks = snapshot.pks[: snapshot.n]
    for name, holding in missing.items():
        if not isinstance(holding, Inside):
            raise TypeError(f"{name} is no column that can be added.")
        found = element_values(surface.rows(INDEX), holding)
        reader, places = _SetsReader(len(pks)), _Places(pks)
        for chunk in _chunks((pk, value) for pk, values in found for value in values):
            keys, values = zip(*chunk, strict=True)
            reader.read(places.of(keys), values)
        kept[name] = reader.sets()
    return replace(snapshot, columns=kept)


def load_changes(surface: Surface, pks: Sequence[int], deleted: Sequence[int]) -> Changes:
    """These rows as they are now. A row that is no longer there counts as deleted."""
    held = surface.held
    own = {name: holding for name, holding in held.items() if isinstance(holding, One | Amount | Moment)}
    found: list[tuple[Any, ...]] = []
    children: dict[str, dict[int, list[Any]]] = {}
    for some in _slices(pks):
        rows = surface.rows(INDEX).filter(pk__in=some).order_by()
        found += rows.values_list("pk", Microseconds(surface.time), *map(_read, own.values()))
    for name, holding in held.items():
        if isinstance(holding, Inside):
            rows = (surface.rows(INDEX).filter(pk__in=some) for some in _slices(pks))
            children[name] = {pk: [*values] for some in rows for pk, values in element_values(some, holding)}
        if isinstance(holding, Each):
            children[name] = of = defaultdict(list)
            for some in _slices(pks):
                pairs = holding.many.rows(INDEX).filter(**{f"{holding.many.link}__in": some})
                for row, value in pairs.order_by().values_list(holding.many.link, holding.path):
                    if value is not None and value != "":
                        of[row].append(value)
    keys = [row[0] for row in found]
    values: dict[str, Sequence[Any]] = {}
    for place, (name, holding) in enumerate(own.items(), start=2):
        column = [row[place] for row in found]
        values[name] = column if isinstance(holding, One) else _encoded(holding, None, column)
    for name, of in children.items():
        values[name] = [of.get(key, ()) for key in keys]
    gone = set(pks).difference(keys)
    return Changes(np.array(keys, np.int64), _microseconds([row[1] for row in found]), values, [*deleted, *gone])


class _Places:
    """Where rows stand in a column, by their keys."""

    def __init__(self, pks: np.ndarray) -> None:
        self._order = np.argsort(pks)
        self._ordered = pks[self._order]

    def of(self, keys: Sequence[int]) -> np.ndarray:
        """The place of the row with each key, -1 where there is none."""
        wanted = np.array(keys, np.int64)
        if not len(self._ordered):
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self._ordered, wanted), len(self._ordered) - 1)
        return np.where(self._ordered[at] == wanted, self._order[at], -1)


class _SetsReader:
    """Makes a column for n rows of places and values, read a chunk at a time; a place of -1 is none.

    With `beyond`, the values stand there by whole numbers, which are read in their place: millions of them are a few
    thousand different ones, and each of these is looked up but once.
    """

    def __init__(self, n: int, beyond: Mapping[int, Any] | None = None) -> None:
        self._n, self._beyond = n, beyond
        self._dictionary = set_dictionary()
        self._rows: list[np.ndarray] = []
        self._numbers: list[np.ndarray] = []

    def read(self, places: np.ndarray, values: Sequence[Any]) -> None:
        self._rows.append(places)
        self._numbers.append(self._codes(values) if self._beyond is None else np.array(values, np.int64))

    def _codes(self, values: Iterable[Any]) -> np.ndarray:
        return self._dictionary.encode_all([None if value == "" else value for value in values])

    def sets(self) -> Sets:
        row_of, code_of = _joined(self._rows), _joined(self._numbers)
        if self._beyond is not None:
            found, which = np.unique(code_of, return_inverse=True)
            code_of = self._codes(map(self._beyond.get, found.tolist()))[which]
        known = (row_of >= 0) & (code_of != NONE)
        # The same value twice in one row counts once: two attackers of one country are one country.
        both = distinct(row_of[known] * len(self._dictionary) + code_of[known])
        row_of, code_of = both // len(self._dictionary), both % len(self._dictionary)
        return Sets.build(self._dictionary, row_of, code_of, self._n)


def _encoded(holding: One | Amount | Moment, dictionary: Dictionary | None, column: Sequence[Any]) -> np.ndarray:
    match holding:
        case One():
            assert dictionary is not None  # noqa: S101 (every One has one)
            return dictionary.encode_all(column).astype(np.uint32)
        case Amount():
            return np.array(column, np.int64)
        case Moment():
            return _microseconds(column)


def _microseconds(moments: Sequence[int | str]) -> np.ndarray:
    """What `Microseconds` has read, as numbers."""
    if moments and isinstance(moments[0], str):
        return np.array(moments, "datetime64[us]").astype(np.int64)
    return np.array(moments, np.int64)


def _read(holding: One | Amount | Moment) -> str | Microseconds:
    return Microseconds(holding.path) if isinstance(holding, Moment) else holding.path


class Microseconds(Func):
    """A time as microseconds since 1970; on SQLite as its text, which numpy reads many times faster than Django."""

    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(extract(epoch FROM %(expressions)s) * 1000000)::bigint")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS text)")


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterable[list[tuple[Any, ...]]]:
    left = iter(rows)
    while chunk := list(islice(left, FETCH)):
        yield chunk


def _slices(pks: Sequence[int], size: int = 5_000) -> Iterable[Sequence[int]]:
    return (pks[start : start + size] for start in range(0, len(pks), size))
