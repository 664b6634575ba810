"""The list of incidents, and the overview of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts_app.access import require
from incidents_app.explorer import EXPLORER
from incidents_app.models.managers import READ
from incidents_app.queries.overview import overview
from incidents_app.queries.rows import incident_rows
from incidents_app.views.parts import rights
from search_app.explorer.page import explorer_page


@require_GET
def incident_list(request: HttpRequest) -> HttpResponse:
    """The explorer of incidents, or with htmx the part of it that has to be fresh."""
    return explorer_page(request, EXPLORER, _listing)


def _listing(request: HttpRequest, pks: Sequence[int], columns: Sequence[str]) -> dict[str, Any]:
    return {"incidents": incident_rows(request.actor, pks, columns), **rights(request)}


@require_GET
def incident_overview(request: HttpRequest) -> HttpResponse:
    """Where all incidents stand: the open ones by severity, and how long it took to resolve, month by month."""
    require(request.actor, READ)
    return render(request, "incidents_app/overview.html", {**overview(request.actor), **rights(request)})
