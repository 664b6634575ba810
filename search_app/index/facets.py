"""How many rows there are in all, and per value of every facet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts_app.access import Actor
from search_app.fields import Column, Field
from search_app.index.scope import Scope
from search_app.index.shapes import MAX_FACET_VALUES, FacetValue
from search_app.kinds import Choice
from search_app.language import Is, value_text
from search_app.language.edit import excluded_values_of, read_value, values_of
from search_app.to_q import compile_for

NONE = "none"


@dataclass(frozen=True)
class Counted:
    total: int
    facets: dict[str, list[FacetValue]]
    cut: frozenset[str]


def count_facets(scope: Scope, names: Sequence[str]) -> Counted:
    """The total and the facets of these names, in one statement each and one more for all that is missing."""
    fields = [scope.surface.table[name] for name in names]
    total, missing = _total_and_missing(scope, fields)
    facets: dict[str, list[FacetValue]] = {}
    cut = set()
    for field in fields:
        values = value_counts(scope.rows_beside(field.name), field, scope.actor, MAX_FACET_VALUES + 1)
        if len(values) > MAX_FACET_VALUES:
            cut.add(field.name)
        facets[field.name] = _completed(scope, field, values[:MAX_FACET_VALUES], missing[field.name])
    return Counted(total, facets, frozenset(cut))


def _total_and_missing(scope: Scope, fields: Sequence[Field]) -> tuple[int, dict[str, int]]:
    """How many rows match, and for each field how many have no value of it.

    A field that the query narrows is counted among other rows than the total, in a statement of its own.
    """
    absent = {field.name: ~field.present(scope.actor) for field in fields}
    beside = [field.name for field in fields if scope.is_narrowed_by(field.name)]
    with_total = {
        f"missing_{number}": Count("pk", filter=absent[field.name])
        for number, field in enumerate(fields)
        if field.name not in beside
    }
    found = scope.rows().aggregate(total=Count("pk"), **with_total)
    missing = {field.name: found.get(f"missing_{number}", 0) for number, field in enumerate(fields)}
    for name in beside:
        missing[name] = scope.rows_beside(name).filter(absent[name]).count()
    return found["total"], missing


def value_counts(
    rows: QuerySet[Any], field: Field, actor: Actor, limit: int = MAX_FACET_VALUES, containing: str = ""
) -> list[FacetValue]:
    """The most frequent values of a field among the rows, with how many rows have each.

    `containing` is text that a value or its label has to hold, whatever its case. Raises TypeError for a field
    that is kept in no column.
    """
    place = field.places[0]
    if not isinstance(place, Column):
        raise TypeError(f"{field.name} is kept in no column.")
    path, label = place.path, field.label_path or place.path
    wanted = place.q(place.kind.present())
    if containing:
        wanted &= Q(**{f"{path}__icontains": containing}) | Q(**{f"{label}__icontains": containing})
    if field.many:
        link = field.many.link
        found = field.many.rows(actor).filter(**{f"{link}__in": rows.order_by()}).filter(wanted)
        count = Count(link, distinct=True)
    else:
        found, count = rows.filter(wanted), Count("pk")
    grouped = found.order_by().values(*dict.fromkeys([path, label])).annotate(rows_of_value=count)
    return [
        _facet_value(field, row[path], row[label], row["rows_of_value"])
        for row in grouped.order_by("-rows_of_value", path)[:limit]
    ]


def _facet_value(field: Field, value: Any, label: Any, count: int) -> FacetValue:
    if isinstance(field.kind, Choice):
        word = field.kind.word(value)
        return FacetValue(word, field.kind.label(word), count)
    return FacetValue(value_text(str(value)), str(label), count)


def _completed(scope: Scope, field: Field, values: list[FacetValue], missing: int) -> list[FacetValue]:
    """With what is shown beside the frequent: every choice, and what the query names, so that it can be undone."""
    named = values_of(scope.tree, field.name) | excluded_values_of(scope.tree, field.name)
    if isinstance(field.kind, Choice):
        found = {value.value: value for value in values}
        words = [(word, label) for word, _, label in field.kind.choices]
        if field.kind.is_ordered:
            words.reverse()
        values = [found.get(word, FacetValue(word, label, 0)) for word, label in words]
    values = values + _counted(scope, field, sorted(named - {value.value for value in values} - {NONE}))
    if missing or NONE in named:
        values.append(FacetValue(NONE, "None", missing))
    return values


def _counted(scope: Scope, field: Field, texts: Sequence[str]) -> list[FacetValue]:
    """These values of the query, patterns and other spellings among them, with the rows that each would find."""
    if not texts:
        return []
    values = [read_value(text) for text in texts]
    wanted = [compile_for(Is(field.name, (value,)), scope.surface.table, scope.asker) for value in values]
    counts = {f"value_{number}": Count("pk", filter=q) for number, q in enumerate(wanted)}
    found = scope.rows_beside(field.name).aggregate(**counts)
    return [
        FacetValue(text, str(value), found[f"value_{number}"])
        for number, (text, value) in enumerate(zip(texts, values, strict=True))
    ]
