"""A batch of readings of one source, turned into detections and signals in the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from accounts_app.access import system
from core_app.ledger import record_each
from signals_app.catalogue import sensor_key
from signals_app.correlation import waiting
from signals_app.correlation.evidence import Evidence
from signals_app.correlation.facts import Asking, Question
from signals_app.correlation.filtering import Filters
from signals_app.correlation.growth import ISOLATED, Growth, Sighting
from signals_app.correlation.registry import Registry
from signals_app.correlation.store import CHUNK, store
from signals_app.correlation.suppressing import Suppressions
from signals_app.correlation.telling import tell
from signals_app.correlation.weighing import CriticalAssets
from signals_app.models import Detection, DetectionRule, RawItem, Severity, Signal, SignalEntity, Source, TriageState
from signals_app.sources import crs
from signals_app.sources.reading import Finding, Reading

EVIDENCE_LASTS = timedelta(minutes=60)
MOST_WAITING = 5000  # rows looked at again for one batch
PATIENT = frozenset({"credential-stuffing", "password-brute-force", "path-brute-force"})
INTAKE = system("intake")

Target = tuple[str, str, Sighting]  # rule key, correlation key


def correlate(
    source: Source, readings: Sequence[tuple[RawItem, Reading]], revisit: Sequence[Detection] = ()
) -> list[Growth]:
    """Store the detections of these items, and the signals that they make or feed. Returns what grew.

    `revisit` are detections that wait in the database and of which more is known since.
    Runs inside the transaction that marks the items as read. One source is correlated by one process at a time:
    the caller holds the lock.
    """
    found = [(item, finding) for item, reading in readings for finding in reading.findings]
    found.sort(key=lambda pair: pair[1].at)
    found = _without_repeats(source, found)
    if not found and not revisit:
        return []
    batch = _Batch(source, found, revisit)
    batch.place()
    return batch.finish()


def _without_repeats(source: Source, found: list[tuple[RawItem, Finding]]) -> list[tuple[RawItem, Finding]]:
    """Without what the other log has already told of the same request."""
    names = {finding.transaction for _, finding in found if finding.transaction}
    told = set(Detection.objects.filter(source=source, transaction__in=names).values_list("transaction", "kind"))
    kept = []
    for item, finding in found:
        if finding.transaction:
            if (finding.transaction, finding.kind) in told:
                continue
            told.add((finding.transaction, finding.kind))
        kept.append((item, finding))
    return kept


class _Batch:
    def __init__(self, source: Source, found: list[tuple[RawItem, Finding]], revisit: Sequence[Detection]) -> None:
        self.source = source
        self.registry = Registry(finding for _, finding in found)
        self.sightings = [self._sighting(item, finding) for item, finding in found]
        self.revisit = revisit
        times = [finding.at for _, finding in found] + [row.at for row in revisit]
        self.start, self.end = min(times), max(times)
        self.bodies = {item.pk: item.body for item, _ in found}
        self.evidence: dict[int, Evidence] = defaultdict(Evidence)
        self.known = waiting.Known()
        self.asking = Asking()
        self.filters = Filters(self.asking)
        self.suppressions = Suppressions(self.asking)
        self.assets = CriticalAssets(self.asking)
        self.excluded: list[Detection] = []  # of those that had waited
        self.grown: dict[tuple[int, int | None, str, str], list[Growth]] = defaultdict(list)

    def _sighting(self, item: RawItem, finding: Finding) -> Sighting:
        attackers = [self.registry.address(value) for value in finding.attackers]
        victims = [self.registry.user(value) for value in finding.victims]
        detection = Detection(
            item=item,
            source=self.source,
            kind=finding.kind,
            transaction=finding.transaction,
            at=finding.at,
            severity=Severity.LOW if finding.severity is None else finding.severity,
            service=self.registry.service(finding.service),
            env=finding.env,
            attacker=attackers[0] if attackers else None,
            victim=victims[0] if victims else None,
            facts=finding.facts,
        )
        return Sighting(detection, attackers, victims, finding)

    # --- where each detection belongs ---------------------------------------------------------

    def place(self) -> None:
        """Decide for every detection which signal it belongs to, if any yet."""
        self._remember()
        for sighting in self.sightings:
            if (attacker := sighting.detection.attacker_id) and sighting.detection.kind != "sensor":
                self.evidence[attacker].add(sighting.detection.facts)
        self._exclude_what_waits()
        targets = [
            *map(self._target, (s for s in self.sightings if s.detection.kind not in waiting.WAITS)),
            *self._waited(),
        ]
        self._load_running(targets)
        for rule, key, sighting in sorted(targets, key=lambda target: target[2].detection.at):
            self._grow(rule, key, sighting)

    def _remember(self) -> None:
        """What is known of this batch's addresses, and who is guessing passwords or paths now."""
        addresses = {sighting.detection.attacker_id for sighting in self.sightings} - {None}
        parts = SignalEntity.objects.filter(
            entity__in=addresses,
            role=SignalEntity.Role.ATTACKER,
            signal__source=self.source,
            last_seen__gte=self.start - EVIDENCE_LASTS,
            first_seen__lte=self.end + EVIDENCE_LASTS,
        )
        for part in parts.values_list(
            "entity", "evidence", "signal__rule__key", "signal__service", "signal__env", named=True
        ):
            self.evidence[part.entity].merge(Evidence.from_json(part.evidence))
        if self.revisit or any(sighting.detection.kind in waiting.WAITS for sighting in self.sightings):
            running = SignalEntity.objects.filter(
                role=SignalEntity.Role.ATTACKER,
                signal__source=self.source,
                signal__rule__key__in=PATIENT,
                last_seen__gte=self.start - EVIDENCE_LASTS,
                first_seen__lte=self.end + EVIDENCE_LASTS,
            ).values_list("signal__rule__key", "signal__service", "signal__env", "signal__correlation_key", "entity")
            for rule, service, env, key, entity in running:
                self.known.add(rule, (service, env), key, entity)

    def _exclude_what_waits(self) -> None:
        """Mark what no filter includes before it counts: like what is suppressed it has a rule, and never a signal."""
        if self.filters.includes_all:
            return
        waits = [s for s in self.sightings if s.detection.kind in waiting.WAITS]
        waits += [Sighting(row, [row.attacker], [row.victim]) for row in self.revisit]
        rules = self.registry.rules({key for s in waits for key in waiting.MAY_BECOME[s.detection.kind]}, ())
        for sighting in waits:
            if sighting.detection.kind == "login-failure" and not sighting.victims:
                continue  # it counts only when a late line has named the user, whom filters may ask for
            possible = [rules[key] for key in waiting.MAY_BECOME[sighting.detection.kind]]
            if not any(self.filters.include(Question(self.source, rule, sighting)) for rule in possible):
                self._exclude(sighting.detection, possible[0])
        Detection.objects.bulk_update(self.excluded, ["rule"], batch_size=CHUNK)

    def _exclude(self, detection: Detection, rule: DetectionRule) -> None:
        detection.rule = rule
        if detection.pk:
            self.excluded.append(detection)

    def _target(self, sighting: Sighting) -> Target:
        detection, finding = sighting.detection, sighting.finding
        if detection.kind == "sensor":
            return sensor_key(finding.rule.key), finding.correlation_key, sighting
        weak = detection.kind in crs.ATTACKS and not (
            detection.attacker_id and self.evidence[detection.attacker_id].why
        )
        return detection.kind, ISOLATED if weak else "", sighting

    def _waited(self) -> Iterable[Target]:
        """What now adds up, of this batch and of what waits in the database."""
        for judge, kinds in ((waiting.logins, waiting.LOGINS), (waiting.paths, waiting.PATHS)):
            new = {id(s.detection): s for s in self.sightings if s.detection.kind in kinds and not s.detection.rule}
            again = {row.attacker_id for row in self.revisit if row.kind in kinds and not row.rule}
            if not new and not again:
                continue
            stored = self._stored(kinds, again | {s.detection.attacker_id for s in new.values()})
            rows = [*stored, *(s.detection for s in new.values())]
            for belongs in judge(rows, self.known):
                for row in belongs.detections:
                    old = Sighting(row, [row.attacker], [row.victim] if row.victim else [])
                    yield belongs.rule, belongs.key, new.get(id(row), old)

    def _stored(self, kinds: tuple[str, ...], addresses: set[int | None]) -> list[Detection]:
        rows = Detection.objects.filter(
            source=self.source,
            kind__in=kinds,
            signal=None,
            rule=None,  # what is suppressed or excluded has one
            at__gte=self.start - waiting.LOOKBACK,
            at__lte=self.end + waiting.LOOKBACK,
        )
        if kinds == waiting.PATHS:  # each address is judged by itself
            rows = rows.filter(attacker__in=addresses - {None})
        return list(rows.select_related("attacker", "victim", "service").order_by("-at")[:MOST_WAITING])

    # --- the signals they make ----------------------------------------------------------------

    def _load_running(self, targets: list[Target]) -> None:
        rules = self.registry.rules({key for key, _, _ in targets}, (s.finding for s in self.sightings))
        windows = Q(pk__in=[])
        for rule in rules.values():
            windows |= Q(
                rule=rule,
                last_seen__gte=self.start - rule.window - waiting.LOOKBACK,
                first_seen__lte=self.end + rule.window,
            )
        signals = (
            Signal.objects.filter(windows, source=self.source).select_related("rule", "service", "team").order_by("pk")
        )
        keys = {key for _, key, _ in targets}
        if connection.features.has_select_for_update:
            signals = signals.select_for_update(of=("self",))
        running = {signal.pk: Growth(signal) for signal in signals.filter(correlation_key__in=keys)}
        for part in SignalEntity.objects.filter(signal__in=running).select_related("entity"):
            running[part.signal_id].parts[part.entity_id, part.role] = part
        for growth in running.values():
            signal = growth.signal
            self.grown[signal.rule_id, signal.service_id, signal.correlation_key, signal.env].append(growth)

    def _grow(self, rule_key: str, key: str, sighting: Sighting) -> None:
        rule, detection = self.registry.rule(rule_key), sighting.detection
        detection.rule = rule
        question = Question(self.source, rule, sighting)
        if not rule.is_enabled:
            if detection.kind in waiting.WAITS:
                detection.rule = None  # it waits on, in case the rule is switched on
            return
        if not self.filters.include(question):
            self._exclude(detection, rule)
            return
        if self.suppressions.take(question):
            return
        candidates = self.grown[rule.pk, detection.service_id, key, detection.env]
        running = [
            growth for growth in candidates if growth.runs_at(detection.at) and not _is_over(growth, detection.at)
        ]
        if not running:
            growth = Growth(self._new(rule_key, key, sighting))
            candidates.append(growth)
        else:
            growth = max(running, key=lambda growth: growth.signal.last_seen)
        growth.add(sighting, self.assets.of(question))
        detection.signal = growth.signal

    def _new(self, rule_key: str, key: str, sighting: Sighting) -> Signal:
        detection = sighting.detection
        service = detection.service
        return Signal(
            rule=self.registry.rule(rule_key),
            source=self.source,
            correlation_key=key,
            severity=Severity.INFO,
            service=service,
            env=detection.env,
            team=service.team if service else None,
            first_seen=detection.at,
            last_seen=detection.at,
        )

    # --- writing ------------------------------------------------------------------------------

    def finish(self) -> list[Growth]:
        """Write everything, with one ledger entry per new signal and per piece of news."""
        grown = [growth for growths in self.grown.values() for growth in growths if growth.sightings]
        for growth in grown:
            growth.settle(self.evidence)
        new = [growth for growth in grown if growth.is_new]
        store(grown, [sighting.detection for sighting in self.sightings], self.bodies)
        self.suppressions.store()
        Detection.objects.bulk_update(self.excluded, ["rule"], batch_size=CHUNK)
        record_each(
            INTAKE,
            "signals.created",
            [
                (
                    growth.signal,
                    {
                        "rule": growth.signal.rule.key,
                        "severity": Severity(growth.signal.severity).slug,
                        **growth.weighing(),
                    },
                )
                for growth in new
            ],
        )
        changed = [(growth.signal, news) for growth in grown if growth not in new and (news := growth.news())]
        record_each(INTAKE, "signals.correlated", changed)
        tell(self.source, grown, self.asking)
        return grown


def _is_over(growth: Growth, at: datetime) -> bool:
    """Whether someone has archived the signal before this happened: what comes after is a new story."""
    signal = growth.signal
    return signal.state == TriageState.ARCHIVED and bool(signal.state_changed_at) and at > signal.state_changed_at
