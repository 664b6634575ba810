"""Lists of what signals are of: the busiest first, a page at a time, found by a part of what a line says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from signals_app.queries.counted import Counted, counted

ON_A_PAGE = 100
LONGEST_FIND = 200  # characters
NONE = Counted()


def busiest_first(
    request: HttpRequest, rows: QuerySet[Any], *, field: str, key: str, found_in: Sequence[str]
) -> dict[str, Any]:
    """The context of such a list: `lines` are rows with their `Counted`, and `find` is looked for in these columns.

    `field` is what the language calls the rows, by their column `key`. Most that waits comes first, then the name.
    Raises IndexBuilding.
    """
    find = request.GET.get("find", "").strip()[:LONGEST_FIND]
    if find:
        rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": find}) for column in found_in)))
    of = counted(request.actor, field)

    def busy(row: tuple[int, str, str]) -> tuple[Any, ...]:
        pk, of_key, name = row
        return (-of.get(of_key, NONE).waiting, name, pk)

    ordered = [pk for pk, _, _ in sorted(rows.order_by().values_list("pk", key, "name"), key=busy)]
    page = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    found = rows.in_bulk(page.object_list)
    shown = [found[pk] for pk in page.object_list if pk in found]
    return {"lines": [(row, of.get(getattr(row, key), NONE)) for row in shown], "page": page, "find": find}
