"""What a person does with bulk operations: begin one, cancel it, undo it, put its report away."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from core_app.errors import Conflict, Invalid, NotFound
from core_app.ledger import record
from search_app.bulk.frozen import Frozen
from search_app.bulk.registry import BulkAction, Params, bulk_action
from search_app.bulk.run import end, run
from search_app.models import BulkOperation

AT_ONCE = 200  # rows that are worked off within the request
MOST_ROWS = 1_000_000
MOST_WORDS = 300  # characters: the names of twenty assignees are more

_nudges: list[Callable[[], None]] = []


def nudge_with(function: Callable[[], None]) -> None:
    """Say how to wake the worker after a commit. The sweep makes it sure should the nudge get lost."""
    if function not in _nudges:
        _nudges.append(function)


def begin(
    *, actor: Actor, action: BulkAction, rows: Frozen, params: Params, words: str, selection: str, token: UUID
) -> BulkOperation:
    """Do it to these rows: at once if they are few, in the background if not.

    The same token from the same actor is the same operation, however often it is sent.
    Raises NotAllowed, or Invalid for no rows and for too many.
    """
    require(actor, action.permission)
    check_size(len(rows))
    operation, is_new = _create(
        actor, token, rows, action=action, params=dict(params), words=words, selection=selection
    )
    return _go(operation) if is_new else operation


def check_size(count: int) -> None:
    """Raise Invalid for no rows and for too many, before so many are read."""
    if not count:
        raise Invalid("Nothing is selected.", field="rows")
    if count > MOST_ROWS:
        raise Invalid(f"At most {MOST_ROWS:,} rows can be changed at once. Narrow the query or the window.")


def begun_with(actor: Actor, token: UUID) -> BulkOperation | None:
    """The operation that this actor has begun with this token."""
    return BulkOperation.objects.filter(actor_kind=actor.kind, actor_id=actor.id, token=token).first()


@transaction.atomic
def cancel(*, actor: Actor, operation: BulkOperation) -> BulkOperation:
    """Stop it between two chunks. What is done stays done, and can be undone. Raises NotAllowed."""
    require(actor, bulk_action(operation.surface, operation.action).permission)
    operation = BulkOperation.objects.select_for_update().get(pk=operation.pk)
    if operation.is_finished or operation.is_cancel_requested:
        return operation
    operation.is_cancel_requested = True
    operation.save(update_fields=["is_cancel_requested"])
    record(actor, "bulk.cancelled", operation, operation=operation.uuid, position=operation.position)
    if operation.state == BulkOperation.State.WAITING:
        end(operation, BulkOperation.State.CANCELLED)
    return operation


def undo(*, actor: Actor, operation: BulkOperation) -> BulkOperation:
    """Put back the rows that it changed and nobody has touched since; the others are left, and reported.

    A second request for the same is the same operation. Raises NotAllowed, Conflict when it runs still, when its
    hour is over, or when it is nothing that can be undone.
    """
    action = bulk_action(operation.surface, operation.action)
    require(actor, action.permission)
    if existing := BulkOperation.objects.filter(undo_of=operation).first():
        return existing
    if not operation.is_finished:
        raise Conflict("It is still running. Cancel it first, or wait for its end.")
    if action.undo is None or operation.undo_until is None:
        raise Conflict("This cannot be undone.")
    if operation.undo_until < timezone.now():
        raise Conflict("It can be undone for an hour, and the hour is over.")
    undoing, is_new = _create(
        actor,
        uuid4(),
        Frozen.unpack(operation).changed(),
        action=action,
        params={},
        words=f"Undo: {operation.words}",
        selection=operation.selection,
        undo_of=operation,
    )
    return _go(undoing) if is_new else undoing


@transaction.atomic
def dismiss(*, actor: Actor, operation: BulkOperation) -> None:
    """Put the report of a finished operation away. Raises NotFound for somebody else's."""
    if actor.user is None or operation.user_id != actor.user.pk:
        raise NotFound("There is no such operation, or it is not yours.")
    BulkOperation.objects.filter(pk=operation.pk).update(is_dismissed=True)


def dismiss_all(*, actor: Actor, surface: str) -> None:
    """Put the reports of all one's own finished operations on a surface away."""
    mine = BulkOperation.objects.visible_to(actor).filter(user=actor.user, surface=surface)
    mine.exclude(state__in=BulkOperation.UNFINISHED).filter(is_dismissed=False).update(is_dismissed=True)


def _create(
    actor: Actor,
    token: UUID,
    rows: Frozen,
    *,
    action: BulkAction,
    words: str,
    undo_of: BulkOperation | None = None,
    **fields: object,
) -> tuple[BulkOperation, bool]:
    """A new operation and its first entry; or the one that was made by the same request before."""
    whose = {"actor_kind": actor.kind, "actor_id": actor.id, "token": token}
    about = {"undo_of": undo_of} if undo_of else whose
    with transaction.atomic():
        operation, is_new = BulkOperation.objects.get_or_create(
            **about,
            defaults={
                **whose,
                **fields,
                **rows.packed(),
                "words": words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…",
                "surface": action.surface,
                "action": action.name,
                "total": len(rows),
                "user": actor.user,
                "actor_label": actor.label,
                "within": sorted(actor.permissions) if actor.kind == "key" else None,
            },
        )
        if is_new:
            told = {"words": operation.words, "selection": operation.selection, "rows": operation.total}
            if undo_of:
                told["undo_of"] = str(undo_of.uuid)
            record(actor, "bulk.started", operation, operation=operation.uuid, **told)
    return operation, is_new


def _go(operation: BulkOperation) -> BulkOperation:
    if operation.total <= AT_ONCE:
        run(operation.pk)
        operation.refresh_from_db()
    else:
        for nudge in _nudges:
            transaction.on_commit(nudge)
    return operation
