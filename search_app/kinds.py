"""The types of fields: how the words after the colon become a comparison.

The law about case: free text, choices and e-mail addresses do not mind it, everything else does.
"""

from __future__ import annotations

import ipaddress
import math
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts_app.access import Actor
from search_app.comparisons import Bounded, Comparison, Fitting, InBlocks, Never, OneOf, Present, equal, within
from search_app.language import Compare, QueryValueError, Range, Value, Wild
from search_app.lookups import fits

LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?", re.ASCII)
_MITRE_TAG = re.compile(r"(ta\d{4}|t\d{4}(?:\.\d{3})?)-")
_LARGEST = 2**53  # the whole numbers that every database, and JSON, can tell apart


@dataclass(frozen=True)
class Asker:
    """Who asks and when: what `me`, `now` and a date without a zone mean."""

    actor: Actor
    now: datetime

    @classmethod
    def of(cls, actor: Actor) -> Asker:
        return cls(actor, timezone.now())

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.actor.user.time_zone) if self.actor.user else UTC


class Kind:
    """Text that is compared as it is. The other kinds say what they do otherwise.

    Every method raises QueryValueError for what cannot be asked of this kind.
    """

    is_text = True
    operators: tuple[str, ...] = ()  # of comparison, besides equality
    example = "web-store"

    def present(self) -> Comparison:
        return Present(self.is_text)

    def equals(self, value: Value, asker: Asker) -> Comparison:
        return Fitting(value) if value.has_wildcard else equal(value.literal)

    def spelled(self, value: Value) -> Value:
        """The same value as facets spell it."""
        return value

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        raise wrong(node.value, f"“{node.field}” is text; it cannot be compared with {node.op}.")

    def between(self, node: Range, asker: Asker) -> Comparison:
        raise QueryValueError(f"“{node.field}” is text; it has no ranges.", node.span.start, node.span.end)

    def in_blocks(self, blocks: Sequence[Value]) -> Comparison:
        message = "CIDR() works on fields that hold addresses, such as @network.client.ip."
        raise QueryValueError(message, blocks[0].span.start, blocks[-1].span.end)


Keyword = Kind


class Email(Kind):
    """Text that is kept in lower case."""

    example = "ana@example.com"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        lowered = tuple(part.lower() if isinstance(part, str) else part for part in value.parts)
        return super().equals(replace(value, parts=lowered), asker)


class Mitre(Kind):
    """A tactic or technique as MITRE names it, `TA0001 Initial Access`, or as tags do: `ta0001-initial-access`.

    Of a tag its number counts: it says which one is meant, and the words beside it are spelled in many ways.
    """

    example = '"TA0001 Initial Access"'

    def equals(self, value: Value, asker: Asker) -> Comparison:
        first = value.parts[0] if value.parts else ""
        if isinstance(first, str) and (tag := _MITRE_TAG.match(first)):
            value = replace(value, parts=(f"{tag[1].upper()} ", Wild.MANY))
        return super().equals(value, asker)


class Uuid(Kind):
    """A UUID, in any of its spellings. Patterns do not meet it."""

    is_text = False

    def equals(self, value: Value, asker: Asker) -> Comparison:
        try:
            return equal(uuid.UUID(value.literal or ""))
        except ValueError:
            return Never()


@dataclass(frozen=True)
class Prefixed(Kind):
    """The part after the colon of tags such as `team:payments`."""

    key: str

    def present(self) -> Comparison:
        return Fitting(Value((f"{self.key}:", Wild.MANY)))

    def equals(self, value: Value, asker: Asker) -> Comparison:
        return super().equals(replace(value, parts=(f"{self.key}:", *value.parts)), asker)

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        raise wrong(node.value, f"“{node.field}” is a tag; tags cannot be compared with {node.op}.")


@dataclass(frozen=True)
class Address(Kind):
    """An IP address; `packed` is the path of the column that keeps it in sortable form."""

    packed: str
    example = "203.0.113.7"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        text = value.literal or ""
        try:
            if "/" in text:
                return InBlocks((ipaddress.ip_network(text, strict=False),), self.packed)
            return equal(str(ipaddress.ip_address(text)))
        except ValueError:
            return super().equals(value, asker)

    def in_blocks(self, blocks: Sequence[Value]) -> Comparison:
        return InBlocks(tuple(ipaddress.ip_network(str(block), strict=False) for block in blocks), self.packed)


