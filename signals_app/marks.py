"""What a row of signals says of things on higher floors: that one is in a case, or in an incident.

A floor above registers how to find out for many rows at once; this floor never names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts_app.access import Actor


@dataclass(frozen=True)
class Mark:
    """A few letters that lead somewhere, such as SEC-12; `title` says it in words."""

    text: str
    title: str
    url: str


Marking = Callable[[Actor, Sequence[int]], Iterable[tuple[int, Mark]]]

_markings: list[Marking] = []


def register(marking: Marking) -> None:
    """Add marks: given who looks and the keys of signals, `(key, mark)` pairs of what they may see."""
    if marking not in _markings:
        _markings.append(marking)


def marks_of(actor: Actor, pks: Sequence[int]) -> Mapping[int, Sequence[Mark]]:
    """The marks of these signals, by key; a signal without any is left out. One statement or two a marking."""
    found: dict[int, list[Mark]] = {}
    for marking in _markings:
        for pk, mark in marking(actor, pks):
            found.setdefault(pk, []).append(mark)
    return found
