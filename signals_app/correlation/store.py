"""Writing a batch: a statement per table, whatever the batch holds."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from signals_app.correlation.growth import NEWEST, Growth
from signals_app.models import Detection, RawItem, Sample, Signal, SignalEntity, SignalTag

CHUNK = 200
LONGEST_TEXT, MOST_LISTED = 4000, 100  # of a value in a sample: what is longer is in the raw item
GROWS = [
    "title",
    "message",
    "severity",
    "attributes",
    "search_text",
    "first_seen",
    "last_seen",
    "count",
    "host",
    "updated_at",
]


def store(grown: list[Growth], detections: list[Detection], bodies: dict[int, Any]) -> None:
    """Write signals, their parts, tags and samples, then the detections that point at them."""
    Signal.objects.bulk_create([growth.signal for growth in grown if growth.is_new], batch_size=CHUNK)
    old = [growth.signal for growth in grown if not growth.is_new]
    now = timezone.now()
    for signal in old:
        signal.updated_at = now
    Signal.objects.bulk_update(old, GROWS, batch_size=CHUNK)
    _store_parts(grown)
    _store_tags(grown)
    waited = [s.detection for growth in grown for s in growth.sightings if s.detection.pk]
    Detection.objects.bulk_create(detections, batch_size=CHUNK)
    Detection.objects.bulk_update(waited, ["signal", "rule"], batch_size=CHUNK)
    _store_samples(grown, bodies)


def _store_parts(grown: list[Growth]) -> None:
    new: list[SignalEntity] = []
    old: list[SignalEntity] = []
    for growth in grown:
        for key in sorted(growth.touched):
            part = growth.parts[key]
            part.signal = growth.signal  # it has its primary key only now
            (old if part.pk else new).append(part)
    SignalEntity.objects.bulk_create(new, batch_size=CHUNK)
    SignalEntity.objects.bulk_update(old, ["first_seen", "last_seen", "count", "evidence"], batch_size=CHUNK)


def _store_tags(grown: list[Growth]) -> None:
    tags = [
        SignalTag(signal=growth.signal, text=text[:200])
        for growth in grown
        for text in sorted({*growth.tags, *(growth.signal.rule.tags if growth.is_new else ())})
    ]
    SignalTag.objects.bulk_create(tags, ignore_conflicts=True, batch_size=CHUNK)


def _store_samples(grown: list[Growth], bodies: dict[int, Any]) -> None:
    """Keep the newest events of each signal; those that no longer are go."""
    kept: dict[int, list[tuple]] = {growth.signal.pk: [] for growth in grown}
    for pk, signal, at in Sample.objects.filter(signal__in=kept).values_list("pk", "signal_id", "at"):
        kept[signal].append((at, pk, None))
    for growth in grown:
        kept[growth.signal.pk] += [(s.detection.at, 0, s.detection.item_id) for s in growth.sightings]
    gone, new = [], []
    for signal, samples in kept.items():
        samples.sort(key=lambda sample: sample[0], reverse=True)
        gone += [pk for _, pk, _ in samples[NEWEST:] if pk]
        new += [(signal, at, item) for at, pk, item in samples[:NEWEST] if not pk]
    missing = {item for _, _, item in new} - bodies.keys()
    bodies = bodies | dict(RawItem.objects.filter(pk__in=missing).values_list("pk", "body"))
    Sample.objects.filter(pk__in=gone).delete()
    Sample.objects.bulk_create(
        [Sample(signal_id=signal, at=at, event=trimmed(bodies[item])) for signal, at, item in new], batch_size=CHUNK
    )


def trimmed(value: Any) -> Any:
    """A JSON value with long texts and lists cut, and saying so."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key[:LONGEST_TEXT]: trimmed(inner) for key, inner in list(value.items())[:MOST_LISTED]}
    if isinstance(value, list):
        return [trimmed(inner) for inner in value[:MOST_LISTED]]
    return value
