"""All that one signal's page tells: who, what, when, and what people did about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, F, Value
from django.db.models.expressions import CombinedExpression

from accounts_app.access import Actor
from search_app.explorer.drawing import Chart, Stack, draw, step_for
from search_app.index.sql import EpochSecond
from signals_app.models import Detection, DetectionRule, Sample, Signal, SignalEntity

SHOWN = 10  # rows of each list of the summary
MOST_ATTRIBUTES = 200
MOST_COUNTED = 20_000  # detections whose facts are counted while somebody waits
BOOKKEEPING = "activity"  # of correlation: counts from which the signal's words are made
VERDICTS = {"passed": "Passed", "blocked": "Blocked"}


@dataclass(frozen=True)
class Counted:
    """A value and how often it was met."""

    value: str
    count: int
    share: int  # percent of the most frequent value of the same list


@dataclass(frozen=True)
class Investigation:
    """What the sections of a signal's page are drawn from."""

    signal: Signal
    rule: DetectionRule | None
    attackers: list[SignalEntity]
    attackers_total: int
    victims: list[SignalEntity]
    victims_total: int
    chart: Chart | None
    paths: list[Counted]
    methods: list[Counted]
    statuses: list[Counted]
    verdicts: list[Counted]
    counted: int  # how many of the newest detections these four are about; 0 for all of them
    samples: list[Sample]
    tags: list[str]
    attributes: list[tuple[str, list[str]]]


def investigate(actor: Actor, signal: Signal) -> Investigation:
    """Everything about one signal, in a number of queries that does not grow with what it holds."""
    parts = {
        role: signal.parts.filter(role=role).select_related("entity").order_by("-count", "pk")
        for role in SignalEntity.Role
    }
    attackers, victims = parts[SignalEntity.Role.ATTACKER], parts[SignalEntity.Role.VICTIM]
    return Investigation(
        signal=signal,
        rule=DetectionRule.objects.visible_to(actor).filter(pk=signal.rule_id).first(),
        attackers=list(attackers[:SHOWN]),
        attackers_total=attackers.count(),
        victims=list(victims[:SHOWN]),
        victims_total=victims.count(),
        chart=attack_chart(signal),
        paths=counted(signal, "path"),
        methods=counted(signal, "method"),
        statuses=counted(signal, "status"),
        verdicts=counted(signal, "verdict"),
        counted=MOST_COUNTED if signal.count > MOST_COUNTED else 0,
        samples=list(signal.samples.all()[:SHOWN]),
        tags=[tag.text for tag in signal.tags.all()],
        attributes=list(grouped(signal.attributes).items())[:MOST_ATTRIBUTES],
    )


def attack_chart(signal: Signal) -> Chart | None:
    """The signal's detections over time, by what became of the request; None when there are none to draw."""
    span = max(signal.last_seen - signal.first_seen, timedelta(seconds=30))
    start = (signal.first_seen - span * 0.02).replace(microsecond=0)
    end = signal.last_seen + span * 0.02 + timedelta(seconds=1)
    seconds = step_for(end - start)
    since = EpochSecond(F("at")) - Value(int(start.timestamp()))
    number = CombinedExpression(since, "/", Value(seconds), output_field=BigIntegerField())
    found = signal.detections.order_by().annotate(bar=number).values_list("bar", "facts__verdict")
    bars: dict[int, Counter[str]] = {}
    for bar, verdict, times in found.annotate(times=Count("pk")):
        bars.setdefault(bar, Counter())[verdict if verdict in VERDICTS else "passed"] += times
    step = timedelta(seconds=seconds)
    stacks = [Stack(start + step * number, start + step * (number + 1), counts) for number, counts in bars.items()]
    return draw(stacks, start, end, list(VERDICTS.items())) if stacks else None


def counted(signal: Signal, fact: str) -> list[Counted]:
    """The most frequent values of one fact of the signal's detections, or of the newest when they are very many."""
    detections = signal.detections.all()
    if signal.count > MOST_COUNTED:
        detections = Detection.objects.filter(pk__in=detections.order_by("-at").values("pk")[:MOST_COUNTED])
    rows = (
        detections.order_by()
        .values_list(f"facts__{fact}")
        .annotate(times=Count("pk"))
        .order_by("-times", f"facts__{fact}")
    )
    found = [(str(value), times) for value, times in rows[: SHOWN + 1] if value not in (None, "")][:SHOWN]
    most = max((times for _, times in found), default=1)
    return [Counted(value, times, max(round(times / most * 100), 1)) for value, times in found]


def grouped(attributes: dict[str, Any]) -> dict[str, list[str]]:
    """The values of the attributes by `@path.to.it`, without what only correlation keeps there."""
    found: dict[str, list[str]] = {}
    for path, text in flattened({name: value for name, value in attributes.items() if name != BOOKKEEPING}):
        found.setdefault(path, []).append(text)
    return found


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each leaf of the attributes as (`@path.to.it`, text), lists as one leaf an element."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flattened(inner, f"{path}.{name}" if path else f"@{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from flattened(inner, path)
    elif value is not None and value != "":
        yield path, ("true" if value else "false") if isinstance(value, bool) else str(value)
