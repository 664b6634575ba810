"""Signals as the rows of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, Prefetch, QuerySet, prefetch_related_objects

from accounts_app.access import Actor
from signals_app.models import Signal, SignalEntity

NAMED = 1  # entities of each kind that a row names; the rest is a number


def signal_rows(actor: Actor, pks: Sequence[int]) -> list[Signal]:
    """The signals with these keys, in this order, with all that a row of the list shows."""
    found = {signal.pk: signal for signal in with_people(Signal.objects.visible_to(actor).filter(pk__in=pks))}
    rows = [found[pk] for pk in pks if pk in found]
    name_entities(rows)
    return rows


def newest_signals(actor: Actor, signals: QuerySet[Signal], most: int = 20) -> list[Signal]:
    """The newest of these signals that the actor may see, as rows."""
    visible = signals.filter(pk__in=Signal.objects.visible_to(actor)).order_by("-first_seen", "-pk")
    rows = list(with_people(visible)[:most])
    name_entities(rows)
    return rows


def with_people(signals: QuerySet[Signal]) -> QuerySet[Signal]:
    """Signals with rule, service, team and the people assigned, however many there are, in two queries."""
    return signals.select_related("rule", "service", "team", "source").prefetch_related("assignments__user")


def name_entities(signals: Iterable[Signal]) -> None:
    """Give each signal its `NAMED` most active `attackers` and `victims`, and the number of those beyond them.

    Three queries for all of them together: a signal may have thousands of attackers, and a row names one.
    """
    signals = list(signals)
    counts = {
        (row["signal"], row["role"]): row["n"]
        for row in SignalEntity.objects.filter(signal__in=signals)
        .order_by()
        .values("signal", "role")
        .annotate(n=Count("pk"))
    }
    for role in SignalEntity.Role:
        most_active = SignalEntity.objects.filter(role=role).select_related("entity").order_by("-count", "pk")
        attribute = f"{role.value}s"
        prefetch_related_objects(signals, Prefetch("parts", most_active[:NAMED], to_attr=attribute))
        for signal in signals:
            beyond = counts.get((signal.pk, role.value), 0) - len(getattr(signal, attribute))
            setattr(signal, f"{attribute}_beyond", beyond)
