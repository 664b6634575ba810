"""The views of an explorer: listed, saved, changed, shared, deleted, and marked by each person.

Each address carries the explorer's own, so that one comes back to what one was looking at.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts_app.access import require
from core_app.errors import Invalid
from core_app.http import wants_fragment
from search_app import actions
from search_app.explorer import ExplorerForm
from search_app.explorer.moves import moments
from search_app.explorer.spec import Explorer, explorer
from search_app.explorer.viewing import PLAIN
from search_app.forms import SeenForm, SwitchForm, ViewForm
from search_app.index import Window
from search_app.models import SavedView
from search_app.models.saved_views import WRITE
from search_app.queries import find_view, list_views


@require_GET
def view_list(request: HttpRequest, surface: str) -> HttpResponse:
    """Every view that the person may use, or with `find` those of that name; for htmx the menu of them."""
    return _draw_list(request, _explorer(request, surface))


@require_http_methods(["GET", "POST"])
def view_create(request: HttpRequest, surface: str) -> HttpResponse:
    """The dialog behind *Save*, and a view made with it."""
    shown = _explorer(request, surface)
    require(request.actor, WRITE)
    form = ViewForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        view = actions.create_view(
            actor=request.actor,
            surface=surface,
            name=form.cleaned_data["name"],
            configuration=request.GET,
            teams=form.shared_with or (),
            token=form.cleaned_data["token"],
        )
        return _done(request, view.name, "is saved", f"{shown.path}?{urlencode({'view': view.uuid})}")
    return _draw_form(request, shown, form, {**_summary(request, shown), "opened": _opened(request, shown)})


@require_http_methods(["GET", "POST"])
def view_edit(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """A view's name and teams, and the way to delete it."""
    shown = _explorer(request, surface)
    row = _row(request, shown, uuid)
    form = ViewForm(request.POST or None, actor=request.actor, view=row)
    if form.is_valid():
        view = actions.update_view(
            actor=request.actor,
            view=row,
            seen_version=form.cleaned_data["seen_version"],
            name=form.cleaned_data["name"],
            teams=form.shared_with,
        )
        return _done(request, view.name, "is changed", _back(request, shown))
    return _draw_form(request, shown, form, {"view": find_view(request.actor, shown, str(uuid))})


