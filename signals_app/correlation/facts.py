"""Detections and signals as the plain dicts that queries read, before or without a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import structlog
from django.db.models import Model

from search_app.fields import FieldTable
from search_app.language import Node, QueryError, parse
from search_app.to_match import matches
from signals_app.correlation.growth import Growth, Sighting
from signals_app.fields import SIGNALS
from signals_app.models import DetectionRule, Severity, SignalEntity, Source
from signals_app.suppressing import READER, RULE_FIELDS, rule_facts

Facts = Mapping[str, Any]
Ask = Callable[[Facts], bool]

log = structlog.get_logger(__name__)


class Asking:
    """What settings ask of rules and of events. Queries are read once, and a rule is asked about once a batch.

    A query that was a good one when it was saved and is none now is met by nothing.
    """

    def __init__(self) -> None:
        self._asks: dict[tuple[str, str, Any], Ask] = {}
        self._rules: dict[tuple[int, str, Any], bool] = {}

    def selects(self, row: Model, text: str, rule: DetectionRule) -> bool:
        """Whether a setting's rule query selects this rule."""
        key = (rule.pk, row._meta.label, row.pk)
        if key not in self._rules:
            self._rules[key] = self._ask(row, text, RULE_FIELDS)(rule_facts(rule))
        return self._rules[key]

    def meets(self, row: Model, text: str, facts: Facts) -> bool:
        """Whether a setting's query is met by a detection or a signal."""
        return self._ask(row, text, SIGNALS.table)(facts)

    def _ask(self, row: Model, text: str, table: FieldTable) -> Ask:
        key = (text, row._meta.label, row.pk)
        if key not in self._asks:
            self._asks[key] = _compiled(row, text, table)
        return self._asks[key]


def _compiled(row: Model, text: str, table: FieldTable) -> Ask:
    def unreadable(problem: QueryError) -> bool:
        log.warning("query_unreadable", setting=f"{row._meta.label} {row.pk}", problem=problem.message)
        return False

    try:
        tree = _read(text, table, len(table))
    except QueryError as problem:
        unreadable(problem)
        return lambda facts: False

    def ask(facts: Facts) -> bool:
        try:
            return matches(tree, table, facts, READER)
        except QueryError as problem:
            return unreadable(problem)

    return ask


@lru_cache(maxsize=2048)
def _read(text: str, table: FieldTable, size: int) -> Node:
    """The query as that table reads it, remembered from batch to batch: batches hold a lock meanwhile.

    Facets that somebody declares make another table, and fields that a higher floor adds make it longer (`size`).
    """
    return table.canonical(parse(text))


class Question:
    """A detection of a rule, as what may be asked of it."""

    def __init__(self, source: Source, rule: DetectionRule, sighting: Sighting) -> None:
        self.source, self.rule, self.sighting = source, rule, sighting

    @cached_property
    def facts(self) -> dict[str, Any]:
        return facts_of(self.source, self.rule, self.sighting)


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


def signal_facts(growth: Growth, source: Source, tags: Iterable[str]) -> dict[str, Any]:
    """A signal that a batch has made or fed, as the plain dict that queries of the explorer read."""
    signal, rule = growth.signal, growth.signal.rule
    countries = [part.entity.country for part in growth.parts.values() if part.role == SignalEntity.Role.ATTACKER]
    return {
        "severity": Severity(signal.severity).slug,
        "@workflow.rule.name": rule.name,
        "@workflow.rule.id": [rule.key, rule.uuid],
        "@workflow.rule.type": rule.type,
        "@workflow.rule.tactic": rule.tactic,
        "@workflow.rule.technique": rule.technique,
        "@workflow.triage.state": signal.state,
        "team": [signal.team.handle, signal.team.name] if signal.team else None,
        "id": signal.public_id,
        "service": signal.service.name if signal.service else None,
        "env": signal.env,
        "host": signal.host,
        "source": source.name,
        "@network.client.ip": growth.names(SignalEntity.Role.ATTACKER),
        "@network.client.geoip.country.iso_code": countries,
        "@usr.id": growth.names(SignalEntity.Role.VICTIM),
        "title": signal.title,
        "message": signal.message,
        "tags": list(tags),
        "first_seen": signal.first_seen,
        "last_seen": signal.last_seen,
        "count": signal.count,
        "search_text": signal.search_text,
        "attributes": signal.attributes,
    }
