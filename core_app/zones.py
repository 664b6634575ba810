"""The time zones that there are."""

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Their IANA names. To find them, hundreds of files are opened: they are looked for once."""
    return frozenset(available_timezones())
