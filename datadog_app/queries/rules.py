"""Detection rules and suppressions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts_app.access import Actor
from core_app.errors import NotFound
from datadog_app.reading import uuid
from search_app.language import QueryError
from signals_app.models import DetectionRule, Suppression
from signals_app.suppressing import meets_rule, meets_suppression, rule_facts, selects, suppression_facts


def rule(actor: Actor, rule_id: str) -> DetectionRule:
    """A rule by its UUID. Raises NotFound."""
    name = uuid(rule_id)
    found = DetectionRule.objects.visible_to(actor).filter(uuid=name).first() if name else None
    if found is None:
        raise NotFound("Not found")
    return found


def these(actor: Actor, rule_ids: Iterable[str]) -> list[DetectionRule]:
    """The rules with these UUIDs, each once and in their order. Raises NotFound for one that there is not."""
    names = dict.fromkeys(map(uuid, rule_ids))
    found = {row.uuid: row for row in DetectionRule.objects.visible_to(actor).filter(uuid__in=names)}
    if found.keys() != names.keys():
        raise NotFound("Not found")
    return [found[name] for name in names]


def rules(actor: Actor, query: str, order: str) -> list[DetectionRule]:
    """The rules that a rule query selects, in order. There are hundreds at most, so they are looked through.

    Raises QueryError.
    """
    meets_rule(query, {})  # a faulty query is one also where there is no rule
    found = DetectionRule.objects.visible_to(actor).order_by(order, "pk")
    return [row for row in found if selects(query, row)] if query else list(found)


def suppressions(actor: Actor) -> QuerySet[Suppression]:
    """The suppressions that the actor may see."""
    return Suppression.objects.visible_to(actor).select_related("created_by", "modified_by")


def those_of(rows: Iterable[Suppression], query: str) -> list[Suppression]:
    """Those of the suppressions that words about suppressions select, in their order. Raises QueryError."""
    meets_suppression(query, {})  # a faulty query is one also where there is nothing
    return [row for row in rows if meets_suppression(query, suppression_facts(row))]


def suppression(actor: Actor, suppression_id: str) -> Suppression:
    """One of them. Raises NotFound."""
    name = uuid(suppression_id)
    found = suppressions(actor).filter(uuid=name).first() if name else None
    if found is None:
        raise NotFound("Not found")
    return found


def affecting(rows: Iterable[Suppression], rule: DetectionRule) -> list[Suppression]:
    """Those of the suppressions whose rules hold this one."""
    return [row for row in rows if _affects(row, rule)]


def _affects(row: Suppression, rule: DetectionRule) -> bool:
    try:
        return meets_rule(row.rule_query, rule_facts(rule))
    except QueryError:  # a good one when it was saved, and none now
        return False
