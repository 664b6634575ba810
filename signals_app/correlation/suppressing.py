"""Detections that shall make no signal: found before one is made, kept, and counted on what suppressed them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F

from search_app.language import QueryError
from signals_app.correlation.growth import Sighting
from signals_app.models import Detection, DetectionRule, Severity, Source, Suppression
from signals_app.suppressing import meets, selects

CHUNK = 200

log = structlog.get_logger(__name__)


class Suppressions:
    """Those in force for one batch of one source, and what they took."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rows = list(Suppression.objects.filter(is_enabled=True).order_by("pk"))
        self._of: dict[int, list[Suppression]] = {}
        self.taken: Counter[int] = Counter()
        self.newest: dict[int, datetime] = {}
        self.stored: list[Detection] = []

    def take(self, rule: DetectionRule, sighting: Sighting) -> bool:
        """Whether the detection, which is of this rule, is suppressed; it is marked and counted if so."""
        if not (candidates := self._about(rule)):
            return False
        detection = sighting.detection
        facts: dict[str, Any] | None = None
        for suppression in candidates:
            if not suppression.is_in_force(detection.at):
                continue
            facts = facts or facts_of(self.source, rule, sighting)
            if not _holds(suppression, facts):
                continue
            detection.suppression = suppression
            self.taken[suppression.pk] += 1
            self.newest[suppression.pk] = max(detection.at, self.newest.get(suppression.pk, detection.at))
            if detection.pk:
                self.stored.append(detection)
            return True
        return False

    def store(self) -> None:
        """Count what was taken, in the batch's transaction; counting is no edit, so the version stays."""
        for pk, times in sorted(self.taken.items()):
            Suppression.objects.filter(pk=pk).update(count=F("count") + times, last_match_at=self.newest[pk])
        Detection.objects.bulk_update(self.stored, ["rule", "suppression"], batch_size=CHUNK)

    def _about(self, rule: DetectionRule) -> list[Suppression]:
        if rule.pk not in self._of:
            self._of[rule.pk] = [row for row in self.rows if _readable(row, lambda row: selects(row.rule_query, rule))]
        return self._of[rule.pk]


def _holds(suppression: Suppression, facts: dict[str, Any]) -> bool:
    queries = [query for query in (suppression.query, suppression.exclusion_query) if query]
    return not queries or _readable(suppression, lambda _: any(meets(query, facts) for query in queries))


def _readable(suppression: Suppression, ask: Any) -> bool:
    """What it answers; no for a query that was a good one when it was saved and is none now."""
    try:
        return bool(ask(suppression))
    except QueryError as problem:
        log.warning("suppression_unreadable", suppression=suppression.pk, problem=problem.message)
        return False


def facts_of(source: Source, rule: DetectionRule, sighting: Sighting) -> dict[str, Any]:
    """A detection as the plain dict that queries read: a signal's fields, as far as one event has them."""
    detection, finding = sighting.detection, sighting.finding
    known = detection.facts
    title = (finding.title if finding else "") or rule.name
    severity = rule.severity if finding is None or finding.severity is None else finding.severity
    http = {
        "url_details": {"path": known.get("path"), "host": known.get("host")},
        "method": known.get("method"),
        "status_code": known.get("status"),
        "useragent": known.get("user_agent"),
    }
    return {
        "severity": Severity(severity).slug,
        "@workflow.rule.name": rule.name,
        "@workflow.rule.id": [rule.key, rule.uuid],
        "@workflow.rule.type": rule.type,
        "@workflow.rule.tactic": rule.tactic,
        "@workflow.rule.technique": rule.technique,
        "service": detection.service.name if detection.service else None,
        "env": detection.env,
        "host": finding.host if finding else None,
        "source": source.name,
        "@network.client.ip": [entity.value for entity in sighting.attackers if entity],
        "@network.client.geoip.country.iso_code": [entity.country for entity in sighting.attackers if entity],
        "@usr.id": [entity.value for entity in sighting.victims],
        "title": title,
        "message": finding.message if finding else "",
        "tags": [*rule.tags, *(finding.tags if finding else ())],
        "first_seen": detection.at,
        "last_seen": detection.at,
        "count": 1,
        "search_text": title.casefold(),
        "attributes": {"http": http, **(known.get("attributes") or {})},
    }
