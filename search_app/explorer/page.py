"""The whole page of an explorer, whatever it lists: what each needs besides is how its rows are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts_app.access import require
from core_app.errors import DomainError
from core_app.http import quick_part, wants_fragment
from core_app.turns import turn
from search_app.bulk import showing
from search_app.explorer.address import LIST, Address
from search_app.explorer.analytics import at_one_moment, charted, switches, wants_timeline
from search_app.explorer.columns import draw_heads, draw_menu
from search_app.explorer.drawing import Chart, Stack
from search_app.explorer.drawing import draw as draw_chart
from search_app.explorer.export import FORMATS, MOST_ROWS
from search_app.explorer.facets import facet_context
from search_app.explorer.forms import ExplorerForm
from search_app.explorer.frame import frame, nothing_found, pointed_at
from search_app.explorer.news import newest_key, news_url
from search_app.explorer.spec import Explorer
from search_app.explorer.viewing import Asked, asked_for, view_context
from search_app.hints import hints
from search_app.index import Explored, Window, explore
from search_app.index.bitmaps.keeper import keeper
from search_app.index.engine import Engine
from search_app.index.scope import Scope
from search_app.language import Node, QueryError
from search_app.models.custom_facets import DECLARE
from search_app.surfaces import Surface

PAGE, WHOLE, RESULTS, BESIDE = "search_app/explorer.html", "explorer.html", "results.html", "results_beside.html"
LISTED_AT = "X-List"  # what the page says with a change: the address of its list
# What templates look at and not every page has.
OPTIONAL = dict.fromkeys(
    [
        *("charted", "export", "hints", "instead", "left", "newer", "news_url", "older", "out_of_band", "rule_shown"),
        *("by_time", "rules", "rules_url", "view_dropped", "view_modified"),
    ],
    "",
)

log = structlog.get_logger(__name__)

Listing = Callable[[HttpRequest, Sequence[int], Sequence[str]], dict[str, Any]]
Beside = Callable[[HttpRequest, Address, Node, Window, Callable[[Scope], Engine]], dict[str, Any]]


def explorer_page(
    request: HttpRequest, explorer: Explorer, listing: Listing, *, beside: Beside | None = None
) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh.

    `listing(request, pks, columns)` is the context in which the explorer's `table_template` draws the rows with these
    keys, in this order, with columns of these names. `beside(request, address, tree, window, engine)` is more context
    for the results; with `instead` in it, the name of a template, that is drawn in the place of the table.
    Raises NotAllowed, and NotFound for a view that is none of the person's.
    """
    with turn():
        return _page(request, explorer, listing, beside)


def results_beside(request: HttpRequest, explorer: Explorer, listing: Listing, *, beside: Beside | None = None) -> str:
    """What was found, as it is now, for the list beside which a person has just changed something: htmx puts it there.

    Empty where the page has no list of this explorer, or one that takes looking up or cannot be drawn: what the change
    did is answered at once in any case, and a list that asks for itself is told what is wrong with it. The arguments
    are those of `explorer_page`.
    """
    path, _, query = request.headers.get(LISTED_AT, "").partition("?")
    if path != explorer.path:
        return ""
    try:
        with turn():
            return _results_beside(request, explorer, QueryDict(query), listing, beside)
    except (DomainError, SuspiciousOperation):
        return ""
    except Exception:  # the change is made: whatever is wrong with the list is no reason to tell of a failure
        log.exception("list_not_drawn")
        return ""


def _results_beside(
    request: HttpRequest, explorer: Explorer, given: QueryDict, listing: Listing, beside: Beside | None
) -> str:
    require(request.actor, explorer.permission)
    asked = asked_for(explorer, request.actor, given)
    form = ExplorerForm(asked.params, explorer=explorer, actor=request.actor)
    if not form.is_valid() or not keeper(explorer.surface).answers_at_once(form.tree):
        return ""
    context, status = _drawn_from(request, explorer, asked, form, listing, beside)
    return quick_part(request, BESIDE, context) if status == 200 else ""


def _page(request: HttpRequest, explorer: Explorer, listing: Listing, beside: Beside | None) -> HttpResponse:
    require(request.actor, explorer.permission)
    asked = asked_for(explorer, request.actor, request.GET)
    if asked.instead and not wants_fragment(request):
        return HttpResponseRedirect(asked.instead)
    form = ExplorerForm(asked.params, explorer=explorer, actor=request.actor)
    if form.is_valid() and form.is_spelled_otherwise:
        return HttpResponseRedirect(f"{explorer.path}{form.address}")
    context, status = _drawn_from(request, explorer, asked, form, listing, beside)
    part = _part(request, explorer)
    drawn = quick_part(request, part or WHOLE, context)
    if part:
        return HttpResponse(drawn, status=status)
    return render(request, PAGE, {"explorer": explorer, "drawn": drawn}, status=status)


