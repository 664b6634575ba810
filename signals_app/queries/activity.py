"""What the ledger has on signals, services, rules and other settings."""

from __future__ import annotations

from django.db.models import QuerySet

from core_app.ledger import history
from core_app.models import Entry, Versioned

# What people do: each is one entry and one version. Correlation has entries of its own and moves no version.
EDITED = tuple(
    f"signals.{what}_edited"
    for what in ("rule", "suppression", "security_filter", "critical_asset", "notification_rule", "service", "source")
)
VERSIONED = (
    "signals.state_changed",
    "signals.reason_set",
    "signals.assigned",
    "signals.unassigned",
    "signals.team_set",
    *EDITED,
)


def activity(target: Versioned) -> QuerySet[Entry]:
    """What happened to it, newest first. The caller has asked `visible_to` for the thing itself."""
    return history(target)


def changes_since(target: Versioned, version: int) -> list[Entry]:
    """What people changed after that version, oldest first."""
    behind = max(target.version - version, 0)
    return list(history(target).filter(verb__in=VERSIONED)[:behind])[::-1]
