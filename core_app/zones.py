"""The time zones that there are."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


@cache
def time_zones() -> frozenset[str]:
    """Their IANA names. To find them, hundreds of files are opened: they are looked for once."""
    return frozenset(available_timezones())


def check_time_zone(name: str) -> None:
    """Raises ValidationError for a name that the IANA database does not have."""
    if name not in time_zones():
        raise ValidationError("“%(name)s” is no time zone; one looks like Europe/Paris.", params={"name": name})
