"""The list of cases: an explorer like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET, require_POST

from cases_app.actions import export_cases
from cases_app.explorer import EXPLORER
from cases_app.exporting import csv_rows, heads, json_rows
from cases_app.queries.rows import case_list as case_rows
from cases_app.views.parts import rights
from search_app.explorer.files import Exporting, explorer_file
from search_app.explorer.page import explorer_page

EXPORTING = Exporting(note=export_cases, heads=heads, cells=csv_rows, facts=json_rows)


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh."""
    return explorer_page(request, EXPLORER, _listing)


@require_POST
def case_export(request: HttpRequest) -> StreamingHttpResponse:
    """All cases that the explorer's address finds, or those that were selected there."""
    return explorer_file(request, EXPLORER, EXPORTING)


def _listing(request: HttpRequest, pks: Sequence[int], columns: Sequence[str]) -> dict[str, Any]:
    return {"cases": case_rows(request.actor, pks), **rights(request)}
