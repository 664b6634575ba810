"""Signals as the API tells them: read in a handful of statements, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts_app.access import Actor
from accounts_app.models import User
from core_app.errors import NotFound
from incidents_app.models import Incident, IncidentSignal
from signals_app.models import Assignment, Signal, SignalEntity, SignalTag

MOST_ENTITIES = 20  # of each kind that a signal names in a list
TRIAGE = ("pk", "public_id", "version", "state", "archive_reason", "archive_comment", "state_changed_at")
PERSON = ("pk", "uuid", "email", "name")
COLUMNS = (
    *TRIAGE,
    *("title", "message", "severity", "env", "host", "count", "attributes"),
    *("first_seen", "last_seen", "created_at"),
    *("rule__uuid", "rule__key", "rule__name", "rule__type", "rule__version", "rule__tags"),
    *("service__name", "source__name", "team__handle"),
)
Person = tuple[int, Any, str, str]  # as PERSON names it


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


def told(actor: Actor, pks: Sequence[int], *, entities: int = MOST_ENTITIES) -> list[Told]:
    """The signals with these keys, in this order, as far as the actor may see them."""
    signals = Signal.objects.visible_to(actor).filter(pk__in=pks).order_by()
    updater = (f"state_changed_by__{name}" for name in PERSON)
    found = {row.pk: Told(row) for row in signals.values_list(*COLUMNS, *updater, named=True)}
    _add_people(found)
    for pk, text in SignalTag.objects.filter(signal__in=found).order_by("text").values_list("signal", "text"):
        found[pk].tags.append(text)
    _add_entities(found, entities)
    for pk, public_id in incidents_of(actor, found):
        found[pk].incidents.append(public_id)
    return [found[pk] for pk in pks if pk in found]


def triaged(actor: Actor, pks: Sequence[int]) -> list[Told]:
    """The same of what triage decides, and nothing else."""
    signals = Signal.objects.visible_to(actor).filter(pk__in=pks).order_by()
    updater = (f"state_changed_by__{name}" for name in PERSON)
    found = {row.pk: Told(row) for row in signals.values_list(*TRIAGE, *updater, named=True)}
    _add_people(found)
    for pk, public_id in incidents_of(actor, found):
        found[pk].incidents.append(public_id)
    return [found[pk] for pk in pks if pk in found]


def signal_with(actor: Actor, pk: int) -> Signal:
    """The signal itself, for an action."""
    return Signal.objects.visible_to(actor).only("pk").get(pk=pk)


def keys_of(actor: Actor, public_ids: Iterable[str]) -> dict[str, int]:
    """The keys of the signals with these ids that the actor may see."""
    return dict(Signal.objects.visible_to(actor).filter(public_id__in=public_ids).values_list("public_id", "pk"))


def incidents_of(actor: Actor, pks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(signal, public id of an incident) for all incidents of these signals that the actor may see."""
    links = IncidentSignal.objects.visible_to(actor).filter(signal__in=pks)
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


def _add_people(found: Mapping[int, Told]) -> None:
    for one in found.values():
        row = one.row
        if row.state_changed_by__pk:
            one.updater = (row.state_changed_by__pk, row.state_changed_by__uuid, row[-2], row[-1])
    user = (f"user__{name}" for name in PERSON)
    assigned = Assignment.objects.filter(signal__in=found).order_by("-position", "-pk")
    for pk, *person in assigned.values_list("signal", *user):
        found[pk].assignee = tuple(person)  # the first in order comes last, and stays


def _add_entities(found: Mapping[int, Told], most: int) -> None:
    peers = {"partition_by": [F("signal"), F("role")]}
    ranked = SignalEntity.objects.filter(signal__in=found).annotate(
        rank=Window(RowNumber(), order_by=["-count", "pk"], **peers)
    )
    first = ranked.filter(rank__lte=most).order_by("rank")
    for pk, role, value, country in first.values_list("signal", "role", "entity__value", "entity__country"):
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
