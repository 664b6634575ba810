"""From a tally to what the facet panel shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search_app.fields import Field
from search_app.index.engine import Engine, Tally
from search_app.index.shapes import MAX_FACET_VALUES, FacetValue
from search_app.kinds import Choice
from search_app.language import Is, Node, value_text
from search_app.language.edit import excluded_values_of, read_value, values_of

NONE = "none"


def facet_values(engine: Engine, tree: Node, field: Field, tally: Tally) -> list[FacetValue]:
    """The frequent values; beside them every choice, and what the query names, so that it can be undone."""
    values = [facet_value(field, stored, label, count) for stored, label, count in tally.values[:MAX_FACET_VALUES]]
    named = values_of(tree, field.name) | excluded_values_of(tree, field.name)
    if isinstance(field.kind, Choice):
        found = {value.value: value for value in values}
        words = [(word, label) for word, _, label in field.kind.choices]
        if field.kind.is_ordered:
            words.reverse()
        values = [found.get(word, FacetValue(word, label, 0)) for word, label in words]
    values = values + _named(engine, field, sorted(named - {value.value for value in values} - {NONE}))
    if tally.missing or NONE in named:
        values.append(FacetValue(NONE, "None", tally.missing))
    return values


def facet_value(field: Field, stored: Any, label: Any, count: int) -> FacetValue:
    """A stored value as text of the language, with words for people."""
    if isinstance(field.kind, Choice):
        word = field.kind.word(stored)
        return FacetValue(word, field.kind.label(word), count)
    return FacetValue(value_text(str(stored)), str(label), count)


def _named(engine: Engine, field: Field, texts: Sequence[str]) -> list[FacetValue]:
    """These values of the query, patterns and other spellings among them, with the rows that each would find."""
    if not texts:
        return []
    values = [read_value(text) for text in texts]
    counts = engine.count_beside(field, [Is(field.name, (value,)) for value in values])
    return [FacetValue(text, str(value), count) for text, value, count in zip(texts, values, counts, strict=True)]
