"""One address that sends one and the same request, and hardly anybody gets a word in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from signals_app.models import RawItem
from signals_app.sources.reading import Reading

MANY = 80  # the same request of one address among the items that are read at once, which are at most 200
WITHIN = timedelta(minutes=1)


def with_floods(readings: Sequence[tuple[RawItem, Reading]]) -> list[tuple[RawItem, Reading]]:
    """The readings, with a finding added to each request that is part of a flood.

    A flood is looked for among the items that are read together, so that no request need be remembered:
    what does not dominate the log is none.
    """
    times: dict[tuple[tuple[str, ...], str], list[datetime]] = defaultdict(list)
    for _, reading in readings:
        if reading.repeatable:
            times[reading.repeatable.attackers, reading.request].append(reading.repeatable.at)
    floods = {same for same, at in times.items() if len(at) >= MANY and max(at) - min(at) <= WITHIN}
    return [
        (item, replace(reading, findings=(*reading.findings, reading.repeatable)))
        if reading.repeatable and (reading.repeatable.attackers, reading.request) in floods
        else (item, reading)
        for item, reading in readings
    ]
