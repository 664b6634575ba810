"""Which rules meet what happened to an incident, whom they name, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from accounts_app.notifications import absolute
from core_app.models import Entry
from incidents_app.models import Incident, IncidentType, NotificationRule, NotificationTemplate, Severity, State

DECLARED = "incidents.declared"
CHANGED = {
    "incidents.state_changed": ("status", "state"),
    "incidents.severity_changed": ("severity",),
    "incidents.commander_changed": ("commander",),
    "incidents.edited": (),
}
VARIABLE = re.compile(r"\{\{\s*incident\.(\w+)\s*\}\}")
MARKED = re.compile(r"\{\{.*?\}\}")  # whatever somebody may have meant as one
SAID = ("title", "public_id", "severity", "commander", "summary", "customer_impact", "url")  # in words
ASKED = {  # a field that a condition may ask for → what it can be; None: any text
    "severity": Severity.values,
    "state": State.values,
    "status": State.values,
    "detection_method": None,
    "customer_impacted": ["true", "false"],
    "is_test": ["true", "false"],
    "visibility": ["private", "organization"],
}


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


def variables_of(kind: IncidentType) -> list[str]:
    """The names that a template of this type of incidents may use. Programs may say more of an incident than these."""
    declared = kind.userdefinedfields.values_list("name", flat=True)
    return sorted({*SAID, *ASKED, *(name for name in declared if re.fullmatch(r"\w+", name))})


def unknown_variables(text: str, known: Iterable[str]) -> list[str]:
    """What is marked as a variable and will be mailed as it stands, unless a program says a field of that name."""
    names, found = set(known), []
    for marked in MARKED.findall(text):
        match = VARIABLE.fullmatch(marked)
        if match is None or match[1] not in names:
            found.append(marked)
    return list(dict.fromkeys(found))
