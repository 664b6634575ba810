"""Lists by numbered pages, the first of which is 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework.request import Request

from datadog_app.reading import choice, number, text

MOST = 1000  # rows of a page
FARTHEST = 100_000  # pages


@dataclass(frozen=True)
class Numbered:
    """The page that is asked for."""

    size: int
    number: int

    @classmethod
    def of(cls, request: Request, *, size: int = 10, most: int = MOST, all_for: str = "") -> Numbered:
        """`size` is the usual one, which `all_for` stands for, too. Raises Refusals for what is out of its limits."""
        usual = all_for and text(request, "page[size]") == all_for
        return cls(
            size=size if usual else number(request, "page[size]", size, least=1, most=most),
            number=number(request, "page[number]", 0, most=FARTHEST),
        )

    def rows(self, found: QuerySet[Any]) -> list[Any]:
        """The rows of the page."""
        start = self.size * self.number
        return list(found[start : start + self.size])


def totals(everything: int, found: int) -> dict[str, Any]:
    """The `meta` of most lists."""
    return {"page": {"total_count": everything, "total_filtered_count": found}}


def order(request: Request, names: dict[str, str], default: str) -> str:
    """The column that `sort` names, with its minus. `names` maps what may be asked for to columns."""
    asked = choice(request, "sort", [sign + name for name in names for sign in ("", "-")], default)
    return ("-" if asked.startswith("-") else "") + names[asked.removeprefix("-")]


def pagination(request: Request, page: Numbered, total: int, *, always_numbered: bool = False) -> dict[str, Any]:
    """`meta` and `links` as the lists of teams have them: by number when pages were asked for, else by offset."""
    last = max(-(-total // page.size) - 1, 0)
    places = {
        "self": page.number,
        "first": 0,
        "prev": page.number - 1 if page.number else None,
        "next": page.number + 1 if page.number < last else None,
        "last": last,
    }
    if always_numbered or "page[size]" in request.query_params or "page[number]" in request.query_params:
        told = {"number": page.number, "size": page.size, "type": "number_size"}
        told |= {f"{name}_number": place for name, place in places.items() if name != "self"}
    else:
        told = {"offset": page.number * page.size, "limit": page.size, "type": "offset_limit"}
        offsets = {name: None if place is None else place * page.size for name, place in places.items()}
        # The model of the official clients has no room for "there is none".
        told |= {f"{name}_offset": offset for name, offset in offsets.items() if name != "self" and offset is not None}
    asked = {name: value for name, value in request.query_params.items() if not name.startswith("page[")}

    def link(place: int | None) -> str | None:
        query = urlencode({**asked, "page[number]": place, "page[size]": page.size})
        return None if place is None else f"{request.path}?{query}"

    links = {name: link(place) for name, place in places.items()}
    return {
        "meta": {"pagination": {**told, "total": total}},
        "links": {name: address for name, address in links.items() if address or name in ("prev", "last")},
    }


def related(kind: str, ids: Sequence[Any]) -> dict[str, Any]:
    """A relationship to many."""
    return {"data": [{"id": str(one), "type": kind} for one in ids]}
