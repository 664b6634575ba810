"""What is known of an address or a person outside."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from accounts_app.access import Actor
from signals_app.models import Entity, Severity, Signal, SignalEntity, TriageState

COMPANIONS = 12
MET_IN = 2_000  # signals
DOCUMENTATION = tuple(
    ipaddress.ip_network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


@dataclass(frozen=True)
class Dossier:
    """The blocks of an entity's page and of its hover card."""

    entity: Entity
    reach: str  # what kind of address it is, in words; empty for a person
    signals: QuerySet[Signal]
    total: int
    waiting: int  # of them not archived
    worst: Severity | None
    detections: int
    as_attacker: int
    as_victim: int


def dossier(actor: Actor, entity: Entity) -> Dossier:
    """All that is known of the entity from the signals that the actor may see."""
    parts = _parts(actor, entity)
    signals = Signal.objects.visible_to(actor).filter(pk__in=parts.values("signal"))
    figures = signals.aggregate(
        total=Count("pk"), waiting=Count("pk", filter=~Q(state=TriageState.ARCHIVED)), worst=Max("severity")
    )
    roles = parts.aggregate(
        detections=Sum("count", default=0),
        as_attacker=Count("pk", filter=Q(role=SignalEntity.Role.ATTACKER)),
        as_victim=Count("pk", filter=Q(role=SignalEntity.Role.VICTIM)),
    )
    return Dossier(
        entity=entity,
        reach=reach(entity.value) if entity.kind == Entity.Kind.IP else "",
        signals=signals,
        total=figures["total"],
        waiting=figures["waiting"],
        worst=None if figures["worst"] is None else Severity(figures["worst"]),
        **roles,
    )


def companions(actor: Actor, entity: Entity) -> list[Entity]:
    """Other entities in the same signals, those met together most often first, each with `together`.

    Of an entity in more than MET_IN signals those that came last are looked at: an address that attacks all the time
    is in a hundred thousand.
    """
    signals = _parts(actor, entity).order_by("-signal").values("signal")[:MET_IN]
    return list(
        Entity.objects.visible_to(actor)
        .filter(parts__signal__in=signals)
        .exclude(pk=entity.pk)
        .annotate(together=Count("parts__signal", distinct=True))
        .order_by("-together", "value")[:COMPANIONS]
    )


def _parts(actor: Actor, entity: Entity) -> QuerySet[SignalEntity]:
    """The entity's parts in signals that the actor may see. Who sees all signals is not asked about each."""
    theirs = Signal.objects.visible_to(actor)
    return entity.parts.filter(signal__in=theirs) if theirs.query.where else entity.parts.all()


def reach(address: str) -> str:
    """What kind of address it is: public, private, of the documentation and so on. Empty if it is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if any(ip in block for block in DOCUMENTATION if block.version == ip.version):
        return "Documentation range (never routed on the internet)"
    if ip.is_loopback:
        return "Loopback (the machine itself)"
    if ip.is_link_local:
        return "Link-local"
    if ip.is_private:
        return "Private range"
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return "Reserved"
    return "Public"
