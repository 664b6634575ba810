"""What may come next in a query: fields, then values with how often they occur, then the words between terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts_app.access import Actor
from search_app.fields import Column, Field
from search_app.index import Window, frequent_values
from search_app.kinds import Choice, Date
from search_app.language import QueryError
from search_app.language.parser import MAX_LENGTH
from search_app.surfaces import Surface

MAX_SUGGESTIONS = 12
RECENT = timedelta(days=30)  # values are counted among rows of this age: enough to guess by, quick to count

_TOKEN = re.compile(r'"(?:[^"\\]|\\[\s\S])*"?|(?:[^\s()\[\]"\\]|\\[\s\S])+|[\s\S]')
_KEY = re.compile(r"(?P<minus>-?)(?P<name>(?:@\w|[^\W\d])[\w./\-]*):(?P<value>.*)", re.DOTALL)
_REST = re.compile(r'[^\s()\[\]"]*')
_OPERATOR = re.compile(r">=|<=|>|<")
_CONNECTIVES = (("AND", "both terms"), ("OR", "either term"), ("NOT", "not the next term"))
_MOMENTS = (
    *(("now-15m", "15 minutes ago"), ("now-1h", "an hour ago"), ("now-4h", "4 hours ago")),
    *(("now-1d", "a day ago"), ("now-7d", "a week ago"), ("now-30d", "30 days ago")),
)


@dataclass(frozen=True)
class Suggestion:
    """One option: `text` and `hint` to read, and what it does: put `insert` in place of [start, end) of the query."""

    text: str
    hint: str
    insert: str
    start: int
    end: int


@dataclass(frozen=True)
class Place:
    """Where the cursor is: in the value of `field`, or, if that is empty, at a word; `typed` is what stands there."""

    typed: str
    start: int
    end: int
    field: str = ""
    follows_term: bool = False


def suggest(surface: Surface, actor: Actor, text: str, cursor: int) -> list[Suggestion]:
    """What may stand at the cursor (an offset in characters), best first, of what the actor may see."""
    if len(text) > MAX_LENGTH or "\x00" in text:
        return []
    place = place_of(text, max(0, min(cursor, len(text))))
    found = _values(surface, actor, place) if place.field else _words(surface, place)
    return list(found)[:MAX_SUGGESTIONS]


def place_of(text: str, cursor: int) -> Place:
    """What is being typed at the cursor."""
    group: list[str] = []  # the field of every open bracket
    key = ""  # the field whose value is awaited
    follows_term = False
    last: re.Match[str] | None = None
    for token in _TOKEN.finditer(text, 0, cursor):
        if last is not None:
            key, follows_term = _after(last[0], key, group, follows_term)
        last = token
    rest = _REST.match(text, cursor)
    end = rest.end() if rest else cursor
    if last is None or last[0].isspace() or last[0] in "()[]":
        if last is not None:
            key, follows_term = _after(last[0], key, group, follows_term)
        return Place("", cursor, end, key or (group[-1] if group else ""), follows_term)
    typed, start = last[0], last.start()
    if key:
        return Place(typed.lstrip('"'), start, end, key)
    if group and group[-1]:
        return Place(typed.lstrip('"'), start, end, group[-1])
    if found := _KEY.fullmatch(typed):
        return Place(found["value"], start + found.start("value"), end, found["name"])
    minus = typed.startswith("-")
    return Place(typed[minus:], start + minus, end, follows_term=follows_term)


def _after(word: str, key: str, group: list[str], follows_term: bool) -> tuple[str, bool]:
    """The awaited field and whether a term is complete, once this word is over."""
    if word == "(":
        group.append(key or (group[-1] if group else ""))
        return "", False
    if word == ")":
        if group:
            group.pop()
        return "", True
    if word.isspace():
        return key, follows_term
    if not (group and group[-1]) and (found := _KEY.fullmatch(word)) and not found["value"]:
        return found["name"], False
    return "", word not in {"AND", "OR", "NOT", "["}


def _words(surface: Surface, place: Place) -> Iterator[Suggestion]:
    """Fields whose name or label fits, and the words between terms."""
    typed = place.typed.casefold()
    if place.follows_term or typed:
        for word, hint in _CONNECTIVES:
            if word.startswith(place.typed) and (place.follows_term or word == "NOT"):
                yield Suggestion(word, hint, f"{word} ", place.start, place.end)
    ranked = []
    for field in surface.table:
        names = [name.casefold() for name in (field.name, field.name.lstrip("@"), field.label, *field.aliases)]
        parts = [part for name in names for part in re.split(r"[.\s]", name)]
        if any(name.startswith(typed) for name in names):
            ranked.append((0, field))
        elif any(part.startswith(typed) for part in parts):
            ranked.append((1, field))
    for _, field in sorted(ranked, key=lambda found: (found[0], not found[1].is_facet)):
        yield Suggestion(f"{field.name}:", field.label, f"{field.name}:", place.start, place.end)


def _values(surface: Surface, actor: Actor, place: Place) -> Iterator[Suggestion]:
    """Values of the field, then the other things that can be asked of it."""
    try:
        field = surface.table.find(place.field)
    except QueryError:
        return
    operator = found[0] if (found := _OPERATOR.match(place.typed)) else ""
    typed = place.typed[len(operator) :]
    start = place.start + len(operator)

    def option(text: str, hint: str, *, goes_on: bool = False) -> Suggestion:
        return Suggestion(text, hint, text if goes_on else f"{text} ", start, place.end)

    for text, hint in _known(surface, actor, field, typed, operator):
        yield option(text, hint)
    if not operator and not typed:
        for sign in field.kind.operators:
            yield option(sign, f"compares, as in {field.name}:{sign}{field.kind.example}", goes_on=True)
    if not operator:
        if field.is_person and "me".startswith(typed):
            yield option("me", "you")
        if "none".startswith(typed):
            yield option("none", "has no value")
        if not typed:
            yield option("*", "has any value")


def _known(surface: Surface, actor: Actor, field: Field, typed: str, operator: str) -> Iterator[tuple[str, str]]:
    """Values that there are, each with its label or how often it occurs."""
    if isinstance(field.kind, Choice):
        for word, _, label in field.kind.choices:
            if typed.casefold() in word.casefold() or typed.casefold() in label.casefold():
                yield word, label
    elif isinstance(field.kind, Date):
        for text, hint in _MOMENTS:
            if text.startswith(typed):
                yield (text, hint) if operator else (f">{text}", f"since {hint}")
    elif isinstance(field.places[0], Column) and field.kind.is_text and not operator:
        now = timezone.now()
        for value in frequent_values(surface, actor, field, Window(now - RECENT, now), typed, MAX_SUGGESTIONS):
            label = f"{value.label} · " if value.label != value.value.strip('"') else ""
            yield value.value, f"{label}{value.count:,}"
