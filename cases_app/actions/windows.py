"""When nobody is told of what happens to cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.rules import change
from accounts_app.rules import locked as locked_row
from cases_app import limits
from cases_app.actions.changing import known
from cases_app.fields import CASES
from cases_app.models import MaintenanceWindow
from cases_app.models.managers import SETTINGS
from core_app.errors import Invalid, check_version
from core_app.ledger import record

FIELDS = frozenset({"name", "query", "start_at", "end_at"})
MAX_NAME = 200
MAX_QUERY = 4000
# The first and the last day of all time have no clock in some zones, and nobody means them.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@transaction.atomic
def create_maintenance_window(
    *, actor: Actor, name: str, query: str, start_at: datetime, end_at: datetime
) -> MaintenanceWindow:
    """Tell nobody of what happens to these cases in this time. Raises NotAllowed, Invalid, or QueryError."""
    require(actor, SETTINGS)
    row = MaintenanceWindow(created_by=actor.user, modified_by=actor.user)
    change(row, **_cleaned({"name": name, "query": query, "start_at": start_at, "end_at": end_at}))
    _runs_forward(row)
    row.save()
    record(actor, "cases.maintenance_window_created", row, **_told(row))
    return row


@transaction.atomic
def edit_maintenance_window(
    *, actor: Actor, window: MaintenanceWindow, seen_version: int | None = None, **fields: Any
) -> MaintenanceWindow:
    """Give it new values (of `FIELDS`). Raises NotAllowed, NotFound, StaleVersion, Invalid or QueryError."""
    require(actor, SETTINGS)
    known(fields, FIELDS)
    row = locked_row(MaintenanceWindow.objects.visible_to(actor), window.pk)
    check_version(row, seen_version)
    if changed := change(row, **_cleaned(fields)):
        _runs_forward(row)
        row.version += 1
        row.modified_by = actor.user
        row.save()
        told = {name: [_plain(one) for one in pair] for name, pair in changed.items()}
        record(actor, "cases.maintenance_window_edited", row, **told)
    return row


@transaction.atomic
def delete_maintenance_window(*, actor: Actor, window: MaintenanceWindow) -> None:
    """Tell of everything again. Raises NotAllowed or NotFound."""
    require(actor, SETTINGS)
    row = locked_row(MaintenanceWindow.objects.visible_to(actor), window.pk)
    record(actor, "cases.maintenance_window_deleted", row, **_told(row))
    row.delete()


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "name" in values:
        values["name"] = limits.line(values["name"], "name", MAX_NAME)
        if not values["name"]:
            raise Invalid("“name” must say something.", field="name")
    if "query" in values:
        values["query"] = limits.body(values["query"], "query", MAX_QUERY)
        if not values["query"].strip():
            raise Invalid("“query” says which cases; all of them are key:*.", field="query")
        CASES.parse(values["query"])
    for name in ("start_at", "end_at"):
        if name in values and not _can_be(values[name]):
            raise Invalid(f"“{name}” is a moment with its time zone, of the years from 1900.", field=name)
    return values


def _can_be(value: Any) -> bool:
    return isinstance(value, datetime) and timezone.is_aware(value) and EARLIEST <= value <= LATEST


def _runs_forward(row: MaintenanceWindow) -> None:
    if row.end_at <= row.start_at:
        raise Invalid("“end_at” must be after the beginning.", field="end_at")


def _told(row: MaintenanceWindow) -> dict[str, str]:
    return {name: _plain(getattr(row, name)) for name in ("name", "query", "start_at", "end_at")}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
