"""One address that sends one and the same request, and hardly anybody gets a word in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from signals_app.models import RawItem
from signals_app.sources.reading import Finding, Reading

MANY = 50  # the same request of one address among the items of one batch, which are at most 100
WITHIN = timedelta(minutes=1)


def floods(readings: Sequence[tuple[RawItem, Reading]]) -> Iterator[tuple[RawItem, Finding]]:
    """The requests of this batch that are a flood: half of all that came, by one address, within a minute.

    Looked for inside of a batch, so that no request need be remembered: what does not dominate the log is none.
    """
    same: dict[tuple[tuple[str, ...], str], list[tuple[RawItem, Finding]]] = defaultdict(list)
    for item, reading in readings:
        if reading.repeatable:
            same[reading.repeatable.attackers, reading.request].append((item, reading.repeatable))
    for repeated in same.values():
        times = [finding.at for _, finding in repeated]
        if len(repeated) >= MANY and max(times) - min(times) <= WITHIN:
            yield from repeated
