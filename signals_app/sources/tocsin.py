"""Tocsin's own JSON: what any sensor can send without a parser of its own. `docs/intake.md` describes it."""

from __future__ import annotations

import re
from typing import Any

from signals_app.sources.reading import (
    Finding,
    Reading,
    RuleDraft,
    SourceSettings,
    Unreadable,
    address,
    bounded,
    host_name,
    iso_time,
    mapping,
    sequence,
    text,
)

SEVERITIES = {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
MOST_ENTITIES, MOST_TAGS = 50, 50
LARGEST_ATTRIBUTES = 32_768  # characters of JSON

_NOT_SLUG = re.compile(r"[^a-z0-9_-]+")


class Tocsin:
    """One detection an item."""

    def name(self, body: dict[str, Any]) -> str:
        name = text(body.get("id"), 100) if isinstance(body.get("id"), (str, int)) else ""
        return f"id:{name}" if name else ""

    def partner(self, body: dict[str, Any]) -> str:
        return ""

    def check(self, body: dict[str, Any]) -> None:
        self.read(body, SourceSettings())

    def read(self, body: dict[str, Any], settings: SourceSettings, partner: dict[str, Any] | None = None) -> Reading:
        severity = None if body.get("severity") is None else _severity(body["severity"])
        rule = _rule(body.get("rule"), severity)
        host = host_name(body.get("host"))
        service = text(body.get("service"), 120) or settings.default_service or settings.hosts.get(host, "")
        attributes = bounded(mapping(body.get("attributes")), "attributes", LARGEST_ATTRIBUTES)
        return Reading(
            (
                Finding(
                    kind="sensor",
                    at=iso_time(body.get("timestamp")),
                    service=service,
                    env=text(body.get("env"), 60) or settings.env,
                    host=host,
                    attackers=_addresses(body.get("attackers")),
                    victims=tuple(_texts(body.get("victims"), "victims", MOST_ENTITIES, 254)),
                    facts={"attributes": attributes},
                    rule=rule,
                    severity=rule.severity if severity is None else severity,
                    title=text(body.get("title"), 300) or rule.name,
                    message=str(body.get("message") or "")[:10_000],
                    tags=tuple(_texts(body.get("tags"), "tags", MOST_TAGS, 200)),
                    correlation_key=text(body.get("correlation_key"), 200),
                ),
            )
        )


def _rule(value: Any, of_item: int | None) -> RuleDraft:
    """A rule may be given by its bare name. One that says nothing of its severity has that of the item."""
    rule = {"name": value} if isinstance(value, str) else mapping(value)
    name = text(rule.get("name") or rule.get("key"), 200)
    key = _NOT_SLUG.sub("-", text(rule.get("key") or name, 120).lower()).strip("-")
    if not key:
        raise Unreadable("“rule” is missing: give its name, or an object with “key” and “name”.")
    severity = of_item if rule.get("severity") is None else _severity(rule["severity"])
    return RuleDraft(
        key=key,
        name=name,
        severity=SEVERITIES["low"] if severity is None else severity,
        tactic=text(rule.get("tactic"), 80),
        technique=text(rule.get("technique"), 120),
        type=text(rule.get("type"), 60),
        meaning=str(rule.get("meaning") or "")[:10_000],
        next_steps=str(rule.get("next_steps") or "")[:10_000],
        tags=tuple(_texts(rule.get("tags"), "rule.tags", MOST_TAGS, 200)),
    )


def _severity(value: Any) -> int:
    try:
        return SEVERITIES[str(value).lower()]
    except KeyError:
        raise Unreadable(f"“{text(value, 40)}” is no severity; give one of {', '.join(SEVERITIES)}.") from None


def _addresses(value: Any) -> tuple[str, ...]:
    found = []
    for item in _texts(value, "attackers", MOST_ENTITIES, 64):
        if not (spelled := address(item)):
            raise Unreadable(f"“{item}” in “attackers” is no IP address.")
        found.append(spelled)
    return tuple(dict.fromkeys(found))


def _texts(value: Any, name: str, most: int, limit: int) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"“{name}” is not a list.")
    if len(value) > most:
        raise Unreadable(f"“{name}” has more than {most} entries.")
    return list(dict.fromkeys(filter(None, (text(item, limit) for item in sequence(value)))))
