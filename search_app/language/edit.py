"""What a click does to a query: tree in, tree out. Only the terms that all have to hold are touched.

A `value` is text of the query language: `web-store`, `"two words"`, `none`. What is not one value of the
language is taken literally. `printer.value_text` makes such text from any string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from search_app.language.errors import QuerySyntaxError
from search_app.language.nodes import Is, Node, Not, Value, all_of, names_only, top_terms
from search_app.language.parser import parse
from search_app.language.printer import _KEYWORDS, _PLAIN, to_text, value_text


def without(node: Node, field: str) -> Node:
    """Drop the terms that ask about nothing but that field."""
    return all_of(*(term for term in top_terms(node) if not names_only(term, field)))


def only(node: Node, field: str, value: str) -> Node:
    """Ask of that field for this value and nothing else."""
    return all_of(*top_terms(without(node, field)), Is(field, (read_value(value),)))


def exclude(node: Node, field: str, value: str) -> Node:
    """Ask that the field is not this value, beside what is excluded already."""
    return all_of(*top_terms(_unticked(node, field, value)), Not(Is(field, (read_value(value),))))


def toggle(node: Node, field: str, value: str) -> Node:
    """Tick or untick one value. A second ticked value of the same field means either; an excluded one is let in."""
    text = _text(read_value(value))
    if text in values_of(node, field) | excluded_values_of(node, field):
        return _unticked(node, field, value)
    terms = list(top_terms(node))
    for position, term in enumerate(terms):
        if isinstance(term, Is) and term.field == field:
            terms[position] = replace(term, values=(*term.values, read_value(value)))
            return all_of(*terms)
    return all_of(*terms, Is(field, (read_value(value),)))


def values_of(node: Node, field: str) -> frozenset[str]:
    """The values that are ticked, as text of the language: comparable with the values of a facet."""
    return frozenset(_text(value) for value in _values(top_terms(node), field))


def excluded_values_of(node: Node, field: str) -> frozenset[str]:
    """The values that are excluded, as text of the language."""
    return frozenset(_text(v) for v in _values((t.item for t in top_terms(node) if isinstance(t, Not)), field))


def read_value(text: str) -> Value:
    """One value of the language; anything else stands for itself."""
    if _PLAIN.fullmatch(text) and text not in _KEYWORDS:
        return Value((text,))  # what nearly every value is; the panel of facets reads a thousand of them
    try:
        match parse(f"_:{text}"):
            case Is("_", (value,)):
                return value
    except QuerySyntaxError:
        pass
    return Value.of(text)


def _values(terms: Iterator[Node] | tuple[Node, ...], field: str) -> Iterator[Value]:
    for term in terms:
        if isinstance(term, Is) and term.field == field:
            yield from term.values


def _unticked(node: Node, field: str, value: str) -> Node:
    """The query without that value, whether it was ticked or excluded."""
    text = _text(read_value(value))

    def left(term: Node) -> Iterator[Node]:
        match term:
            case Is(name, values) if name == field:
                if kept := tuple(value for value in values if _text(value) != text):
                    yield replace(term, values=kept)
            case Not(Is(name) as inner) if name == field:
                for item in left(inner):
                    yield replace(term, item=item)
            case _:
                yield term

    return all_of(*(kept for term in top_terms(node) for kept in left(term)))


def _text(value: Value) -> str:
    """One spelling per meaning: quotes only where they matter."""
    if value.has_wildcard or value.keyword in {"none", "me"}:
        return to_text(Is("_", (value,)))[2:]
    return value_text(value.literal or "")
