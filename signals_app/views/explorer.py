"""The Signals Explorer: one query and one window of time, drawn as facets, a timeline and a table or chart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts_app.access import require
from core_app.http import wants_fragment
from search_app.bulk import showing
from search_app.explorer import Address, ExplorerForm
from search_app.explorer.address import LIST
from search_app.explorer.analytics import at_one_moment, charted, switches, wants_timeline
from search_app.explorer.columns import draw_heads, draw_menu
from search_app.explorer.drawing import Chart, Stack
from search_app.explorer.drawing import draw as draw_chart
from search_app.explorer.export import FORMATS, MOST_ROWS
from search_app.explorer.facets import facet_context
from search_app.explorer.frame import frame, pointed_at, ways_out
from search_app.explorer.news import newest_key, news_url
from search_app.explorer.viewing import asked_for, view_context
from search_app.hints import hints
from search_app.index import Explored, Window, explore
from search_app.language import Node, QueryError
from signals_app.explorer import EXPLORER
from signals_app.models import Severity
from signals_app.queries.rows import signal_rows
from signals_app.views.parts import READ, draw, triage_rights
from signals_app.views.rule_groups import rule_groups, rule_shown, rules_toggle

PARTS = {"signals-explorer": "explorer", "signals-results": "results"}
STACKED = [(severity.slug, severity.label) for severity in Severity]


@require_GET
def signal_list(request: HttpRequest) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh."""
    require(request.actor, READ)
    asked = asked_for(EXPLORER, request.actor, request.GET)
    if asked.instead and not wants_fragment(request):
        return HttpResponseRedirect(asked.instead)
    form = ExplorerForm(asked.params, explorer=EXPLORER, actor=request.actor)
    whole = form.is_valid()
    address, now = form.address, timezone.now()
    if whole and form.is_spelled_otherwise:
        return HttpResponseRedirect(f"{EXPLORER.path}{address}")
    if address.paused and not address.start:
        address = address.paused_at(now)
    context = frame(EXPLORER, form, address, address.window(now) if whole else Address().window(now))
    context |= view_context(EXPLORER, request.actor, asked, address, form.tree if whole else None)
    context |= showing.menu(EXPLORER, request.actor)
    status = 200 if whole else 400
    if whole:
        try:
            context |= results(request, address, form.tree, context["window"])
        except QueryError as problem:  # nothing is wrong with the query, and yet it cannot be answered in time
            form.refuse(problem)
            context |= pointed_at(form)
            status = problem.status
    return draw(request, "signals_app/signal_list.html", context, PARTS, status=status)


def results(request: HttpRequest, address: Address, tree: Node, window: Window) -> dict[str, Any]:
    """Facets, timeline, and below them the table, the rules or a chart."""
    path, actor = EXPLORER.path, request.actor
    seen = newest_key(EXPLORER, actor)
    engine = at_one_moment(EXPLORER, actor, tree, window)
    explored = explore(
        EXPLORER.surface,
        actor,
        tree,
        window,
        address.facets or EXPLORER.facet_names,
        address.page if address.viz == LIST and not address.by_rule else None,
        over_time=wants_timeline(address),
        engine=engine,
    )
    context = {
        "explored": explored,
        **facet_context(EXPLORER, explored, tree, address),
        **switches(EXPLORER, address),
        "rules_url": rules_toggle(address) if address.viz == LIST else "",
        "chart": timeline(explored, window) if address.timeline else None,
        "hints": hints(tree, EXPLORER.surface),
        "empty_words": "Nothing in this window of time meets the query.",
        "empty_actions": list(ways_out(address, path)),
    }
    if address.viz != LIST:
        return context | {"charted": charted(EXPLORER, actor, tree, window, address, explored, engine)}
    if address.by_rule:
        return context | rule_groups(request, address, tree, window, engine)
    return context | {"rule_shown": rule_shown(actor, address, tree)} | listed(request, address, explored, seen)


def listed(request: HttpRequest, address: Address, explored: Explored, seen: int) -> dict[str, Any]:
    """The table and the ways to the pages around it; `seen` is the newest key there was when it was read."""
    path = EXPLORER.path
    heads = draw_heads(EXPLORER, address)
    return {
        "signals": signal_rows(request.actor, explored.pks, [head.name for head in heads]),
        "columns": heads,
        "column_menu": draw_menu(EXPLORER, address),
        "export": {"url": f"{reverse('signals:export')}{address.to()}", "formats": FORMATS, "most": MOST_ROWS},
        "news_url": news_url(EXPLORER, address, seen),
        "by_time": address.column == "time" and address.order == "desc",
        "newer": f"{path}{address.to(after=explored.previous)}" if explored.previous else "",
        "older": f"{path}{address.to(after=explored.next)}" if explored.next else "",
        **triage_rights(request),
    }


def timeline(explored: Explored, window: Window) -> Chart:
    step = timedelta(seconds=explored.bucket_seconds)
    stacks = [Stack(bucket.start, bucket.start + step, bucket.counts) for bucket in explored.timeline]
    return draw_chart(stacks, window.start, window.end, STACKED)
