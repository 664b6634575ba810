"""What higher floors hang into the page of a case: sections that it embeds, and buttons that lead elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts_app.access import Actor


@dataclass(frozen=True)
class Section:
    """One section. `url_name` takes the case's key, and answers htmx with what stands under the title."""

    name: str
    title: str
    url_name: str
    permission: str
    place: int = 0

    def url(self, key: str) -> str:
        return reverse(self.url_name, args=[key])


@dataclass(frozen=True)
class Button:
    """One thing that can be done from a case. `url_name` takes the case's key, and answers a GET with a page."""

    name: str
    label: str
    icon: str
    url_name: str
    permission: str
    place: int = 0

    def url(self, key: str) -> str:
        return reverse(self.url_name, args=[key])


_sections: dict[str, Section] = {}
_buttons: dict[str, Button] = {}


def register(hung: Section | Button) -> None:
    """Hang it into the page of a case. Raises ValueError for a name that is taken."""
    known = _sections if isinstance(hung, Section) else _buttons
    if hung.name in known:
        raise ValueError(f"Two of a case's are called {hung.name}.")
    known[hung.name] = hung


def sections_for(actor: Actor) -> list[Section]:
    """The sections that the actor may look at, in their order."""
    return sorted((one for one in _sections.values() if actor.can(one.permission)), key=lambda one: one.place)


def buttons_for(actor: Actor) -> list[Button]:
    """The buttons that the actor may press, in their order."""
    return sorted((one for one in _buttons.values() if actor.can(one.permission)), key=lambda one: one.place)
