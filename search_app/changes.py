"""The change sequence: how a process learns what became of the rows since it last looked.

Every write gives the rows it touches a number, in the same transaction. On SQLite, where one writer follows
another, the number comes from a counter. On PostgreSQL a counter would make writers wait, and a plain sequence
would lose rows, because transactions commit in another order than they draw numbers. There the number is the
transaction's id, and a reader goes back to the oldest transaction that was still running when it last looked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection, models, transaction
from django.utils import timezone
from pyroaring import BitMap64

from core_app.prepared import Prepared, PreparedInsert, Slot
from search_app.models import ChangeCounter, Tombstone, ValueChange

KEPT = timedelta(days=1)  # an hour would do for busy processes, but would void the index of a quiet night
CHUNK = 1000  # rows a statement


def next_number(surface: str) -> int:
    """The number for the changes of the running transaction. Call it inside one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        else:
            cursor.execute(
                f"UPDATE {ChangeCounter._meta.db_table} SET value = value + 1 WHERE surface = %s RETURNING value",  # noqa: S608
                [surface],
            )
        found = cursor.fetchone()
    if found is None:
        ChangeCounter.objects.create(surface=surface, value=1, epoch=uuid.uuid4().hex)
        return 1
    return int(found[0])


@dataclass(frozen=True)
class Since:
    """How far a reader has come in one epoch: everything below `number` is known, and the `ahead` at or above it."""

    number: int = 0
    epoch: str = ""
    ahead: frozenset[tuple[str, int, int]] = frozenset()

    def as_json(self) -> list[Any]:
        return [self.number, self.epoch, sorted(self.ahead)]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> Since:
        number, epoch, ahead = kept
        return cls(number, epoch, frozenset(tuple(seen) for seen in ahead))


@dataclass
class News:
    """What changed: rows to read anew, keys that are gone, and values given to many rows at once."""

    rows: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    values: list[tuple[Mapping[str, Any], BitMap64]] = field(default_factory=list)
    since: Since = field(default_factory=Since)

    def __bool__(self) -> bool:
        return bool(self.rows or self.deleted or self.values)


def settled(given: Iterable[tuple[Mapping[str, Any], BitMap64]]) -> dict[str, list[tuple[Any, np.ndarray]]]:
    """What rows have in the end that were given one thing after another: by column `(value, keys)`."""
    last: dict[str, dict[Any, BitMap64]] = {}
    settled_keys: dict[str, BitMap64] = {}
    for values, keys in reversed(list(given)):
        for name, value in values.items():
            done = settled_keys.setdefault(name, BitMap64())
            value = tuple(value) if isinstance(value, list) else value
            last.setdefault(name, {}).setdefault(value, BitMap64()).update(keys - done)
            done.update(keys)
    return {
        name: [(value, np.array(keys.to_array(), np.int64)) for value, keys in by_value.items()]
        for name, by_value in last.items()
    }


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is of one moment, and no writer waits for it.

    Inside a transaction there is nothing to do: it is the caller's moment.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # atomic() would begin IMMEDIATE and take the write lock for a mere read.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("COMMIT")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def epoch(surface: str) -> str:
    """The identity of the surface's rows; made now if there is none."""
    counter, _ = ChangeCounter.objects.get_or_create(surface=surface, defaults={"epoch": uuid.uuid4().hex})
    return counter.epoch


def renew_epoch(surface: str) -> None:
    """Declare every index built so far void, as after a restore."""
    ChangeCounter.objects.update_or_create(surface=surface, defaults={"epoch": uuid.uuid4().hex, "floor": 0})
    for kind in (Tombstone, ValueChange):
        kind.objects.filter(surface=surface).delete()


_SINCE = {"surface": Slot("surface"), "change_seq__gte": Slot("number")}
_CHANGED = Prepared(
    lambda model: model._base_manager.filter(change_seq__gte=Slot("number")).order_by().values_list("pk", "change_seq")
)
_DELETED = Prepared(lambda: Tombstone.objects.filter(**_SINCE).order_by().values_list("row", "change_seq"))
_GIVEN = Prepared(
    lambda: ValueChange.objects.filter(**_SINCE).order_by("pk").values_list("pk", "change_seq", "values", "rows")
)


