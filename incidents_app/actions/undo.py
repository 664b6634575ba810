"""Putting incidents back to what they were before a bulk change, as the ledger tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from core_app.errors import NotFound
from core_app.outcome import Outcome
from incidents_app.actions.incidents import edit_incidents
from incidents_app.models import Incident
from incidents_app.models.managers import WRITE

Done = Mapping[int, Mapping[str, Any]]
MOMENTS = ("stable_at", "resolved_at")


@transaction.atomic
def restore_incidents(
    *,
    actor: Actor,
    seen: Mapping[int, int | None],
    done: Mapping[int, Mapping[str, Any]],
    operation: UUID | None = None,
) -> Outcome[Incident]:
    """Give incidents the state (with its moments), severity or commander back that they had.

    `done` is, by key, the data of the entry that told of the change. Refuses as `edit_incidents` does.
    """
    require(actor, WRITE)
    outcome: Outcome[Incident] = Outcome()
    wanted = {pk: _before(data) for pk, data in done.items()}
    people = _people(wanted.values())
    for pk, version in sorted(seen.items()):
        fields = wanted[pk]
        if uuid := fields.get("commander"):
            if uuid not in people:
                outcome.refused[pk] = NotFound("Who commanded it is no longer here.")
                continue
            fields["commander"] = people[uuid]
        one = edit_incidents(actor=actor, seen={pk: version}, operation=operation, **fields)
        outcome.changed += one.changed
        outcome.unchanged += one.unchanged
        outcome.refused |= one.refused
    return outcome


def _before(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says that was so before; of a person the UUID."""
    pairs = {name: data[name] for name in ("state", "severity", "commander", *MOMENTS) if name in data}
    fields = {name: pair[0] for name, pair in pairs.items()}
    for name in MOMENTS:
        if fields.get(name):
            fields[name] = datetime.fromisoformat(fields[name])
    if fields.get("commander"):
        fields["commander"] = fields["commander"]["uuid"]
    return fields


def _people(wanted: Any) -> dict[str, User]:
    uuids = {fields["commander"] for fields in wanted if fields.get("commander")}
    return {str(user.uuid): user for user in User.objects.filter(uuid__in=uuids)}
