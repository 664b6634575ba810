"""Rows that one operation gave to people: whom to tell of how many, and how the list of them is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Cast

from accounts_app.models import User
from core_app.ledger import target_type, visible_entries
from core_app.models import Entry
from search_app.explorer import Address
from search_app.explorer.spans import LONGEST
from search_app.fields import Column, Field, Many
from search_app.kinds import Uuid
from search_app.models import BulkOperation

FIELD = "operation"


def is_of_operation(entry: Entry) -> bool:
    """Whether a bulk operation did this, so that people hear of all of it together."""
    return entry.operation is not None and BulkOperation.objects.filter(uuid=entry.operation).exists()


def given_together(finished: Entry, *, surface: str, verb: str, field: str) -> Iterator[tuple[User, list[int]]]:
    """Of a `bulk.finished` on this surface: each person whom it gave rows, with the rows' keys, the first given first.

    `verb` is that of the entries, whose `field` has the person before and after. Not among them are those who can no
    longer log in, and whoever began it.
    """
    if not BulkOperation.objects.filter(pk=finished.target_id, surface=surface).exists():
        return
    keys: dict[str, list[int]] = defaultdict(list)
    entries = Entry.objects.filter(operation=finished.operation, verb=verb).order_by("pk")
    for key, data in entries.values_list("target_id", "data").iterator():
        if person := data[field][1]:
            keys[person["uuid"]].append(int(key))
    for user in User.objects.filter(uuid__in=keys, is_active=True).exclude(pk=finished.actor_id or 0):
        yield user, keys[str(user.uuid)]


def operation_field(model: type[models.Model], group: str) -> Field:
    """The field by which a surface finds the rows that an operation changed."""

    def changed(actor: Any) -> models.QuerySet[Entry]:
        told = visible_entries(actor).filter(target_type=target_type(model), operation__isnull=False)
        return told.annotate(row=Cast("target_id", models.BigIntegerField()))

    return Field(
        FIELD,
        "Bulk operation",
        (Column("operation", Uuid()),),
        group=group,
        many=Many(changed, link="row", is_sparse=True),
        help="What a bulk operation changed, by the operation's UUID: where a notification leads.",
    )


def where(operation: UUID | None, query: str) -> str:
    """The end of the address that lists them: what the operation changed and still meets the query."""
    return str(Address(query=f"{FIELD}:{operation} {query}", range=f"{LONGEST.days}d"))
