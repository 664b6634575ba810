"""Two types of fields that only cases have: their keys, and days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from search_app.comparisons import Bounded, Comparison
from search_app.kinds import Asker, Date, Kind
from search_app.language import Compare, Range, Value

ALMOST = timedelta(microseconds=1)


class CaseKey(Kind):
    """The key of a case, which is kept in capitals: sec-12 finds SEC-12."""

    example = "SEC-12"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        parts = tuple(part.upper() if isinstance(part, str) else part for part in value.parts)
        return super().equals(replace(value, parts=parts), asker)


class Day(Date):
    """A day without a time: whatever moment is written, the day that it lies in for who asks."""

    example = "2026-01-31"

    def equals(self, value: Value, asker: Asker) -> Comparison:
        first, last = self._days(value, asker)
        return _between(first, last)

    def compare(self, node: Compare, asker: Asker) -> Comparison:
        first, last = self._days(node.value, asker)
        match node.op:
            case ">":
                return Bounded(date, (("gt", last),))
            case ">=":
                return _between(first, None)
            case "<":
                return Bounded(date, (("lt", first),))
            case _:
                return _between(None, last)

    def between(self, node: Range, asker: Asker) -> Comparison:
        first = self._days(node.low, asker)[0] if node.low else None
        last = self._days(node.high, asker)[1] if node.high else None
        return _between(first, last) if node.low or node.high else self.present()

    def _days(self, value: Value, asker: Asker) -> tuple[date, date]:
        """The first and the last day of the stretch of time that is written."""
        start, end = self._read(value, asker)
        return _day(start, asker), _day(end - ALMOST, asker)


def _day(moment: datetime, asker: Asker) -> date:
    return moment.astimezone(asker.zone).date()


def _between(first: date | None, last: date | None) -> Bounded:
    bounds = (("gte", first), ("lte", last))
    return Bounded(date, tuple((lookup, day) for lookup, day in bounds if day is not None))
