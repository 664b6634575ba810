"""Sections of a signal's panel that belong to higher floors: each gives an address, which the panel embeds."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts_app.access import Actor


@dataclass(frozen=True)
class Section:
    """One section. `url_name` takes the signal's public id, and answers htmx with what stands under the title."""

    name: str
    title: str
    url_name: str
    permission: str
    place: int = 0

    def url(self, public_id: str) -> str:
        return reverse(self.url_name, args=[public_id])


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Hang a section into the panel. Raises ValueError for a name that is taken."""
    if section.name in _sections:
        raise ValueError(f"Two sections are called {section.name}.")
    _sections[section.name] = section


def sections_for(actor: Actor) -> list[Section]:
    """Those that the actor may look at, in their order."""
    return sorted((one for one in _sections.values() if actor.can(one.permission)), key=lambda one: one.place)
