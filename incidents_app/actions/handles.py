"""Handles that declare incidents, and what is settled for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import change, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import history, record
from incidents_app.actions import checking
from incidents_app.models import GlobalSettings, Incident, IncidentHandle, IncidentType, Severity
from incidents_app.models.managers import SETTINGS, WRITE

NAME = re.compile(r"@[\w.\-]{1,99}")
FIELDS = frozenset({"name", "severities", "commander", "type"})
MOST = 100  # handles that are told of one incident at once


@transaction.atomic
def create_incident_handle(
    *,
    actor: Actor,
    type: IncidentType,
    name: str,
    severities: Iterable[str] = (),
    commander: User | None = None,
) -> IncidentHandle:
    """Make a word that stands for how an incident is declared. Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    _one_after_another()
    kind = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = _cleaned({"name": name, "severities": severities, "commander": commander}, None)
    row = IncidentHandle.objects.create(type=kind, created_by=actor.user, modified_by=actor.user, **given)
    record(actor, "incidents.handle_created", row, name=row.name, severities=row.severities)
    return row


@transaction.atomic
def edit_incident_handle(
    *, actor: Actor, handle: IncidentHandle, seen_version: int | None = None, **fields: Any
) -> IncidentHandle:
    """Change what is given (of FIELDS). Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, SETTINGS)
    for name in fields.keys() - FIELDS:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)
    _one_after_another()
    row = _locked(actor, handle, seen_version)
    if changes := change(row, **_cleaned(fields, row)):
        row.version += 1
        row.modified_by = actor.user
        row.save()
        told = {name: [checking.plain(one) for one in pair] for name, pair in changes.items()}
        record(actor, "incidents.handle_edited", row, **told)
    return row


@transaction.atomic
def delete_incident_handle(*, actor: Actor, handle: IncidentHandle, seen_version: int | None = None) -> None:
    """Let the word stand for nothing. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = _locked(actor, handle, seen_version)
    record(actor, "incidents.handle_deleted", row, name=row.name)
    row.delete()


def _one_after_another() -> None:
    """Names are the organisation's, of whatever type: nobody takes one in between."""
    IncidentType.objects.select_for_update().get(is_default=True)


def _locked(actor: Actor, handle: IncidentHandle, seen_version: int | None) -> IncidentHandle:
    row = locked(IncidentHandle.objects.visible_to(actor).select_related("type"), handle.pk)
    check_version(row, seen_version)
    return row


def _cleaned(given: Mapping[str, Any], row: IncidentHandle | None) -> dict[str, Any]:
    kept = dict(given)
    if "name" in kept:
        kept["name"] = checking.text(kept["name"], "name", 100, required=True).casefold()
        if not NAME.fullmatch(kept["name"]):
            raise Invalid("A “name” is @ and letters, digits, dots and dashes.", field="name")
        others = IncidentHandle.objects.filter(name=kept["name"]).exclude(pk=row.pk if row else None)
        if others.exists():
            raise Invalid(f"There is a handle with the “name” {kept['name']} already.", field="name")
    if "severities" in kept:
        found = dict.fromkeys(checking.choice(one, Severity, "severity") for one in kept["severities"])
        kept["severities"] = list(found)
    if "commander" in kept and (row is None or row.commander != kept["commander"]):
        kept["commander"] = checking.person(kept["commander"], "commander")
    return kept


def preset(handles: Iterable[str], **given: Any) -> dict[str, Any]:
    """Severity, type and commander of an incident that is declared by these handles, where nobody has given them."""
    names = [handle.casefold() for handle in handles]
    found = {row.name: row for row in IncidentHandle.objects.filter(name__in=names).select_related("type", "commander")}
    for row in (found[name] for name in names if name in found):
        if given["severity"] == Severity.UNKNOWN and row.severities:
            given["severity"] = row.severities[0]
        given["type"] = given["type"] or row.type
        given["commander"] = given["commander"] or (
            row.commander if row.commander and row.commander.is_active else None
        )
    return given


def kept_handles(handles: Iterable[Any]) -> list[str]:
    """Handles as they are kept. Raises Invalid."""
    found = list(dict.fromkeys(checking.text(one, "notification_handles", 300, required=True) for one in handles))
    if len(found) > MOST:
        raise Invalid(f"At most {MOST} of “notification_handles”.", field="notification_handles")
    return found


def told_by(handles: list[str]) -> dict[str, list[str]]:
    """Handles for the ledger, with those of them that stand for how an incident is declared and for no person."""
    own = set(IncidentHandle.objects.filter(name__in=map(str.casefold, handles)).values_list("name", flat=True))
    return {"handles": handles, "presets": [handle for handle in handles if handle.casefold() in own]}


@transaction.atomic
def tell_of_incident(*, actor: Actor, incident: Incident, handles: Iterable[str]) -> None:
    """Have people and teams told of an incident: by their handles, as in a notification rule.

    Each handle once: a program that edits an incident sends all of them again, changed or not.
    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    told = _told_already(row)
    if new := [handle for handle in kept_handles(handles) if handle.casefold() not in told]:
        record(actor, "incidents.told", row, **told_by(new))


def _told_already(incident: Incident) -> set[str]:
    """The handles that were told of an incident, by its declaration or since; of any case, as they name people."""
    entries = history(incident).filter(verb="incidents.told").values_list("data", flat=True)
    return {handle.casefold() for data in entries for handle in data["handles"]}


@transaction.atomic
def edit_global_settings(
    *, actor: Actor, analytics_dashboard_id: str, seen_version: int | None = None
) -> GlobalSettings:
    """Settle what holds for all incidents. Raises NotAllowed, StaleVersion or Invalid."""
    require(actor, SETTINGS)
    named = checking.text(analytics_dashboard_id, "analytics_dashboard_id", 200)
    row, _ = GlobalSettings.objects.select_for_update().get_or_create(is_only=True)
    check_version(row, seen_version)
    if changes := change(row, analytics_dashboard_id=named):
        row.version += 1
        row.save()
        record(actor, "incidents.settings_edited", row, **changes)
    return row
