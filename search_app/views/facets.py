"""One facet with more of its values than the panel has room for, and the facets that an organisation adds."""

from __future__ import annotations

from urllib.parse import quote_plus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from core_app.errors import NotFound
from core_app.http import wants_fragment
from search_app import actions
from search_app.declared import look
from search_app.explorer import ExplorerForm
from search_app.explorer.declaring import FacetForm, known_paths
from search_app.explorer.facets import draw_facet
from search_app.explorer.spec import explorer
from search_app.index.finding import find_values
from search_app.models import CustomFacet
from search_app.models.custom_facets import DECLARE


@require_GET
def facet_values(request: HttpRequest, surface: str, name: str) -> HttpResponse:
    """The values of a facet, or with `find` those that have this text in them, counted for the explorer's address.

    For htmx the lines that stand in the panel, else a page of its own.
    """
    shown = explorer(surface)
    form = ExplorerForm(request.GET, explorer=shown, actor=request.actor)
    if name not in shown.facet_names:
        raise NotFound(f"There is no facet “{name}”.")
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


@require_http_methods(["GET", "POST"])
def facet_list(request: HttpRequest, surface: str) -> HttpResponse:
    """The facets that were added to those of the product, and the form that adds one; `path` fills it in."""
    require(request.actor, DECLARE)
    shown = explorer(surface)
    look(surface)
    form = FacetForm(request.POST or None, initial={"path": request.GET.get("path", "")})
    form.surface = surface
    if form.is_valid():
        facet = actions.declare_facet(actor=request.actor, surface=surface, **form.cleaned_data)
        messages.success(request, f"{facet.label} is a facet now. Its values are being counted.")
        return redirect("search:facet_list", surface)
    facets = CustomFacet.objects.visible_to(request.actor).filter(surface=surface).select_related("made_by")
    context = {
        "explorer": shown,
        "form": form,
        "facets": [(facet, f"{shown.path}?facets={quote_plus(facet.path)}") for facet in facets],
        "paths": known_paths(shown.surface, request.actor),
    }
    return render(request, "search_app/facet_list.html", context, status=422 if form.errors else 200)


@require_POST
def facet_remove(request: HttpRequest, surface: str, pk: int) -> HttpResponse:
    """Take an added facet away."""
    actions.remove_facet(actor=request.actor, pk=pk)
    messages.success(request, "The facet was taken away. Queries for its attribute go on as before.")
    return redirect("search:facet_list", surface)
