"""What can be searched. A floor above registers its surface in `AppConfig.ready()`; this floor never names it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from accounts_app.access import Actor
from core_app.errors import NotFound
from search_app.declared import merged
from search_app.fields import Column, Field, FieldTable, Many
from search_app.held import INDEX, Each, Holding
from search_app.kinds import Choice
from search_app.language import Node, Text, parse
from search_app.language.nodes import all_of, conditions, top_terms


@dataclass(frozen=True)
class Order:
    """One order of rows: the expression that SQL sorts by, never NULL, and the held column that the index sorts by.

    `rest` leads on from a foreign key; `key` makes the sort key of a held value. Both sort as the expression does.
    """

    expression: Combinable
    held: str
    rest: str = ""
    key: Callable[[Any], Any] = lambda value: value
    is_moment: bool = False


@dataclass(frozen=True)
class Surface:
    """One searchable thing: its rows, its fields, its time axis and the orders it can be shown in.

    `time` is the column of the time axis, `stack` names the choice field that the timeline is stacked by.
    `sorts` maps the name of an order to an expression that is never NULL; "time" is always among them.
    `fields` and `holds` are what the product brings, `table` and `held` these with the facets that were declared.
    `holds` names what the facet index holds of each row (nothing: the surface is explored in SQL), and `text_held`
    which of these, casefolded, is the table's text: what free words meet.
    `implied` is one term that holds of every query which says nothing of its field: what is put away, such as
    archived cases, is then found only by who asks for it.
    """

    name: str
    label: str
    fields: FieldTable
    rows: Callable[[Actor], QuerySet[Any]]
    time: str
    stack: str
    sorts: Mapping[str, Order] = field(default_factory=dict)
    holds: Mapping[str, Holding] = field(default_factory=dict)
    text_held: str = ""
    implied: str = ""

    @property
    def table(self) -> FieldTable:
        """All fields."""
        return merged(self.name, self.fields, self.holds)[0]

    @property
    def held(self) -> Mapping[str, Holding]:
        """All that the index holds."""
        return merged(self.name, self.fields, self.holds)[1]

    @property
    def orders(self) -> list[str]:
        """The names of all orders."""
        return ["time", *self.sorts]

    def parse(self, text: str) -> Node:
        """Text to tree, with every known field called by its own name. Raises QuerySyntaxError."""
        return self.table.canonical(parse(text))

    def meant(self, tree: Node) -> Node:
        """The query with what is implied, its fields called by their own names."""
        tree = self.table.canonical(tree)
        if not self.implied:
            return tree
        term = self.parse(self.implied)
        (leaf,) = conditions(term)
        asked = {one.field for one in conditions(tree) if not isinstance(one, Text)}
        return tree if leaf.field in asked else all_of(*top_terms(tree), term)

    def order(self, name: str) -> Combinable:
        """The expression of an order. Raises KeyError."""
        return F(self.time) if name == "time" else self.sorts[name].expression

    def holding(self, many: Many | None, path: str) -> tuple[str, str] | None:
        """Which held column answers for a path, and what of the path lies beyond its foreign key; None if none does."""
        beyond = None
        for name, holding in self.held.items():
            if many is not (holding.many if isinstance(holding, Each) else None):
                continue
            if holding.path == path:
                return name, ""
            if path.startswith(f"{holding.path}__"):
                beyond = name, path.removeprefix(f"{holding.path}__")
        return beyond

    def answers(self, tree: Node, columns: Collection[str]) -> bool:
        """Whether these columns have all that a query asks about. Raises QueryValueError."""
        return all(
            bool(self.text_held)
            if isinstance(leaf, Text)
            else self.is_in(self.table.find(leaf.field, leaf.span), columns)
            for leaf in conditions(tree)
        )

    def is_in(self, field: Field, columns: Collection[str]) -> bool:
        """Whether these columns have all that there is of a field."""
        found = [self.holding(field.many, p.path) if isinstance(p, Column) else None for p in field.places]
        return all(held is not None and held[0] in columns for held in found)

    def related(self, held: str) -> type[models.Model]:
        """The model that the foreign key in a held column leads to."""
        holding = self.held[held]
        rows = holding.many.rows(INDEX) if isinstance(holding, Each) else self.rows(INDEX)
        return rows.model._meta.get_field(holding.path).related_model

    @property
    def stacked_by(self) -> str:
        """What the timeline is stacked by, in words that may stand within a sentence."""
        return self.table[self.stack].label.lower()

    @property
    def stacked(self) -> Choice:
        """The choices that the timeline is stacked by."""
        kind = self.table[self.stack].kind
        if not isinstance(kind, Choice):
            raise TypeError(f"{self.stack} is no choice.")
        return kind


_surfaces: dict[str, Surface] = {}


def register(surface: Surface) -> None:
    """Make a surface searchable. Raises ValueError for a name that is taken."""
    if surface.name in _surfaces:
        raise ValueError(f"Two surfaces are called {surface.name}.")
    _surfaces[surface.name] = surface


def surface(name: str) -> Surface:
    """The surface of that name. Raises NotFound."""
    try:
        return _surfaces[name]
    except KeyError:
        raise NotFound("There is nothing of that name to search.") from None


def surfaces() -> list[Surface]:
    """Every surface."""
    return list(_surfaces.values())
