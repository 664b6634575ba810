"""Security filters, critical assets and notification rules, by their ids."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from accounts_app.access import Actor
from core_app.errors import NotFound
from datadog_app.reading import uuid
from search_app.language import QueryError
from signals_app.models import CriticalAsset, DetectionRule, NotificationRule, SecurityFilter
from signals_app.suppressing import selects

Row = TypeVar("Row", SecurityFilter, CriticalAsset, NotificationRule)


def filters(actor: Actor) -> QuerySet[SecurityFilter]:
    """The security filters that the actor may see."""
    return SecurityFilter.objects.visible_to(actor)


def assets(actor: Actor) -> QuerySet[CriticalAsset]:
    """The critical assets that the actor may see."""
    return CriticalAsset.objects.visible_to(actor).select_related("created_by", "modified_by")


def notification_rules(actor: Actor, place: str) -> QuerySet[NotificationRule]:
    """The notification rules of one list that the actor may see."""
    rows = NotificationRule.objects.visible_to(actor).filter(place=place)
    return rows.select_related("created_by", "modified_by")


def found(rows: QuerySet[Row], row_id: str) -> Row:
    """The one of these rows. Raises NotFound."""
    name = uuid(row_id)
    row = rows.filter(uuid=name).first() if name else None
    if row is None:
        raise NotFound("Not found")
    return row


def affecting(actor: Actor, rule: DetectionRule) -> list[CriticalAsset]:
    """The critical assets that are about a rule."""
    return [row for row in assets(actor) if _selects(row, rule)]


def _selects(row: CriticalAsset, rule: DetectionRule) -> bool:
    try:
        return selects(row.rule_query, rule)
    except QueryError:  # a good one when it was saved, and none now
        return False
