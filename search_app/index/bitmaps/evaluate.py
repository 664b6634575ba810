"""The query as a set of rows: the third reader of the tree, over one snapshot.

What the snapshot holds is answered from its dictionaries and bitmaps. A condition on something that a foreign
key leads to (a rule's name, an attacker's address) is asked of that small table, so that names are never out of
date. The rest (free attributes, the text of messages) is asked of the rows' own table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet
from pyroaring import BitMap

from core_app.turns import aside
from search_app.comparisons import Bounded, Fitting, OneOf, Present
from search_app.declared import DeclaredColumn
from search_app.fields import Field, asks_missing
from search_app.held import INDEX
from search_app.index.bitmaps import elements
from search_app.index.bitmaps.columns import Codes, Numbers, bitmap, positions, together
from search_app.index.bitmaps.sets import Sets
from search_app.index.bitmaps.snapshot import Snapshot
from search_app.index.patience import Patience
from search_app.index.scope import Scope, microseconds
from search_app.kinds import Asker
from search_app.language import And, Is, Node, Not, Or, Text, Value, Wild
from search_app.language.nodes import Condition
from search_app.lookups import fitting
from search_app.to_q import wanted_text

FEW_ROWS = 50_000  # looking up so many by their keys takes about as long as looking through a million
KEYS_AT_ONCE = 5_000
ANYTHING = Value((Wild.MANY,))


@dataclass(frozen=True)
class Evaluation:
    """One query against one snapshot. `base` holds the rows of the window: every answer is a part of it."""

    scope: Scope
    snapshot: Snapshot
    base: BitMap
    patience: Patience = field(default_factory=Patience.of_settings)

    @classmethod
    def of(cls, scope: Scope, snapshot: Snapshot) -> Evaluation:
        """Ready to evaluate. Rows that the asker may not see are not in `base`, and so in no answer."""
        base = snapshot.within(microseconds(scope.window.start), microseconds(scope.window.end))
        visible = scope.surface.rows(scope.actor)
        if visible.query.is_empty():
            base = BitMap()
        elif visible.query.where:
            base &= _rows_of(snapshot, visible)
        return cls(scope, snapshot, base)

    def rows(self, node: Node, among: BitMap | None = None) -> BitMap:
        """Those among these rows of the window (all of them) that meet the query.

        What is held is asked for first, so that the database is asked about few rows.
        Raises QueryValueError, and QueryTooSlow for what the database took too long for.
        """
        among = self.base if among is None else among
        match node:
            case And(items):
                return reduce(lambda hits, item: self.rows(item, hits), sorted(items, key=self.is_asked), among)
            case Or(items):
                hits = BitMap()
                for item in sorted(items, key=self.is_asked):
                    hits |= self.rows(item, among - hits)
                return hits
            case Not(item):
                return among - self.rows(item, among)
            case Text(value):
                return self._having_text(value, node, among)
            case _:
                return self._condition(node, among)

    def is_asked(self, node: Node) -> bool:
        """Whether some of it has to be asked of the database, row by row. Raises QueryValueError."""
        return not self.scope.surface.answers(node, self.snapshot.columns)

    def _condition(self, node: Condition, among: BitMap) -> BitMap:
        table = self.scope.surface.table
        field = table.find(node.field, node.span)
        asked = list(field.asked(node, self.scope.asker))
        if not self.scope.surface.is_in(field, self.snapshot.columns):
            if isinstance(node, Is) and field.many and field.many.is_sparse and any(map(asks_missing, node.values)):
                return self._mostly_missing(node, among)
            if not field.many and all(place.is_numbered for place in field.places):
                return self._ask_once(node, among)
            return self._ask_database(node, among)
        hits = together([self._meeting(field, place, comparison) for place, comparison in asked])
        if isinstance(node, Is) and any(map(asks_missing, node.values)):
            hits = hits | (self.base - self.present(field))
        return hits & among

    def present(self, field: Field) -> BitMap:
        """The rows that have a value of the field."""
        place = field.places[0]
        return self._meeting(field, place, place.kind.present())

    def _meeting(self, field: Field, place: Any, comparison: Any) -> BitMap:
        """The rows with a value, kept in that place, that the comparison is true of."""
        name, rest = self.scope.surface.holding(field.many, place.path)
        column = self.snapshot.columns[name]
        n = self.snapshot.n
        if isinstance(column, Numbers):
            return _within(column, n, comparison)
        if rest:
            model = self.scope.surface.related(name)
            keys = model._default_manager.filter(rerooted(place.q(comparison), place.path.removesuffix(f"__{rest}")))
            codes = [column.dictionary.code(key) for key in keys.values_list("pk", flat=True)]
            return column.having(n, [code for code in codes if code is not None])
        if isinstance(place, DeclaredColumn):
            return column.having(n, elements.codes_meeting(column.dictionary, comparison))
        return column.having(n, codes_meeting(column, comparison))

    def _mostly_missing(self, node: Is, among: BitMap) -> BitMap:
        """The rows without a value, which are nearly all: the few that have one are asked for, and taken away."""
        hits = among - self._ask_database(replace(node, values=(ANYTHING,)), among)
        if named := tuple(value for value in node.values if not asks_missing(value)):
            hits |= self._ask_database(replace(node, values=named), among)
        return hits

    def _having_text(self, value: Value, node: Text, among: BitMap) -> BitMap:
        pattern = wanted_text(value)
        if pattern is None:
            return among
        held = self.scope.surface.text_held
        if not held:
            return self._ask_database(node, among)
        column = self.snapshot.columns[held]
        is_fitting = fitting(pattern)
        return among & column.fitting(self.snapshot.n, pattern, lambda text: is_fitting(text.casefold()))

    def _ask_once(self, node: Condition, among: BitMap) -> BitMap:
        """The same, and what the database says is kept: it is asked for whoever may see every row."""
        if connection.in_atomic_block:  # what a transaction sees may be older than changes that are known already
            return self._ask_database(node, among)
        for_all = replace(self, scope=replace(self.scope, asker=Asker.of(INDEX)))
        return self.snapshot.asked.rows(node, among, lambda unknown: for_all._ask_database(node, unknown))

    def _ask_database(self, node: Node, among: BitMap) -> BitMap:
        """The rows among these that the database says meet the condition: by their keys if they are few."""
        if not among:
            return BitMap()
        meeting = self.scope.rows_ever_meeting(node)
        with aside(), self.patience.with_(node):
            if len(among) > FEW_ROWS:
                if len(self.base) < self.snapshot.n // 3:  # else the way over the index of times is the longer one
                    meeting = self.scope.rows_meeting(node)
                return among & _rows_of(self.snapshot, meeting)
            keys = self.snapshot.pks[positions(among)].tolist()
            some = [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]
            found = BitMap.union(*(_rows_of(self.snapshot, meeting.filter(pk__in=keys)) for keys in some))
        return among & found


def _rows_of(snapshot: Snapshot, rows: QuerySet[Any]) -> BitMap:
    """The rows that a statement finds."""
    keys = np.fromiter(rows.values_list("pk", flat=True).iterator(chunk_size=20_000), np.int64)
    found = snapshot.rows_of(keys)
    return bitmap(found[found >= 0])


def rerooted(q: Q, root: str) -> Q:
    """The same condition for the table that the foreign key `root` leads to: every path without its beginning."""
    children = [
        rerooted(child, root) if isinstance(child, Q) else (child[0].removeprefix(f"{root}__"), child[1])  # type: ignore[index]
        for child in q.children
    ]
    return Q(*children, _connector=q.connector, _negated=q.negated)


def codes_meeting(column: Codes | Sets, comparison: Any) -> Sequence[int]:
    """The codes of the values that the comparison is true of."""
    dictionary = column.dictionary
    match comparison:
        case OneOf(stored):
            wanted: Iterable[Any] = stored
        case Bounded(_, (("exact", value),)):
            wanted = (value,)
        case Present():
            return [code for code, value in enumerate(dictionary.values) if value is not None and value != ""]
        case Fitting(pattern):
            is_fitting = fitting(pattern)
            return [code for code, value in enumerate(dictionary.values) if value and is_fitting(value)]
        case _:
            return [code for code, value in enumerate(dictionary.values) if comparison.meets(value)]
    return [code for value in wanted if (code := dictionary.code(value)) is not None]


def _within(column: Numbers, n: int, comparison: Any) -> BitMap:
    """The rows whose number or time keeps to the comparison's bounds."""
    low: int | None = None
    high: int | None = None
    if not isinstance(comparison, Bounded):
        return BitMap(range(n)) if isinstance(comparison, Present) else BitMap()
    for lookup, value in comparison.bounds:
        number = value if isinstance(value, int) else microseconds(value)
        if lookup in {"exact", "gte", "gt"}:
            bound = number + (lookup == "gt")
            low = bound if low is None else max(low, bound)
        if lookup in {"exact", "lte", "lt"}:
            bound = number - (lookup == "lt")
            high = bound if high is None else min(high, bound)
    return column.between(n, low, high)
