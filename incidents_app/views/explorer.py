"""The list of incidents, and the overview of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts_app.access import require
from incidents_app.actions import export_incidents
from incidents_app.explorer import EXPLORER
from incidents_app.exporting import csv_rows, heads, json_rows
from incidents_app.models.managers import READ
from incidents_app.queries.overview import overview
from incidents_app.queries.rows import incident_rows
from incidents_app.queries.settings import analytics_view
from incidents_app.views.parts import rights
from search_app.explorer.files import Exporting, explorer_file
from search_app.explorer.page import explorer_page

EXPORTING = Exporting(note=export_incidents, heads=heads, cells=csv_rows, facts=json_rows)


@require_GET
def incident_list(request: HttpRequest) -> HttpResponse:
    """The explorer of incidents, or with htmx the part of it that has to be fresh."""
    return explorer_page(request, EXPLORER, _listing)


@require_POST
def incident_export(request: HttpRequest) -> StreamingHttpResponse:
    """All incidents that the explorer's address finds, or those that were selected there."""
    return explorer_file(request, EXPLORER, EXPORTING)


def _listing(request: HttpRequest, pks: Sequence[int], columns: Sequence[str]) -> dict[str, Any]:
    return {"incidents": incident_rows(request.actor, pks, columns), **rights(request)}


@require_GET
def incident_overview(request: HttpRequest) -> HttpResponse:
    """Where all incidents stand: the open ones by severity, and how long it took to resolve, month by month."""
    require(request.actor, READ)
    context = {**overview(request.actor), **rights(request), "analytics": analytics_view(request.actor)}
    return render(request, "incidents_app/overview.html", context)
