"""One page of rows, by keys and not by counting: deep pages cost what the first does, and new rows move nothing.

Every order ends with the primary key, so that ties neither repeat nor hide a row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q

from core_app.errors import Invalid
from search_app.index.scope import Scope
from search_app.index.shapes import MAX_PAGE, Page

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


def read_page(scope: Scope, page: Page) -> Rows:
    """The page's rows, in one statement. Raises Invalid for an order, a size or a cursor that cannot be."""
    try:
        order = scope.surface.order(page.sort)
    except KeyError:
        names = ", ".join(["time", *scope.surface.sorts])
        raise Invalid(f"“{page.sort}” is no order; the orders are {names}.", field="column") from None
    if not 1 <= page.size <= MAX_PAGE:
        raise Invalid(f"A page has from 1 to {MAX_PAGE} rows.", field="size")
    cursor = _Cursor.read(page) if page.after else None
    backwards = cursor is not None and cursor.backwards
    falling = page.descending != backwards
    rows = scope.rows().annotate(sort_key=order)
    if cursor:
        beyond = "lt" if falling else "gt"
        # The first condition says nothing new: it lets an index begin at the key.
        rows = rows.filter(
            Q(**{f"sort_key__{beyond}e": cursor.key}),
            Q(**{f"sort_key__{beyond}": cursor.key}) | Q(**{f"pk__{beyond}": cursor.pk}),
        )
    sign = "-" if falling else ""
    found = list(rows.order_by(f"{sign}sort_key", f"{sign}pk").values_list("pk", "sort_key")[: page.size + 1])
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
