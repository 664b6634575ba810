"""*Aggregate by detection rule*: in the place of the list of signals, the rules that they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest

from accounts_app.access import Actor
from core_app.errors import Invalid
from search_app.explorer import Address
from search_app.explorer.address import DEFAULT_COLUMN
from search_app.explorer.analytics import Drill
from search_app.index import Window
from search_app.index.engine import Engine
from search_app.index.scope import Scope
from search_app.index.shares import COUNT, HIGHEST, NEWEST, Share, shares
from search_app.language import Node, edit, to_text
from signals_app.explorer import EXPLORER
from signals_app.fields import SIGNALS
from signals_app.models import DetectionRule, Severity, TriageState

RULE, SEVERITY, STATE = "@workflow.rule.id", "severity", "@workflow.triage.state"
ORDERS = {"severity": HIGHEST, "count": COUNT, "time": NEWEST}  # by what `column` says


class Head(NamedTuple):
    """The head of a column, with what a click on it does if the table can be sorted by it."""

    label: str
    css: str
    url: str = ""
    sorted: str = ""


class Segment(NamedTuple):
    """The part of a bar that one severity takes: from `x` on, in percent."""

    severity: str
    x: str
    width: str


@dataclass(frozen=True)
class RuleLine:
    """One rule: what its signals are, and where to see them. `tactic` is empty for a rule without one."""

    name: str
    tactic: str
    severity: int
    segments: list[Segment]
    words: str
    count: str
    open: str
    first: datetime
    last: datetime
    url: str


def rules_toggle(address: Address) -> str:
    """Where *Aggregate by detection rule* leads: on, to the worst rules first; off again, to the newest signals."""
    column = DEFAULT_COLUMN if address.by_rule else "severity"
    return f"{EXPLORER.path}{address.to(by_rule=not address.by_rule, column=column, order='desc')}"


def rule_groups(
    request: HttpRequest,
    address: Address,
    tree: Node,
    window: Window,
    engine: Callable[[Scope], Engine],
) -> dict[str, Any]:
    """One page of rules. Raises Invalid for an order that rules cannot have."""
    if address.column not in ORDERS:
        raise Invalid(f"Rules can be sorted by {', '.join(ORDERS)}, not by {address.column}.", field="column")
    found = shares(
        SIGNALS,
        request.actor,
        tree,
        window,
        field=RULE,
        parts=[SEVERITY, STATE],
        order=ORDERS[address.column],
        descending=address.order == "desc",
        after=address.after,
        engine=engine,
    )
    keys = [share.value.label for share in found.shares]
    seen = DetectionRule.objects.visible_to(request.actor).filter(key__in=keys)
    rules = {key: named for key, *named in seen.values_list("key", "name", "tactic")}
    of_signals = address.to(column=DEFAULT_COLUMN, order="desc")
    drill = Drill(EXPLORER, [SIGNALS.table[RULE]], tree, of_signals)
    pages = {"newer": found.previous, "older": found.next}
    return {
        "rules": [_line(share, rules, drill.rows([share.value.value])) for share in found.shares],
        "rules_total": f"{found.total:,}",
        "rules_from": f"{found.before + 1:,}",
        "rules_to": f"{found.before + len(found.shares):,}",
        "heads": list(_heads(address)),
        **{way: f"{EXPLORER.path}{address.to(after=after)}" for way, after in pages.items() if after is not None},
    }


def rule_shown(actor: Actor, address: Address, tree: Node) -> dict[str, str] | None:
    """The one rule that the query asks for, with the way back to all rules; None if it asks for none or several."""
    asked = edit.values_of(tree, RULE)
    if len(asked) != 1:
        return None
    key = edit.read_value(*asked).literal
    rule = DetectionRule.objects.visible_to(actor).filter(key=key).first()
    query = to_text(edit.without(tree, RULE))
    back = address.to(query=query, by_rule=True, column="severity", order="desc")
    return {"name": rule.name if rule else key or "", "url": f"{EXPLORER.path}{back}"}


def _heads(address: Address) -> Iterator[Head]:
    yield _sortable(address, "Severity", "severity", "severity")
    yield Head("Detection rule", "rule")
    yield Head("Signals by severity", "split")
    yield _sortable(address, "Signals", "count", "count")
    yield Head("Open", "open")
    yield Head("First signal", "first")
    yield _sortable(address, "Newest signal", "last", "time")


def _sortable(address: Address, label: str, css: str, column: str) -> Head:
    way = {"asc": "ascending", "desc": "descending"}[address.order] if address.column == column else ""
    return Head(label, css, f"{EXPLORER.path}{address.sorted_by(column)}", way)


def _line(share: Share, rules: Mapping[str, list[str]], url: str) -> RuleLine:
    name, tactic = rules.get(share.value.label, (share.value.label, ""))
    severities = share.counts[SEVERITY]
    worst_first = [(level, severities[level.slug]) for level in reversed(Severity) if severities.get(level.slug)]
    return RuleLine(
        name=name,
        tactic=tactic,
        severity=worst_first[0][0],
        segments=list(_segments(worst_first, share.count)),
        words=", ".join(f"{count:,} {level.label}" for level, count in worst_first),
        count=f"{share.count:,}",
        open=f"{share.counts[STATE].get(TriageState.OPEN, 0):,}",
        first=share.first,
        last=share.last,
        url=url,
    )


def _segments(counts: list[tuple[Severity, int]], total: int) -> Iterator[Segment]:
    x = 0.0
    for level, count in counts:
        width = count / total * 100
        yield Segment(level.slug, f"{x:.2f}%", f"{width:.2f}%")
        x += width
