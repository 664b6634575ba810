"""What operators look at: sources, and the items that nobody could read."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from accounts_app.access import Actor
from signals_app.models import RawItem, Source

ON_A_PAGE = 50


@dataclass(frozen=True)
class SourceRow:
    """A source, with how many of its items wait and how many could not be read."""

    source: Source
    waiting: int
    unreadable: int


def source_rows(actor: Actor) -> list[SourceRow]:
    """Every source, by name."""
    items = RawItem.objects.visible_to(actor)
    waiting = _per_source(items.filter(state=RawItem.State.PENDING))
    unreadable = _per_source(items.filter(state=RawItem.State.UNREADABLE))
    return [
        SourceRow(source, waiting.get(source.pk, 0), unreadable.get(source.pk, 0))
        for source in Source.objects.visible_to(actor)
    ]


def _per_source(items) -> dict[int, int]:
    return dict(items.order_by().values_list("source").annotate(Count("pk")))


def unreadable_items(actor: Actor, *, source: str = "", page: str = "1") -> Page:
    """Items that could not be read, newest first, of one source or of all."""
    items = RawItem.objects.visible_to(actor).filter(state=RawItem.State.UNREADABLE).select_related("source")
    if source:
        items = items.filter(source__name=source)
    return Paginator(items.order_by("-received_at", "-pk"), ON_A_PAGE).get_page(page)