@require_POST
def view_update(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """*Update*: the view stands for what is shown now."""
    shown = _explorer(request, surface)
    view = actions.update_view(
        actor=request.actor, view=_row(request, shown, uuid), seen_version=_seen(request), configuration=request.GET
    )
    return _done(request, view.name, "is updated", f"{shown.path}?{urlencode({'view': view.uuid})}")


@require_POST
def view_delete(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """The view is gone for everybody; what it showed stays on the page."""
    shown = _explorer(request, surface)
    row = _row(request, shown, uuid)
    actions.delete_view(actor=request.actor, view=row, seen_version=_seen(request))
    return _done(request, row.name, "is deleted", _back(request, shown, without=str(row.uuid)))


@require_POST
def view_favourite(request: HttpRequest, surface: str, key: str) -> HttpResponse:
    """A view is among one's favourites, or no more."""
    shown = _explorer(request, surface)
    actions.set_favourite(actor=request.actor, surface=surface, key=key, on=_on(request))
    return _marked(request, shown)


@require_POST
def view_default(request: HttpRequest, surface: str, key: str) -> HttpResponse:
    """A view is what one sees first, or no more."""
    shown = _explorer(request, surface)
    actions.set_default(actor=request.actor, surface=surface, key=key, on=_on(request))
    return _marked(request, shown)


def _explorer(request: HttpRequest, surface: str) -> Explorer:
    shown = explorer(surface)
    require(request.actor, shown.permission)
    return shown


def _row(request: HttpRequest, shown: Explorer, uuid: UUID) -> SavedView:
    """The saved view of the address. Raises NotFound."""
    row = find_view(request.actor, shown, str(uuid)).row
    assert row is not None  # noqa: S101 - what a UUID names is no ready-made view
    return row


def _opened(request: HttpRequest, shown: Explorer) -> Any:
    key = request.GET.get("view", PLAIN)
    return find_view(request.actor, shown, key) if key and key != PLAIN else None


def _on(request: HttpRequest) -> bool:
    form = SwitchForm(request.POST)
    form.is_valid()
    return form.cleaned_data["on"]


def _seen(request: HttpRequest) -> int | None:
    form = SeenForm(request.POST)
    return form.cleaned_data["seen_version"] if form.is_valid() else None


def _back(request: HttpRequest, shown: Explorer, *, without: str = "") -> str:
    """The explorer as one left it."""
    params = request.GET.copy()
    params.pop("find", None)
    if without and params.get("view") == without:
        params["view"] = PLAIN
    return f"{shown.path}?{params.urlencode()}" if params else shown.path


def _summary(request: HttpRequest, shown: Explorer) -> dict[str, Any]:
    """What a new view will hold, in words. Raises Invalid for an address that cannot be."""
    form = ExplorerForm(request.GET, explorer=shown, actor=request.actor)
    if not form.is_valid():
        raise Invalid(f"This cannot be saved as it stands: {next(iter(form.errors.values()))[0]}")
    address, now = form.address.as_saved(), timezone.localtime()
    window = address.window(now)
    moment = moments(Window(timezone.localtime(window.start), timezone.localtime(window.end)), now)
    table = shown.surface.table
    columns = [shown.column(name).label for name in address.cols or shown.shown]
    facets = [table[name].label for name in address.facets]
    order = next((column.label for column in shown.columns if column.sort == address.column), address.column)
    return {
        "kept": [
            ("Query", address.query or "everything"),
            ("Time", address.time_label or moment),
            ("Columns", ", ".join(columns)),
            ("Sorted by", f"{order}, {'ascending' if address.order == 'asc' else 'descending'}"),
            ("Facets", ", ".join(facets) or "all"),
            ("Timeline", "shown" if address.timeline else "hidden"),
            *([("Grouped by", ", ".join(address.group))] if address.group else []),
            *([("Aggregated", "by detection rule")] if address.by_rule else []),
        ]
    }


def _marked(request: HttpRequest, shown: Explorer) -> HttpResponse:
    if wants_fragment(request):
        return _draw_list(request, shown)
    return HttpResponseRedirect(f"{reverse('search:view_list', args=[shown.surface.name])}?{request.GET.urlencode()}")


def _draw_list(request: HttpRequest, shown: Explorer) -> HttpResponse:
    find = request.GET.get("find", "").strip()[:100]
    context = {
        "sections": list_views(request.actor, shown, find),
        "find": find,
        "opened": request.GET.get("view", PLAIN),
        **_around(request, shown),
    }
    return _draw(request, "search_app/view_list.html", context, {"views-found": "found"}, "menu")


def _draw_form(request: HttpRequest, shown: Explorer, form: ViewForm, context: dict[str, Any]) -> HttpResponse:
    context = {"form": form, **context, **_around(request, shown)}
    return _draw(request, "search_app/view_form.html", context, {}, "form", status=422 if form.is_bound else 200)


def _around(request: HttpRequest, shown: Explorer) -> dict[str, Any]:
    params = request.GET.copy()
    params.pop("find", None)
    return {
        "explorer": shown,
        "surface": shown.surface.name,
        "params": [(name, value) for name, values in params.lists() for value in values],
        "carried": f"?{params.urlencode()}" if params else "",
        "back": _back(request, shown),
        "plain_url": f"{shown.path}?{urlencode({'view': PLAIN})}",
        "can_save_views": request.actor.can(WRITE),
    }


def _draw(
    request: HttpRequest, template: str, context: dict[str, Any], parts: dict[str, str], part: str, *, status: int = 200
) -> HttpResponse:
    """The page; for htmx the part that belongs into its target, or else `part`."""
    if wants_fragment(request):
        template = f"{template}#{parts.get(request.htmx.target or '', part)}"
    return render(request, template, context, status=status)


def _done(request: HttpRequest, name: str, words: str, address: str) -> HttpResponse:
    """Say what is so now, and go where it can be seen."""
    if not wants_fragment(request):
        messages.success(request, f"The view “{name}” {words}.")
        return HttpResponseRedirect(address)
    response = render(request, "search_app/view_notice.html", {"name": name, "words": words})
    return trigger_client_event(response, "views:go", {"address": address}, after="settle")
