"""One page of rows, by keys and not by counting: deep pages cost what the first does, and new rows move nothing.

Every order ends with the primary key, so that ties neither repeat nor hide a row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer

from core_app.errors import Invalid
from search_app.index.engine import Beyond, Engine
from search_app.index.shapes import MAX_PAGE, Page
from search_app.surfaces import Surface

_SIGNER = Signer(salt="search.cursor")


@dataclass(frozen=True)
class Rows:
    """Primary keys in order, and the cursors of the pages around them."""

    pks: list[int]
    next: str
    previous: str


@dataclass(frozen=True)
class _Cursor:
    """A row that a page begins beside: its sort key and primary key, and on which side of it the page lies."""

    key: Any
    pk: int
    backwards: bool

    def write(self, page: Page) -> str:
        key = {"at": self.key.isoformat()} if isinstance(self.key, datetime) else self.key
        return _SIGNER.sign_object([page.sort, page.descending, key, self.pk, self.backwards])

    @classmethod
    def read(cls, page: Page) -> _Cursor:
        """Raises Invalid for what we did not write, or wrote for another order."""
        try:
            sort, descending, key, pk, backwards = _SIGNER.unsign_object(page.after)
        except BadSignature:
            sort = None
        if sort is None or (sort, descending) != (page.sort, page.descending):
            raise Invalid("This page can no longer be found. Start again from the first page.", field="after")
        return cls(datetime.fromisoformat(key["at"]) if isinstance(key, dict) else key, pk, backwards)


def read_page(engine: Engine, surface: Surface, page: Page) -> Rows:
    """The page's rows. Raises Invalid for an order, a size or a cursor that cannot be."""
    if page.sort not in surface.orders:
        names = ", ".join(surface.orders)
        raise Invalid(f"“{page.sort}” is no order; the orders are {names}.", field="column")
    if not 1 <= page.size <= MAX_PAGE:
        raise Invalid(f"A page has from 1 to {MAX_PAGE} rows.", field="size")
    cursor = _Cursor.read(page) if page.after else None
    backwards = cursor is not None and cursor.backwards
    beyond = Beyond(cursor.key, cursor.pk) if cursor else None
    found = engine.page(page.sort, falling=page.descending != backwards, beyond=beyond, limit=page.size + 1)
    more = len(found) > page.size
    found = found[: page.size]
    if backwards:
        found.reverse()
    if not found:
        back = replace(cursor, backwards=not cursor.backwards).write(page) if cursor else ""
        return Rows([], next=back if backwards else "", previous="" if backwards else back)
    (first_pk, first_key), (last_pk, last_key) = found[0], found[-1]
    has_next = backwards or more
    has_previous = more if backwards else cursor is not None
    return Rows(
        pks=[pk for pk, _ in found],
        next=_Cursor(last_key, last_pk, backwards=False).write(page) if has_next else "",
        previous=_Cursor(first_key, first_pk, backwards=True).write(page) if has_previous else "",
    )
