"""One facet with more of its values than the panel has room for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core_app.errors import NotFound
from core_app.http import wants_fragment
from search_app.explorer import ExplorerForm
from search_app.explorer.facets import draw_facet
from search_app.explorer.spec import explorer
from search_app.index.finding import find_values


@require_GET
def facet_values(request: HttpRequest, surface: str, name: str) -> HttpResponse:
    """The values of a facet, or with `find` those that have this text in them, counted for the explorer's address.

    For htmx the lines that stand in the panel, else a page of its own.
    """
    shown = explorer(surface)
    if name not in shown.facet_names:
        raise NotFound(f"There is no facet “{name}”.")
    form = ExplorerForm(request.GET, explorer=shown, actor=request.actor)
    whole = form.is_valid()
    field, address = shown.surface.table[name], form.address.to()
    find = request.GET.get("find", "").strip()
    context = {
        "explorer": shown,
        "form": form,
        "label": field.label,
        "find": find,
        "back": f"{shown.path}{address}",
        "params": list(address.params().items()),
    }
    if whole:
        window = address.window(timezone.now())
        found = find_values(shown.surface, request.actor, form.tree, window, name, find)
        facet = draw_facet(field, found.values, form.tree, address, shown.path, first=None)
        context |= {"facet": facet, "is_cut": found.is_cut}
    template = "search_app/facet.html#values" if wants_fragment(request) else "search_app/facet.html"
    return render(request, template, context, status=200 if whole else 400)
