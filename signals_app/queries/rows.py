"""Signals as the rows of a list, read no further than the columns that are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F, Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts_app.access import Actor
from search_app.attributes import elements
from signals_app.explorer import EXPLORER
from signals_app.marks import marks_of
from signals_app.models import Assignment, Signal, SignalEntity

NAMED = 1  # entities of each kind that a row names; the rest is a number
JOINED = {
    **dict.fromkeys(("title", "rule", "tactic", "technique"), "rule"),
    **{name: name for name in ("service", "source", "team")},
}
# The people are put beside the row as a list, `assigned`: asking a manager for them again costs fifty queries' words.
_ASSIGNED = Assignment.objects.select_related("user").only("signal", "position", "user__name", "user__email")
PEOPLE = Prefetch("assignments", _ASSIGNED, to_attr="assigned")
FETCHED: dict[str, Prefetch | str] = {"state": PEOPLE, "assignees": PEOPLE, "tags": "tags"}
NAMES = {
    "rule": ("name", "uuid", "type", "tactic", "technique"),
    "service": ("name",),
    "source": ("name",),
    "team": ("name", "handle"),
}
OWN = (
    *("public_id", "version", "title", "severity", "state", "archive_reason", "archive_comment", "env", "host"),
    *("count", "first_seen", "last_seen", "created_at", "rule", "service", "source", "team"),
)
MOST_ELEMENTS = 5  # of an attribute, that a cell shows
MOST_TEXT = 300  # characters of an attribute


class Named(NamedTuple):
    """An entity, as far as a row names it."""

    kind: str
    value: str
    country: str


def signal_rows(
    actor: Actor,
    pks: Sequence[int],
    columns: Sequence[str],
    *,
    named: int = NAMED,
    texts: Sequence[str] = (),
    marked: bool = True,
) -> list[Signal]:
    """The signals with these keys, in this order, with what these columns show of them.

    `named` is how many entities of each kind are named, `texts` which of message and attributes are read too, and
    without `marked` nobody asks what they belong to.
    """
    signals = with_columns(Signal.objects.visible_to(actor).filter(pk__among=pks).order_by(), columns, texts)
    found = {signal.pk: signal for signal in signals}
    rows = [found[pk] for pk in pks if pk in found]
    if "entities" in columns:
        name_entities(rows, named)
    return mark(actor, rows) if marked else rows


def newest_signals(actor: Actor, signals: QuerySet[Signal], most: int = 20) -> list[Signal]:
    """The newest of these signals that the actor may see, as rows with the usual columns."""
    visible = signals.filter(pk__in=Signal.objects.visible_to(actor)).order_by("-first_seen", "-pk")
    rows = list(with_columns(visible, EXPLORER.shown)[:most])
    name_entities(rows)
    return mark(actor, rows)


def mark(actor: Actor, signals: list[Signal]) -> list[Signal]:
    """The same signals, each with its `marks`: what it belongs to on higher floors."""
    marks = marks_of(actor, [signal.pk for signal in signals])
    for signal in signals:
        signal.marks = marks.get(signal.pk, ())
    return signals


def with_columns(signals: QuerySet[Signal], columns: Sequence[str], texts: Sequence[str] = ()) -> QuerySet[Signal]:
    """Signals with what the columns name beside them, without the long texts that none of them shows."""
    joined = {JOINED[name] for name in columns if name in JOINED}
    if joined:
        signals = signals.select_related(*joined)
    signals = signals.prefetch_related(*{FETCHED[name] for name in columns if name in FETCHED})
    heavy = {*texts, *(["attributes"] if any(name.startswith("@") for name in columns) else [])}
    return signals.only(*OWN, *heavy, *(f"{table}__{name}" for table in joined for name in NAMES[table]))


def name_entities(signals: Iterable[Signal], named: int = NAMED) -> None:
    """Give each signal its `named` most active `attackers` and `victims`, and the number of those beyond them.

    One query for all of them together: a signal may have thousands of attackers, and a row names one.
    """
    found = {signal.pk: signal for signal in signals}
    for signal in found.values():
        signal.attackers, signal.victims, signal.attackers_beyond, signal.victims_beyond = [], [], 0, 0
    peers = {"partition_by": [F("signal"), F("role")]}
    ranked = SignalEntity.objects.filter(signal__among=found).annotate(
        rank=Window(RowNumber(), order_by=["-count", "pk"], **peers), peers=Window(Count("pk"), **peers)
    )
    of_entity = (f"entity__{name}" for name in Named._fields)
    first = ranked.filter(rank__lte=named).order_by("rank").values_list("signal", "role", "peers", *of_entity)
    for pk, role, total, *entity in first:
        names = getattr(found[pk], f"{role}s")
        names.append(Named(*entity))
        setattr(found[pk], f"{role}s_beyond", total - len(names))


def attribute_text(signal: Signal, path: str) -> str:
    """What the signal's attributes hold at an `@path`, in one line; empty for nothing."""
    found = [one for one in elements(signal.attributes, path[1:].split(".")) if one is not None and one != ""]
    beyond = f" +{len(found) - MOST_ELEMENTS}" if len(found) > MOST_ELEMENTS else ""
    text = ", ".join(map(_as_text, found[:MOST_ELEMENTS]))
    return (text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…") + beyond


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