def _drawn_from(
    request: HttpRequest, explorer: Explorer, asked: Asked, form: ExplorerForm, listing: Listing, beside: Beside | None
) -> tuple[dict[str, Any], int]:
    """The context of all that an explorer shows, and the status of the answer."""
    whole, address, now = form.is_valid(), form.address, timezone.now()
    if whole and address.paused and not address.start:
        address = address.paused_at(now)
    context = OPTIONAL | frame(explorer, form, address, address.window(now) if whole else Address().window(now))
    context |= view_context(explorer, request.actor, asked, address, form.tree if whole else None)
    context |= showing.menu(explorer, request.actor)
    if not whole:
        return context, 400
    try:
        context |= _results(request, explorer, address, form.tree, context["window"], listing, beside)
    except QueryError as problem:  # nothing is wrong with the query, and yet it cannot be answered in time
        form.refuse(problem)
        return context | pointed_at(form), problem.status
    return context, 200


def _part(request: HttpRequest, explorer: Explorer) -> str:
    """The template of what stands in the element that htmx wants to fill; empty for the whole page."""
    surface = explorer.surface.name
    parts = {f"{surface}-explorer": WHOLE, f"{surface}-results": RESULTS}
    return parts.get(request.htmx.target or "", "") if wants_fragment(request) else ""


def _results(
    request: HttpRequest,
    explorer: Explorer,
    address: Address,
    tree: Node,
    window: Window,
    listing: Listing,
    beside: Beside | None,
) -> dict[str, Any]:
    """Facets, timeline, and below them the table, what stands instead of it, or a chart."""
    actor = request.actor
    seen = newest_key(explorer, actor)
    engine = at_one_moment(explorer, actor, tree, window)
    more = beside(request, address, tree, window, engine) if beside and address.viz == LIST else {}
    is_list = address.viz == LIST and "instead" not in more
    explored = explore(
        explorer.surface,
        actor,
        tree,
        window,
        address.facets or explorer.facet_names,
        address.page if is_list else None,
        over_time=wants_timeline(address),
        engine=engine,
    )
    context = {
        "explored": explored,
        **facet_context(explorer, explored, tree, address),
        "may_declare": actor.can(DECLARE),
        **switches(explorer, address),
        "chart": timeline(explorer.surface, explored, window) if address.timeline else None,
        "chart_caption": f"{explorer.nouns.capitalize()} over time, by {explorer.surface.stacked_by}",
        "hints": hints(tree, explorer.surface, explored.total),
        **nothing_found(explorer, address, seen),
        **more,
    }
    if address.viz != LIST:
        return context | {"charted": charted(explorer, actor, tree, window, address, explored, engine)}
    return context | _listed(request, explorer, address, explored, seen, listing) if is_list else context


def _listed(
    request: HttpRequest, explorer: Explorer, address: Address, explored: Explored, seen: int, listing: Listing
) -> dict[str, Any]:
    """The table and the ways to the pages around it; `seen` is the newest key there was when it was read."""
    path = explorer.path
    heads = draw_heads(explorer, address)
    export = reverse(explorer.export_url_name) if explorer.export_url_name else ""
    return {
        "columns": heads,
        "column_menu": draw_menu(explorer, address),
        "export": export and {"url": f"{export}{address.to()}", "formats": FORMATS, "most": MOST_ROWS},
        "news_url": news_url(explorer, address, seen),
        "by_time": address.column == "time" and address.order == "desc",
        "newer": f"{path}{address.to(after=explored.previous)}" if explored.previous else "",
        "older": f"{path}{address.to(after=explored.next)}" if explored.next else "",
        **listing(request, explored.pks, [head.name for head in heads]),
    }


def timeline(surface: Surface, explored: Explored, window: Window) -> Chart:
    """What was found over time, stacked as the surface says."""
    step = timedelta(seconds=explored.bucket_seconds)
    stacks = [Stack(bucket.start, bucket.start + step, bucket.counts) for bucket in explored.timeline]
    return draw_chart(stacks, window.start, window.end, [(word, label) for word, _, label in surface.stacked.choices])
