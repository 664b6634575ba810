"""`analyse`: the rows of a query and window, counted by the values of up to two fields, in all and over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts_app.access import Actor
from core_app.errors import Invalid
from search_app.fields import Column, Field
from search_app.index.engine import Engine
from search_app.index.explore import engine_of
from search_app.index.facets import NONE, facet_value
from search_app.index.scope import Scope
from search_app.index.shapes import FacetValue, Window
from search_app.index.timeline import bars_of, moment
from search_app.kinds import Choice
from search_app.language import Node
from search_app.surfaces import Surface

MAX_FIELDS = 2
MAX_GROUPS = 100


@dataclass(frozen=True)
class _Group:
    """A value of each field: `value` is text of the query language, `label` is for people. Of no field: everything."""

    values: tuple[FacetValue, ...]

    @property
    def label(self) -> str:
        """The group in words; empty for the one group of everything."""
        return " · ".join(value.label for value in self.values)


@dataclass(frozen=True)
class GroupRow(_Group):
    """One group and its measure."""

    count: int


@dataclass(frozen=True)
class Series(_Group):
    """One group over time: the measure in each bar. It stands where its group stands in `Analysed.rows`."""

    counts: tuple[int, ...]


@dataclass(frozen=True)
class Analysed:
    """The answer. `total` is the measure of all rows together, whatever their group.

    `others` is how many more groups there are than `rows` shows. Without `over_time` there are no series; the bars
    are described all the same: when each begins and how many seconds it is.
    """

    rows: list[GroupRow]
    others: int
    total: int
    series: list[Series]
    bucket_starts: list[datetime]
    bucket_seconds: int


def analyse(
    surface: Surface,
    actor: Actor,
    tree: Node,
    window: Window,
    *,
    group_by: Sequence[str],
    unique: str = "",
    limit: int = 10,
    over_time: bool,
    engine: Callable[[Scope], Engine] | None = None,
) -> Analysed:
    """The largest groups of the rows that match, of those that the actor may see; exact.

    `group_by` names up to two fields (none: everything is one group). A row with several values counts in each of
    their groups, one without any in the group `none`. The measure is the number of rows or, with `unique`, of
    different values of that field; a bar's unique values are counted anew, so that bars do not add up to the group.
    Raises Invalid for fields that cannot be grouped by and for a limit that is not 1 … MAX_GROUPS,
    QueryValueError for values that fields cannot have, IndexBuilding while the index is not there yet.
    """
    fields = [_groupable(surface, name) for name in dict.fromkeys(group_by)]
    counted = _groupable(surface, unique) if unique else None
    if len(fields) > MAX_FIELDS:
        raise Invalid(f"Rows are grouped by at most {MAX_FIELDS} fields.", field="group")
    if not 1 <= limit <= MAX_GROUPS:
        raise Invalid(f"From 1 to {MAX_GROUPS} groups can be shown.", field="limit")
    scope = Scope.of(surface, actor, tree, window)
    asked = (engine or engine_of(surface))(scope)
    groups = asked.groups(fields, counted, limit)
    rows = [_row(fields, named, count) for named, count in groups.found]
    origin, seconds, bars = bars_of(scope)
    series: list[Series] = []
    if over_time:
        stored = [tuple(value for value, _ in named) for named, _ in groups.found]
        found = asked.series(fields, stored, counted, origin, seconds)
        series = [
            Series(row.values, tuple(found.get((place, bar), 0) for bar in range(bars)))
            for place, row in enumerate(rows)
        ]
    if not counted:
        total = asked.total()
    elif fields:
        total = sum(count for _, count in asked.groups([], counted, 1).found)
    else:
        total = sum(row.count for row in rows)
    return Analysed(
        rows=rows,
        others=groups.others,
        total=total,
        series=series,
        bucket_starts=[moment(origin + seconds * bar) for bar in range(bars)],
        bucket_seconds=seconds,
    )


def groupable_fields(surface: Surface) -> list[Field]:
    """The fields that rows can be grouped by, and whose different values can be counted."""
    return [field for field in surface.table if _can_group(surface, field)]


def _groupable(surface: Surface, name: str) -> Field:
    for field in surface.table:
        if field.name == name and _can_group(surface, field):
            return field
    raise Invalid(f"{surface.label.capitalize()} cannot be grouped by “{name}”.", field="group")


def _can_group(surface: Surface, field: Field) -> bool:
    place = field.places[0]
    if not isinstance(place, Column) or not (field.kind.is_text or isinstance(field.kind, Choice)):
        return False
    return not surface.held or surface.holding(field.many, place.path) is not None


def _row(fields: Sequence[Field], named: Sequence[tuple[Any, Any]], count: int) -> GroupRow:
    values = [
        FacetValue(NONE, "None", count) if stored is None else facet_value(field, stored, label, count)
        for field, (stored, label) in zip(fields, named, strict=True)
    ]
    return GroupRow(tuple(values), count)
