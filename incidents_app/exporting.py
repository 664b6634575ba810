"""Incidents as the rows of a file: the cells of CSV by column, and all that is known of one as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from accounts_app.access import Actor
from accounts_app.models import User
from incidents_app.explorer import EXPLORER
from incidents_app.models import Incident
from incidents_app.queries.postmortem import span
from incidents_app.queries.rows import incident_rows, lasted, property_text
from search_app.explorer import Column
from search_app.explorer.export import moment

BETWEEN = "; "

CELLS: dict[str, Callable[[Incident], str]] = {
    "number": lambda incident: str(incident.public_id),
    "severity": lambda incident: incident.severity,
    "title": lambda incident: incident.title,
    "incident_state": lambda incident: incident.get_state_display(),
    "commander": lambda incident: incident.commander.label if incident.commander else "",
    "duration": lambda incident: span(lasted(incident)),
    "signals": lambda incident: str(incident.signals_total),
    "time": lambda incident: moment(incident.declared_at),
    "responders": lambda incident: BETWEEN.join(user.label for user in incident.responders.all()),
    "method": lambda incident: incident.detection_method,
    "kind": lambda incident: incident.type.name,
    "changed": lambda incident: moment(incident.modified_at),
    "tags": lambda incident: BETWEEN.join(tag.text for tag in incident.tags.all()),
}


def heads(columns: Sequence[Column]) -> list[str]:
    """The heads of the file's columns for those of the list."""
    return [column.label for column in columns]


def csv_rows(actor: Actor, columns: Sequence[Column], pks: Sequence[int]) -> Iterator[list[str]]:
    """The cells of these incidents, as far as the actor may see them."""
    names = [column.name for column in columns]
    for incident in incident_rows(actor, pks, names):
        yield [CELLS[name](incident) if name in CELLS else property_text(incident, name) for name in names]


def json_rows(actor: Actor, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What is known of these incidents, as far as the actor may see them; without what is on their timelines."""
    columns = [column.name for column in EXPLORER.columns]
    for incident in incident_rows(actor, pks, columns, whole=True):
        yield {
            "id": incident.public_id,
            "uuid": str(incident.uuid),
            "title": incident.title,
            "severity": incident.severity,
            "state": incident.state,
            "type": incident.type.name,
            "commander": _email(incident.commander),
            "responders": [user.email for user in incident.responders.all()],
            "customer_impacted": incident.customer_impacted,
            "customer_impact_scope": incident.customer_impact_scope,
            "summary": incident.summary,
            "root_cause": incident.root_cause,
            "detection_method": incident.detection_method,
            "fields": incident.fields,
            "tags": [tag.text for tag in incident.tags.all()],
            "signals_total": incident.signals_total,
            "private": incident.is_private,
            "test": incident.is_test,
            "declared": moment(incident.declared_at),
            "detected": moment(incident.detected_at),
            "stable": _moment(incident.stable_at),
            "resolved": _moment(incident.resolved_at),
            "changed": moment(incident.modified_at),
            "version": incident.version,
        }


def _email(user: User | None) -> str | None:
    return user.email if user else None


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
