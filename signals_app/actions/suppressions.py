"""Suppressions: made, edited, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from core_app.errors import Conflict, NotFound, check_version
from core_app.ledger import record
from core_app.outcome import Outcome
from signals_app.actions.catalogue import check, edit_rows, known
from signals_app.models import Suppression
from signals_app.suppressing import check_queries

SUPPRESSIONS_WRITE = "security_monitoring_suppressions_write"
SUPPRESSION_FIELDS = frozenset(
    {
        "name",
        "description",
        "is_enabled",
        "rule_query",
        "query",
        "exclusion_query",
        "starts_at",
        "expires_at",
        "tags",
    }
)
QUERIES = ("rule_query", "query", "exclusion_query")
SAME = ("name", *QUERIES, "starts_at", "expires_at")


@transaction.atomic
def create_suppression(*, actor: Actor, name: str, **fields: Any) -> Suppression:
    """Suppress what matches, from now on (fields of `SUPPRESSION_FIELDS`).

    Raises NotAllowed, Invalid, or Conflict for one that there is already: another would suppress nothing more.
    """
    require(actor, SUPPRESSIONS_WRITE)
    row = Suppression(
        created_by=actor.user, modified_by=actor.user, **known({"name": name, **fields}, SUPPRESSION_FIELDS)
    )
    check_suppression(row)
    if Suppression.objects.visible_to(actor).filter(**{field: getattr(row, field) for field in SAME}).exists():
        raise Conflict(f"There is a suppression “{name}” of the same queries and time already.")
    row.save()
    record(actor, "signals.suppression_created", row, name=name, **{field: getattr(row, field) for field in QUERIES})
    return row


def check_suppression(row: Suppression) -> None:
    """Raises Invalid for one that cannot be meant."""
    check_queries(**{field: getattr(row, field) for field in QUERIES})
    check(row)


@transaction.atomic
def edit_suppressions(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[Suppression]:
    """Give suppressions new values; `seen` maps each one's pk to the version looked at.

    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, SUPPRESSIONS_WRITE)
    fields = known(fields, SUPPRESSION_FIELDS)
    check_queries(**{field: fields.get(field, "") for field in QUERIES})
    rows = Suppression.objects.visible_to(actor)
    outcome = edit_rows(actor, "signals.suppression_edited", rows, seen, fields)
    changed = [row.pk for row in outcome.changed]
    Suppression.objects.filter(pk__in=changed).update(modified_by=actor.user)
    return outcome


@transaction.atomic
def delete_suppression(*, actor: Actor, suppression: Suppression, seen_version: int | None = None) -> None:
    """End a suppression for good; what it has kept stays as it is. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SUPPRESSIONS_WRITE)
    row = Suppression.objects.visible_to(actor).filter(pk=suppression.pk).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("It is not there, or it is not yours to see.")
    check_version(row, seen_version)
    record(actor, "signals.suppression_deleted", row, name=row.name, count=row.count)
    row.delete()
