"""What has come in since a page was drawn: a number, so that nothing moves under anybody's hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse

from accounts_app.access import Actor
from core_app.prepared import Prepared
from search_app.explorer.address import Address
from search_app.explorer.spec import Explorer
from search_app.index import Window
from search_app.index.scope import Scope
from search_app.language import Node

MOST = 1000  # new rows that are looked at; of more it is only said that there are more


@dataclass(frozen=True)
class News:
    """How many new rows match; with `more` at least so many."""

    count: int
    more: bool


_NEWEST = Prepared(lambda model: model._default_manager.order_by("-pk").values_list("pk")[:1])


def newest_key(explorer: Explorer, actor: Actor) -> int:
    """The key of the newest row there is. Ask before the rows are read: what comes in between is then told twice
    and not never."""
    rows = explorer.surface.rows(actor)
    if not rows.query.where:  # all of them are seen
        return next((pk for (pk,) in _NEWEST.rows(rows.model)), 0)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0


def news_url(explorer: Explorer, address: Address, seen: int) -> str:
    """Where a page asks that was drawn when `seen` was the newest key; empty where nothing new would be shown."""
    if not address.is_live or address.after:
        return ""
    params = str(address.to())
    return f"{reverse('search:news', args=[explorer.surface.name])}{params}{'&' if params else '?'}seen={seen}"


def count_news(explorer: Explorer, actor: Actor, tree: Node, window: Window, seen: int) -> News:
    """The rows with a key above `seen` that match. Looks at MOST rows at the most, by their keys."""
    newer = explorer.surface.rows(actor).filter(pk__gt=seen).order_by("-pk").values_list("pk", flat=True)
    keys = list(newer[: MOST + 1])
    if not keys:
        return News(0, False)
    count = Scope.of(explorer.surface, actor, tree, window).rows().filter(pk__in=keys[:MOST]).count()
    return News(count, more=len(keys) > MOST)
