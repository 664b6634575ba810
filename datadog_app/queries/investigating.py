"""What stands around one signal: its newest events and what else they are of, who is in it, where to look next."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urljoin

from django.db.models import Q
from django.urls import reverse

from accounts_app.access import Actor
from core_app.errors import NotFound
from datadog_app.dates import moment
from search_app.language import value_text
from signals_app.models import Detection, Sample, Signal, SignalEntity, Source

SAMPLES = 10
ATTACKERS = 5  # that are asked about
TECHNIQUE = re.compile(r"(T\d{4})(?:\.(\d{3}))?\b\s*(.*)")


def samples(signal: int) -> list[dict[str, Any]]:
    """The newest events of a signal, which the caller may see."""
    found = Sample.objects.filter(signal=signal)[:SAMPLES]
    return [{"id": str(one.pk), "timestamp": moment(one.at), "content": one.event} for one in found]


def matching(actor: Actor, event_id: str) -> list[Signal]:
    """The signals that an event is of, the earliest first: one of the events that signals tell, by its id, or a
    request by the name that its source gave it. Raises NotFound where none is the actor's to see.
    """
    # Each source by itself: that is how detections are found by the request.
    of_request = Detection.objects.filter(source__in=Source.objects.all(), transaction=event_id)
    wanted = Q(pk__in=of_request.filter(signal__isnull=False).values("signal"))
    if re.fullmatch(r"\d{1,18}", event_id, re.ASCII):
        wanted |= Q(pk__in=Sample.objects.filter(pk=int(event_id)).values("signal"))
    found = list(Signal.objects.visible_to(actor).filter(wanted).order_by("first_seen", "pk"))
    if not found:
        raise NotFound("Event not found")
    return found


def identities(signal: int, limit: int) -> list[dict[str, Any]]:
    """The addresses and people of a signal, which the caller may see, the most active first."""
    parts = SignalEntity.objects.filter(signal=signal).select_related("entity").order_by("-count", "pk")[:limit]
    return [
        {
            "type": "ip_address" if part.entity.kind == "ip" else "user",
            "value": part.entity.value,
            "role": part.role,
            "country": part.entity.country or None,
            "events": part.count,
            "first_seen": moment(part.first_seen),
            "last_seen": moment(part.last_seen),
        }
        for part in parts
    ]


def suggestions(actor: Actor, signal: int, origin: str) -> list[dict[str, Any]]:
    """Queries of the explorer that show what else happened around a signal; `origin` is the address of this site."""
    row = Signal.objects.visible_to(actor).select_related("rule", "service").get(pk=signal)
    attackers = SignalEntity.objects.filter(signal=row, role=SignalEntity.Role.ATTACKER).order_by("-count", "pk")
    found = [
        (
            f"attacker-{number}",
            f"Everything that {address} did",
            f"@network.client.ip:{value_text(address)}",
            {"@network.client.ip": [address]},
        )
        for number, address in enumerate(attackers.values_list("entity__value", flat=True)[:ATTACKERS])
    ]
    rule = str(row.rule.uuid)
    found.append(("rule", f"Every signal of “{row.rule.name}”", f"@workflow.rule.id:{rule}", {"rule": [rule]}))
    if row.service:
        name = row.service.name
        found.append(("service", f"Every signal of {name}", f"service:{value_text(name)}", {"service": [name]}))
    return [_query(origin, *one) for one in found]


def reading(actor: Actor, signal: int) -> list[dict[str, Any]]:
    """What to read about the technique of a signal's rule."""
    row = Signal.objects.visible_to(actor).select_related("rule").get(pk=signal)
    named = TECHNIQUE.match(row.rule.technique)
    if not named:
        return []
    number, part, title = named.groups()
    url = f"https://attack.mitre.org/techniques/{number}/" + (f"{part}/" if part else "")
    attributes = {"title": f"MITRE ATT&CK {row.rule.technique}" if title else f"MITRE ATT&CK {number}", "url": url}
    return [{"id": "technique", "type": "recommended_blog_posts", "attributes": attributes}]


def _query(origin: str, name: str, title: str, text: str, values: dict[str, list[str]]) -> dict[str, Any]:
    url = urljoin(origin, f"{reverse('signals:list')}?{urlencode({'query': text})}")
    attributes = {"name": title, "query_filter": text, "template_variables": values, "url": url}
    return {"id": name, "type": "investigation_log_queries", "attributes": attributes}
