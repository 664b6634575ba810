"""The Signals Explorer: one query and one window of time, drawn as facets, a timeline and a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts_app.access import require
from search_app.fields import Field
from search_app.index import Explored, FacetValue, Window, explore
from search_app.language import Node, edit, to_text
from search_app.surfaces import surface
from signals_app.address import PRESETS, Address
from signals_app.drawing import Chart, Stack
from signals_app.drawing import draw as draw_chart
from signals_app.forms import ExplorerForm
from signals_app.models import Severity
from signals_app.queries.rows import signal_rows
from signals_app.views.parts import COLUMNS, READ, draw, triage_rights

PARTS = {"signals-explorer": "explorer", "signals-results": "results"}
STACKED = [(severity.slug, severity.label) for severity in Severity]
OPEN_FACETS = 6  # the first so many facets are unfolded


@require_GET
def signal_list(request: HttpRequest) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh."""
    require(request.actor, READ)
    form = ExplorerForm(request.GET, actor=request.actor)
    whole = form.is_valid()
    address, now = form.address, timezone.now()
    if whole and "since" in request.GET:  # the time picker speaks of local times; addresses do not
        return HttpResponseRedirect(f"{reverse('signals:list')}{address}")
    context = frame(address, form, address.window(now) if whole else Address().window(now))
    if whole:
        context |= results(request, address, form.tree, context["window"])
    return draw(request, "signals_app/signal_list.html", context, PARTS, status=200 if whole else 400)


def frame(address: Address, form: ExplorerForm, window: Window) -> dict[str, Any]:
    """The query bar and the time picker."""
    path = reverse("signals:list")
    params = address.to().params()
    params.pop("query", None)
    timed = {"range", "start", "end"}
    context: dict[str, Any] = {
        "form": form,
        "address": address,
        "here": f"{path}{address}",
        "window": Window(timezone.localtime(window.start), timezone.localtime(window.end)),
        "window_words": window_words(address, window),
        "zone": timezone.get_current_timezone_name(),
        "hidden_params": list(params.items()),
        "timeless_params": [(name, value) for name, value in address.to().params().items() if name not in timed],
        "presets": [
            {
                "label": preset.label,
                "url": f"{path}{address.to(range=preset.name, start=None, end=None)}",
                "current": not address.start and preset.name == address.range,
            }
            for preset in PRESETS
        ],
    }
    if problem := form.problem:
        text = address.query
        context |= {
            "problem_before": text[: problem.start],
            "problem_at": text[problem.start : problem.end],
            "problem_after": text[problem.end :],
        }
    return context


def results(request: HttpRequest, address: Address, tree: Node, window: Window) -> dict[str, Any]:
    """Facets, timeline, table and the ways to the pages around it."""
    path = reverse("signals:list")
    signals = surface("signals")
    fields = signals.table.facets
    explored = explore(signals, request.actor, tree, window, [field.name for field in fields], address.page)
    facets = [Facet.of(field, explored.facets[field.name], tree, address, path) for field in fields]
    for place, facet in enumerate(facets):
        facet.is_open = (place < OPEN_FACETS and bool(facet.values)) or bool(facet.chosen)
    by_time = address.column == "time"
    return {
        "explored": explored,
        "facets": facets,
        "active_facets": sum(facet.chosen for facet in facets),
        "chart": timeline(explored, window),
        "signals": signal_rows(request.actor, explored.pks),
        "columns": [
            {
                "name": name,
                "label": label,
                "url": f"{path}{address.sorted_by(sort)}" if sort else "",
                "sorted": {"asc": "ascending", "desc": "descending"}[address.order] if sort == address.column else "",
            }
            for name, label, sort in COLUMNS
        ],
        "by_time": by_time and address.order == "desc",
        "newer": f"{path}{address.to(after=explored.previous)}" if explored.previous else "",
        "older": f"{path}{address.to(after=explored.next)}" if explored.next else "",
        "empty_words": "Nothing in this window of time meets the query.",
        "empty_actions": list(ways_out(address, path)),
        **triage_rights(request),
    }


@dataclass
class FacetLine:
    """One value of a facet with what a click on it would make of the query."""

    value: str
    label: str
    count: int
    selected: bool
    excluded: bool
    toggle: str
    only: str
    exclude: str


@dataclass
class Facet:
    """One facet of the panel. `chosen` is how many of its values the query names."""

    name: str
    label: str
    values: list[FacetLine]
    chosen: int
    clear: str
    is_open: bool = False

    @classmethod
    def of(cls, field: Field, values: list[FacetValue], tree: Node, address: Address, path: str) -> Facet:
        ticked, excluded = edit.values_of(tree, field.name), edit.excluded_values_of(tree, field.name)

        def to(node: Node) -> str:
            return f"{path}{address.to(query=to_text(node))}"

        lines = [
            FacetLine(
                value=found.value,
                label=found.label,
                count=found.count,
                selected=found.value in ticked,
                excluded=found.value in excluded,
                toggle=to(edit.toggle(tree, field.name, found.value)),
                only=to(edit.only(tree, field.name, found.value)),
                exclude=to(edit.exclude(tree, field.name, found.value)),
            )
            for found in values
        ]
        return cls(field.name, field.label, lines, len(ticked | excluded), to(edit.without(tree, field.name)))


def timeline(explored: Explored, window: Window) -> Chart:
    step = timedelta(seconds=explored.bucket_seconds)
    stacks = [Stack(bucket.start, bucket.start + step, bucket.counts) for bucket in explored.timeline]
    return draw_chart(stacks, window.start, window.end, STACKED)


def window_words(address: Address, window: Window) -> str:
    """The window in words, in the time zone in force."""
    if address.time_label:
        return f"the {address.time_label.lower()}"
    return f"{_moment(window.start)} to {_moment(window.end)}"


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%b %-d, %H:%M}"


def ways_out(address: Address, path: str) -> Iterator[dict[str, str]]:
    """What may help when nothing is found."""
    if address.query:
        yield {"label": "Clear the query", "url": f"{path}{address.to(query='')}"}
    if address.start or address.range != PRESETS[-1].name:
        widest = address.to(range=PRESETS[-1].name, start=None, end=None)
        yield {"label": f"Look at the {PRESETS[-1].label.lower()}", "url": f"{path}{widest}"}
