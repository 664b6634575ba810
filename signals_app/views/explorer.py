"""The Signals Explorer: what is of signals in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from search_app.explorer import Address
from search_app.explorer.page import explorer_page, results_beside
from search_app.index import Window
from search_app.index.engine import Engine
from search_app.index.scope import Scope
from search_app.language import Node
from signals_app.explorer import EXPLORER
from signals_app.queries.rows import signal_rows
from signals_app.views.parts import triage_rights
from signals_app.views.rule_groups import rule_groups, rule_shown, rules_toggle

RULES = "rule_groups.html"


@require_GET
def signal_list(request: HttpRequest) -> HttpResponse:
    """The explorer, or with htmx the part of it that has to be fresh."""
    return explorer_page(request, EXPLORER, _listing, beside=_rules)


def signals_beside(request: HttpRequest) -> str:
    """The list of signals beside which one was just changed, as it is now; empty where there is none."""
    return results_beside(request, EXPLORER, _listing, beside=_rules)


def _listing(request: HttpRequest, pks: Sequence[int], columns: Sequence[str]) -> dict[str, Any]:
    return {"signals": signal_rows(request.actor, pks, columns), **triage_rights(request)}


def _rules(
    request: HttpRequest, address: Address, tree: Node, window: Window, engine: Callable[[Scope], Engine]
) -> dict[str, Any]:
    """*Aggregate by detection rule*: the switch, the rules in the place of the list, or the way back from one."""
    found: dict[str, Any] = {"rules_url": rules_toggle(address)}
    if address.by_rule:
        return found | {"instead": RULES, **rule_groups(request, address, tree, window, engine)}
    return found | {"rule_shown": rule_shown(request.actor, address, tree)}
