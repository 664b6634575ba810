"""Which rules meet what happened to an incident, whom they name, and what they say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from accounts_app.notifications import absolute
from core_app.models import Entry
from incidents_app.models import Incident, NotificationRule, NotificationTemplate

DECLARED = "incidents.declared"
CHANGED = {
    "incidents.state_changed": ("status", "state"),
    "incidents.severity_changed": ("severity",),
    "incidents.commander_changed": ("commander",),
    "incidents.edited": (),
}
VARIABLE = re.compile(r"\{\{\s*incident\.(\w+)\s*\}\}")


def rules_for(entry: Entry, incident: Incident) -> list[NotificationRule]:
    """The rules that are on, and meet this entry about this incident as it is now."""
    if incident.incidentconfigurations.filter(execute_notification_rules=False).exists():
        return []
    visibilities = [NotificationRule.Visibility.ALL]
    visibilities.append(
        NotificationRule.Visibility.PRIVATE if incident.is_private else NotificationRule.Visibility.ORGANIZATION
    )
    rules = NotificationRule.objects.filter(type=incident.type_id, enabled=True, visibility__in=visibilities)
    fields = values_of(incident)
    return [
        rule
        for rule in rules.select_related("template")
        if _is_triggered(rule, entry) and all(_is_met(one, fields) for one in rule.conditions)
    ]


def _is_triggered(rule: NotificationRule, entry: Entry) -> bool:
    trigger = NotificationRule.Trigger
    if entry.verb == DECLARED:
        return rule.trigger in (trigger.CREATED, trigger.SAVED)
    if rule.trigger in (trigger.MODIFIED, trigger.SAVED):
        return True
    before, after = entry.data.get("fields", ({}, {}))
    fields = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    changed = {*CHANGED[entry.verb], *entry.data, *fields}
    return bool(changed.intersection(rule.renotify_on))


def _is_met(condition: Mapping[str, Any], fields: Mapping[str, list[str]]) -> bool:
    return bool(set(fields.get(condition["field"], ())).intersection(condition["values"]))


def values_of(incident: Incident) -> dict[str, list[str]]:
    """What a condition may ask for, by name: an incident's own fields and those that the organisation adds."""
    found: dict[str, list[str]] = {}
    for name, field in incident.fields.items():
        value = field.get("value")
        found[name] = value if isinstance(value, list) else [str(value)] if value is not None else []
    own = {
        "severity": incident.severity,
        "state": incident.state,
        "status": incident.state,
        "detection_method": incident.detection_method,
        "customer_impacted": str(incident.customer_impacted).lower(),
        "is_test": str(incident.is_test).lower(),
        "visibility": "private" if incident.is_private else "organization",
    }
    return found | {name: [value] for name, value in own.items()}


def written(template: NotificationTemplate, incident: Incident, url: str) -> tuple[str, str]:
    """Subject and content of a message, with what the incident says by now in the place of variables."""
    values = {name: ", ".join(value) for name, value in values_of(incident).items()} | {
        "title": incident.title,
        "public_id": str(incident.public_id),
        "severity": incident.get_severity_display(),
        "commander": incident.commander.label if incident.commander else "nobody",
        "summary": incident.summary,
        "customer_impact": incident.customer_impact_scope,
        "url": absolute(url),
    }

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return VARIABLE.sub(value, template.subject), VARIABLE.sub(value, template.content)
