"""What may be misspelt in a query that can be read: a name that is no field is a tag, and finds nothing in silence, and
so does a “!” before what must not be, or a part of a text where the whole is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from search_app.fields import Column, asks_missing
from search_app.index.bitmaps.keeper import keeper
from search_app.language import Is, Node, Text, Value, to_text
from search_app.language.nodes import Wild, conditions
from search_app.surfaces import Surface

SIMILAR = 0.75  # of difflib's ratio: one or two letters of a word


def hints(tree: Node, surface: Surface, found: int) -> list[str]:
    """A sentence for each word in the query, which has found so many rows, that may mean something else than it says.

    Raises IndexBuilding.
    """
    whole = [] if found else _whole_texts(tree, surface)
    return list(dict.fromkeys([*_misspelt(tree, surface), *whole]))


def _whole_texts(tree: Node, surface: Surface) -> Iterator[str]:
    for leaf in conditions(tree):
        if not isinstance(leaf, Is) or not surface.table.find(leaf.field).is_prose:
            continue
        for value in leaf.values:
            if value.literal and not asks_missing(value):
                part = to_text(Is(leaf.field, (Value((Wild.MANY, value.literal, Wild.MANY)),)))
                whole = to_text(Is(leaf.field, (value,)))
                yield f"“{whole}” finds only what says exactly this. To find a part of it, write {part}"


def _misspelt(tree: Node, surface: Surface) -> Iterator[str]:
    known = {name.casefold(): name for field in surface.table for name in (field.name, *field.aliases)}
    for leaf in conditions(tree):
        if isinstance(leaf, Text):
            text = "" if leaf.value.quoted else leaf.value.literal or ""
            if text.startswith("!"):
                instead = f"write -{rest}" if (rest := text.removeprefix("!")) else "write - before it"
                yield f"“{text}” is looked for as text. To leave something out, {instead}"
            continue
        if leaf.field.casefold() in known:
            continue
        similar = get_close_matches(leaf.field.casefold(), known, n=1, cutoff=SIMILAR)
        meant = f" Did you mean “{known[similar[0]]}”?" if similar else ""
        if leaf.field.startswith("@"):
            if meant:
                yield f"“{leaf.field}” is no field and is looked up as an attribute.{meant}"
        elif not _is_tag(leaf.field, surface):
            yield f"No tag or field is called “{leaf.field}”.{meant}"


def _is_tag(key: str, surface: Surface) -> bool:
    """Whether some row ever had a tag with this key."""
    field = surface.table.find(key)
    place = field.places[0]
    held = surface.holding(field.many, place.path) if isinstance(place, Column) else None
    if held is None:
        return True  # nobody knows
    tags = keeper(surface).current().columns[held[0]].dictionary.values
    return any(isinstance(tag, str) and tag.startswith(f"{key}:") for tag in tags)
