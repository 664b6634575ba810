"""Working off bulk operations: chunk by chunk, so that a kill anywhere repeats nothing and loses nothing.

A chunk is one transaction: the rows, their ledger entries and the operation's position commit together. Whoever runs
an operation holds it by a lease that each chunk renews; a chunk of somebody whose lease was taken over meanwhile
finds another holder and changes nothing. Chunks go in the order of keys, as the actions' locks do.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import connection, transaction
from django.utils import timezone

from accounts_app.access import NOBODY, Actor, person, system
from accounts_app.models import User
from core_app.errors import DomainError, NotFound
from core_app.ledger import record, target_type
from core_app.metrics import gauge
from core_app.models import Entry
from core_app.outcome import Outcome
from search_app.bulk.frozen import Frozen
from search_app.bulk.registry import bulk_action
from search_app.models import BulkOperation
from search_app.surfaces import surface

LEASE = timedelta(seconds=10)
LONGEST_RUN = 60  # seconds; then the next task goes on, and whoever waited behind has a turn
MOST_ATTEMPTS = 5  # without one chunk between them
FIRST_CHUNK, SMALLEST_CHUNK, LARGEST_CHUNK = 100, 20, 4000  # rows
# How long a chunk should take. SQLite has one write lock for everybody: who waits for it looks only now and then,
# and has to find it free.
SECONDS, PAUSE = {"sqlite": (0.04, 0.005)}.get(connection.vendor, (0.3, 0.0))

State = BulkOperation.State

log = structlog.get_logger(__name__)


@gauge("bulk_operations_unfinished", "Bulk operations that wait or run.")
def unfinished() -> int:
    return BulkOperation.objects.unfinished().count()


def run_due() -> bool:
    """Work off what nobody holds, the oldest first, for a while. Returns whether there is more."""
    until = time.monotonic() + LONGEST_RUN
    due = BulkOperation.objects.unfinished().order_by("pk")
    while operation := due.filter(lease_until__lte=timezone.now()).values_list("pk", flat=True).first():
        if time.monotonic() >= until:
            return True
        run(operation, until=until)
    return False


def run(pk: int, *, until: float | None = None) -> None:
    """Go on with an operation, unless somebody else has it, until its end or that moment of the monotonic clock.

    One chunk is done in any case.
    """
    operation = _claim(pk)
    if operation is None:
        return
    rows, size = Frozen.unpack(operation), FIRST_CHUNK
    try:
        while True:
            took = _chunk(operation, rows, size)
            if operation.is_finished or (until is not None and time.monotonic() >= until):
                break
            size = int(min(max(size * min(max(SECONDS / took, 0.5), 2), SMALLEST_CHUNK), LARGEST_CHUNK))
            time.sleep(PAUSE)
    except TakenOver:
        return
    except Exception:  # an action is any code: what it raised is told, and the sweep tries again
        log.exception("bulk_chunk_failed", operation=str(operation.uuid), action=operation.action)
        return
    if not operation.is_finished:
        BulkOperation.objects.filter(pk=pk, holder=operation.holder).update(lease_until=timezone.now())


class TakenOver(Exception):
    """Somebody else holds the operation now."""


@transaction.atomic
def _claim(pk: int) -> BulkOperation | None:
    """Take the operation for the length of the lease; None if it is somebody's, or finished."""
    now = timezone.now()
    rows = BulkOperation.objects.unfinished().filter(pk=pk, lease_until__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    operation = rows.first()
    if operation is None:
        return None
    operation.state, operation.holder, operation.lease_until = State.RUNNING, uuid4(), now + LEASE
    operation.started_at = operation.started_at or now
    operation.attempts += 1
    operation.save(update_fields=["state", "holder", "lease_until", "started_at", "attempts"])
    if operation.attempts > MOST_ATTEMPTS:
        end(operation, State.FAILED, error=f"It stopped {MOST_ATTEMPTS} times at the same rows: see the worker's log.")
        return None
    return operation


def _chunk(operation: BulkOperation, rows: Frozen, size: int) -> float:
    """Settle the next rows. Returns how many seconds the database was held."""
    with transaction.atomic():
        began = time.monotonic()
        now = BulkOperation.objects.select_for_update().only("holder", "is_cancel_requested").get(pk=operation.pk)
        if now.holder != operation.holder:
            raise TakenOver
        if now.is_cancel_requested:
            end(operation, State.CANCELLED)
            return time.monotonic() - began
        first, last = operation.position, min(operation.position + size, operation.total)
        try:
            rows.note(first, last, _act(operation, rows.seen(first, last)))
        except DomainError as problem:  # it is about all rows: a permission lost, a person who may log in no more
            last = operation.total
            rows.refuse(first, problem)
        _write(operation, rows, last)
        if last == operation.total:
            end(operation, State.DONE)
        return time.monotonic() - began


def _write(operation: BulkOperation, rows: Frozen, position: int) -> None:
    counts = rows.counts()
    values = {
        **counts,
        "position": position,
        "results": rows.packed_results(),
        "reasons": rows.reasons,
        "lease_until": timezone.now() + LEASE,
        "attempts": 0,
        "entry_read": operation.entry_read,
    }
    BulkOperation.objects.filter(pk=operation.pk).update(**values)
    operation.__dict__.update(values)


def end(operation: BulkOperation, state: str, *, error: str = "") -> None:
    """Finish it, in the caller's transaction, and record how it went."""
    operation.state, operation.finished_at, operation.error = state, timezone.now(), error
    operation.save(update_fields=["state", "finished_at", "error"])
    told = {"changed": operation.changed, "unchanged": operation.unchanged, "refused": operation.refused}
    record(actor_of(operation), "bulk.finished", operation, operation=operation.uuid, state=str(state), **told)


def actor_of(operation: BulkOperation) -> Actor:
    """Whoever began it, with the permissions of this moment."""
    if operation.actor_kind == "system":
        return system(operation.actor_id)
    user = User.objects.filter(pk=operation.user_id).first() if operation.user_id else None
    actor = person(user) if user else NOBODY
    if operation.within is not None:
        actor = replace(actor, permissions=actor.permissions & set(operation.within))
    return replace(actor, kind=operation.actor_kind, id=operation.actor_id, label=operation.actor_label)


def _act(operation: BulkOperation, seen: Mapping[int, int | None]) -> Outcome[Any]:
    action = bulk_action(operation.surface, operation.action)
    actor = actor_of(operation)
    if not operation.undo_of_id:
        return action.act(actor=actor, seen=seen, params=operation.params, operation=operation.uuid)
    done = _read_entries(operation, actor, seen)
    untold = {key: NotFound("The ledger does not say what it was before.") for key in seen.keys() - done.keys()}
    told = {key: version for key, version in seen.items() if key in done}
    outcome = action.undo(actor=actor, seen=told, done=done, operation=operation.uuid)
    outcome.refused |= untold
    return outcome


def _read_entries(operation: BulkOperation, actor: Actor, seen: Mapping[int, int | None]) -> dict[int, dict[str, Any]]:
    """By key, what the ledger says was done to these rows.

    An operation's entries are in the order of keys, as its chunks were: so the next rows have the next entries.
    """
    entries = Entry.objects.filter(
        operation=operation.undo_of.uuid,
        target_type=target_type(surface(operation.surface).rows(actor).model),
        pk__gt=operation.entry_read,
    )
    found = list(entries.order_by("pk").values_list("pk", "target_id", "data")[: len(seen)])
    if found:
        operation.entry_read = found[-1][0]
    return {int(key): data for _, key, data in found if int(key) in seen}
