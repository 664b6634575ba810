"""Which view an explorer shows: what its address asks for, and what the page says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from accounts_app.access import Actor
from accounts_app.permissions import LABELS
from search_app.explorer.address import Address
from search_app.explorer.mending import Mended, mend, same_query
from search_app.explorer.spec import Explorer
from search_app.language import Node
from search_app.models.saved_views import WRITE
from search_app.queries import View, default_view, find_view

PLAIN = "none"  # the view's name in an address that asks for no view, also not for one's default


@dataclass(frozen=True)
class Asked:
    """What an address asks for: `params` for ExplorerForm, and the view that is open, as much as is left of it.

    `instead` is another address that has to be gone to; empty almost always.
    """

    params: Mapping[str, Any]
    view: View | None = None
    mended: Mended | None = None
    instead: str = ""

    def is_modified(self, address: Address, tree: Node) -> bool:
        """Whether what is shown differs from the view as it was saved."""
        if self.mended is None:
            return False
        return _compared(self.mended.address) != _compared(address) or not same_query(self.mended.tree, tree)


def asked_for(explorer: Explorer, actor: Actor, given: QueryDict) -> Asked:
    """Read an address. Raises NotFound for a view that is not there or not the actor's to see.

    A view that stands alone is shown as it was saved. An address that says nothing at all means the person's
    default view; for whoever has one, any other address without a view says that it has none.
    """
    key = given.get("view", "")
    if key and key != PLAIN:
        view = find_view(actor, explorer, key)
        mended = mend(explorer, actor, view.params)
        alone = not any(value for name, value in given.items() if name != "view")
        return Asked(mended.address.to(view=key).params() if alone else given, view, mended)
    if key != PLAIN and (default := default_view(actor, explorer)):
        plain = given.copy()
        plain["view"] = PLAIN
        return Asked(plain, instead="" if given else default.url)
    return Asked(given)


def view_context(explorer: Explorer, actor: Actor, asked: Asked, address: Address, tree: Node | None) -> dict[str, Any]:
    """What the page's head says of views. `tree` is None where the query is faulty."""
    view = asked.view
    context: dict[str, Any] = {
        "surface": explorer.surface.name,
        "can_save_views": actor.can(WRITE),
        "why_not_save": f"Saving views needs the permission “{LABELS[WRITE]}” ({WRITE}).",
        "view_params": list(address.to().params().items()),
        "view": view,
        "plain_url": f"{explorer.path}{address.to(view=PLAIN)}",
    }
    if view and asked.mended:
        context |= {
            "view_modified": tree is None or asked.is_modified(address, tree),
            "view_dropped": asked.mended.dropped,
        }
    return context


def _compared(address: Address) -> Address:
    return replace(address.as_saved(), query="")
