"""Rules and suppressions as resources of Datadog's provider for Terraform: text that can be kept beside other code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

RULE, SUPPRESSION = "datadog_security_monitoring_rule", "datadog_security_monitoring_suppression"
ONE_OF = {  # what is a list here and repeated blocks there, which are called by one of them
    "actions": "action",
    "rootQueries": "root_query",
    "steps": "step",
    "stepTransitions": "step_transition",
}
OPTIONS = {"keepAlive": None, "maxSignalDuration": None, "detectionMethod": "threshold", "evaluationWindow": None}
QUERY = {
    "query": None,
    "groupByFields": [],
    "hasOptionalGroupByFields": False,
    "distinctFields": [],
    "aggregation": "count",
    "name": "",
    "dataSource": "logs",
    "metrics": None,
    "indexes": None,
}
SIGNAL_QUERY = {
    "ruleId": None,
    "aggregation": "event_count",
    "name": "",
    "correlatedByFields": None,
    "correlatedQueryIndex": None,
}
CASE = {"name": "", "status": None, "notifications": [], "condition": None, "customStatus": None, "actions": None}
THIRD_PARTY_CASE = {"name": "", "status": None, "notifications": [], "query": None}
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def rule_resource(rule: Mapping[str, Any]) -> str:
    """A rule, flat as the wire has it, whether it is kept here or not."""
    queries = [(query, SIGNAL_QUERY if query.get("ruleId") else QUERY) for query in rule.get("queries") or ()]
    lines: list[tuple[str, Any]] = [("name", rule["name"]), ("enabled", rule["isEnabled"])]
    lines += [("signal_query" if names is SIGNAL_QUERY else "query", _block(query, names)) for query, names in queries]
    lines.append(("options", _block(rule.get("options") or {}, OPTIONS, more=True)))
    lines += [("case", _block(case, CASE)) for case in rule.get("cases") or ()]
    lines += [("third_party_case", _block(case, THIRD_PARTY_CASE)) for case in rule.get("thirdPartyCases") or ()]
    lines += [("filter", _block(one, {"action": None, "query": None})) for one in rule.get("filters") or ()]
    lines += [("reference_tables", _block(one, {}, more=True)) for one in rule.get("referenceTables") or ()]
    lines += [("calculated_field", _block(one, {}, more=True)) for one in rule.get("calculatedFields") or ()]
    if schedule := rule.get("schedulingOptions"):
        lines.append(("scheduling_options", _block(schedule, {}, more=True)))
    lines += [("message", rule["message"]), ("tags", list(rule.get("tags") or ()))]
    lines.append(("has_extended_title", bool(rule.get("hasExtendedTitle"))))
    if by := rule.get("groupSignalsBy"):
        lines.append(("group_signals_by", list(by)))
    lines.append(("type", rule.get("type") or "log_detection"))
    return _resource(RULE, rule["name"], lines)


def suppression_resource(attributes: Mapping[str, Any]) -> str:
    """A suppression by its attributes; moments are ISO 8601."""
    names = (
        "name",
        "description",
        "enabled",
        "rule_query",
        "suppression_query",
        "data_exclusion_query",
        "start_date",
        "expiration_date",
        "tags",
    )
    given = [(name, attributes[name]) for name in names if attributes.get(name) not in (None, "", [])]
    return _resource(SUPPRESSION, attributes["name"], given)


def label(name: str) -> str:
    """A name as Terraform and file systems let things be called."""
    word = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:100]
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"


def _resource(kind: str, name: str, lines: Iterable[tuple[str, Any]]) -> str:
    return f'resource "{kind}" "{label(name)}" {{\n{_lines(lines, 1)}}}\n'


def _block(found: Mapping[str, Any], names: Mapping[str, Any], *, more: bool = False) -> list[tuple[str, Any]]:
    """What is in a block: `names` in their order with what stands for what is missing, then the rest with `more`."""
    values = [(name, found.get(name, usual)) for name, usual in names.items()]
    if more:
        values += [(name, value) for name, value in found.items() if name not in names]
    told: list[tuple[str, Any]] = []
    for name, value in values:
        if isinstance(value, Mapping):
            told.append((_snake(name), _block(value, {}, more=True)))
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            inner = ONE_OF.get(name, _snake(name))
            told += [(inner, _block(one, {}, more=True)) for one in value if isinstance(one, Mapping)]
        elif value is not None and not (value == [] and name in names and names[name] is None):
            told.append((_snake(name), value))
    return told


def _lines(lines: Iterable[tuple[str, Any]], depth: int) -> str:
    """Lines of a block. A value that is a list of pairs is a block itself."""
    told, indent = [], "\t" * depth
    for name, value in lines:
        if isinstance(value, list) and (name in BLOCKS or any(isinstance(one, tuple) for one in value)):
            told.append(f"{indent}{name} {{\n{_lines(value, depth + 1)}{indent}}}\n")
        else:
            told.append(f"{indent}{name} = {_value(value)}\n")
    return "".join(told)


BLOCKS = {"options"}  # which is there also with nothing in it


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value) if isinstance(value, int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A text in which nothing is a template or the end of it."""
    escaped = "".join(ESCAPES.get(letter, letter) for letter in text)
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


def _snake(name: str) -> str:
    """`keepAlive` as `keep_alive`."""
    return re.sub(r"[^a-z0-9_]", "_", re.sub(r"(?<!^)(?<![A-Z])([A-Z])", r"_\1", name).lower())
