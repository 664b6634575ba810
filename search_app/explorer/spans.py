"""Windows of time that end now, by the names that people write: `45m`, `3h`, `past 2 weeks`."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {
    "m": ("minute", timedelta(minutes=1)),
    "h": ("hour", timedelta(hours=1)),
    "d": ("day", timedelta(days=1)),
    "w": ("week", timedelta(weeks=1)),
}
LONGEST = timedelta(days=3653)  # ten years
_WRITTEN = (
    r"(?:(?:the\s+)?(?:past|last)\s+)?(\d{1,7})?\s*"
    r"(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
)
_SPAN = re.compile(_WRITTEN, re.IGNORECASE | re.ASCII)
# The same for the browser, which says it before anything is sent, and cannot be told to leave case out of it.
_ANY_CASE = re.sub(r"(?<!\\)[a-z]", lambda found: f"[{found[0]}{found[0].upper()}]", _WRITTEN)
PATTERN = rf"\s*{_ANY_CASE}\s*"


def read_span(text: str) -> str:
    """The name of the span that somebody wrote: `3h` for “past 3 hours”.

    Raises ValueError for what is none, for none at all, and for more than ten years.
    """
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    name = f"{int(found[1] or 1)}{found[2][0].lower()}"
    if not timedelta() < span_of(name) <= LONGEST:
        raise ValueError(text)
    return name


def span_of(name: str) -> timedelta:
    """How long it is. The name is one that `read_span` gave."""
    return int(name[:-1]) * UNITS[name[-1]][1]


def span_label(name: str) -> str:
    """The span for people: “Past 3 hours”."""
    number, (unit, _) = int(name[:-1]), UNITS[name[-1]]
    return f"Past {unit}" if number == 1 else f"Past {number} {unit}s"


def doubled(name: str) -> str:
    """The name of a span twice as long, or of the longest."""
    twice = f"{int(name[:-1]) * 2}{name[-1]}"
    return twice if span_of(twice) <= LONGEST else f"{LONGEST.days}d"
