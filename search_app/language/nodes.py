"""The query as a tree: frozen, comparable, printable. Where a node stood in the text is no part of what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

FIELD_NAME = re.compile(r"(?:@\w|[^\W\d])[\w./\-]*")


@dataclass(frozen=True)
class Span:
    """A stretch of the query's text, in characters, half open."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class _Placed:
    """Something that stood at a place in the text, which is no part of what it is."""

    span: Span = field(default=Span(), compare=False, repr=False, kw_only=True)


class Wild(Enum):
    """A wildcard: `*` stands for any characters or none, `?` for exactly one."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Value(_Placed):
    """What is looked for: literal text and wildcards, in turn. Wildcards occur only outside quotes."""

    parts: tuple[str | Wild, ...]
    quoted: bool = False

    @classmethod
    def of(cls, text: str) -> Value:
        """Exactly this text: no character of it is a wildcard and no word a keyword."""
        return cls((text,) if text else (), quoted=True)

    @property
    def literal(self) -> str | None:
        """The text, or None if there is a wildcard in it."""
        return None if self.has_wildcard else "".join(part for part in self.parts if isinstance(part, str))

    @property
    def keyword(self) -> str:
        """The text if it stood without quotes, so that it may mean more than itself (`me`, `none`, `now`)."""
        return "" if self.quoted else self.literal or ""

    @property
    def has_wildcard(self) -> bool:
        return any(isinstance(part, Wild) for part in self.parts)

    @property
    def is_anything(self) -> bool:
        """Whether it is `*`: whatever there is."""
        return bool(self.parts) and all(part is Wild.MANY for part in self.parts)

    def casefolded(self) -> Value:
        return replace(self, parts=tuple(part.casefold() if isinstance(part, str) else part for part in self.parts))

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else part.value for part in self.parts)


@dataclass(frozen=True)
class Text(_Placed):
    """Free text."""

    value: Value


@dataclass(frozen=True)
class _OnField(_Placed):
    """A condition on one field. Raises ValueError for a name that the language could not read back."""

    field: str

    def __post_init__(self) -> None:
        if not FIELD_NAME.fullmatch(self.field):
            raise ValueError(f"{self.field!r} is not the name of a field.")


@dataclass(frozen=True)
class Is(_OnField):
    """`field:value`, or `field:(a OR b)`: one of the values."""

    values: tuple[Value, ...]


@dataclass(frozen=True)
class Compare(_OnField):
    """`field:>value`; `op` is one of `>`, `>=`, `<`, `<=`."""

    op: str
    value: Value


@dataclass(frozen=True)
class Range(_OnField):
    """`field:[low TO high]`, both ends included; None is an open end."""

    low: Value | None
    high: Value | None


@dataclass(frozen=True)
class Cidr(_OnField):
    """`CIDR(field, 10.0.0.0/8, …)`: an address in one of the blocks."""

    blocks: tuple[Value, ...]


@dataclass(frozen=True)
class Not(_Placed):
    item: Node


@dataclass(frozen=True)
class And(_Placed):
    """All of these; `And(())` is the empty query, which everything meets."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or(_Placed):
    items: tuple[Node, ...]


Condition: TypeAlias = Is | Compare | Range | Cidr
Node: TypeAlias = Text | Condition | Not | And | Or

EVERYTHING = And(())


def all_of(*nodes: Node) -> Node:
    """These nodes and-ed, without a layer that says nothing."""
    items = tuple(node for node in nodes if node != EVERYTHING)
    return items[0] if len(items) == 1 else And(items)


def top_terms(node: Node) -> tuple[Node, ...]:
    """The terms that all have to hold."""
    return node.items if isinstance(node, And) else (node,)


def conditions(node: Node) -> Iterator[Text | Condition]:
    """Every leaf, from left to right."""
    match node:
        case And(items) | Or(items):
            for item in items:
                yield from conditions(item)
        case Not(item):
            yield from conditions(item)
        case _:
            yield node


def only_name(node: Node) -> str:
    """The field that the node asks about and nothing else; empty if there is no such one."""
    names = {"" if isinstance(leaf, Text) else leaf.field for leaf in conditions(node)}
    return names.pop() if len(names) == 1 else ""


def names_only(node: Node, name: str) -> bool:
    """Whether the node asks about that field and nothing else."""
    return only_name(node) == name
