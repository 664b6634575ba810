"""Where one can go in time from here: back, forward, further out; to a stop and on again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from search_app.explorer.address import PRESETS, Address
from search_app.explorer.spans import doubled, span_of
from search_app.index import Window

SECONDS_UNDER = timedelta(minutes=10)  # shorter windows are named to the second


@dataclass(frozen=True)
class Moves:
    """Links; one that leads nowhere is empty. Of `pause` and `resume` a fixed window has neither."""

    earlier: str
    later: str
    wider: str
    pause: str
    resume: str


def draw_moves(address: Address, path: str, window: Window, now: datetime) -> Moves:
    """The ways in time, for the window that is shown."""
    width = window.end - window.start
    forward = min(width, now - window.end)
    return Moves(
        earlier=_fixed(address, path, window, -width, -width),
        later=_fixed(address, path, window, forward, forward) if forward > timedelta() else "",
        wider=_wider(address, path, window, now),
        pause=f"{path}{address.paused_at(now)}" if address.is_live else "",
        resume=f"{path}{address.to(start=None, end=None, paused=False)}" if address.paused else "",
    )


def _fixed(address: Address, path: str, window: Window, by_start: timedelta, by_end: timedelta) -> str:
    try:
        moved = address.to(start=window.start + by_start, end=window.end + by_end, paused=False)
        return f"{path}{moved}"
    except (OverflowError, ValueError):  # before the first year or after the last
        return ""


def _wider(address: Address, path: str, window: Window, now: datetime) -> str:
    """A window twice as wide. One that moves goes on to the next of the presets."""
    if address.is_live:
        width = span_of(address.range)
        name = next((preset.name for preset in PRESETS if preset.span > width), "") or doubled(address.range)
        return f"{path}{address.to(range=name)}" if name != address.range else ""
    half = (window.end - window.start) / 2
    return _fixed(address, path, window, -half, max(min(half, now - window.end), timedelta()))


def moments(window: Window, now: datetime) -> str:
    """The window as “Nov 16, 05:37 to Nov 17, 05:37”; all three know the person's time zone.

    The year stands where it is not this one, seconds where the window is short.
    """
    clock = "%H:%M:%S" if window.end - window.start < SECONDS_UNDER else "%H:%M"
    is_this_year = window.start.year == window.end.year == now.year
    day = "%b %-d" if is_this_year else "%b %-d %Y"
    same_day = window.start.date() == window.end.date()
    return f"{window.start:{day}, {clock}} to {window.end:{clock if same_day else f'{day}, {clock}'}}"
