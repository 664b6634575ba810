"""What the security filters were, all of them together: read out of the ledger."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts_app.access import Actor
from core_app.ledger import target_type
from core_app.models import Entry
from signals_app.models import SecurityFilter
from signals_app.queries.versions import versions

CREATED, EDITED, DELETED = (f"signals.security_filter_{done}" for done in ("created", "edited", "deleted"))
FIELDS = ("name", "query", "exclusions", "is_enabled")
MOST = 100  # versions that are told


@dataclass(frozen=True)
class FilterSet:
    """The filters as they were from `at` on; `number` counts from 1."""

    number: int
    at: datetime
    filters: tuple[dict[str, Any], ...]


def filter_sets(actor: Actor) -> list[FilterSet]:
    """The newest versions of all security filters, the newest first, for an actor who may read filters."""
    builtin = SecurityFilter.objects.visible_to(actor).filter(is_builtin=True).first()
    if builtin is None:
        return []
    *_, first = versions(builtin)  # the only one that was there before any entry
    now = {str(builtin.pk): _told(first.row, builtin=True)}
    found = deque([FilterSet(1, first.at, tuple(now.values()))], maxlen=MOST)
    entries = Entry.objects.filter(target_type=target_type(SecurityFilter), verb__in=(CREATED, EDITED, DELETED))
    for number, entry in enumerate(entries.order_by("id").iterator(chunk_size=200), start=2):
        _replay(entry, now)
        found.append(FilterSet(number, entry.at, tuple(now.values())))
    return [*reversed(found)]


def _replay(entry: Entry, now: dict[str, dict[str, Any]]) -> None:
    key, data = entry.target_id, entry.data
    if entry.verb == DELETED:
        now.pop(key, None)
    elif entry.verb == CREATED:
        now[key] = {"id": data["uuid"], "version": 0, "is_builtin": False, **{name: data[name] for name in FIELDS}}
    elif key in now:
        changed = {name: pair[1] for name, pair in data.items()}
        now[key] = {**now[key], **changed, "version": now[key]["version"] + 1}


def _told(row: SecurityFilter, *, builtin: bool) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in FIELDS}
    return {"id": str(row.uuid), "version": row.version, "is_builtin": builtin, **kept}
