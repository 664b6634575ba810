"""Signals as the API tells them: read in a handful of statements, however many they are."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple
from uuid import UUID

from accounts_app.access import Actor
from accounts_app.models import Team, User
from core_app.errors import NotFound
from core_app.models import Entry
from core_app.prepared import Prepared, Slot
from datadog_app.dates import moment
from incidents_app.models import Incident
from incidents_app.queries.rows import links_of
from search_app.names import names_of
from signals_app.models import Assignment, DetectionRule, Service, Signal, SignalEntity, Source
from signals_app.queries.rows import most_active, tags_of, visible

MOST_ENTITIES = 20  # of each kind that a signal names in a list
TRIAGE = (
    *("pk", "public_id", "version", "state", "archive_reason", "archive_comment"),
    *("state_changed_at", "state_changed_by"),
)
LISTED = (
    *("pk", "public_id", "version", "state", "archive_reason", "archive_comment", "state_changed_by"),
    *("title", "message", "severity", "env", "host", "count", "attributes"),
    *("first_seen", "last_seen", "rule", "service", "source", "team"),
)


class Person(NamedTuple):
    """Somebody in triage."""

    pk: int
    uuid: UUID
    email: str
    name: str


class Rule(NamedTuple):
    """A detection rule, as far as its signals tell it."""

    uuid: UUID
    key: str
    name: str
    type: str
    version: int
    tags: list[str]


@dataclass
class Told:
    """One signal's columns, and what stands beside it."""

    row: Any
    tags: list[str] = field(default_factory=list)
    assignee: Person | None = None
    attackers: list[tuple[str, str]] = field(default_factory=list)  # (address, country)
    victims: list[str] = field(default_factory=list)
    incidents: list[int] = field(default_factory=list)  # public ids, of those that the actor may see
    updater: Person | None = None
    commented: tuple[datetime, Person | None] | None = None  # when and by whom, if after it was archived
    # A thousand signals share a few of these: each is read once.
    rule: Rule | None = None
    service: str = ""
    source: str = ""
    team: str = ""

    @cached_property
    def first_seen(self) -> str:
        """When it was first seen, as the wire tells it, which it does twice."""
        return moment(self.row.first_seen)


# Programs ask these for every signal that they read or change: see core_app/prepared.py.
_KEY = Prepared(lambda: Signal.objects.filter(public_id=Slot("public_id")).order_by().values_list("pk"))
_ROWS = Prepared(lambda columns: Signal.objects.filter(pk__among=Slot("signals")).order_by().values_list(*columns))
_ASSIGNED = Prepared(
    lambda: (
        Assignment.objects.filter(signal__among=Slot("signals"))
        .order_by("-position", "-pk")
        .values_list("signal", "user")
    )
)
_PEOPLE = Prepared(lambda: User.objects.filter(pk__among=Slot("people")).order_by().values_list(*Person._fields))


@cache
def _row_kind(columns: Sequence[str]) -> Any:
    return namedtuple("Row", columns)


def told(actor: Actor, pks: Sequence[int], *, entities: int = MOST_ENTITIES, more: Sequence[str] = ()) -> list[Told]:
    """The signals with these keys, in this order, as far as the actor may see them; `more` names further columns."""
    found = _rows(actor, pks, (*LISTED, *more))
    rows = [one.row for one in found.values()]
    named = names_of(DetectionRule, *Rule._fields, keys=(row.rule for row in rows))
    rules = {pk: Rule(*rule) for pk, rule in named.items()}
    services, sources, teams = (
        {pk: name for pk, (name,) in names_of(model, column, keys=(getattr(row, key) for row in rows)).items()}
        for key, model, column in (("service", Service, "name"), ("source", Source, "name"), ("team", Team, "handle"))
    )
    for one in found.values():
        one.rule = rules[one.row.rule]
        one.service = services.get(one.row.service, "")
        one.source = sources[one.row.source]
        one.team = teams.get(one.row.team, "")
    for pk, text in tags_of(found):
        found[pk].tags.append(text)
    _add_entities(found, entities)
    return [found[pk] for pk in pks if pk in found]


def triaged(actor: Actor, pks: Sequence[int]) -> list[Told]:
    """The same of what triage decides, and nothing else."""
    found = _rows(actor, pks, TRIAGE)
    _add_comments(found)
    return [found[pk] for pk in pks if pk in found]


