"""Writing what happened, and promising what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from json import JSONEncoder
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from django.db import connection, models, transaction
from django.utils import timezone

from core_app.chain import marker
from core_app.models import Delivery, Entry

CHUNK = 500  # rows an INSERT
as_json = JSONEncoder().encode


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
    who_what = (timezone.now(), actor.kind, actor.id, actor.label, verb)
    mark = marker()
    # By place and not by name, in the order of the model's fields: that is three times as fast.
    entries = [
        mark(
            Entry(
                None,
                *who_what,
                target_type(target),
                str(target.pk),
                str(target)[:300],
                operation,
                request_id,
                data,
            )
        )
        for target, data in changes
    ]
    _insert(entries)
    owed = [Delivery(entry=entry, handler=name) for entry in entries for name in _owed_for[verb]]
    if owed:
        Delivery.objects.bulk_create(owed, batch_size=CHUNK)
        for nudge in _nudges:
            transaction.on_commit(nudge)
    return entries


def target_type(target: models.Model | type[models.Model]) -> str:
    """How entries call a thing, or the things of a model."""
    return target._meta.label_lower  # and not by its type: the person of a request is a lazy object


ALIKE = ("at", "actor_kind", "actor_id", "actor_label", "verb", "operation", "request_id")
APART = ("target_type", "target_id", "target_label", "data", "mark")


def _insert(entries: Sequence[Entry]) -> None:
    """Write these entries of one deed and give them their ids.

    `bulk_create` prepares every value of every row, which for thousands takes longer than the change that they
    tell of. Here what they share travels once.
    """
    quote = connection.ops.quote_name
    column = {name: Entry._meta.get_field(name).column for name in (*ALIKE, *APART)}
    names = ", ".join(quote(column[name]) for name in (*ALIKE, *APART))
    values = [f"column{number}" for number in range(1, len(APART) + 1)]
    values[APART.index("data")] += "::jsonb" if connection.vendor == "postgresql" else ""
    picked = ", ".join(["%s"] * len(ALIKE) + values)
    columns = ", ".join(f"column{number}" for number in range(1, len(APART) + 1))
    row = f"({', '.join(['%s'] * len(APART))})"
    adapt = {name: Entry._meta.get_field(name).get_db_prep_save for name in ALIKE}
    with connection.cursor() as cursor:
        for start in range(0, len(entries), CHUNK):
            some = entries[start : start + CHUNK]
            given = [adapt[name](getattr(some[0], name), connection) for name in ALIKE]
            rows = [(e.target_type, e.target_id, e.target_label, as_json(e.data), e.mark) for e in some]
            if connection.vendor == "postgresql":
                # Arrays: its driver would look for thousands of placeholders longer than the server works.
                source = f"unnest({', '.join(['%s::text[]'] * len(APART))}) AS given({columns})"
                given += map(list, zip(*rows, strict=True))
            else:
                source = f"(VALUES {', '.join([row] * len(rows))}) AS given"
                given += chain.from_iterable(rows)
            cursor.execute(
                f"INSERT INTO {quote(Entry._meta.db_table)} ({names})"  # noqa: S608 (names of our own)
                f" SELECT {picked} FROM {source} RETURNING id, mark",
                given,
            )
            ids = {mark: pk for pk, mark in cursor.fetchall()}  # in whatever order the database returns them
            for entry in some:
                entry.pk = ids[entry.mark]
                entry._state.adding, entry._state.db = False, connection.alias


Hiding = Callable[[Any], models.Q]

_hidings: list[Hiding] = []


def hide(hiding: Hiding) -> None:
    """Register, for a floor above, which entries an actor may not see: those about things that are hidden from them."""
    if hiding not in _hidings:
        _hidings.append(hiding)


def visible_entries(actor: Any) -> models.QuerySet[Entry]:
    """Every entry but those about what is hidden from this actor. Whether they may read the ledger is asked before."""
    entries = Entry.objects.all()
    for hiding in _hidings:
        entries = entries.exclude(hiding(actor))
    return entries


def history(target: models.Model) -> models.QuerySet[Entry]:
    """Every entry about one thing, newest first. The caller has asked `visible_to` for the thing itself."""
    return Entry.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("-id")
