"""The list of cases: an explorer like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cases_app.explorer import EXPLORER
from cases_app.queries.rows import case_list as case_rows
from cases_app.views.parts import rights
from search_app.explorer.page import explorer_page


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh."""
    return explorer_page(request, EXPLORER, _listing)


def _listing(request: HttpRequest, pks: Sequence[int], columns: Sequence[str]) -> dict[str, Any]:
    return {"cases": case_rows(request.actor, pks), **rights(request)}
