"""`explore`: one query, one window, everything that is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts_app.access import Actor
from search_app.fields import Field
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.engine import Engine
from search_app.index.facets import facet_value, facet_values
from search_app.index.pages import Rows, read_page
from search_app.index.scope import Scope
from search_app.index.shapes import MAX_FACET_VALUES, Explored, FacetValue, Page, Window
from search_app.index.sql import SqlEngine
from search_app.index.timeline import bucket_seconds, draw_timeline
from search_app.language import EVERYTHING, Node
from search_app.surfaces import Surface


def explore(
    surface: Surface,
    actor: Actor,
    tree: Node,
    window: Window,
    facets: Sequence[str],
    page: Page | None,
    *,
    over_time: bool = True,
    engine: Callable[[Scope], Engine] | None = None,
) -> Explored:
    """Everything that an explorer shows, of the rows that the actor may see.

    `facets` are names of the surface's facet fields (KeyError for others). A facet is counted without the terms
    that narrow only itself, so that it shows what else could be chosen. Without a page no rows are read, without
    `over_time` there is no timeline. `engine` is for several answers about one moment, and for tests and
    measurements, which ask two engines the same.
    Raises QueryValueError for values that fields cannot have, Invalid for a page that cannot be, and
    IndexBuilding while the index is not there yet.
    """
    scope = Scope.of(surface, actor, tree, window)
    fields = [surface.table[name] for name in facets]
    asked = (engine or engine_of(surface))(scope)
    # First the rows: a cursor that is no good should cost nothing.
    rows = read_page(asked, surface, page) if page else Rows([], "", "")
    tallies = asked.tallies(fields)
    timeline, seconds = draw_timeline(asked, scope) if over_time else ([], bucket_seconds(window))
    return Explored(
        total=asked.total(),
        facets={
            field.name: facet_values(asked, scope.tree, field, tallies[field.name])
            for field in fields
            if field.name in tallies  # one that was declared a moment ago comes when it is counted
        },
        timeline=timeline,
        bucket_seconds=seconds,
        pks=rows.pks,
        next=rows.next,
        previous=rows.previous,
        cut=frozenset(name for name, tally in tallies.items() if len(tally.values) > MAX_FACET_VALUES),
    )


def frequent_values(
    surface: Surface, actor: Actor, field: Field, window: Window, containing: str, limit: int
) -> list[FacetValue]:
    """The most frequent values of any field among the rows of the window, with `containing` in value or label."""
    asked = engine_of(surface)(Scope.of(surface, actor, EVERYTHING, window))
    return [facet_value(field, *found) for found in asked.values(field, containing, limit)]


def engine_of(surface: Surface) -> Callable[[Scope], Engine]:
    """The engine that answers for a surface."""
    return BitmapEngine.of if surface.held else SqlEngine
