"""Every row that matches, by key: what a deed for all of them begins with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from accounts_app.access import Actor
from search_app.index.engine import Engine
from search_app.index.explore import engine_of
from search_app.index.scope import Scope
from search_app.index.shapes import Window
from search_app.language import Node
from search_app.surfaces import Surface


def matching_pks(
    surface: Surface,
    actor: Actor,
    tree: Node,
    window: Window,
    *,
    engine: Callable[[Scope], Engine] | None = None,
) -> np.ndarray:
    """The primary keys, rising, of the rows that match and that the actor may see, as of now.

    Raises what `explore` raises.
    """
    return np.sort((engine or engine_of(surface))(Scope.of(surface, actor, tree, window)).keys())