class _Horizon(models.Func):
    """The lowest number that unseen changes may still get, on PostgreSQL."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()


_QUIET = Prepared(
    lambda model: (
        ChangeCounter.objects.alias(upto=_Horizon())
        .filter(surface=Slot("surface"), epoch=Slot("epoch"), floor__lte=Slot("number"), upto__gte=Slot("number"))
        .exclude(models.Exists(model._base_manager.filter(change_seq__gte=Slot("number"))))
        .exclude(models.Exists(Tombstone.objects.filter(**_SINCE)))
        .exclude(models.Exists(ValueChange.objects.filter(**_SINCE)))
        .values_list("surface")
    )
)


def is_newer(surface: str, model: type[models.Model], since: Since) -> bool:
    """Whether there may be news of the rows of a surface, which are of this model. Costs one statement."""
    if connection.vendor == "postgresql":
        after = {"surface": surface, "epoch": since.epoch, "number": since.number}
        return bool(since.ahead) or next(_QUIET.rows(model, **after), None) is None
    counter = _counter(surface)
    return (counter.value + 1, counter.epoch) != (since.number, since.epoch)


def read_news(surface: str, model: type[models.Model], since: Since) -> News:
    """What became of the rows of a surface, which are of this model, since then. Call it inside `one_moment`.

    Raises Void when these are no longer the rows that the reader knows, as after a restore, or when some of what
    happened to them since has been forgotten.
    """
    upto, own = _horizon(surface)
    counter = _counter(surface)
    if counter.epoch != since.epoch or not counter.floor <= since.number <= upto:
        raise Void
    news = News()
    ahead: set[tuple[str, int, int]] = set()

    def is_new(kind: str, key: int, number: int) -> bool:
        if number >= upto and number != own:
            ahead.add((kind, key, number))
        return (kind, key, number) not in since.ahead

    after = {"surface": surface, "number": since.number}
    news.rows = [pk for pk, number in _CHANGED.rows(model, number=since.number) if is_new("row", pk, number)]
    news.deleted = [row for row, number in _DELETED.rows(**after) if is_new("tombstone", row, number)]
    news.values = [
        (values, BitMap64.deserialize(bytes(rows)))
        for pk, number, values, rows in _GIVEN.rows(**after)
        if is_new("values", pk, number)
    ]
    news.since = Since(upto, counter.epoch, frozenset(ahead))
    return news


def start(surface: str) -> Since:
    """How far somebody has come who reads everything now. Call it inside `one_moment`, with the reading."""
    upto, own = _horizon(surface)
    # Reading a row twice does no harm. Giving it once more what it was given before its newest change would.
    given = ValueChange.objects.filter(surface=surface, change_seq__gte=upto).exclude(change_seq=own)
    ahead = frozenset(("values", pk, number) for pk, number in given.values_list("pk", "change_seq"))
    return Since(upto, _counter(surface).epoch, ahead)


class Void(Exception):
    """What the reader knows cannot be brought up to date."""


def _horizon(surface: str) -> tuple[int, int]:
    """The lowest number that unseen changes may still get, and the running transaction's own (0 for none)."""
    if connection.vendor != "postgresql":
        return _counter(surface).value + 1, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0)"
        )
        upto, own = cursor.fetchone()
    return int(upto), int(own)


_COUNTERS = Prepared(
    lambda: ChangeCounter.objects.filter(surface=Slot("surface")).values_list("surface", "value", "epoch", "floor")
)


def _counter(surface: str) -> ChangeCounter:
    """The surface's counter; an empty one as long as nothing was written."""
    return next((ChangeCounter(*row) for row in _COUNTERS.rows(surface=surface)), ChangeCounter(surface=surface))


_NOTE = PreparedInsert(ValueChange, ("surface", "change_seq", "values", "rows", "at"))


def record_values(surface: str, pks: Iterable[int], values: Mapping[str, Any]) -> None:
    """Note that all of these rows were given these values, by held column, instead of numbering each row."""
    _NOTE.run(
        surface=surface,
        change_seq=next_number(surface),
        values=dict(values),
        rows=BitMap64(pks).serialize(),
        at=timezone.now(),
    )


def record_deleted(surface: str, pks: Sequence[int]) -> None:
    """Note that these rows are gone."""
    number = next_number(surface)
    Tombstone.objects.bulk_create(
        (Tombstone(surface=surface, row=pk, change_seq=number) for pk in pks), batch_size=CHUNK
    )


def forget_old(surface: str, *, age: timedelta = KEPT) -> int:
    """Delete tombstones and given values older than `age`; returns how many. An index that still needs them is void.

    What a running transaction may yet come before is kept: a reader who starts now still has to know of it.
    """
    kinds: tuple[type[models.Model], ...] = (Tombstone, ValueChange)
    past = timezone.now() - age
    with transaction.atomic():
        epoch(surface)
        counter = ChangeCounter.objects.select_for_update().get(surface=surface)
        upto, _ = _horizon(surface)
        for kind in kinds:
            old = kind._default_manager.filter(surface=surface, at__lt=past, change_seq__lt=upto)
            counter.floor = max(counter.floor, (old.aggregate(last=models.Max("change_seq"))["last"] or 0) + 1)
        counter.save(update_fields=["floor"])
    forgotten = 0
    for kind in kinds:
        old = kind._default_manager.filter(surface=surface, at__lt=past, change_seq__lt=counter.floor)
        while some := list(old.values_list("pk", flat=True)[:CHUNK]):
            forgotten += kind._default_manager.filter(pk__in=some).delete()[0]
    return forgotten
