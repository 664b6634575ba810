"""Where else an incident is worked on. Such a place is kept and shown; nothing is sent to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.actions.work import is_url
from incidents_app.models import Incident, Integration
from incidents_app.models.managers import WRITE

MOST_PLACES = 50  # of one integration
MOST_INTEGRATIONS = 100  # of one incident
HIGHEST = 100  # number of a kind
STATUSES = range(6)  # unknown, pending, complete, manually created, manually updated, failed; Source: Datadog's API
KEYS = {
    "channels": ("channel_id", "channel_name", "redirect_url", "team_id"),
    "teams": ("ms_channel_id", "ms_channel_name", "ms_tenant_id", "redirect_url"),
    "issues": ("account", "issue_key", "issuetype_id", "project_key", "redirect_url"),
}


@transaction.atomic
def add_integration(
    *, actor: Actor, incident: Incident, kind: int, metadata: Mapping[str, Any], status: int = 3
) -> Integration:
    """Keep a channel or ticket of the incident. Raises NotAllowed, NotFound or Invalid."""
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    if Integration.objects.filter(incident=row).count() >= MOST_INTEGRATIONS:
        raise Invalid(f"An incident may have at most {MOST_INTEGRATIONS} integrations.")
    given = _cleaned({"kind": kind, "metadata": metadata, "status": status})
    made = Integration.objects.create(incident=row, created_by=actor.user, **given)
    record(actor, "incidents.integration_added", row, integration=str(made.uuid), title=str(made))
    return made


@transaction.atomic
def edit_integration(
    *, actor: Actor, integration: Integration, seen_version: int | None = None, **fields: Any
) -> Integration:
    """Change `kind`, `status` or `metadata`. Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    row = locked(Integration.objects.visible_to(actor).select_related("incident"), integration.pk)
    check_version(row, seen_version)
    if changes := change(row, **_cleaned(fields)):
        row.version += 1
        row.save()
        record(
            actor,
            "incidents.integration_edited",
            row.incident,
            integration=str(row.uuid),
            of=str(row),
            fields=sorted(changes),
        )
    return row


@transaction.atomic
def delete_integration(*, actor: Actor, integration: Integration, seen_version: int | None = None) -> None:
    """Forget the channel or ticket; what is there stays there. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, WRITE)
    row = locked(Integration.objects.visible_to(actor).select_related("incident"), integration.pk)
    check_version(row, seen_version)
    record(actor, "incidents.integration_deleted", row.incident, integration=str(row.uuid), title=str(row))
    row.delete()


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    if "kind" in kept and not (isinstance(kept["kind"], int) and 1 <= kept["kind"] <= HIGHEST):
        raise Invalid(f"A kind of integration is a number from 1 to {HIGHEST}.", field="integration_type")
    if "status" in kept and kept["status"] not in STATUSES:
        raise Invalid(f"A status of an integration is a number up to {STATUSES[-1]}.", field="status")
    if "metadata" in kept:
        kept["metadata"] = _metadata(kept["metadata"])
    return kept


def _metadata(given: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    known = [name for name in KEYS if name in given] if isinstance(given, Mapping) else []
    if len(known) != 1:
        raise Invalid("“metadata” has one list of channels, teams or issues.", field="metadata")
    (name,) = known
    items = given[name]
    if not isinstance(items, list) or len(items) > MOST_PLACES:
        raise Invalid(f"“{name}” is a list of at most {MOST_PLACES}.", field="metadata")
    return {name: [_place(item, KEYS[name]) for item in items]}


def _place(item: Any, keys: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(item, Mapping):
        raise Invalid("What an integration lists are objects.", field="metadata")
    kept = {
        key: checking.text(item[key], key, checking.MAX_URL) for key in keys if key in item and item[key] is not None
    }
    if url := kept.get("redirect_url"):
        try:
            is_url(url)
        except ValidationError as problem:
            raise Invalid(
                "A redirect_url begins with https:// or http:// and names a host.", field="metadata"
            ) from problem
    return kept
