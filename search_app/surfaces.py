"""What can be searched. A floor above registers its surface in `AppConfig.ready()`; this floor never names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from accounts_app.access import Actor
from core_app.errors import NotFound
from search_app.fields import FieldTable
from search_app.kinds import Choice
from search_app.language import Node, parse


@dataclass(frozen=True)
class Surface:
    """One searchable thing: its rows, its fields, its time axis and the orders it can be shown in.

    `time` is the column of the time axis, `stack` names the choice field that the timeline is stacked by.
    `sorts` maps the name of an order to an expression that is never NULL; "time" is always among them.
    """

    name: str
    label: str
    table: FieldTable
    rows: Callable[[Actor], QuerySet[Any]]
    time: str
    stack: str
    sorts: Mapping[str, Combinable] = field(default_factory=dict)

    def parse(self, text: str) -> Node:
        """Text to tree, with every known field called by its own name. Raises QuerySyntaxError."""
        return self.table.canonical(parse(text))

    def order(self, name: str) -> Combinable:
        """The expression of an order. Raises KeyError."""
        return F(self.time) if name == "time" else self.sorts[name]

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
