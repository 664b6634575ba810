"""What a suppression is about: queries over rules, and over detections before any signal is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts_app.access import system
from core_app.errors import Invalid
from search_app.fields import Column, Field, FieldTable
from search_app.kinds import Keyword, Mitre, Uuid
from search_app.language import QueryError, parse
from search_app.to_match import matches
from signals_app.fields import SEVERITY, SIGNALS
from signals_app.models import DetectionRule, Severity, Suppression

READER = system("suppressions")
TEXT = Keyword()
MITRE = Mitre()
TYPES = {  # of rules, as Datadog's API spells what the product shows in words
    "Application Security": "application_security",
    "API Security": "api_security",
    "Log Detection": "log_detection",
    "Workload Security": "workload_security",
    "Workload Activity": "workload_activity",
    "Cloud Configuration": "cloud_configuration",
    "Infrastructure Configuration": "infrastructure_configuration",
    "Signal Correlation": "signal_correlation",
}
USUAL_TYPE = "log_detection"  # what the API calls rules of a type that it has no word for

RULE_FIELDS = FieldTable(
    Field("name", "Name", (Column("name", TEXT),), aliases=("rule", "@workflow.rule.name", "ruleName")),
    Field(
        "id",
        "Id",
        (Column("key", TEXT), Column("uuid", Uuid())),
        aliases=("ruleId", "rule_id", "@workflow.rule.id"),
    ),
    Field("type", "Type", (Column("type", TEXT),), aliases=("@workflow.rule.type",)),
    Field("severity", "Default severity", (Column("severity", SEVERITY),), aliases=("status",)),
    Field("tactic", "Tactic", (Column("tactic", MITRE),)),
    Field("technique", "Technique", (Column("technique", MITRE),)),
    Field("tags", "Tags", (Column("tags", TEXT),), aliases=("tag",)),
    text="text",
    attributes="attributes",
    tags="tags",
)


SUPPRESSION_FIELDS = FieldTable(
    Field("id", "Id", (Column("uuid", Uuid()),), aliases=("suppression_id",)),
    Field("name", "Name", (Column("name", TEXT),)),
    Field("enabled", "Enabled", (Column("is_enabled", TEXT),)),
    Field("tags", "Tags", (Column("tags", TEXT),), aliases=("tag",)),
    text="text",
    attributes="attributes",
    tags="tags",
)


def slug_of(rule: DetectionRule) -> str:
    """A rule's type in the API's words."""
    return TYPES.get(rule.type, USUAL_TYPE)


def rule_facts(rule: DetectionRule) -> dict[str, Any]:
    """A rule as the plain dict that a rule query reads."""
    return {
        "name": rule.name,
        "id": [rule.key, rule.uuid],
        "type": [rule.type, TYPES.get(rule.type, "")],
        "severity": Severity(rule.severity).slug,
        "tactic": rule.tactic,
        "technique": rule.technique,
        "tags": rule.tags,
        "text": rule.name.casefold(),
        "attributes": {},
    }


def suppression_facts(row: Suppression) -> dict[str, Any]:
    """A suppression as the plain dict that words about suppressions read."""
    texts = (row.name, row.description, row.rule_query, row.query, row.exclusion_query)
    return {
        "id": row.uuid,
        "name": row.name,
        "enabled": str(row.is_enabled).lower(),
        "tags": row.tags,
        "text": "\n".join(texts).casefold(),
        "attributes": {},
    }


def meets_suppression(query: str, facts: Mapping[str, Any]) -> bool:
    """Whether a suppression's facts meet words about suppressions; none are met by all. Raises QueryError."""
    return matches(SUPPRESSION_FIELDS.canonical(parse(query)), SUPPRESSION_FIELDS, facts, READER)


def selects(rule_query: str, rule: DetectionRule) -> bool:
    """Whether the rules of this query hold this rule; an empty one holds all. Raises QueryError."""
    return meets_rule(rule_query, rule_facts(rule))


def meets_rule(rule_query: str, facts: Mapping[str, Any]) -> bool:
    """The same of a rule's facts."""
    return matches(RULE_FIELDS.canonical(parse(rule_query)), RULE_FIELDS, facts, READER)


def meets(query: str, facts: Mapping[str, Any]) -> bool:
    """Whether a detection's facts meet this query of the explorer. Raises QueryError."""
    return matches(SIGNALS.parse(query), SIGNALS.table, facts, READER)


PLACES = {"ddsource": "source", "hostname": "host", "service": "service", "message": "message"}
PARTS = frozenset({*PLACES, "ddtags"})
ENTITIES = ("@network.client.ip", "@network.client.geoip.country.iso_code", "@usr.id")  # fields here, attributes there


def event_facts(payload: Mapping[str, Any]) -> dict[str, Any]:
    """An event as the original's sensors send it, as the plain dict that `meets` reads."""
    tags = [tag.strip() for tag in str(payload.get("ddtags") or "").split(",") if tag.strip()]
    named = dict(tag.split(":", 1) for tag in tags if ":" in tag)
    facts = {ours: str(payload[theirs]) for theirs, ours in PLACES.items() if payload.get(theirs) is not None}
    facts["env"] = named.get("env")
    facts["tags"] = tags
    facts["search_text"] = facts.get("message", "").casefold()
    facts["attributes"] = {name: value for name, value in payload.items() if name not in PARTS}
    facts |= {name: _at(payload, name.removeprefix("@")) for name in ENTITIES}
    return facts


def _at(found: Any, path: str) -> str | None:
    """The text at a path of a plain dict."""
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None


def check_queries(*, rule_query: str, query: str, exclusion_query: str) -> None:
    """Raises Invalid, naming the field, for a query that cannot be read or asked."""
    check_rule_query(rule_query, "rule_query")
    check_query(query, "query")
    check_query(exclusion_query, "exclusion_query")


def check_rule_query(text: str, field: str) -> None:
    """Raises Invalid for words about rules that cannot be read or asked."""
    _check(meets_rule, text, field)


def check_query(text: str, field: str) -> None:
    """Raises Invalid for words about detections that cannot be read or asked."""
    _check(meets, text, field)


def _check(meeting: Callable[[str, Mapping[str, Any]], bool], text: str, field: str) -> None:
    try:
        meeting(text, {})
    except QueryError as problem:
        raise Invalid(problem.message, field=field) from problem
