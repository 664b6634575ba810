"""Entities, services and rules that a batch names: found, or made on first sight, a statement per kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from iptocc import country_code

from accounts_app.access import system
from core_app.ledger import record
from signals_app.catalogue import TYPE, built_in, sensor_key, tags_for
from signals_app.models import DetectionRule, Entity, Service, Severity
from signals_app.sources.reading import Finding, RuleDraft

MOST_SERVICES = 2000  # a Host header is the sender's to choose: it must not fill the table
SENSOR_WINDOW = timedelta(hours=24)
CHUNK = 500


class Registry:
    """What the findings of one batch are about, as rows of the database."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        seen: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        services: set[str] = set()
        for finding in findings:
            services.add(finding.service)
            for kind, values in ((Entity.Kind.IP, finding.attackers), (Entity.Kind.USER, finding.victims)):
                for value in values:
                    first, last = seen.get((kind, value), (finding.at, finding.at))
                    seen[kind, value] = min(first, finding.at), max(last, finding.at)
        self._entities = _entities(seen)
        self._services = _services(services - {""})
        self._rules: dict[str, DetectionRule] = {}

    def address(self, value: str) -> Entity:
        return self._entities[Entity.Kind.IP, value]

    def user(self, value: str) -> Entity:
        return self._entities[Entity.Kind.USER, value]

    def service(self, name: str) -> Service | None:
        return self._services.get(name)

    def rule(self, key: str) -> DetectionRule:
        return self._rules[key]

    def rules(self, keys: set[str], findings: Iterable[Finding | None]) -> dict[str, DetectionRule]:
        """The rules with these keys, by key. Unknown ones are made, from the catalogue or as their sensor says."""
        drafts = {sensor_key(finding.rule.key): finding.rule for finding in findings if finding and finding.rule}
        self._rules = {rule.key: rule for rule in DetectionRule.objects.filter(key__in=keys)}
        for key in sorted(keys - self._rules.keys()):
            row = built_in()[key].as_row() if key in built_in() else _from_draft(drafts[key])
            rule, is_new = DetectionRule.objects.get_or_create(key=key, defaults=_fields(row))
            self._rules[key] = rule
            if is_new:
                record(system("intake"), "signals.rule_created", rule)
        return self._rules


def _fields(row: DetectionRule) -> dict:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.fields if field.attname not in ("id", "key")
    }


def _from_draft(draft: RuleDraft) -> DetectionRule:
    return DetectionRule(
        key=draft.key,
        name=draft.name,
        type=draft.type or TYPE,
        severity=Severity(draft.severity),
        tactic=draft.tactic,
        technique=draft.technique,
        tags=list(dict.fromkeys([*draft.tags, *tags_for(draft.tactic, draft.technique)])),
        meaning=draft.meaning,
        next_steps=draft.next_steps,
        window=SENSOR_WINDOW,
    )


def _entities(seen: dict[tuple[str, str], tuple[datetime, datetime]]) -> dict[tuple[str, str], Entity]:
    rows = _stored_entities(seen)
    # In the order of their names, so that two processes that meet the same ones queue instead of deadlocking.
    missing = [
        Entity(
            kind=kind,
            value=value,
            country=(country_code(value) or "") if kind == Entity.Kind.IP else "",
            first_seen=seen[kind, value][0],
            last_seen=seen[kind, value][1],
        )
        for kind, value in sorted(seen.keys() - rows.keys())
    ]
    if missing:
        Entity.objects.bulk_create(missing, ignore_conflicts=True, batch_size=CHUNK)
        rows = _stored_entities(seen)
    grown = []
    for name, (first, last) in sorted(seen.items()):
        entity = rows[name]
        if first < entity.first_seen or last > entity.last_seen:
            entity.first_seen, entity.last_seen = min(first, entity.first_seen), max(last, entity.last_seen)
            grown.append(entity)
    if grown:
        Entity.objects.bulk_update(grown, ["first_seen", "last_seen"], batch_size=CHUNK)
    return rows


def _stored_entities(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Entity]:
    names = set(names)
    rows = Entity.objects.filter(value__in={value for _, value in names})
    return {(row.kind, row.value): row for row in rows if (row.kind, row.value) in names}


def _services(names: set[str]) -> dict[str, Service]:
    rows = {row.name: row for row in Service.objects.filter(name__in=names).select_related("team")}
    room = MOST_SERVICES - Service.objects.count() if names - rows.keys() else 0
    for name in sorted(names - rows.keys())[: max(room, 0)]:
        rows[name], is_new = Service.objects.get_or_create(name=name)
        if is_new:
            record(system("intake"), "signals.service_found", rows[name])
    return rows
