"""Declared facets for the engine in SQL: read from the rows' JSON, counted and joined in memory.

What is inside JSON cannot be grouped alike on both databases. It takes as long as reading every row takes; the other
engine, which is held to this, has a column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from itertools import product
from typing import Any

from search_app.declared import DeclaredColumn
from search_app.elements import element_values, looks_like, spelled
from search_app.fields import Field
from search_app.held import Inside
from search_app.index.scope import Scope, microseconds

Pairs = Iterable[tuple[int, Any, Any]]  # (key of a row, stored value, label)


def is_declared(field: Field) -> bool:
    return isinstance(field.places[0], DeclaredColumn)


def frequent(scope: Scope, field: Field, containing: str, limit: int) -> list[tuple[str, str, int]]:
    """The texts with `containing` in them, each with the rows that a query for it finds, the most frequent first."""
    rows = [held for _, held in element_values(scope.rows_beside(field.name), _inside(field)) if held]
    wanted = containing.lower()
    texts = {text for held in rows for text in map(spelled, held) if text is not None and wanted in text.lower()}
    counted = ((text, text, _met(looks_like(text), rows)) for text in texts)
    return nsmallest(limit, counted, key=lambda found: (-found[2], found[0]))


def _met(alike: set[str], rows: Sequence[set[str]]) -> int:
    return sum(not alike.isdisjoint(held) for held in rows)


def pairs(scope: Scope, field: Field) -> Pairs:
    """Every row's texts."""
    for pk, held in element_values(scope.surface.rows(scope.actor), _inside(field)):
        for text in {spelled(one) for one in held} - {None}:
            yield pk, text, text


def grouped(
    scope: Scope, fields: Sequence[Field], unique: Field | None, bars: Sequence[int], pairs_of: Callable[[Field], Pairs]
) -> list[tuple[Any, ...]]:
    """As `SqlEngine` groups: values, their labels, with `bars` (origin and seconds) the bar, and the measure."""
    width, labels = len(fields), {None: None}
    tables = []
    for field in (*fields, *([unique] if unique else [])):
        table: dict[int, list[Any]] = defaultdict(list)
        for pk, stored, label in pairs_of(field):
            table[pk].append(stored)
            labels[stored] = min(labels.get(stored, label), label)
        tables.append(table)
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for pk, moment in scope.rows().values_list("pk", scope.surface.time):
        bar = [(microseconds(moment) // 1_000_000 - bars[0]) // bars[1]] if bars else []
        for values in product(*(table.get(pk) or [None] for table in tables)):
            found[(*values[:width], *bar)].append(values[-1] if unique else pk)
    return [
        (
            *group[:width],
            *(labels[value] for value in group[:width]),
            *group[width:],
            len(set(measured) - {None}) if unique else len(measured),
        )
        for group, measured in found.items()
    ]


def _inside(field: Field) -> Inside:
    attribute = field.places[0].attribute  # type: ignore[attr-defined]
    return Inside(attribute.json, attribute.keys)
