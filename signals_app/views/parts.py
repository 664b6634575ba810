"""What several pages of this app ask of a request."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts_app.permissions import LABELS, RULES_READ
from core_app.http import wants_fragment
from core_app.models import Versioned
from core_app.outcome import Outcome
from search_app.explorer import Address, ExplorerForm
from search_app.explorer.columns import Head, plain_heads
from search_app.language import EVERYTHING, to_text, value_text
from search_app.language.edit import only
from search_app.language.nodes import FIELD_NAME
from signals_app.actions import SUPPRESSIONS_WRITE, WRITE
from signals_app.explorer import EVERYWHERE, EXPLORER
from signals_app.models import DetectionRule, Signal
from signals_app.queries.activity import changes_since
from signals_app.queries.moving import signal_to_move

READ = "security_monitoring_signals_read"


def visible_signal(request: HttpRequest, public_id: str) -> Signal:
    """The signal of the address, or 404 for one that is not there or not the person's to see."""
    signals = Signal.objects.visible_to(request.actor).select_related("rule", "service", "team", "source")
    return get_object_or_404(signals.prefetch_related("assignments__user"), public_id=public_id)


def movable_signal(request: HttpRequest, public_id: str) -> Signal:
    """The same, read no further than its lifecycle goes."""
    if signal := signal_to_move(request.actor, public_id):
        return signal
    raise Http404("There is no such signal.")


def triage_rights(request: HttpRequest) -> dict[str, Any]:
    """Whether the person may triage, and the words for those who may not."""
    can_write = request.actor.can(WRITE)
    why = "" if can_write else f"You can look but not change: that needs the permission “{LABELS[WRITE]}” ({WRITE})."
    return {"can_write": can_write, "why_not_write": why, "reads_rules": request.actor.can(RULES_READ)}


def plain_columns() -> list[Head]:
    """The head of a table of signals that cannot be sorted."""
    return plain_heads([EXPLORER.column(name) for name in EXPLORER.shown])


def came_from(request: HttpRequest) -> Address:
    """The explorer that a page was opened from, as far as the address says it faultlessly."""
    form = ExplorerForm(request.GET, explorer=EXPLORER, actor=request.actor)
    return form.address if form.is_valid() else Address()


def showing(field: str, value: str, address: Address = EVERYWHERE) -> str:
    """The explorer with the signals that have this value; empty for a name that no query can ask for."""
    if not FIELD_NAME.fullmatch(field):
        return ""
    query = to_text(only(EVERYTHING, field, value_text(value)))
    return f"{EXPLORER.path}{address.to(query=query)}"


def suppress_url(request: HttpRequest, rule: DetectionRule, query: str = "") -> str:
    """Where a suppression of this rule, for detections like these, is written; empty for those who may write none."""
    if not request.actor.can(SUPPRESSIONS_WRITE):
        return ""
    asked = {"name": f"{rule.name}: ", "rule_query": f"id:{rule.key}", "query": query}
    return f"{reverse('signals:suppression_create')}?{urlencode({name: text for name, text in asked.items() if text})}"


def refusal(row: Versioned, outcome: Outcome[Any], seen: int | None) -> dict[str, Any]:
    """Why a change of this row, as it is now, was refused; and what others changed since the version seen."""
    problem = outcome.refused[row.pk]
    changes = [] if seen is None else changes_since(row, seen)
    return {"problem": problem, "changes": changes, "fresh_version": row.version, "status": problem.status}


def draw(
    request: HttpRequest, template: str, context: dict[str, Any], parts: dict[str, str], *, status: int = 200
) -> HttpResponse:
    """Draw the page, or the part of it that stands in the element which htmx wants to fill.

    `parts` maps the id of an element to the name of the partial; what it does not list gets the whole page.
    """
    name = parts.get(request.htmx.target or "") if wants_fragment(request) else None
    return render(request, f"{template}#{name}" if name else template, context, status=status)
