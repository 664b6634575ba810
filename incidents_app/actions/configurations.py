"""What one incident is left out of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, locked
from core_app.errors import Conflict, Invalid, check_version
from core_app.ledger import record
from incidents_app.models import Incident, IncidentConfiguration
from incidents_app.models.managers import WRITE

FIELDS = frozenset({"execute_integrations", "execute_notification_rules", "include_in_analytics", "include_in_search"})


@transaction.atomic
def configure_incident(*, actor: Actor, incident: Incident, **fields: bool) -> IncidentConfiguration:
    """Say what an incident is left out of (of FIELDS, True without a word).

    Raises NotAllowed, NotFound, Invalid, or Conflict where it is said already.
    """
    require(actor, WRITE)
    given = _cleaned(fields)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    if IncidentConfiguration.objects.filter(incident=row).exists():
        raise Conflict("The incident is configured already: change that.")
    made = IncidentConfiguration.objects.create(incident=row, created_by=actor.user, modified_by=actor.user, **given)
    record(actor, "incidents.configured", row, **{name: getattr(made, name) for name in sorted(FIELDS)})
    return made


@transaction.atomic
def edit_configuration(
    *, actor: Actor, configuration: IncidentConfiguration, seen_version: int | None = None, **fields: bool
) -> IncidentConfiguration:
    """Change what is given (of FIELDS). Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    given = _cleaned(fields)
    row = locked(IncidentConfiguration.objects.visible_to(actor).select_related("incident"), configuration.pk)
    check_version(row, seen_version)
    if changes := change(row, **given):
        row.version += 1
        row.modified_by = actor.user
        row.save()
        record(actor, "incidents.configured", row.incident, **changes)
    return row


def _cleaned(fields: Mapping[str, Any]) -> dict[str, bool]:
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid(f"“{name}” cannot be changed here.", field=name)
        if not isinstance(value, bool):
            raise Invalid(f"“{name}” is true or false.", field=name)
    return dict(fields)
