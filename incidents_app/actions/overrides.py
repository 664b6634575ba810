"""Setting right when an incident was detected, declared or resolved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import locked
from core_app.errors import Conflict, Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.models import Incident, State, TimestampOverride
from incidents_app.models.managers import WRITE


@transaction.atomic
def override_timestamp(*, actor: Actor, incident: Incident, kind: str, value: datetime) -> TimestampOverride:
    """Let another moment count than the one that was noted.

    Raises NotAllowed, NotFound, Conflict where one is overridden already, or Invalid.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    kind = checking.choice(kind, TimestampOverride.Kind, "timestamp_type")
    if TimestampOverride.objects.filter(incident=row, kind=kind).exists():
        raise Conflict(f"When it was {kind} is overridden already: change that one.", field="timestamp_type")
    before = getattr(row, f"{kind}_at")
    if before is None:
        raise Invalid(f"The incident is not {kind}: there is no moment to override.", field="timestamp_type")
    made = TimestampOverride(
        incident=row, kind=kind, before=before, created_by=actor.user, modified_by=actor.user, value=value
    )
    _move(actor, row, made, value, "incidents.timestamp_overridden")
    made.save()
    return made


@transaction.atomic
def edit_override(
    *, actor: Actor, override: TimestampOverride, value: datetime, seen_version: int | None = None
) -> TimestampOverride:
    """Let yet another moment count. Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    incident = locked(Incident.objects.visible_to(actor), override.incident_id)
    row = locked(TimestampOverride.objects.visible_to(actor), override.pk)
    check_version(row, seen_version)
    if value != row.value:
        _move(actor, incident, row, value, "incidents.timestamp_overridden")
        row.value, row.modified_by = value, actor.user
        row.version += 1
        row.save()
    return row


@transaction.atomic
def delete_override(*, actor: Actor, override: TimestampOverride, seen_version: int | None = None) -> None:
    """Let the moment count again that was noted first. Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    incident = locked(Incident.objects.visible_to(actor), override.incident_id)
    row = locked(TimestampOverride.objects.visible_to(actor), override.pk)
    check_version(row, seen_version)
    _move(actor, incident, row, row.before, "incidents.timestamp_restored")
    row.delete()


def _move(actor: Actor, incident: Incident, override: TimestampOverride, value: datetime, verb: str) -> None:
    """Set the incident's own moment, and record it. Raises Invalid for one to come, or in the wrong order."""
    column, stable = override.column, incident.stable_at
    moments = {column: checking.past(value, "timestamp_value")}
    changes = {column: [checking.plain(getattr(incident, column)), checking.plain(value)]}
    setattr(incident, column, value)
    if override.stable_before and stable == override.value:  # it was moved with the moment before this one
        incident.stable_at, override.stable_before = override.stable_before, None
    if column == "resolved_at" and incident.state == State.RESOLVED and incident.stable_at > value:
        # What is over is stable: that moment was noted with the other, or after it.
        override.stable_before, incident.stable_at = override.stable_before or incident.stable_at, value
    if incident.stable_at != stable:
        changes["stable_at"] = [checking.plain(stable), checking.plain(incident.stable_at)]
    checking.keep_time(incident, moments)
    incident.version += 1
    incident.modified_by = actor.user
    incident.save()
    record(actor, verb, incident, **changes, version=incident.version)


def forget_overrides(incident: Incident, columns: set[str]) -> None:
    """Whoever sets a moment by itself has the last word on it: an earlier correction is none any more."""
    kinds = [kind for kind in TimestampOverride.Kind.values if f"{kind}_at" in columns]
    if kinds:
        TimestampOverride.objects.filter(incident=incident, kind__in=kinds).delete()
