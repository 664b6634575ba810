"""What every template may use of the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts_app.access import NOBODY, may_administer
from accounts_app.notifications import unread


def person(request: HttpRequest) -> dict[str, Any]:
    """`actor` (who may do what) and `may_administer` for every page; templates ask them, views decide by them.

    `unread` is the number on the bell, counted by whoever draws it.
    """
    actor = getattr(request, "actor", NOBODY)
    return {
        "actor": actor,
        "may_administer": lambda: may_administer(actor),
        "unread": lambda: unread(actor),
    }
