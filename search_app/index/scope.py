"""Which rows an answer is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts_app.access import Actor
from search_app.index.shapes import Window
from search_app.kinds import Asker
from search_app.language import Node
from search_app.language.edit import without
from search_app.surfaces import Surface
from search_app.to_q import compile_for

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """The moment in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(number: int) -> datetime:
    """The moment that is so many microseconds after the beginning of 1970."""
    return EPOCH + timedelta(microseconds=int(number))


@dataclass(frozen=True)
class Scope:
    """A query over one window of a surface, for one asker: every statement of an answer shares its `now`."""

    surface: Surface
    asker: Asker
    tree: Node
    window: Window

    @classmethod
    def of(cls, surface: Surface, actor: Actor, tree: Node, window: Window) -> Scope:
        return cls(surface, Asker.of(actor), surface.meant(tree), window)

    @property
    def actor(self) -> Actor:
        return self.asker.actor

    def rows(self) -> QuerySet[Any]:
        """The rows that match: what is visible, narrowed."""
        return self.rows_meeting(self.tree)

    def rows_beside(self, field: str) -> QuerySet[Any]:
        """The rows that match everything but the terms that ask about this field alone."""
        return self.rows_meeting(without(self.tree, field))

    def is_narrowed_by(self, field: str) -> bool:
        """Whether some term asks about this field alone."""
        return without(self.tree, field) != self.tree

    def rows_meeting(self, tree: Node) -> QuerySet[Any]:
        """The rows of the window that meet another query."""
        time = self.surface.time
        return self.rows_ever_meeting(tree).filter(
            **{f"{time}__gte": self.window.start, f"{time}__lt": self.window.end}
        )

    def rows_ever_meeting(self, tree: Node) -> QuerySet[Any]:
        """The same of any window."""
        q = compile_for(tree, self.surface.table, self.asker)
        return self.surface.rows(self.actor).filter(q).order_by()
