"""Signals as the rows of a list, read no further than the columns that are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts_app.access import Actor
from accounts_app.models import Called
from core_app.prepared import Prepared, Slot
from search_app.attributes import elements
from signals_app.explorer import EXPLORER
from signals_app.marks import Mark, marks_of
from signals_app.models import Assignment, Signal, SignalEntity, SignalTag

NAMED = 1  # entities of each kind that a row names; the rest is a number
JOINED = {
    **dict.fromkeys(("title", "rule", "tactic", "technique"), "rule"),
    **{name: name for name in ("service", "source", "team")},
}
ASSIGNED = ("state", "assignees")  # the columns that name people
MOST_ELEMENTS = 5  # of an attribute, that a cell shows
MOST_TEXT = 300  # characters of an attribute


class Named(NamedTuple):
    """An entity, as far as a row names it."""

    kind: str
    value: str
    country: str


class Rule(NamedTuple):
    """A rule, as far as a row names it."""

    name: str
    uuid: UUID
    type: str
    tactic: str
    technique: str


class Team(NamedTuple):
    name: str
    handle: str


class Other(NamedTuple):
    """A service or a source."""

    name: str


@dataclass(frozen=True)
class Person(Called):
    """Somebody who is assigned, as far as a row names them."""

    pk: int
    name: str
    email: str


class Assigned(NamedTuple):
    user: Person


@dataclass(slots=True)
class SignalRow:
    """One signal as a list shows it. What no column of the list shows is as it is here.

    Rows that are equal are drawn as one: all that is shown of a row counts when it is compared, and once
    `signal_rows` has read it nothing changes it.
    """

    pk: int
    public_id: str
    version: int
    title: str
    severity: int
    state: str
    archive_reason: str
    archive_comment: str
    env: str
    host: str
    count: int
    first_seen: datetime
    last_seen: datetime
    created_at: datetime
    message: str = ""
    attributes: Any = None
    attribute_texts: Mapping[str, str] = field(default_factory=dict)  # by the name of the column that shows it
    rule: Rule | None = None
    service: Other | None = None
    source: Other | None = None
    team: Team | None = None
    assigned: Sequence[Assigned] = ()
    tags: Sequence[str] = ()
    attackers: Sequence[Named] = ()
    victims: Sequence[Named] = ()
    attackers_beyond: int = 0
    victims_beyond: int = 0
    marks: Sequence[Mark] = ()

    def __hash__(self) -> int:
        return hash(self.pk)


TEXTS = ("message", "attributes")
OWN = tuple(takewhile(lambda name: name not in TEXTS, SignalRow.__dataclass_fields__))  # what stands before the texts
TABLES: Mapping[str, Any] = {"rule": Rule, "service": Other, "source": Other, "team": Team}


def _rows_query(texts: Sequence[str], joined: Sequence[str]) -> QuerySet[Any, Any]:
    beside = (f"{table}__{name}" for table in joined for name in TABLES[table]._fields)
    return Signal.objects.filter(pk__among=Slot("signals")).order_by().values_list(*OWN, *texts, *beside)


def _entities_query(named: int) -> QuerySet[Any, Any]:
    peers: dict[str, Any] = {"partition_by": [F("signal"), F("role")]}
    ranked = SignalEntity.objects.filter(signal__among=Slot("signals")).annotate(
        rank=Window(RowNumber(), order_by=["-count", "pk"], **peers), peers=Window(Count("pk"), **peers)
    )
    of_entity = (f"entity__{name}" for name in Named._fields)
    first = ranked.filter(rank__lte=named).order_by("rank")
    return first.values_list("signal", "role", "peers", *of_entity)


# Every page asks these: see core_app/prepared.py. None of them asks what the reader may see; `signal_rows` does.
_ROWS = Prepared(_rows_query)
_ENTITIES = Prepared(_entities_query)
_PEOPLE = Prepared(
    lambda: (
        Assignment.objects.filter(signal__among=Slot("signals"))
        .order_by("position", "pk")
        .values_list("signal", "user", "user__name", "user__email")
    )
)
_TAGS = Prepared(
    lambda: SignalTag.objects.filter(signal__among=Slot("signals")).order_by("text").values_list("signal", "text")
)


def signal_rows(
    actor: Actor,
    pks: Sequence[int],
    columns: Sequence[str],
    *,
    named: int = NAMED,
    texts: Sequence[str] = (),
    marked: bool = True,
) -> list[SignalRow]:
    """The signals with these keys, in this order, with what these columns show of them.

    `named` is how many entities of each kind are named, `texts` which of message and attributes are read too, and
    without `marked` nobody asks what they belong to.
    """
    pks = visible(actor, pks)
    paths = [name for name in columns if name.startswith("@")]
    read = tuple(name for name in TEXTS if name in texts or (name == "attributes" and paths))
    joined = tuple(table for table in TABLES if any(JOINED.get(name) == table for name in columns))
    found = {one.pk: one for one in map(_reader(read, joined), _ROWS.rows(read, joined, signals=pks))}
    if paths:
        for row in found.values():
            row.attribute_texts = {path: _attribute_text(row.attributes, path) for path in paths}
            if "attributes" not in texts:  # the document may be large, and rows are kept as long as they are drawn
                row.attributes = None
    if any(name in columns for name in ASSIGNED):
        _name_people(found)
    if "tags" in columns:
        for pk, tags in _together(tags_of(found)).items():
            found[pk].tags = tags
    if "entities" in columns:
        _name_entities(found, named)
    if marked:
        for pk, marks in marks_of(actor, [*found]).items():
            found[pk].marks = tuple(marks)
    return [found[pk] for pk in pks if pk in found]


def newest_signals(actor: Actor, signals: QuerySet[Signal], most: int = 20) -> list[SignalRow]:
    """The newest of these signals that the actor may see, as rows with the usual columns."""
    theirs = signals.visible_to(actor).order_by("-first_seen", "-pk")
    return signal_rows(actor, list(theirs.values_list("pk", flat=True)[:most]), EXPLORER.shown)


def visible(actor: Actor, pks: Sequence[int]) -> Sequence[int]:
    """Those of these signals that the actor may see. Whoever sees all of them costs no statement."""
    theirs = Signal.objects.visible_to(actor)
    if theirs.query.is_empty():
        return []
    if not theirs.query.where:
        return pks
    seen = set(theirs.filter(pk__among=pks).values_list("pk", flat=True))
    return [pk for pk in pks if pk in seen]


def _reader(texts: Sequence[str], joined: Sequence[str]) -> Any:
    """What makes a row of the values of one: its own, its texts, and those of what stands beside it."""
    own, names, beside, place = len(OWN), (), [], len(OWN) + len(texts)
    for table in joined:
        end = place + len(TABLES[table]._fields)
        beside.append((table, TABLES[table]._make, place, end))
        place = end
    names = tuple(enumerate(texts, own))

    def read(values: Sequence[Any]) -> SignalRow:
        row = SignalRow(*values[:own])
        for at, name in names:
            setattr(row, name, values[at])
        for table, make, start, end in beside:
            if values[start] is not None:  # every one of these tables has a name first
                setattr(row, table, make(values[start:end]))
        return row

    return read


def _name_people(found: Mapping[int, SignalRow]) -> None:
    people: dict[int, Assigned] = {}
    assigned = []
    for pk, *person in _PEOPLE.rows(signals=[*found]):
        known = people.get(person[0])
        if known is None:
            known = people[person[0]] = Assigned(Person(*person))
        assigned.append((pk, known))
    for pk, theirs in _together(assigned).items():
        found[pk].assigned = theirs


def _together(pairs: Iterable[Sequence[Any]]) -> dict[Any, tuple[Any, ...]]:
    """By key, the values of pairs in their order."""
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def most_active(signals: Iterable[int], most: int) -> Iterator[Sequence[Any]]:
    """The entities that these signals name, `most` of each role, the most active first: (signal, role, how many
    there are of that role, kind, value, country). The caller has seen the signals."""
    return _ENTITIES.rows(most, signals=[*signals])


def tags_of(signals: Iterable[int]) -> Iterator[Sequence[Any]]:
    """(signal, tag) of all tags of these signals, in their order. The caller has seen the signals."""
    return _TAGS.rows(signals=[*signals])


def _name_entities(found: Mapping[int, SignalRow], named: int) -> None:
    """Give each signal its `named` most active attackers and victims, and the number of those beyond them.

    One query for all of them together: a signal may have thousands of attackers, and a row names one.
    """
    totals, names = {}, []
    for pk, role, total, *entity in most_active(found, named):
        totals[pk, role] = total
        names.append(((pk, role), Named(*entity)))
    for (pk, role), theirs in _together(names).items():
        setattr(found[pk], f"{role}s", theirs)
        setattr(found[pk], f"{role}s_beyond", totals[pk, role] - len(theirs))


def _attribute_text(attributes: Any, path: str) -> str:
    """What attributes hold at an `@path`, in one line; empty for nothing."""
    found = [one for one in elements(attributes, path[1:].split(".")) if one is not None and one != ""]
    beyond = f" +{len(found) - MOST_ELEMENTS}" if len(found) > MOST_ELEMENTS else ""
    text = ", ".join(map(_as_text, found[:MOST_ELEMENTS]))
    return (text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…") + beyond


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
