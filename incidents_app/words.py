"""What the ledger says of an incident, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts_app.access import Actor
from cases_app.models.managers import READ as CASES_READ
from core_app.models import Entry
from incidents_app.models import Impact, Incident, Severity, State, Todo
from incidents_app.moments import moment_in
from signals_app.models.managers import READ as SIGNALS_READ

SHORT = 120  # characters of a text in a sentence
NAMES = ("name", "handle", "email", "id")  # of somebody of a chat, the best first. Source: Datadog's API

LABELS = {
    "title": "the title",
    "customer_impacted": "whether customers are affected",
    "customer_impact_scope": "the customer impact",
    "summary": "what happened",
    "root_cause": "the root cause",
    "type": "the type",
    "detection_method": "the detection method",
    "is_test": "whether it is a rehearsal",
    "declared_at": "when it was declared",
    "detected_at": "when it was detected",
    "stable_at": "when it was stable",
    "resolved_at": "when it was resolved",
    "tags": "the tags",
    "fields": "the fields",
    "content": "the words",
    "assignees": "who does it",
    "elsewhere": "who does it elsewhere",
    "due_at": "until when",
    "completed_at": "when it was done",
    "description": "the description",
    "start_at": "the start",
    "end_at": "the end",
    "url": "the address",
    "kind": "the kind",
    "at": "the moment",
}


# Verbs whose entries name what is not the incident's own → the permission that one sees it by.
OF_OTHERS = {
    "incidents.signal_added": SIGNALS_READ,
    "incidents.signal_removed": SIGNALS_READ,
    "incidents.case_linked": CASES_READ,
    "incidents.case_unlinked": CASES_READ,
}


def sentence(entry: Entry, actor: Actor) -> str:
    """What happened, to follow the name of whoever did it. Names no signal and no case that the reader may not see."""
    told = _SENTENCES.get(entry.verb)
    return told(entry.data if names(entry, actor) else {}) if told else entry.verb.rpartition(".")[2].replace("_", " ")


def names(entry: Entry, actor: Actor) -> bool:
    """Whether the reader may see the things that the entry names."""
    permission = OF_OTHERS.get(entry.verb)
    return permission is None or actor.can(permission)


def affected(incident: Incident, impacts: Sequence[Impact]) -> str:
    """Whether customers are affected: by the impacts where some are written down, or by what was ticked."""
    now = timezone.now()
    if impacts and all(impact.end_at and impact.end_at <= now for impact in impacts):
        return "Customers were affected."
    return "Customers are affected." if impacts or incident.customer_impacted else ""


def severity_label(value: str) -> str:
    return Severity(value).label if value in Severity.values else value


def state_label(value: str) -> str:
    return State(value).label if value in State.values else value


def changed(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field, before, after, in words, for each `[before, after]` in an entry's data."""
    return [
        (LABELS.get(name, name.replace("_", " ")), value_words(pair[0]), value_words(pair[1]))
        for name, pair in data.items()
        if isinstance(pair, list) and len(pair) == 2 and name not in ("state", "severity", "handles", "presets")
    ]


def value_words(value: Any) -> str:
    """A value of the ledger in a few words."""
    match value:
        case None | "" | [] | dict() if not value:  # `{}` would be any dict
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case {"name": name}:
            return str(name)
        case list():
            return _shortened(", ".join(value_words(one) for one in value))
        case dict():
            return _shortened("; ".join(f"{name}: {value_words(_inner(one))}" for name, one in value.items()))
        case str() if (moment := _moment(value)) is not None:
            return moment_words(moment)
    return _shortened(str(value))


