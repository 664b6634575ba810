"""What the ledger says of a signal, in words."""

from __future__ import annotations

from typing import Any

from core_app.models import Entry
from signals_app.models import Severity, TriageState
from signals_app.models.signals import ArchiveReason


def sentence(entry: Entry) -> str:
    """What was done, to follow the name of who did it: “moved it from Open to Under Review”."""
    data = entry.data
    match entry.verb:
        case "signals.created":
            return "detected it"
        case "signals.state_changed":
            before, after = data["state"]
            words = f"moved it from {_label(TriageState, before)} to {_label(TriageState, after)}"
            return f"{words}: {_label(ArchiveReason, data['reason'])}" if data.get("reason") else words
        case "signals.assigned":
            return f"assigned it to {_people(data['assignees'][1])}"
        case "signals.unassigned":
            return f"removed all assignments (it was with {_people(data['assignees'][0])})"
        case "signals.team_set":
            before, after = data["team"]
            return f"routed it to the team {after}" if after else f"took it from the team {before}"
        case "signals.correlated":
            return f"saw more of it: {'; '.join(_changes(data))}" if data else "saw more of it"
    verb = entry.verb.rpartition(".")[2].replace("_", " ")
    return f"{verb}: {'; '.join(_changes(data))}" if data else verb


def comment(entry: Entry) -> str:
    """What the person wrote with it; often empty."""
    return str(entry.data.get("comment") or "")


def _changes(data: dict[str, Any]) -> list[str]:
    words = []
    for name, change in data.items():
        label = name.replace("_", " ")
        if isinstance(change, list) and len(change) == 2 and name in ("severity", "title", "state"):
            before, after = (_severity(value) if name == "severity" else value for value in change)
            words.append(f"{label} {before} → {after}")
        elif isinstance(change, list):
            words.append(f"{label} {', '.join(str(value) for value in change[:5])}{' …' if len(change) > 5 else ''}")
        elif change not in (None, "", {}):
            words.append(f"{label} {change}")
    return words


def _severity(value: Any) -> str:
    try:
        return Severity(int(value)).label
    except (ValueError, TypeError):
        return str(value).capitalize()


def _label(choices: Any, value: str) -> str:
    return choices(value).label if value in choices.values else value


def _people(people: list[dict[str, str]]) -> str:
    return ", ".join(person["name"] for person in people) or "nobody"
