"""Taking in: lines of a source become raw items, redacted, each of them once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone

from signals_app.models import Detection, RawItem, Source
from signals_app.sources import FORMATS
from signals_app.sources.reading import Unreadable
from signals_app.sources.redaction import redact, redact_text

LONGEST_LINE = 2**20  # bytes
DEEPEST = 30  # objects and arrays inside of each other
CHUNK = 100  # items an INSERT, and a transaction
WAIT_AT_MOST = timedelta(days=1)
FORGOTTEN = 500  # detections a transaction

_nudges: list[Callable[[], None]] = []


@dataclass
class Taken:
    """What became of the lines: stored, known already, or refused with (line number from 1, why)."""

    taken: int = 0
    duplicates: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        self.taken += other.taken
        self.duplicates += other.duplicates
        self.refused += other.refused


def nudge_with(function: Callable[[], None]) -> None:
    """Say how to wake the worker after a commit."""
    if function not in _nudges:
        _nudges.append(function)


def nudge() -> None:
    """Wake the worker once the current transaction is in."""
    for function in _nudges:
        transaction.on_commit(function)


def take(source: Source, lines: Iterable[bytes], *, first: int = 1, keep_refused: bool = False) -> Taken:
    """Store lines of JSON, one object each, as raw items of this source; blank lines are skipped.

    Nothing is stored twice: an item that is known already counts as a duplicate. `first` is the number of
    the first line. A line is refused when it is no JSON that can be kept, or nothing that its source's format
    could ever read. With `keep_refused` (files: nobody can be told to send again) it is kept all the same, as
    an unreadable item without its secrets.
    """
    total = Taken()
    numbered = enumerate(lines, start=first)
    while chunk := list(islice(numbered, CHUNK)):
        items, refused = prepare(source, chunk, keep_refused=keep_refused)
        total.refused += refused
        with transaction.atomic():
            total.add(insert(source, items))
    if total.taken:
        nudge()
    return total


def prepare(
    source: Source, numbered: Iterable[tuple[int, bytes]], *, keep_refused: bool = False
) -> tuple[list[RawItem], list[tuple[int, str]]]:
    """Read, redact and name the lines, without touching the database. Returns the items and what was refused."""
    items, refused = [], []
    for number, line in numbered:
        if not line.strip():
            continue
        try:
            item = _item(source, read_line(line))
        except Unreadable as problem:
            refused.append((number, str(problem)))
            if keep_refused:
                items.append(_unreadable(source, line, str(problem)))
            continue
        try:
            FORMATS[source.format].check(item.body)
        except Unreadable as problem:
            refused.append((number, str(problem)))
            if not keep_refused:
                continue
            # As it is, not as text: a parser of a later day may read it.
            item.state, item.reason = RawItem.State.UNREADABLE, str(problem)
        items.append(item)
    return items, refused


def insert(source: Source, items: list[RawItem]) -> Taken:
    """Store items that are not known yet, inside the caller's transaction. Counts only readable ones as taken."""
    if not items:
        return Taken()
    wanted: dict[str, RawItem] = {}
    for item in items:
        wanted.setdefault(item.key, item)
    # The source's row is the queue of its senders: between looking and inserting nobody comes in between.
    Source.objects.select_for_update().get(pk=source.pk)
    known = set(RawItem.objects.filter(source=source, key__in=wanted).values_list("key", flat=True))
    new = [item for key, item in wanted.items() if key not in known]
    # ignore_conflicts all the same: the constraint has the last word.
    RawItem.objects.bulk_create(new, ignore_conflicts=True)
    Source.objects.filter(pk=source.pk).update(last_item_at=timezone.now())
    readable = sum(item.state == RawItem.State.PENDING for item in items)
    taken = sum(item.state == RawItem.State.PENDING for item in new)
    return Taken(taken=taken, duplicates=readable - taken)


def read_line(line: bytes) -> dict[str, Any]:
    """One JSON object. Raises Unreadable with a sentence that says why it is none."""
    if len(line) > LONGEST_LINE:
        raise Unreadable(f"The line is longer than {LONGEST_LINE // 2**20} MiB.")
    return check(parse(line))


def parse(data: bytes) -> Any:
    """Any JSON value. Bytes that are not UTF-8 (attacks are not) become the replacement character."""
    try:
        return json.loads(data.decode("utf-8", "replace"), parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise Unreadable(f"The JSON is nested deeper than {DEEPEST} levels.") from None
    except json.JSONDecodeError as problem:
        where = f"at column {problem.colno}" if problem.lineno == 1 else f"at line {problem.lineno}"
        raise Unreadable(f"This is no JSON: {problem.msg} {where}.") from None
    except ValueError as problem:
        words = str(problem)
        if "int string conversion" in words:
            words = "a number has more digits than can be read"
        raise Unreadable(f"This is no JSON that can be kept: {words[:120]}.") from None


def check(value: Any) -> dict[str, Any]:
    """The value if it is an object of bearable depth. Raises Unreadable."""
    if not isinstance(value, dict):
        raise Unreadable("A line must hold one JSON object.")
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return value
    raise Unreadable(f"The JSON is nested deeper than {DEEPEST} levels.")


def canonical(body: Any) -> bytes:
    """The one spelling of a JSON value that its digest is made of."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:30]} is too large a number")
    return number


def _item(source: Source, body: dict[str, Any]) -> RawItem:
    name = FORMATS[source.format].name(body)
    body = redact(body)
    # Of the redacted body: a digest of the whole would let a guessed password be checked.
    key = redact_text(name) if name else f"sha256:{sha256(canonical(body)).hexdigest()}"
    return RawItem(source=source, key=key[:128], body=body)


def _unreadable(source: Source, line: bytes, reason: str) -> RawItem:
    text = redact_text(line[:LONGEST_LINE].decode("utf-8", "replace"))[:20_000]
    key = f"line:{sha256(text.encode()).hexdigest()}"
    return RawItem(source=source, key=key, body={"line": text}, state=RawItem.State.UNREADABLE, reason=reason)


def forget_the_waiting() -> int:
    """Delete detections that have waited a day for company. Their raw items stay. Returns how many."""
    old = timezone.now() - WAIT_AT_MOST
    waiting = (
        Detection.objects.filter(signal=None, item__processed_at__lt=old).order_by("pk").values_list("pk", flat=True)
    )
    gone = 0
    # A transaction a chunk: taking in does not wait for the whole.
    while some := list(waiting[:FORGOTTEN]):
        gone += Detection.objects.filter(pk__in=some).delete()[0]
    return gone


def lines_of(body: bytes) -> Iterator[bytes]:
    """The items of a request's body: one JSON object, an array of them, or one a line."""
    start = body.lstrip()[:1]
    if start == b"[":
        value = parse(body)
        yield from (canonical(element) for element in value)
        return
    if start == b"{" and b"\n" in body.strip():
        try:
            whole = parse(body)  # one object over several lines
        except Unreadable:
            pass
        else:
            yield canonical(whole)
            return
    yield from body.split(b"\n")
