"""From raw items to signals: read in the order of arrival, a chunk a transaction.

An item's state, its detections, its signals and the ledger entries commit together, so a process that is
killed anywhere has either done a chunk or not begun it. Reading happens outside of the transaction;
inside, a chunk first makes sure that nobody else has done its items meanwhile.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from core_app.metrics import gauge
from signals_app.correlation.batch import correlate
from signals_app.correlation.flood import with_floods
from signals_app.correlation.late import supplement
from signals_app.models import RawItem, Source
from signals_app.sources import FORMATS
from signals_app.sources.reading import Reading, SourceSettings, Unreadable

READ = 200  # items read at once, outside of a transaction
CHUNK = 50  # items a transaction: keeps SQLite's write lock short

log = structlog.get_logger(__name__)


@gauge("raw_items_pending", "Items taken in that have still to be read.")
def pending() -> int:
    return RawItem.objects.filter(state=RawItem.State.PENDING).count()


def process_pending(limit: int | None = None) -> int:
    """Read what is waiting, oldest first, until nothing is or `limit` items were looked at. Returns how many."""
    done = 0
    while limit is None or done < limit:
        first = RawItem.objects.filter(state=RawItem.State.PENDING).order_by("pk").values("source").first()
        if first is None:
            break
        done += process_batch(Source.objects.get(pk=first["source"]))
    return done


def process_batch(source: Source) -> int:
    """Read the next items of one source. Returns how many are done now, by this process or by another one."""
    pending = RawItem.objects.filter(source=source, state=RawItem.State.PENDING).order_by("pk")
    items = list(pending[:READ])
    readings, refused = _read(source, items, settings_of(source))
    readings = with_floods(readings)
    for start in range(0, len(readings), CHUNK):
        refused += _settle_or_part(source, readings[start : start + CHUNK])
    for item, reason in refused:
        pending.filter(pk=item.pk).update(state=RawItem.State.UNREADABLE, processed_at=timezone.now(), reason=reason)
    return len(items)


def _settle_or_part(source: Source, readings: list[tuple[RawItem, Reading]]) -> list[tuple[RawItem, str]]:
    """Settle a chunk; if something in it cannot be, each item by itself, so that one cannot stop all that follow.

    Returns the items that could not be settled, with the reason.
    """
    try:
        _settle(source, readings)
    except OperationalError:  # the database is away or busy: no item's fault, and the next sweep tries again
        raise
    except Exception as problem:  # whatever it is, it is kept, listed and logged
        if len(readings) > 1:
            return [refused for reading in readings for refused in _settle_or_part(source, [reading])]
        item = readings[0][0]
        log.exception("item_not_settled", item=item.pk)
        return [(item, f"It could not be made into signals: {type(problem).__name__}.")]
    return []


@transaction.atomic
def _settle(source: Source, readings: list[tuple[RawItem, Reading]]) -> None:
    # One process correlates a source at a time; who comes second finds the items done.
    source = Source.objects.select_for_update().get(pk=source.pk)
    items = RawItem.objects.filter(pk__in=[item.pk for item, _ in readings], state=RawItem.State.PENDING)
    ours = set(items.values_list("pk", flat=True))
    readings = [(item, reading) for item, reading in readings if item.pk in ours]
    correlate(source, readings, revisit=supplement(source, readings))
    items.update(state=RawItem.State.DONE, processed_at=timezone.now(), reason="")


def settings_of(source: Source) -> SourceSettings:
    """How what this source sends is to be read."""
    try:
        zone = ZoneInfo(source.time_zone)
    except (ZoneInfoNotFoundError, ValueError):  # the form refuses it; a zone may still vanish from the system
        zone = ZoneInfo("UTC")
    return SourceSettings(env=source.env, time_zone=zone, hosts=source.hosts, default_service=source.default_service)


def _read(
    source: Source, items: list[RawItem], settings: SourceSettings
) -> tuple[list[tuple[RawItem, Reading]], list[tuple[RawItem, str]]]:
    """What the items say, and why some say nothing."""
    reader = FORMATS[source.format]
    partners = _partners(source, items)
    readings, refused = [], []
    for item in items:
        if not isinstance(item.body, dict):
            refused.append((item, "This is no JSON object."))
            continue
        try:
            readings.append((item, reader.read(item.body, settings, partners.get(reader.partner(item.body)))))
        except Unreadable as problem:
            refused.append((item, str(problem)))
        except Exception as problem:  # one hostile item must not stop the rest; it is kept, listed and logged
            log.exception("item_unreadable", item=item.pk)
            refused.append((item, f"The parser failed: {type(problem).__name__}."))
    return readings, refused


def _partners(source: Source, items: list[RawItem]) -> dict[str, dict]:
    reader = FORMATS[source.format]
    names = {reader.partner(item.body) for item in items if isinstance(item.body, dict)} - {""}
    if not names:
        return {}
    bodies = dict(RawItem.objects.filter(source=source, key__in=names).values_list("key", "body"))
    return {name: body for name, body in bodies.items() if isinstance(body, dict)}
