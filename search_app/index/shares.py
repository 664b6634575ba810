"""`shares`: the rows of a query by every value of one field, and what each is made of: rules with their signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts_app.access import Actor
from core_app.errors import Invalid
from search_app.fields import Field
from search_app.index import engine as engines
from search_app.index.analyse import groupable_fields
from search_app.index.explore import engine_of
from search_app.index.facets import NONE, facet_value
from search_app.index.scope import Scope, moment_of
from search_app.index.shapes import FacetValue, Window
from search_app.kinds import Choice
from search_app.language import Node
from search_app.surfaces import Surface

NEWEST, COUNT, HIGHEST = "time", "count", "highest"
ORDERS = (NEWEST, COUNT, HIGHEST)


@dataclass(frozen=True)
class Share:
    """One value, how many rows have it, of these how many have each word of a choice field, first and last moment."""

    value: FacetValue
    counts: Mapping[str, Mapping[str, int]]
    first: datetime
    last: datetime

    @property
    def count(self) -> int:
        return self.value.count


@dataclass(frozen=True)
class Shared:
    """One page of values. `total` is how many there are in all, `before` how many stand before this page.

    `next` and `previous` are what `after` has to be for the pages around it, None where there is none.
    """

    shares: list[Share]
    total: int
    before: int
    next: str | None
    previous: str | None


def shares(
    surface: Surface,
    actor: Actor,
    tree: Node,
    window: Window,
    *,
    field: str,
    parts: Sequence[str],
    order: str = HIGHEST,
    descending: bool = True,
    after: str = "",
    size: int = 50,
    engine: Callable[[Scope], engines.Engine] | None = None,
) -> Shared:
    """The values of a field that each row has one of, with the rows of each by the choice fields `parts`; exact.

    `order` is one of ORDERS; HIGHEST is by the highest choice of the first part, then by how many rows there are.
    Values that are equal in this stand in the order of the values. A page begins after the value `after`, wherever
    that stands by now, or at the beginning. Raises what `explore` does, and Invalid for an order that cannot be and
    for a value that no row has any more.
    """
    if order not in ORDERS:
        raise Invalid(f"“{order}” is no order; the orders are {', '.join(ORDERS)}.", field="column")
    known = {one.name: one for one in groupable_fields(surface)}
    whole, split = known[field], [known[name] for name in parts]
    scope = Scope.of(surface, actor, tree, window)
    found = (engine or engine_of(surface))(scope).shares(whole, split)
    ordered = sorted(found, key=lambda share: (share.stored is None, str(share.stored)))
    ordered.sort(key=_KEYS[order], reverse=descending)
    start = _place(whole, ordered, after) if after else 0
    end = start + size
    return Shared(
        [_share(whole, split, share) for share in ordered[start:end]],
        total=len(ordered),
        before=start,
        next=_value(whole, ordered[end - 1]).value if end < len(ordered) else None,
        previous=(_value(whole, ordered[start - size - 1]).value if start > size else "") if start else None,
    )


def _place(field: Field, ordered: Sequence[engines.Share], after: str) -> int:
    """Where the page after that value begins."""
    for place, share in enumerate(ordered, start=1):
        if _value(field, share).value == after:
            return place
    raise Invalid("This page can no longer be found. Start again from the first page.", field="after")


def _count(share: engines.Share) -> int:
    return sum(share.counts[0].values())


_KEYS: Mapping[str, Callable[[engines.Share], Any]] = {
    NEWEST: lambda share: share.last,
    COUNT: _count,
    HIGHEST: lambda share: (max(share.counts[0]), _count(share)),
}


def _value(field: Field, share: engines.Share) -> FacetValue:
    if share.stored is None:
        return FacetValue(NONE, "None", _count(share))
    return facet_value(field, share.stored, share.label, _count(share))


def _share(field: Field, parts: Sequence[Field], share: engines.Share) -> Share:
    counts = {part.name: _by_word(part, stored) for part, stored in zip(parts, share.counts, strict=True)}
    return Share(_value(field, share), counts, moment_of(share.first), moment_of(share.last))


def _by_word(field: Field, counts: Mapping[Any, int]) -> dict[str, int]:
    if not isinstance(field.kind, Choice):
        raise TypeError(f"{field.name} is no choice.")
    return {field.kind.word(stored): count for stored, count in counts.items()}
