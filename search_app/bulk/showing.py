"""What pages show of bulk actions: the menu, the operations that run or can still be undone, their reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db import connection, models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts_app.access import Actor
from accounts_app.permissions import LABELS
from core_app.prepared import Prepared, Slot, columns_of, time_slot
from search_app.bulk.frozen import Frozen
from search_app.bulk.operations import MOST_ROWS
from search_app.bulk.registry import BulkAction, BulkLink, Entry, bulk_action, entries_of
from search_app.explorer.spec import Explorer
from search_app.models import BulkOperation
from search_app.models.bulk import UNDO_FOR
from search_app.surfaces import Surface

SHOWN = 20  # operations on a page
NAMED = 20  # rows that a report names for each reason
MOST_LEFT = 5_000  # rows whose versions a page is told
HEAVY = ("keys", "versions", "results")  # packed rows: a page shows their numbers only


@dataclass(frozen=True)
class MenuLine:
    """One entry of the menu. `why_not` is empty where the person may."""

    entry: Entry
    why_not: str


def menu(explorer: Explorer, actor: Actor) -> dict[str, Any]:
    """The *Bulk Actions* menu of an explorer's table, and the operations beside it."""
    lines = [MenuLine(entry, why_not(actor, entry.permission)) for entry in entries_of(explorer.surface.name)]
    lines.sort(key=lambda line: line.why_not)  # what the person may do comes first; each reason is said once
    return {"bulk_menu": lines, "most_rows": MOST_ROWS, **strip(shown_to(actor, explorer.surface.name))}


def alone(surface: str, actor: Actor) -> list[MenuLine]:
    """What can be done to a single row on its own page, by the entries of the menu that have words for that."""
    lines = (entry for entry in entries_of(surface) if isinstance(entry, BulkLink) and entry.alone)
    return [MenuLine(entry, why_not(actor, entry.permission)) for entry in lines]


def why_not(actor: Actor, permission: str) -> str:
    """Why the actor may not; an empty string if they may."""
    return "" if actor.can(permission) else f"That needs the permission “{LABELS[permission]}” ({permission})."


@dataclass(frozen=True)
class Shown:
    """The person's own operations that run, or have ended so lately that they can be undone; at most SHOWN are listed.

    `beyond` is how many more there are.
    """

    listed: list[BulkOperation]
    beyond: int = 0


_COLUMNS = [column for column in columns_of(BulkOperation) if column not in HEAVY]
_TO_SHOW = Prepared(
    lambda: (
        BulkOperation.objects.filter(user=Slot("user"), surface=Slot("surface"))
        .to_show(time_slot("since"))
        .values_list(*_COLUMNS, Exists(BulkOperation.objects.filter(undo_of=OuterRef("pk"))))[: SHOWN + 1]
    )
)


def shown_to(actor: Actor, surface: str) -> Shown:
    """The person's own operations that run, or can be undone still, the newest first."""
    user = actor.user.pk if actor.user else None
    listed = []
    for *columns, is_undone in _TO_SHOW.rows(user=user, surface=surface, since=timezone.now() - UNDO_FOR):
        listed.append(operation := BulkOperation.from_db(connection.alias, _COLUMNS, columns))
        operation.is_undone = is_undone
    if len(listed) <= SHOWN:
        return Shown(listed)
    mine = BulkOperation.objects.filter(user=actor.user, surface=surface)
    return Shown(listed[:SHOWN], mine.to_show().count() - SHOWN)


@dataclass(frozen=True)
class Line:
    """One operation on a page, and what can still be done about it. `undo_minutes` is 0 when it cannot be undone."""

    operation: BulkOperation
    undo_minutes: int
    undo_note: str

    @property
    def is_finished(self) -> bool:
        return self.operation.is_finished


def line(operation: BulkOperation) -> Line:
    """An operation as a page shows it."""
    action: BulkAction = bulk_action(operation.surface, operation.action)
    until = operation.undo_until if action.undo else None
    minutes = 0 if until is None or operation.is_undone else ceil((until - timezone.now()).total_seconds() / 60)
    return Line(operation, max(minutes, 0), action.undo_note)


def strip(shown: Shown) -> dict[str, Any]:
    """What runs and the report of what ended last, the earlier reports, and the names of those that run."""
    lines = [line(operation) for operation in shown.listed]
    reports = sorted((one for one in lines if one.is_finished), key=lambda one: one.operation.finished_at, reverse=True)
    running = [one for one in lines if not one.is_finished]
    return {
        "operations": [*running, *reports[:1]],
        "earlier": reports[1:],
        "earlier_total": len(reports[1:]) + shown.beyond,
        "beyond": shown.beyond,
        "running": ",".join(str(one.operation.uuid) for one in running),
    }


def left(operation: BulkOperation) -> str:
    """The rows that it changed, as `key:version` of now; empty when they are too many for a page to keep."""
    if operation.changed > MOST_LEFT:
        return ""
    rows = Frozen.unpack(operation).changed()
    return ",".join(f"{key}:{version}" for key, version in zip(rows.keys.tolist(), rows.versions.tolist(), strict=True))


@dataclass(frozen=True)
class Refusal:
    """One reason, how many rows it kept from being changed, and the first of those that the person may see."""

    reason: str
    count: int
    rows: list[models.Model]

    @property
    def more(self) -> int:
        """How many rows are not among those."""
        return self.count - len(self.rows)


def refusals(operation: BulkOperation, surface: Surface, actor: Actor) -> Iterator[Refusal]:
    """Why rows were left as they were."""
    frozen = Frozen.unpack(operation)
    for reason, count in frozen.refusals():
        keys = frozen.refused_keys(reason)[:NAMED].tolist()
        yield Refusal(reason, count, list(surface.rows(actor).filter(pk__in=keys).order_by("pk")))
