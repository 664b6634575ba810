"""One signal while a batch adds to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signals_app.catalogue import built_in
from signals_app.correlation import words
from signals_app.correlation.activity import Activity
from signals_app.correlation.evidence import Evidence
from signals_app.correlation.severity import severity_of
from signals_app.models import CriticalAsset, Detection, Entity, Severity, Signal, SignalEntity
from signals_app.sources.reading import Finding

ISOLATED = "isolated"  # the correlation key of what weak evidence makes
NEWEST = 10  # samples kept with a signal
MOST_ATTRIBUTES = 200  # keys of a sensor's own attributes
LARGEST_ATTRIBUTES = 65_536  # characters of JSON, of all of them together


def within_limits(attributes: dict[str, Any]) -> dict[str, Any]:
    """The first attributes that fit: what a row of the explorer reads must stay small, whatever a sensor sends."""
    kept, size = {}, 0
    for name, value in list(attributes.items())[:MOST_ATTRIBUTES]:
        size += len(json.dumps({name: value}))
        if size <= LARGEST_ATTRIBUTES:
            kept[name] = value
    return kept


@dataclass
class Sighting:
    """One detection with everything it names. `finding` is None for one that waited in the database."""

    detection: Detection
    attackers: list[Entity]
    victims: list[Entity]
    finding: Finding | None = None
    assets: Sequence[CriticalAsset] = ()

    def weighed(self, severity: Severity) -> Weight:
        """The severity as the critical assets have it that this is about; of several the gravest counts."""
        asset = max(self.assets, key=lambda asset: asset.weigh(severity), default=None)
        after = asset.weigh(severity) if asset else severity
        return Weight(after, severity, asset if after != severity else None)


@dataclass(frozen=True, order=True)
class Weight:
    """A severity, what it would be without critical assets, and the one that changed it, if one did.

    In the order of the severities; of the same, one that no asset has raised comes last.
    """

    severity: Severity
    before: Severity
    asset: CriticalAsset | None = field(compare=False)

    def as_json(self) -> dict[str, Any]:
        """The same for the ledger, which outlives the asset."""
        return (
            {
                "asset": str(self.asset),
                "uuid": str(self.asset.uuid),
                "severity": [self.before.slug, self.severity.slug],
            }
            if self.asset
            else {}
        )


@dataclass
class Growth:
    """A new or a running signal, what was added to it, and what it was before."""

    signal: Signal
    parts: dict[tuple[int, str], SignalEntity] = field(default_factory=dict)  # (entity pk, role)
    sightings: list[Sighting] = field(default_factory=list)
    database_read: bool = False
    tags: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.severity_before, self.title_before = self.signal.severity, self.signal.title
        self.weight: Weight | None = None  # that has given the signal its severity
        self.joined: list[SignalEntity] = []
        self.touched: set[tuple[int, str]] = set()
        self.is_new = self.signal.pk is None

    @property
    def is_isolated(self) -> bool:
        return self.signal.correlation_key == ISOLATED

    def runs_at(self, at: datetime) -> bool:
        """Whether an event of that time falls into the signal's window, before or after what it has."""
        window = self.signal.rule.window
        return self.signal.first_seen - window <= at <= self.signal.last_seen + window

    def add(self, sighting: Sighting, assets: Sequence[CriticalAsset] = ()) -> None:
        """Count one detection in, and what it is about that matters more or less."""
        sighting.assets = assets
        for asset in assets:
            self.tags.update(asset.tags)
        detection, signal = sighting.detection, self.signal
        self.sightings.append(sighting)
        signal.count += 1
        signal.first_seen = min(signal.first_seen, detection.at)
        signal.last_seen = max(signal.last_seen, detection.at)
        signal.host = signal.host or (sighting.finding.host if sighting.finding else "")
        for entity in sighting.attackers:
            self.add_part(entity, SignalEntity.Role.ATTACKER, detection.at)
        for entity in sighting.victims:
            self.add_part(entity, SignalEntity.Role.VICTIM, detection.at)

    def add_part(self, entity: Entity, role: str, at: datetime) -> SignalEntity:
        """Count one event of an attacker or a victim."""
        part = self.parts.get((entity.pk, role))
        if part is None:
            part = SignalEntity(signal=self.signal, entity=entity, role=role, first_seen=at, last_seen=at)
            self.parts[entity.pk, role] = part
            self.joined.append(part)
        part.count += 1
        part.first_seen, part.last_seen = min(part.first_seen, at), max(part.last_seen, at)
        self.touched.add((entity.pk, role))
        return part

    def names(self, role: str) -> list[str]:
        """The values of the attackers, or victims, in the order in which they came."""
        parts = sorted(self.parts.values(), key=lambda part: (part.first_seen, part.entity.value))
        return [part.entity.value for part in parts if part.role == role]

    def settle(self, evidence: dict[int, Evidence]) -> None:
        """Say again how bad it is, and find the words for it. `evidence` is by entity pk."""
        for (entity, role), part in self.parts.items():
            if role == SignalEntity.Role.ATTACKER and entity in evidence and (entity, role) in self.touched:
                part.evidence = evidence[entity].as_json()
        if self.signal.rule.key in built_in():
            self._settle_own(evidence)
        else:
            self._settle_sensor()
        self.signal.search_text = self.signal.title.casefold()

    def _settle_own(self, evidence: dict[int, Evidence]) -> None:
        signal, rule = self.signal, self.signal.rule
        activity = Activity(signal.attributes)
        for sighting in self.sightings:
            activity.add(sighting.detection.facts)
        attackers = self.names(SignalEntity.Role.ATTACKER)
        users = self.names(SignalEntity.Role.VICTIM)
        database_read = rule.key == "sql-injection" and any(
            evidence[entity].reads_the_database for entity, _ in self.touched if entity in evidence
        )
        severity = severity_of(rule.key, activity, isolated=self.is_isolated, database_read=database_read)
        # Critical assets weigh what is added. Who a log names late, or what a host is called, says nothing of how bad
        # it is: the severity that was weighed then stands.
        self._weigh((sighting, severity) for sighting in self.sightings)
        signal.attributes = activity.as_attributes(rule.key, attackers, users)
        service = signal.service.name if signal.service else ""
        template = rule.title_template or rule.name
        signal.title = (
            words.isolated_title(rule.name, service)
            if self.is_isolated
            else words.title(template, service=service, attackers=attackers, users=users, count=signal.count)
        )
        signal.message = words.message(
            built_in()[rule.key].doing,
            service=service,
            env=signal.env,
            attackers=attackers,
            users=users,
            count=signal.count,
            first=signal.first_seen,
            last=signal.last_seen,
            activity=activity,
            isolated=self.is_isolated,
        )

    def _settle_sensor(self) -> None:
        """A sensor has judged already: its words and its severity stand, and severity only rises."""
        signal = self.signal
        judged = [(sighting, sighting.finding) for sighting in self.sightings if sighting.finding]
        self._weigh(
            (sighting, Severity(finding.severity if finding.severity is not None else signal.rule.severity))
            for sighting, finding in judged
        )
        for _, finding in judged:
            signal.title = signal.title or finding.title
            signal.message = finding.message or signal.message
            signal.attributes = within_limits(signal.attributes | finding.facts.get("attributes", {}))
            self.tags |= set(finding.tags)
        if signal.rule.title_template:
            signal.title = words.title(
                signal.rule.title_template,
                service=signal.service.name if signal.service else "",
                attackers=self.names(SignalEntity.Role.ATTACKER),
                users=self.names(SignalEntity.Role.VICTIM),
                count=signal.count,
            )

    def _weigh(self, judged: Iterable[tuple[Sighting, Severity]]) -> None:
        """Take over the gravest of these, as critical assets have each, where the signal is not as grave already."""
        weight = max((sighting.weighed(severity) for sighting, severity in judged), default=None)
        if weight and (self.is_new or weight.severity > self.signal.severity):
            self.signal.severity, self.weight = weight.severity, weight

    def weighing(self) -> dict[str, Any]:
        """Which critical asset has changed the severity that the signal has got, for its entry in the ledger."""
        return {"weighed": self.weight.as_json()} if self.weight and self.weight.asset else {}

    def news(self) -> dict[str, Any]:
        """What the ledger should know of a running signal's growth: counts are no news."""
        signal = self.signal
        news: dict[str, Any] = {}
        if signal.severity > self.severity_before:
            news["severity"] = [Severity(self.severity_before).slug, Severity(signal.severity).slug]
            news |= self.weighing()
        if signal.title != self.title_before:
            news["title"] = [self.title_before, signal.title]
        for role, name in ((SignalEntity.Role.ATTACKER, "attackers"), (SignalEntity.Role.VICTIM, "victims")):
            if joined := [part.entity.value for part in self.joined if part.role == role]:
                news[name] = {"joined": joined[:50], "count": len(joined)}
        return news