def moment_words(moment: datetime) -> str:
    """A moment in the time zone of whoever reads, which it names."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"


def _outsider(one: Any) -> str:
    """Somebody who is nobody here, by what the other program says of them: a handle, a name, or whatever there is."""
    if not isinstance(one, Mapping):
        return str(one)
    return next((one[name] for name in NAMES if one.get(name)), "") or ", ".join(map(str, one.values()))


def outsiders(todo: Todo) -> list[str]:
    """Those who do it and are nobody here, in words."""
    return [_outsider(one) for one in todo.elsewhere]


def _inner(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _moment(text: str) -> datetime | None:
    if not (19 < len(text) < 40 and text[4:5] == "-" and text[10:11] == "T" and text.endswith("+00:00")):
        return None
    try:
        return moment_in(text)
    except ValueError:  # also for one that has no clock where the reader is
        return None


def _shortened(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _declared(data: Mapping[str, Any]) -> str:
    severity = severity_label(data.get("severity", ""))
    commander = (data.get("commander") or {}).get("name")
    led = f", with {commander} as its commander" if commander else ""
    return f"declared it {severity}{' as a private incident' if data.get('is_private') else ''}{led}"


def _people(data: Mapping[str, Any]) -> str:
    before, after = ({one["uuid"]: one["name"] for one in side} for side in data.get("responders", ([], [])))
    came = [name for uuid, name in after.items() if uuid not in before]
    left = [name for uuid, name in before.items() if uuid not in after]
    parts = [f"called {', '.join(came)} in"] * bool(came) + [f"let {', '.join(left)} go"] * bool(left)
    return " and ".join(parts) or "changed the responders"


def _roles(data: Mapping[str, Any]) -> str:
    held = {role: ", ".join(one["name"] for one in pair[1]) for role, pair in data.get("roles", {}).items()}
    return "; ".join(f"made {people or 'nobody'} {role}" for role, people in held.items()) or "changed the roles"


def _commander(data: Mapping[str, Any]) -> str:
    after = (data.get("commander") or [None, None])[1]
    return f"made {after['name']} the commander" if after else "left it without a commander"


def _privacy(data: Mapping[str, Any]) -> str:
    is_private = (data.get("is_private") or [False, False])[1]
    return "made it private" if is_private else "made it visible to everyone who may read incidents"


def _edited(data: Mapping[str, Any]) -> str:
    names = [LABELS.get(name, name.replace("_", " ")) for name, pair in data.items() if isinstance(pair, list)]
    return f"changed {', '.join(names)}" if names else "changed it"


def _moments(data: Mapping[str, Any]) -> str:
    return next((LABELS[name] for name in ("declared_at", "detected_at", "resolved_at") if name in data), "a moment")


def _pair(data: Mapping[str, Any], name: str) -> tuple[str, str]:
    before, after = data.get(name) or ("", "")
    return before, after


def _state(data: Mapping[str, Any]) -> str:
    before, after = _pair(data, "state")
    return f"changed the state from {state_label(before)} to {state_label(after)}"


def _severity(data: Mapping[str, Any]) -> str:
    before, after = _pair(data, "severity")
    return f"changed the severity from {severity_label(before)} to {severity_label(after)}"


def _told(data: Mapping[str, Any]) -> str:
    """Handles are words, not people: who stands behind one is not said, and one that only declares tells nobody."""
    presets = data.get("presets", [])
    told = [handle for handle in data.get("handles", []) if handle not in presets]
    people = [handle.removeprefix("@") for handle in told if "@" in handle[1:]]
    words = [handle for handle in told if "@" not in handle[1:]]
    if words:
        people.append(f"those behind the {_handles(words)}")
    parts = [f"used the incident {_handles(presets)}"] * bool(presets)
    parts += [f"told {_shortened(', '.join(people))} of it"] * bool(people)
    return " and ".join(parts) or "told others of it"


def _handles(words: Sequence[str]) -> str:
    return f"handle{'' if len(words) == 1 else 's'} {_shortened(', '.join(words))}"


_SENTENCES = {
    "incidents.declared": _declared,
    "incidents.state_changed": _state,
    "incidents.severity_changed": _severity,
    "incidents.commander_changed": _commander,
    "incidents.responders_changed": _people,
    "incidents.roles_changed": _roles,
    "incidents.privacy_changed": _privacy,
    "incidents.edited": _edited,
    "incidents.configured": lambda data: "changed what it is left out of",
    "incidents.told": _told,
    "incidents.timestamp_overridden": lambda data: f"corrected {_moments(data)}",
    "incidents.timestamp_restored": lambda data: f"took back the correction of {_moments(data)}",
    "incidents.deleted": lambda data: "deleted it",
    "incidents.signal_added": lambda data: f"added the signal “{data['title']}”" if data else "added a signal",
    "incidents.signal_removed": lambda data: f"took the signal “{data['title']}” out" if data else "took a signal out",
    "incidents.case_linked": lambda data: (
        f"linked the case {data['case']} “{data['title']}”" if data else "linked a case"
    ),
    "incidents.case_unlinked": lambda data: f"unlinked the case {data['case']}" if data else "unlinked a case",
    "incidents.todo_added": lambda data: f"wrote down what is to be done: “{_shortened(data.get('content', ''))}”",
    "incidents.todo_edited": lambda data: f"changed the to-do “{_content(data)}”",
    "incidents.todo_done": lambda data: f"did “{_content(data)}”",
    "incidents.todo_reopened": lambda data: f"opened “{_content(data)}” again",
    "incidents.todo_deleted": lambda data: f"took the to-do “{_content(data)}” away",
    "incidents.impact_added": lambda data: f"wrote down what customers felt: “{_shortened(data['description'])}”",
    "incidents.impact_edited": lambda data: f"changed the impact “{_shortened(data.get('of', ''))}”",
    "incidents.impact_deleted": lambda data: f"took the impact “{_shortened(data['description'])}” away",
    "incidents.attachment_added": lambda data: f"attached “{_shortened(data.get('title', ''))}”",
    "incidents.attachment_edited": lambda data: f"changed the link “{_shortened(data.get('of', ''))}”",
    "incidents.attachment_deleted": lambda data: f"took the link “{_shortened(data.get('title', ''))}” away",
    "incidents.integration_added": lambda data: f"linked {_shortened(data.get('title', '')) or 'an integration'}",
    "incidents.integration_edited": lambda data: f"changed the link to {_shortened(data.get('of', ''))}",
    "incidents.integration_deleted": lambda data: f"unlinked {_shortened(data.get('title', ''))}",
    "incidents.mentioned": lambda data: "called somebody by a note",
    "incidents.note_added": lambda data: "wrote a note",
    "incidents.note_edited": lambda data: "edited a note",
    "incidents.note_deleted": lambda data: "took a note back",
}


def _content(data: Mapping[str, Any]) -> str:
    content = data.get("content", "")
    return _shortened(str(content[-1] if isinstance(content, list) else content))
