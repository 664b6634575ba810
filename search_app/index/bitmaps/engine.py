"""The engine over the facet index of this process: counts by set operations, rows by their positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import nlargest
from typing import Any, NamedTuple

import numpy as np
from pyroaring import BitMap

from search_app.declared import DeclaredColumn
from search_app.fields import Column, Field
from search_app.index.bitmaps import by_code, by_value, elements, orders
from search_app.index.bitmaps.columns import Codes, Numbers, positions
from search_app.index.bitmaps.evaluate import Evaluation
from search_app.index.bitmaps.groups import (
    Numbered,
    Pairs,
    group_of,
    largest,
    measure,
    number_of,
    product,
)
from search_app.index.bitmaps.keeper import IndexBuilding, keeper
from search_app.index.engine import Beyond, Groups, Share, Stored, Tally, most
from search_app.index.scope import Scope, microseconds, moment_of
from search_app.index.shapes import MAX_FACET_VALUES
from search_app.language import Node
from search_app.language.nodes import only_name, top_terms
from search_app.names import Asked, Names, is_own_name, names_of, names_of_all

NO_VALUE = (None, None)  # the stored value and the label of none


class _Counted(NamedTuple):
    """What a facet counts: values with their labels and rows, and how many rows have none.

    Where rows have keys that lead to the values, `asked` has the counts by key until the keys are `named`.
    """

    values: list[tuple[Any, Any, int]]
    missing: int
    asked: Asked | None = None

    def named(self, names: Names) -> _Counted:
        """The same by what the keys lead to; a key that leads nowhere is no value."""
        sums: dict[Any, list[Any]] = {}
        missing = self.missing
        for key, n in self.asked.keys.items():
            value, text = names.get(key, (None, None))
            if value is None or value == "":
                missing += n
            else:
                sums.setdefault(value, [text, 0])[1] += n
        return _Counted([(value, text, n) for value, (text, n) in sums.items()], missing)


@dataclass(frozen=True)
class BitmapEngine:
    """One query, asked of one snapshot."""

    evaluation: Evaluation

    @classmethod
    def of(cls, scope: Scope) -> BitmapEngine:
        """Ready to be asked, after catching up. Raises IndexBuilding, or QueryValueError for what cannot be asked."""
        engine = cls(Evaluation.of(scope, keeper(scope.surface).current()))
        engine._hits  # noqa: B018 (a query that cannot be answered says so now)
        return engine

    @property
    def scope(self) -> Scope:
        return self.evaluation.scope

    def total(self) -> int:
        return len(self._hits)

    def keys(self) -> np.ndarray:
        return self.evaluation.snapshot.pks[positions(self._hits)]

    def tallies(self, fields: Sequence[Field]) -> Mapping[str, Tally]:
        there = self.evaluation.snapshot.columns
        late = {f.name for f in fields if isinstance(f.places[0], DeclaredColumn) and f.name not in there}
        limit = MAX_FACET_VALUES + 1
        counted = {field.name: self._counted(field, limit) for field in fields if field.name not in late}
        names = iter(names_of_all([one.asked for one in counted.values() if one.asked]))
        of_all = {name: one.named(next(names)) if one.asked else one for name, one in counted.items()}
        return {name: Tally(_most_frequent(one.values, limit), one.missing) for name, one in of_all.items()}

    def values(self, field: Field, containing: str, limit: int) -> Sequence[tuple[Any, Any, int]]:
        counted = self._counted(field)
        values = counted.named(*names_of_all([counted.asked])).values if counted.asked else counted.values
        wanted = containing.lower()
        fitting = [v for v in values if wanted in str(v[0]).lower() or wanted in str(v[1]).lower()]
        return _most_frequent(fitting, limit)

    def count_beside(self, field: Field, nodes: Sequence[Node]) -> list[int]:
        rows = self._beside(field.name)
        return [len(rows & self.evaluation.rows(node)) for node in nodes]

    def bars(self, origin: int, seconds: int, bars: int) -> Mapping[tuple[int, Any], int]:
        scope, snapshot = self.scope, self.evaluation.snapshot
        (place,) = scope.surface.table[scope.surface.stack].places
        held, _ = scope.surface.holding(None, place.path)
        stack = snapshot.columns[held]
        edges = (origin + seconds * np.arange(bars + 1)) * 1_000_000
        found: dict[tuple[int, Any], int] = {}
        for code, stored in enumerate(stack.dictionary.values):
            counts = snapshot.histogram(self._hits & stack.having(snapshot.n, [code]), edges)
            for bar in np.flatnonzero(counts):
                found[int(bar), stored] = int(counts[bar])
        return found

    def page(self, sort: str, *, falling: bool, beyond: Beyond | None, limit: int) -> list[tuple[int, Any]]:
        snapshot = self.evaluation.snapshot
        if sort == "time":
            place = (microseconds(beyond.key), beyond.pk) if beyond else None
            rows = snapshot.by_time(self._hits, limit, falling=falling, beyond=place)
            return [(int(snapshot.pks[row]), moment_of(snapshot.times[row])) for row in rows]
        order = self.scope.surface.sorts[sort]
        column = snapshot.columns[order.held]
        rows = positions(self._hits)
        if isinstance(column, Numbers):
            keys: Sequence[Any] = []
            ranks = column.values[rows]
            edge = orders.number(beyond.key) if beyond else None
        else:
            keys, rank_of = self._ranks(column, order)
            ranks = rank_of[column.codes[rows]]
            edge = orders.rank_of(beyond.key, keys) if beyond else None
        pks = snapshot.pks[rows]
        if beyond:
            kept = orders.beyond(ranks, pks, edge, beyond.pk, falling=falling)
            ranks, pks = ranks[kept], pks[kept]
        first = orders.first(ranks, pks, limit, falling=falling)
        if isinstance(column, Numbers):
            as_key = moment_of if order.is_moment else int
            return [(int(pks[i]), as_key(ranks[i])) for i in first]
        return [(int(pks[i]), keys[int(ranks[i])]) for i in first]

    # --- groups

    def groups(self, fields: Sequence[Field], unique: Field | None, limit: int) -> Groups:
        if len(fields) == 1 and not unique and self._is_quicker_by_value(fields[0]):
            known = self._values(fields[0])
            sizes = by_value.counts(known, self._hits)
            named = {((stored, known[stored][0]),): count for stored, count in sizes.items()}
            return Groups(most(named, limit), max(len(named) - limit, 0))
        rows = positions(self._hits)
        parts = [self._numbered(field, rows) for field in fields]
        numbered = product([part.pairs for part in parts], len(rows))
        numbers, counts = measure(numbered, self._unique(unique, rows), len(rows))
        found = {group_of(int(numbers[at]), parts): int(counts[at]) for at in largest(counts, limit)}
        return Groups(most(found, limit), max(len(numbers) - limit, 0))

    def series(
        self, fields: Sequence[Field], groups: Sequence[Stored], unique: Field | None, origin: int, seconds: int
    ) -> Mapping[tuple[int, int], int]:
        if len(fields) == 1 and not unique and self._is_quicker_by_value(fields[0]):
            known, stored = self._values(fields[0]), [value for (value,) in groups]
            return by_value.over_time(self.evaluation.snapshot, self._hits, known, stored, origin, seconds)
        rows = positions(self._hits)
        parts = [self._numbered(field, rows) for field in fields]
        numbered = product([part.pairs for part in parts], len(rows))
        found = ((number_of(group, parts), place) for place, group in enumerate(groups))
        wanted = {number: place for number, place in found if number is not None}
        chosen = numbered.among(sorted(wanted))
        places = [wanted[number] for number in sorted(wanted)]
        bars = (self.evaluation.snapshot.times[rows] - origin * 1_000_000) // (seconds * 1_000_000)
        width = int(bars.max(initial=0)) + 1
        in_bars = chosen.times(Pairs(np.arange(len(rows)), bars, width), len(rows))
        numbers, counts = measure(in_bars, self._unique(unique, rows), len(rows))
        measured = zip(numbers.tolist(), counts.tolist(), strict=True)
        return {(places[number // width], number % width): count for number, count in measured}

    def shares(self, field: Field, parts: Sequence[Field]) -> Sequence[Share]:
        snapshot = self.evaluation.snapshot
        whole, *others = [self._column(self._held(one)[0]) for one in (field, *parts)]
        split = by_code.split(whole, others, self._hits, snapshot.times, snapshot.main)
        named, *names = [[*self._named(one)] for one in (field, *parts)]
        found: dict[Any, Share] = {}
        for code in split.codes:
            stored, label = named[code]
            counts = [_by_stored(table[code], of) for table, of in zip(split.counts, names, strict=True)]
            share = Share(stored, label, counts, int(split.first[code]), int(split.last[code]))
            found[stored] = found[stored].together(share) if stored in found else share
        return [*found.values()]

    def _is_quicker_by_value(self, field: Field) -> bool:
        """Whether to count by the bitmaps of values: of a field that rows have one value of, and that has few."""
        column = self._column(self._held(field)[0])
        if isinstance(field.places[0], DeclaredColumn) or not isinstance(column, Codes) or column.rows is None:
            return False
        return by_value.is_quicker(len(column.rows), self._hits)

    def _values(self, field: Field) -> by_value.Values:
        """The rows of every value of such a field."""
        return by_value.values_of(self._column(self._held(field)[0]), self._named(field))

    def _named(self, field: Field) -> Iterator[tuple[Any, Any]]:
        """What each code of the column of a field stands for: a stored value and its label, both None for no value."""
        held, rest = self._held(field)
        column = self._column(held)
        keys = column.dictionary.values
        if isinstance(field.places[0], DeclaredColumn):
            keys = elements.spellings(column.dictionary).texts
        if not rest:
            return ((key, key) if key != "" else NO_VALUE for key in keys)
        names = self._lookup(held, self._name_paths(field, rest), dict.fromkeys(keys, 0))
        found = (names.get(key, NO_VALUE) for key in keys)
        return (named if named[0] != "" else NO_VALUE for named in found)

    def _unique(self, field: Field | None, rows: np.ndarray) -> Pairs | None:
        return self._numbered(field, rows).pairs if field else None

    def _numbered(self, field: Field, rows: np.ndarray) -> Numbered:
        """The values of a field that is held, and which of them each of these rows has."""
        return Numbered.build(self._column(self._held(field)[0]), rows, self._named(field))

    def _held(self, field: Field) -> tuple[str, str]:
        """The column that holds a field, and what leads on from its keys. Raises KeyError if none does."""
        place = field.places[0]
        found = self.scope.surface.holding(field.many, place.path) if isinstance(place, Column) else None
        if found is None:
            raise KeyError(field.name)
        return found

    @staticmethod
    def _name_paths(field: Field, rest: str) -> tuple[str, str]:
        """Beyond a foreign key: the paths of the value and of its label."""
        root = field.places[0].path.removesuffix(rest)  # type: ignore[attr-defined]
        return rest, field.label_path.removeprefix(root) if field.label_path else rest

    # --- rows

    @cached_property
    def _held_terms(self) -> list[tuple[Node, BitMap]]:
        """The terms that all have to hold and that the index answers, each with the rows it is true of."""
        terms = top_terms(self.scope.tree)
        return [(term, self.evaluation.rows(term)) for term in terms if not self.evaluation.is_asked(term)]

    @cached_property
    def _asked_terms(self) -> list[Node]:
        """The others: what has to be looked up in the database, row by row."""
        return [term for term in top_terms(self.scope.tree) if self.evaluation.is_asked(term)]

    @cached_property
    def _hits(self) -> BitMap:
        return self._meeting(self._held_terms, self._asked_terms)

    def _beside(self, name: str) -> BitMap:
        """The rows that match everything but the terms that ask about this field alone."""
        held = [(term, rows) for term, rows in self._held_terms if only_name(term) != name]
        asked = [term for term in self._asked_terms if only_name(term) != name]
        if (len(held), len(asked)) == (len(self._held_terms), len(self._asked_terms)):
            return self._hits
        return self._meeting(held, asked)

    def _meeting(self, held: Sequence[tuple[Node, BitMap]], asked: Sequence[Node]) -> BitMap:
        hits = reduce(lambda hits, term: hits & term[1], held, self.evaluation.base)
        return reduce(self._looking_up, asked, hits)

    def _looking_up(self, among: BitMap, term: Node) -> BitMap:
        """Those that meet the term; the database is asked about rows that it was not asked about before."""
        known, met = self._looked_up.get(term, (BitMap(), BitMap()))
        unknown = among - known
        if unknown or term not in self._looked_up:
            met = met | self.evaluation.rows(term, unknown)
            self._looked_up[term] = known | unknown, met
        return among & met

    @cached_property
    def _looked_up(self) -> dict[Node, tuple[BitMap, BitMap]]:
        """What the database was asked: by term, about which rows, and which of them meet it."""
        return {}

    # --- facets

    def _counted(self, field: Field, limit: int = 0) -> _Counted:
        """Every value and how many rows have it. With a limit, values that are not among the so many most frequent
        ones may be left out."""
        place = field.places[0]
        where = self.scope.surface.holding(field.many, place.path) if isinstance(place, Column) else None
        if where is None:
            return _Counted([], 0)
        held, rest = where
        column, n = self._column(held), self.evaluation.snapshot.n
        if isinstance(column, Numbers):
            return _Counted([], 0)
        if isinstance(place, DeclaredColumn):
            return _Counted(*elements.counted(column, self._beside(field.name), n))
        counts = self._counts(held, self._beside(field.name))
        counted = {column.dictionary.values[code]: count for code, count in counts.items()}
        missing = counted.pop(None, 0) + counted.pop("", 0)
        if not rest:
            return _Counted([(stored, stored, count) for stored, count in counted.items()], missing)
        model = self.scope.surface.related(held)
        if limit and is_own_name(model, rest):
            least = _least([*counted.values()], limit)
            counted = {key: count for key, count in counted.items() if count >= least}
        return _Counted([], missing, Asked(model, self._name_paths(field, rest), counted))

    def _counts(self, held: str, rows: BitMap) -> Mapping[int, int]:
        """How many of these rows have each code of a column. Several facets may lead on from one, as a rule's do."""
        known = self._counted_lately.get(held)
        if known is None or known[0] is not rows:
            known = self._counted_lately[held] = rows, self._column(held).counts(rows, self.evaluation.snapshot.n)
        return known[1]

    @cached_property
    def _counted_lately(self) -> dict[str, tuple[BitMap, Mapping[int, int]]]:
        """By column, what was counted last, and among which rows."""
        return {}

    def _column(self, held: str) -> Any:
        """A held column. Raises IndexBuilding for that of a facet that was declared a moment ago."""
        try:
            return self.evaluation.snapshot.columns[held]
        except KeyError:
            raise IndexBuilding("This facet is being counted. It will be here in a moment.", retry_after=2) from None

    def _lookup(self, held: str, paths: Sequence[str], keys: Mapping[Any, int]) -> dict[Any, tuple[Any, ...]]:
        return names_of(self.scope.surface.related(held), *paths, keys=keys)

    # --- orders

    def _ranks(self, column: Codes, order: Any) -> tuple[list[Any], np.ndarray]:
        """The distinct sort keys in order, and the rank of each code."""
        values = column.dictionary.values
        if order.rest:
            names = self._lookup(order.held, (order.rest,), dict.fromkeys(values, 0))
            keys = [names.get(value, ("",))[0] for value in values]
        else:
            keys = [order.key(value) for value in values]
        ordered = sorted(set(keys))
        rank = {key: place for place, key in enumerate(ordered)}
        return ordered, np.array([rank[key] for key in keys], np.int64)


def _by_stored(counts: np.ndarray, named: Sequence[tuple[Any, Any]]) -> dict[Any, int]:
    """Of counts by code those that are not zero, by stored value."""
    return {named[code][0]: count for code, count in enumerate(counts.tolist()) if count}


def _most_frequent(values: list[tuple[Any, Any, int]], limit: int) -> list[tuple[Any, Any, int]]:
    least = _least([count for _, _, count in values], limit)
    return sorted((one for one in values if one[2] >= least), key=lambda one: (-one[2], one[0]))[:limit]


def _least(counts: Sequence[int], limit: int) -> int:
    """The last of the `limit` largest counts; 0 if there are not as many."""
    return nlargest(limit, counts)[-1] if 0 < limit < len(counts) else 0
