"""`find_values`: the values of one facet, as many as a person can read, and those that have some text in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts_app.access import Actor
from search_app.index.engine import Engine, Tally
from search_app.index.explore import engine_of
from search_app.index.facets import facet_value, facet_values
from search_app.index.scope import Scope
from search_app.index.shapes import MAX_FACET_VALUES, FacetValue, Window
from search_app.kinds import Choice
from search_app.language import Node
from search_app.surfaces import Surface


@dataclass(frozen=True)
class FoundValues:
    """The answer; `is_cut` says that there are more values than these, which are the most frequent."""

    values: list[FacetValue]
    is_cut: bool


def find_values(
    surface: Surface,
    actor: Actor,
    tree: Node,
    window: Window,
    facet: str,
    containing: str = "",
    *,
    engine: Callable[[Scope], Engine] | None = None,
) -> FoundValues:
    """The most frequent values of a facet, at most MAX_FACET_VALUES, with `containing` in them or their labels.

    Its case does not matter. They are counted as the panel counts them: among the rows that meet everything but the
    terms about the facet alone. Without a text the answer is the panel's own: what the query names and `none` stand
    in it too.
    Raises KeyError for no facet of the surface, QueryValueError and IndexBuilding as `explore` does.
    """
    scope = Scope.of(surface, actor, tree, window)
    field = scope.surface.table[facet]
    asked = (engine or engine_of(surface))(scope)
    if containing and not isinstance(field.kind, Choice):
        found = asked.values(field, containing, MAX_FACET_VALUES + 1)
        values = [facet_value(field, *one) for one in found[:MAX_FACET_VALUES]]
        return FoundValues(values, len(found) > MAX_FACET_VALUES)
    tally = asked.tallies([field]).get(field.name, Tally([], 0))
    wanted = containing.casefold()
    values = facet_values(
        asked, scope.tree, field, tally
    )  # few, where they are choices: their words are looked at here
    fitting = [value for value in values if wanted in value.label.casefold() or wanted in value.value.casefold()]
    return FoundValues(fitting, len(tally.values) > MAX_FACET_VALUES)