def _add_comments(found: Mapping[int, Told]) -> None:
    """Whose a comment is that was given to what was archived already: of that the ledger alone knows."""
    archived = {str(pk): one for pk, one in found.items() if one.row.archive_comment}
    if not archived:
        return
    label = Signal._meta.label_lower
    entries = Entry.objects.filter(target_type=label, target_id__in=archived, verb="signals.reason_set").order_by("id")
    given = {
        entry.target_id: entry
        for entry in entries
        if entry.data["comment"] != entry.data["was"]["comment"]
        and entry.at >= archived[entry.target_id].row.state_changed_at
    }
    names = {int(entry.actor_id) for entry in given.values() if entry.actor_id.isdecimal()}
    rows = User.objects.filter(pk__in=names).order_by().values_list(*Person._fields) if names else []
    people = {str(person[0]): Person(*person) for person in rows}
    for key, entry in given.items():
        archived[key].commented = entry.at, people.get(entry.actor_id)


def _rows(actor: Actor, pks: Sequence[int], columns: Sequence[str]) -> dict[int, Told]:
    """These columns of the signals that the actor may see, with the people and the incidents of each."""
    kind = _row_kind(columns)
    rows = map(kind._make, _ROWS.rows(columns, signals=visible(actor, pks)))
    found = {row.pk: Told(row) for row in rows}
    assignees = dict(_ASSIGNED.rows(signals=[*found]))  # the first in order comes last, and stays
    wanted = {*assignees.values(), *(one.row.state_changed_by for one in found.values())} - {None}
    people = {person[0]: Person(*person) for person in _PEOPLE.rows(people=[*wanted])} if wanted else {}
    for pk, one in found.items():
        one.assignee = people.get(assignees.get(pk))
        one.updater = people.get(one.row.state_changed_by)
    for pk, public_id in incidents_of(actor, found):
        found[pk].incidents.append(public_id)
    return found


def signal_with(actor: Actor, pk: int) -> Signal:
    """The signal itself, for an action."""
    return Signal.objects.visible_to(actor).only("pk").get(pk=pk)


def key_of(actor: Actor, public_id: str) -> int | None:
    """The key of the signal with this id; None where there is none, or it is not the actor's to see."""
    found = [key for (key,) in _KEY.rows(public_id=public_id)]
    return next(iter(visible(actor, found)), None)


def keys_of(actor: Actor, public_ids: Iterable[str]) -> dict[str, int]:
    """The keys of the signals with these ids that the actor may see."""
    return dict(Signal.objects.visible_to(actor).filter(public_id__in=public_ids).values_list("public_id", "pk"))


def lock_signals(actor: Actor, pks: Iterable[int]) -> None:
    """Lock these signals in the order of their keys, for several edits of them in one transaction."""
    rows = Signal.objects.visible_to(actor).filter(pk__among=pks).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk"))


def incidents_of(actor: Actor, pks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(signal, public id of an incident) for all incidents of these signals that the actor may see."""
    if (links := links_of(actor, pks)) is not None:
        yield from links.order_by("incident__public_id").values_list("signal", "incident__public_id")


def incidents_named(actor: Actor, public_ids: Sequence[int]) -> list[Incident]:
    """The incidents with these public ids. Raises NotFound for one that is not there, or not the actor's to see."""
    found = {one.public_id: one for one in Incident.objects.visible_to(actor).filter(public_id__in=public_ids)}
    if absent := [public_id for public_id in public_ids if public_id not in found]:
        raise NotFound(f"incident {absent[0]} not found")
    return [found[public_id] for public_id in dict.fromkeys(public_ids)]


def assignable(actor: Actor, uuids: Iterable[Any]) -> dict[Any, User]:
    """The people with these UUIDs that the actor may see."""
    return {user.uuid: user for user in User.objects.visible_to(actor).filter(uuid__in=uuids)}


def _add_entities(found: Mapping[int, Told], most: int) -> None:
    for pk, role, _, _, value, country in most_active(found, most):
        if role == SignalEntity.Role.ATTACKER:
            found[pk].attackers.append((value, country))
        else:
            found[pk].victims.append(value)


def tag_map(tags: Iterable[str]) -> dict[str, list[str]]:
    """Tags by their keys; a bare word has none."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in tags:
        key, colon, value = tag.partition(":")
        if colon:
            found[key].append(value)
    return dict(found)
