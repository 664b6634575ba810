"""`explore`, in SQL: a fixed number of statements, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence

from accounts_app.access import Actor
from search_app.index.facets import count_facets
from search_app.index.pages import read_page
from search_app.index.scope import Scope
from search_app.index.shapes import Explored, Page, Window
from search_app.index.timeline import draw_timeline
from search_app.language import Node
from search_app.surfaces import Surface


def explore(surface: Surface, actor: Actor, tree: Node, window: Window, facets: Sequence[str], page: Page) -> Explored:
    """Everything that an explorer shows, of the rows that the actor may see.

    `facets` are names of the surface's facet fields (KeyError for others). A facet is counted without the terms
    that narrow only itself, so that it shows what else could be chosen.
    Raises QueryValueError for values that fields cannot have, Invalid for a page that cannot be.
    """
    scope = Scope.of(surface, actor, tree, window)
    rows = read_page(scope, page)  # first: a cursor that is no good should cost nothing
    counted = count_facets(scope, facets)
    timeline, seconds = draw_timeline(scope)
    return Explored(
        total=counted.total,
        facets=counted.facets,
        timeline=timeline,
        bucket_seconds=seconds,
        pks=rows.pks,
        next=rows.next,
        previous=rows.previous,
        cut=counted.cut,
    )
