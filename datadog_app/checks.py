"""System checks of how often the API may be asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

RATES = "rates"  # the tag that they run under
GROUPS = ("cases", "incidents", "keys", "roles", "rules", "signals", "suppressions", "teams", "users", "validate")


@register(RATES)
def check_groups(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A rate for a group of endpoints that there is not would limit nothing, and nobody would notice."""
    return [
        Error(
            f"TOCSIN_API_RATES names “{name}”: there is no such group of endpoints, but {', '.join(GROUPS)}.",
            id="tocsin.E020",
        )
        for name in settings.TOCSIN_API_RATES
        if name not in GROUPS
    ]
