"""What an access line adds to detections that were made before it came."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from accounts_app.access import system
from core_app.ledger import record_each
from signals_app.correlation.growth import Growth
from signals_app.correlation.registry import Registry
from signals_app.correlation.store import store
from signals_app.correlation.waiting import WAITS
from signals_app.models import Detection, RawItem, Service, Signal, SignalEntity, Source
from signals_app.models.intake import MOST_HOSTS
from signals_app.sources import crs
from signals_app.sources.reading import Finding, Reading, Supplement

NAMES_A_VICTIM = [*sorted(crs.ATTACKS), "login-failure", "login-success"]


def supplement(source: Source, readings: Sequence[tuple[RawItem, Reading]]) -> list[Detection]:
    """Add users to earlier detections of the same requests, and learn which service is behind a host.

    Runs in the same transaction as `correlate` and before it. Returns the waiting detections (failed log-ins)
    that have a user only now and may add up to something with it.
    """
    supplements = {reading.supplement.transaction: reading.supplement for _, reading in readings if reading.supplement}
    if not supplements:
        return []
    _learn_hosts(source, list(supplements.values()))
    return _add_users(source, {name: found for name, found in supplements.items() if found.user})


def _add_users(source: Source, supplements: dict[str, Supplement]) -> list[Detection]:
    detections = list(
        Detection.objects.filter(source=source, transaction__in=supplements, victim=None, kind__in=NAMES_A_VICTIM)
        .select_related("attacker", "service")
        .order_by("pk")
    )
    if not detections:
        return []
    users = {detection.pk: supplements[detection.transaction].user for detection in detections}
    registry = Registry(Finding(kind="", at=row.at, victims=(users[row.pk],)) for row in detections)
    grown = _growths({row.signal_id for row in detections} - {None})
    for row in detections:
        row.victim = registry.user(users[row.pk])
        if growth := grown.get(row.signal_id):
            growth.add_part(row.victim, SignalEntity.Role.VICTIM, row.at)
    Detection.objects.bulk_update(detections, ["victim"])
    _settle(list(grown.values()))
    return [row for row in detections if row.signal_id is None and row.rule_id is None and row.kind in WAITS]


def _growths(signals: set[int]) -> dict[int, Growth]:
    rows = (
        Signal.objects.filter(pk__in=signals)
        .select_related("rule", "service")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    growths = {signal.pk: Growth(signal) for signal in rows}
    for part in SignalEntity.objects.filter(signal__in=growths).select_related("entity"):
        growths[part.signal_id].parts[part.entity_id, part.role] = part
    return growths


def _settle(growths: list[Growth]) -> None:
    for growth in growths:
        growth.settle({})
    store(growths, [], {})
    record_each(
        system("intake"),
        "signals.correlated",
        [(growth.signal, news) for growth in growths if (news := growth.news())],
    )


def _learn_hosts(source: Source, supplements: list[Supplement]) -> None:
    """Remember the service that the edge names for a host, and move what was filed under the host's own name."""
    learned = {s.host: s.service for s in supplements if s.host and s.service and s.host not in source.hosts}
    room = MOST_HOSTS - len(source.hosts)  # the Host header is the sender's to choose
    learned = dict(list(learned.items())[: max(room, 0)])
    if not learned:
        return
    source.hosts = source.hosts | learned
    source.save(update_fields=["hosts"])
    for host, name in learned.items():
        if host != name and not source.default_service:
            _move(source, host, name)


def _move(source: Source, host: str, name: str) -> None:
    old = Service.objects.filter(name=host).first()
    if old is None:
        return
    new, _ = Service.objects.get_or_create(name=name)
    Detection.objects.filter(source=source, service=old).update(service=new)
    growths = _growths(set(Signal.objects.filter(source=source, service=old).values_list("pk", flat=True)))
    for growth in growths.values():
        growth.signal.service = new
        growth.signal.team_id = growth.signal.team_id or new.team_id
    Signal.objects.filter(pk__in=growths).update(service=new)
    if new.team_id:
        Signal.objects.filter(pk__in=growths, team=None).update(team=new.team_id, version=F("version"))
    _settle(list(growths.values()))
    untouched = old.version == 0 and not Signal.objects.filter(service=old).exists()
    if untouched and not Detection.objects.filter(service=old).exists():
        old.delete()
