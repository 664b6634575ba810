"""One incident: what it is, how long its steps took, and what changed since somebody looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet

from accounts_app.access import Actor
from core_app.ledger import history
from core_app.models import Entry
from incidents_app.models import Incident

LOOKED_BACK = 200  # entries, for what changed since a version


@dataclass(frozen=True)
class Times:
    """How long it took; None for what has not come to pass.

    `to_detect` begins when customers first felt something, the others when the incident was detected.
    """

    to_detect: timedelta | None
    to_stabilise: timedelta | None
    to_resolve: timedelta | None


def times_of(incident: Incident) -> Times:
    """The times of one incident. Reads its impacts: prefetch them for many."""
    begun = min((impact.start_at for impact in incident.impacts.all()), default=None)
    detected = incident.detected_at
    return Times(
        to_detect=max(detected - begun, timedelta()) if begun else None,
        to_stabilise=incident.stable_at - detected if incident.stable_at else None,
        to_resolve=incident.resolved_at - detected if incident.resolved_at else None,
    )


def changes_since(incident: Incident, version: int) -> list[Entry]:
    """What people changed in the incident itself after that version, oldest first."""
    entries = history(incident)[:LOOKED_BACK]
    return [entry for entry in entries if entry.data.get("version", 0) > version][::-1]


def lately(actor: Actor, words: str = "") -> QuerySet[Incident]:
    """Incidents to choose one from: those not over first, then the newest. `words` are a number or parts of the title.

    `12` and `#12` find the incident of that number, and those whose title has it.
    """
    found = Incident.objects.visible_to(actor).order_by(F("resolved_at").desc(nulls_first=True), "-declared_at")
    for word in words.casefold().split()[:10]:
        found = found.filter(search_text__contains=word)
    return found
