"""Tree to text: `parse(to_text(tree)) == tree` for every tree that `parse` or `edit` can make."""

from __future__ import annotations

import re
from functools import lru_cache
from types import UnionType

from search_app.language.nodes import And, Cidr, Compare, Is, Node, Not, Or, Range, Text, Value, Wild

_RESERVED = {"AND", "OR", "NOT", "&&", "||"}
_PLAIN = re.compile(r"(?!//)[\w@./+][\w@./+:\-]*")
_KEYWORDS = {"none", "me", "AND", "OR", "NOT"}


def to_text(node: Node) -> str:
    """The query as a person would type it."""
    match node:
        case Text(value):
            return _value(value, first="-", anywhere=":")
        case Is(field, (value,)):
            text = _value(value)
            return f"{field}:\\{text}" if text.startswith((":", "//")) else f"{field}:{text}"
        case Is(field, values):
            return f"{field}:({' OR '.join(_value(value, first='-<>') for value in values)})"
        case Compare(field, op, value):
            return f"{field}:{op}{_value(value, first='<>=')}"
        case Range(field, low, high):
            return f"{field}:[{_value(low) if low else '*'} TO {_value(high) if high else '*'}]"
        case Cidr(field, blocks):
            return f"CIDR({', '.join([field, *map(str, blocks)])})"
        case Not(item):
            return f"-{_inside(item, And | Or | Not)}"
        case And(items):
            return " ".join(map(_inside, items))
        case Or(items):
            return " OR ".join(map(_inside, items))
    raise TypeError(f"{node!r} is no part of a query.")


@lru_cache(maxsize=10_000)
def value_text(raw: str) -> str:
    """The query text that means exactly the string `raw`, with quotes only if it needs them."""
    if _PLAIN.fullmatch(raw) and raw not in _KEYWORDS:
        return raw
    return _value(Value.of(raw))


def _inside(node: Node, loose: type | UnionType = And | Or) -> str:
    """A node as a part of a larger one, in brackets if it would fall apart."""
    return f"({to_text(node)})" if isinstance(node, loose) else to_text(node)


def _value(value: Value, *, first: str = "<>", anywhere: str = "") -> str:
    """One value; `first` and `anywhere` are what would mean more than itself at the beginning or at any place."""
    if value.quoted or not value.parts:
        return '"' + re.sub(r'(["\\])', r"\\\1", str(value)) + '"'
    text = "".join(part.value if isinstance(part, Wild) else _escaped(part, anywhere) for part in value.parts)
    return "\\" + text if text in _RESERVED or text[0] in first else text


def _escaped(literal: str, also: str) -> str:
    return "".join("\\" + c if c in '\\"()[]*?' + also or c.isspace() else c for c in literal)
