"""What the ledger says of cases, in words."""

from __future__ import annotations

from typing import Any

from accounts_app.access import Actor
from cases_app.models import CaseLink, Priority, Status
from core_app.models import Entry
from signals_app.models.managers import READ as SIGNALS_READ

NAMED = 3  # signals that a sentence names
SHORT = 120  # characters of a value
FIELDS = {
    "title": "the title",
    "description": "the description",
    "type": "the type",
    "due_date": "the due date",
    "attributes": "the attributes",
    "tags": "the tags",
    "custom_attributes": "the custom attributes",
    "name": "the name",
    "triages_signals": "what happens to signals",
}


def sentence(entry: Entry, actor: Actor) -> str:
    """What was done, to follow the name of who did it: “moved it from Open to In Progress”."""
    data = seen(entry, actor)
    match entry.verb:
        case "cases.created":
            return "made the case"
        case "cases.edited" | "cases.project_edited":
            return _edited(data)
        case "cases.moved":
            return f"moved it from {data['key'][0]} to {data['key'][1]}"
        case "cases.status_changed":
            before, after = (label(Status, value) for value in data["status"])
            return f"{_verb(data, 'moved it')} from {before} to {after}"
        case "cases.assigned":
            return f"{_verb(data, 'assigned it')} to {data['assignee'][1]['name']}"
        case "cases.unassigned":
            return f"took it from {(data['assignee'][0] or {}).get('name', 'nobody')}"
        case "cases.priority_set":
            before, after = (label(Priority, value) for value in data["priority"])
            return f"{_verb(data, 'set its priority')} from {before} to {after}"
        case "cases.archived":
            return "archived it"
        case "cases.unarchived":
            return "brought it back from the archive"
        case "cases.signals_added":
            return f"added {_signals(data)}"
        case "cases.signals_removed":
            return f"removed {_signals(data)}"
        case "cases.watched" | "cases.unwatched":
            return _watching(entry)
        case "cases.linked" | "cases.unlinked":
            return f"{'said' if entry.verb == 'cases.linked' else 'took back'} that {_related(data)}"
    return entry.verb.rpartition(".")[2].replace("_", " ")


def seen(entry: Entry, actor: Actor) -> dict[str, Any]:
    """What the entry says, without the names of signals for whoever may not see them."""
    if actor.can(SIGNALS_READ):
        return entry.data
    return {name: value for name, value in entry.data.items() if name != "signals"}


def _watching(entry: Entry) -> str:
    """Who watches from now on, or no longer; entries keep the name of the person."""
    who = "themselves" if entry.data["user"]["name"] == entry.actor_label else entry.data["user"]["name"]
    if entry.verb == "cases.watched":
        return "watches it from now on" if who == "themselves" else f"has {who} told of it"
    return "watches it no longer" if who == "themselves" else f"has {who} told of it no longer"


def _related(data: dict[str, Any]) -> str:
    words = label(CaseLink.Relationship, data["relationship"])
    other = f"{data['case']} “{data['title']}”"
    return f"it {words} {other}" if data["side"] == "parent" else f"{other} {words} it"


def changes(entry: Entry) -> list[tuple[str, str, str]]:
    """Field, before, after, of what somebody wrote, unless `sentence` tells it all."""
    if entry.verb not in ("cases.edited", "cases.project_edited") or list(entry.data) == ["title"]:
        return []
    return [
        (words.removeprefix("the "), *(_value(value) for value in entry.data[name]))
        for name, words in FIELDS.items()
        if name in entry.data
    ]


def label(choices: Any, value: str) -> str:
    """The words for a choice; the value itself for one that there is no more."""
    return choices(value).label if value in choices.values else value


def of_signal(entry: Entry) -> str:
    """What the entry says in a signal's own activity, which is read by some who may not see cases."""
    return "put it into a case" if entry.verb == "cases.signal_linked" else "took it out of a case"


def _verb(data: dict[str, Any], done: str) -> str:
    return f"{done} back" if data.get("undone") else done


def _edited(data: dict[str, Any]) -> str:
    if list(data) == ["title"]:
        return f"renamed it from “{data['title'][0]}” to “{data['title'][1]}”"
    if list(data) == ["due_date"]:
        day = data["due_date"][1]
        return f"made it due on {day}" if day else "took its due date away"
    named = [words for name, words in FIELDS.items() if name in data]  # in our order: a database has another
    return f"changed {', '.join(named)}"


def _value(value: Any) -> str:
    """A value of the ledger in a few words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            value = ", ".join(value)
        case dict():
            value = "; ".join(f"{name} = {_texts(texts)}" for name, texts in value.items())
    text = value or "nothing"
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _texts(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values)


def _signals(data: dict[str, Any]) -> str:
    titles = [f"“{signal['title']}”" for signal in data.get("signals", [])[:NAMED]]
    count = data["count"]
    if not titles:
        return "a signal" if count == 1 else f"{count} signals"
    beyond = f" and {count - len(titles)} more" if count > len(titles) else ""
    return f"{'the signal' if count == 1 else f'{count} signals:'} {', '.join(titles)}{beyond}"
