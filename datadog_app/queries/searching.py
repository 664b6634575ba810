"""What meets a query of an explorer, and some rows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts_app.access import Actor
from search_app.kinds import Asker
from search_app.surfaces import Surface
from search_app.to_q import compile_for

FARTHEST = 1_000_000  # rows that a page may begin after
MOST = 100  # rows of a page


@dataclass(frozen=True)
class Span:
    """Some rows of many."""

    offset: int
    size: int

    def of(self, rows: QuerySet[Any]) -> list[Any]:
        return list(rows[self.offset : self.offset + self.size])


def searched(surface: Surface, actor: Actor, query: str) -> QuerySet[Any]:
    """The rows of a surface that meet a query, of all time, in no order. Raises QueryError."""
    tree = surface.meant(surface.parse(query))
    met = compile_for(tree, surface.table, Asker.of(actor))
    return surface.rows(actor).filter(met).order_by()
