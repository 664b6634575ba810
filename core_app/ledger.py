"""Writing what happened, and promising what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from django.db import connection, models, transaction

from core_app.chain import marked
from core_app.models import Delivery, Entry

CHUNK = 1000  # rows an INSERT; on SQLite Django makes them smaller


class Actor(Protocol):
    """Whoever does something: a person, a key, or the product itself."""

    kind: str
    id: str
    label: str


Handler = Callable[[Entry], None]
AnyHandler = TypeVar("AnyHandler", bound=Handler)

_handlers: dict[str, Handler] = {}
_owed_for: dict[str, list[str]] = defaultdict(list)
_nudges: list[Callable[[], None]] = []


def on(verb: str) -> Callable[[AnyHandler], AnyHandler]:
    """Register a handler for a verb. It runs in the worker, at least once for each entry: make it idempotent."""

    def register(function: AnyHandler) -> AnyHandler:
        name = f"{function.__module__}.{function.__qualname__}"
        _handlers[name] = function
        if name not in _owed_for[verb]:
            _owed_for[verb].append(name)
        return function

    return register


def handler_named(name: str) -> Handler | None:
    """The handler that a delivery names; None when the code that had it is gone."""
    return _handlers.get(name)


def nudge_with(function: Callable[[], None]) -> None:
    """Say how to wake the worker after a commit. The sweep makes it sure should the nudge get lost."""
    if function not in _nudges:
        _nudges.append(function)


def record(actor: Actor, verb: str, *targets: models.Model, operation: UUID | None = None, **data: Any) -> list[Entry]:
    """Write the same thing about each of the targets. See `record_each`."""
    return record_each(actor, verb, [(target, data) for target in targets], operation=operation)


def record_each(
    actor: Actor, verb: str, changes: Iterable[tuple[models.Model, dict[str, Any]]], *, operation: UUID | None = None
) -> list[Entry]:
    """Write one entry per (target, what changed) beside the change itself: both commit, or neither does.

    `verb` is `app.past_tense`; `operation` joins the entries of one bulk operation.
    Raises RuntimeError outside a transaction: an entry that can be lost alone is none.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs inside the transaction of the change it records")
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    entries = Entry.objects.bulk_create(
        [
            marked(
                Entry(
                    actor_kind=actor.kind,
                    actor_id=actor.id,
                    actor_label=actor.label,
                    verb=verb,
                    target_type=target._meta.label_lower,
                    target_id=str(target.pk),
                    target_label=str(target)[:300],
                    operation=operation,
                    request_id=request_id,
                    data=data,
                )
            )
            for target, data in changes
        ],
        batch_size=CHUNK,
    )
    owed = [Delivery(entry=entry, handler=name) for entry in entries for name in _owed_for[verb]]
    if owed:
        Delivery.objects.bulk_create(owed, batch_size=CHUNK)
        for nudge in _nudges:
            transaction.on_commit(nudge)
    return entries


def history(target: models.Model) -> models.QuerySet[Entry]:
    """Every entry about one thing, newest first. The caller has asked `visible_to` for the thing itself."""
    return Entry.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("-id")
