"""Kinds of incidents."""

from __future__ import annotations

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, check, locked
from core_app.errors import Conflict
from core_app.ledger import record
from incidents_app.actions.checking import MAX_SHORT, text
from incidents_app.models import Incident, IncidentType
from incidents_app.models.managers import SETTINGS


@transaction.atomic
def create_incident_type(*, actor: Actor, name: str, description: str = "") -> IncidentType:
    """Make a kind of incident. Raises NotAllowed or Invalid."""
    require(actor, SETTINGS)
    kind = IncidentType(name=_name(name), description=text(description, "description", MAX_SHORT))
    check(kind)
    kind.save()
    record(actor, "incidents.type_created", kind, name=kind.name)
    return kind


@transaction.atomic
def edit_incident_type(
    *, actor: Actor, type: IncidentType, name: str | None = None, description: str | None = None
) -> IncidentType:
    """Change what is given. Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    row = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = {} if name is None else {"name": _name(name)}
    if description is not None:
        given["description"] = text(description, "description", MAX_SHORT)
    changes = change(row, **given)
    if changes:
        check(row)
        row.save()
        record(actor, "incidents.type_edited", row, **changes)
    return row


@transaction.atomic
def delete_incident_type(*, actor: Actor, type: IncidentType) -> None:
    """Take a kind away. Raises NotAllowed, NotFound, or Conflict for the default and for one that incidents have."""
    require(actor, SETTINGS)
    row = locked(IncidentType.objects.visible_to(actor), type.pk)
    if row.is_default:
        raise Conflict("The default type stays: every incident has one.")
    if Incident.objects.filter(type=row).exists():
        raise Conflict("There are incidents of this type, also deleted ones count: it stays.")
    record(actor, "incidents.type_deleted", row, name=row.name)
    row.delete()


def _name(name: str) -> str:
    return text(name, "name", 120, required=True)
