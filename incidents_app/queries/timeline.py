"""The story of an incident: what the ledger tells, and the notes that people wrote, in the order of their moments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts_app.access import Actor
from core_app.ledger import history
from core_app.models import Entry
from incidents_app.models import Incident, Note
from incidents_app.words import changed, names, sentence

KINDS = {
    "change": "Changes",
    "signal": "Signals",
    "note": "Notes",
    "todo": "To-dos",
}
MOST = 5_000  # entries, and notes, that a timeline is made of: the newest
BEGINNINGS = ("incidents.declared", "incidents.todo_added")  # two people in their data are no before and after
TOLD_BY_THE_NOTE = ("incidents.note_added", "incidents.note_edited", "incidents.note_deleted", "incidents.mentioned")


@dataclass(frozen=True)
class Signal:
    """A signal that was put into the incident or taken out: its public id and the title that it had."""

    public_id: str
    title: str


@dataclass(frozen=True)
class Item:
    """One row of the timeline.

    `kind` is of KINDS. A note has `note`; every other has the `verb` of its ledger entry, a `sentence` to follow the
    name of `who`, the fields that `changes` names with before and after, and for signals which: none for whoever may
    not see signals. `key` is unique.
    """

    key: str
    kind: str
    at: datetime
    who: str
    verb: str = ""
    sentence: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    signals: tuple[Signal, ...] = ()
    note: Note | None = None


def timeline(
    actor: Actor, incident: Incident, *, kinds: Collection[str] = (), newest_first: bool = False
) -> list[Item]:
    """What happened, oldest first; none for whoever may not see the incident. `kinds` narrows to these.

    Signals that were added together are one row. A signal that is not to be shown on the timeline is not.
    """
    if not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        return []
    items = [*_of_ledger(actor, incident), *_of_notes(actor, incident)]
    if kinds:
        items = [item for item in items if item.kind in kinds]
    return sorted(items, key=lambda item: item.at, reverse=newest_first)


def _of_ledger(actor: Actor, incident: Incident) -> Iterator[Item]:
    entries = history(incident).exclude(verb__in=TOLD_BY_THE_NOTE)[:MOST]
    together: list[Entry] = []
    for entry in reversed(entries):
        if entry.verb == "incidents.signal_added" and not entry.data.get("on_timeline"):
            continue
        if together and not _goes_with(together[0], entry):
            yield _item(actor, together)
            together = []
        together.append(entry)
    if together:
        yield _item(actor, together)


def _goes_with(first: Entry, entry: Entry) -> bool:
    """Whether two entries are one deed: signals put in or taken out together."""
    same = entry.operation is not None and (entry.operation, entry.verb) == (first.operation, first.verb)
    return same and "signal" in entry.data


def _item(actor: Actor, entries: list[Entry]) -> Item:
    entry = entries[0]
    kind = next((kind for kind in ("signal", "todo") if entry.verb.startswith(f"incidents.{kind}_")), "change")
    named = entries if kind == "signal" and names(entry, actor) else ()
    signals = tuple(Signal(one.data["signal"], one.data["title"]) for one in named)
    words = sentence(entry, actor)
    if len(entries) > 1:
        words = f"{'added' if entry.verb.endswith('added') else 'took out'} {len(entries):,} signals"
    return Item(
        key=f"entry-{entry.pk}",
        kind=kind,
        at=entry.at,
        who=entry.actor_label,
        verb=entry.verb,
        sentence=words,
        changes=() if entry.verb in BEGINNINGS else tuple(changed(entry.data)),
        signals=signals,
    )


def _of_notes(actor: Actor, incident: Incident) -> Iterator[Item]:
    notes = Note.objects.visible_to(actor).filter(incident=incident).select_related("created_by")
    for note in notes.prefetch_related("revisions__by").order_by("-at", "-pk")[:MOST]:
        who = note.created_by.label if note.created_by else "somebody who is gone"
        yield Item(key=f"note-{note.uuid}", kind="note", at=note.at, who=who, note=note)