class Number(Kind):
    """A whole number of the database; what it is compared with may have decimals."""

    is_text = False
    operators = (">", ">=", "<", "<=")
    example = "100"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        number = self._read(value)
        return equal(int(number)) if number == int(number) else Never()

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        return Bounded(int, (self._bound(node.op, node.value),))

    def between(self, node: Range, asker: Asker) -> Comparison:
        ends = ((">=", node.low), ("<=", node.high))
        bounds = tuple(self._bound(op, value) for op, value in ends if value)
        return Bounded(int, bounds) if bounds else self.present()

    def _bound(self, op: str, value: Value) -> tuple[str, int]:
        number = self._read(value)
        return LOOKUPS[op], math.floor(number) if op in {">", "<="} else math.ceil(number)

    def _read(self, value: Value) -> float:
        number = read_number(value)
        if number is None:
            raise wrong(value, f"“{value}” is no number.")
        return number


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few known things, each `(word, stored, label)`, in order if `is_ordered`."""

    choices: tuple[tuple[str, Any, str], ...]
    is_ordered: bool = False
    is_text: bool = True

    @property
    def operators(self) -> tuple[str, ...]:  # type: ignore[override]
        return Number.operators if self.is_ordered else ()

    @property
    def example(self) -> str:  # type: ignore[override]
        return self.choices[-1][0]

    def word(self, stored: Any) -> str:
        return next((word for word, kept, _ in self.choices if kept == stored), str(stored))

    def label(self, word: str) -> str:
        return next((label for known, _, label in self.choices if known == word), word)

    def spelled(self, value: Value) -> Value:
        text = str(value).casefold()
        found = next((word for word, _, label in self.choices if text in {word.casefold(), label.casefold()}), None)
        return value if found is None or value.has_wildcard else Value((found,), span=value.span)

    def equals(self, value: Value, asker: Asker) -> Comparison:
        if value.has_wildcard:
            folded = value.casefolded()
            return self._one_of(
                [rank for rank, (word, _, _) in enumerate(self.choices) if fits(folded, word.casefold())]
            )
        return self._one_of([self._rank(value)])

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        if not self.is_ordered:
            return super().compare(node, asker)
        return self._ranked(((node.op, node.value),))

    def between(self, node: Range, asker: Asker) -> Comparison:
        if not self.is_ordered:
            return super().between(node, asker)
        return self._ranked(tuple((op, value) for op, value in ((">=", node.low), ("<=", node.high)) if value))

    def _ranked(self, ends: tuple[tuple[str, Value], ...]) -> Comparison:
        bounds = Bounded(int, tuple((LOOKUPS[op], self._rank(value)) for op, value in ends))
        return self._one_of([rank for rank in range(len(self.choices)) if bounds.meets(rank)])

    def _one_of(self, ranks: list[int]) -> Comparison:
        chosen = [self.choices[rank] for rank in ranks]
        return OneOf(tuple(stored for _, stored, _ in chosen), frozenset(word for word, _, _ in chosen))

    def _rank(self, value: Value) -> int:
        for rank, (word, _, _) in enumerate(self.choices):
            if self.spelled(value).literal == word:
                return rank
        raise wrong(value, f"“{value}” is none of {', '.join(word for word, _, _ in self.choices)}.")


class Date(Kind):
    """A moment: `now-15m`, a date, a date and time (in the asker's time zone unless it has one), or epoch milliseconds.

    What is written is a stretch of time as long as its last digit: a date is that whole day.
    """

    is_text = False
    operators = (">", ">=", "<", "<=")
    example = "now-1d"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        return within(*self._read(value, asker))

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        start, end = self._read(node.value, asker)
        match node.op:
            case ">":
                return within(end, None)
            case ">=":
                return within(start, None)
            case "<":
                return within(None, start)
            case _:
                return within(None, end)

    def between(self, node: Range, asker: Asker) -> Comparison:
        start = self._read(node.low, asker)[0] if node.low else None
        end = self._read(node.high, asker)[1] if node.high else None
        return within(start, end) if node.low or node.high else self.present()

    def _read(self, value: Value, asker: Asker) -> tuple[datetime, datetime]:
        try:
            start, length = read_moment(value.literal or "", asker)
            return start, start + length
        except (ValueError, OverflowError, OSError):
            message = f"“{value}” is no time; one looks like now-15m, now-1d, 2026-01-31 or 2026-01-31T08:30."
            raise wrong(value, message) from None


_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
_RELATIVE = re.compile(r"now(?:([+-])(\d{1,6})(mo|[smhdwy]))?", re.ASCII)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?P<seconds>:\d\d(?P<fraction>\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_EPOCH = re.compile(r"\d{9,14}", re.ASCII)  # milliseconds
_INSTANT = timedelta(microseconds=1)


def relative(text: str, now: datetime) -> datetime | None:
    """The moment that `now`, `now-15m` or `now+1mo` names; None for text that is none. Raises OverflowError."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    sign, number, unit = found.groups()
    shift = int(number) * _UNITS[unit] if number else timedelta()
    return now - shift if sign == "-" else now + shift


def read_moment(text: str, asker: Asker) -> tuple[datetime, timedelta]:
    """When it begins and how long it lasts. Raises ValueError or OverflowError."""
    if (at := relative(text, asker.now)) is not None:
        return at, _INSTANT
    if _EPOCH.fullmatch(text):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text)), timedelta(milliseconds=1)
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(text)
    start = datetime.fromisoformat(text)
    length = timedelta(minutes=1)
    if len(text) == len("2026-01-31"):
        end = (start + timedelta(days=1)).replace(tzinfo=asker.zone).astimezone(UTC)
        start = start.replace(tzinfo=asker.zone).astimezone(UTC)
        return start, end - start
    if found["fraction"]:
        length = _INSTANT
    elif found["seconds"]:
        length = timedelta(seconds=1)
    return (start if start.tzinfo else start.replace(tzinfo=asker.zone)).astimezone(UTC), length


def read_number(value: Value) -> float | None:
    """The number that is written, or None if it is none that every database can tell from its neighbours."""
    text = value.literal or ""
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if abs(number) < _LARGEST else None


def wrong(value: Value, message: str) -> QueryValueError:
    return QueryValueError(message, value.span.start, value.span.end)
