"""The views of an explorer that a person may use: their own, those shared with them, and those that came with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Prefetch, Q, QuerySet, When

from accounts_app.access import Actor
from accounts_app.models import Team
from core_app.errors import NotFound
from core_app.prepared import Prepared, Slot
from search_app.explorer.spec import Explorer, ReadyMade, explorers
from search_app.models import SavedView, ViewMark

MOST = 100  # saved views in one list; more are found by their names


@dataclass(frozen=True)
class View:
    """A view as pages show it, saved by somebody (`row`) or ready-made (no row).

    `key` is what an address calls it, `params` the parameters of the address it stands for.
    """

    explorer: Explorer
    key: str
    name: str
    params: Mapping[str, str]
    row: SavedView | None = None
    help: str = ""
    is_favourite: bool = False
    is_default: bool = False
    may_change: bool = False

    @property
    def url(self) -> str:
        """Where it opens, as it is now."""
        return f"{self.explorer.path}?{urlencode({'view': self.key})}"


@dataclass(frozen=True)
class Section:
    """Views that are listed together."""

    title: str
    views: Sequence[View]


def readable_views(actor: Actor) -> QuerySet[SavedView]:
    """The saved views that the actor may see, of the surfaces that the actor may look at."""
    surfaces = [explorer.surface.name for explorer in explorers() if actor.can(explorer.permission)]
    teams = Prefetch("teams", Team.objects.visible_to(actor))
    return (
        SavedView.objects.visible_to(actor).filter(surface__in=surfaces).select_related("owner").prefetch_related(teams)
    )


def find_view(actor: Actor, explorer: Explorer, key: str) -> View:
    """The view of that name. Raises NotFound, with the same words for one that is not there and one of others."""
    ready_made = next((view for view in explorer.ready_made if view.key == key), None)
    if ready_made and actor.can(explorer.permission):
        return _ready_made(explorer, ready_made, {})
    if uuid := _uuid(key):
        rows = readable_views(actor).filter(surface=explorer.surface.name)
        if row := rows.filter(uuid=uuid).prefetch_related(None).first():
            return _saved(actor, explorer, row, {})
    raise NotFound("There is no such view, or it is not yours to see.")


_DEFAULTS = Prepared(
    lambda: ViewMark.objects.filter(person=Slot("person"), surface=Slot("surface"), is_default=True).values_list("key")
)


def default_view(actor: Actor, explorer: Explorer) -> View | None:
    """What the person wants to see first; None also when that view is gone, or theirs no more."""
    person = actor.user.pk if actor.user else None
    mark = next(_DEFAULTS.rows(person=person, surface=explorer.surface.name), None)
    try:
        return find_view(actor, explorer, mark[0]) if mark else None
    except NotFound:
        return None


def list_views(actor: Actor, explorer: Explorer, find: str = "") -> list[Section]:
    """Every view of the explorer that the actor may use, in sections; a favourite stands among those only.

    `find` narrows them to those with this text in the name, the query or the owner's name.
    """
    if not actor.can(explorer.permission):
        return []
    marks = {mark.key: mark for mark in _marks(actor, explorer)}
    rows = readable_views(actor).filter(surface=explorer.surface.name)
    if find:
        rows = rows.filter(
            Q(name__icontains=find) | Q(owner__name__icontains=find) | Q(configuration__query__icontains=find)
        )
    favourites = [uuid for key, mark in marks.items() if mark.is_favourite and (uuid := _uuid(key))]
    nearest = Case(When(uuid__in=favourites, then=0), When(owner=actor.user, then=1), default=2)
    first = sorted(rows.order_by(nearest, "name", "pk")[:MOST], key=lambda row: (row.name.casefold(), row.pk))
    saved = [_saved(actor, explorer, row, marks) for row in first]
    shipped = [_ready_made(explorer, view, marks) for view in explorer.ready_made if _meets(view, find)]
    rest = [view for view in saved if not view.is_favourite]
    sections = (
        Section("Favourites", [view for view in [*saved, *shipped] if view.is_favourite]),
        Section("Your views", [view for view in rest if view.row and view.row.owner == actor.user]),
        Section("Shared with you", [view for view in rest if view.row and view.row.owner != actor.user]),
        Section("Ready-made", [view for view in shipped if not view.is_favourite]),
    )
    return [section for section in sections if section.views]


def marks_of(actor: Actor) -> dict[tuple[str, str], ViewMark]:
    """What the actor has said of views, by surface and key."""
    marks = ViewMark.objects.filter(person=actor.user) if actor.user else []
    return {(mark.surface, mark.key): mark for mark in marks}


def _marks(actor: Actor, explorer: Explorer) -> QuerySet[ViewMark]:
    if actor.user is None:
        return ViewMark.objects.none()
    return ViewMark.objects.filter(person=actor.user, surface=explorer.surface.name)


def _saved(actor: Actor, explorer: Explorer, row: SavedView, marks: Mapping[str, ViewMark]) -> View:
    key = str(row.uuid)
    mark = marks.get(key, _UNMARKED)
    return View(
        explorer,
        key,
        row.name,
        row.configuration,
        row=row,
        is_favourite=mark.is_favourite,
        is_default=mark.is_default,
        may_change=row.may_be_changed_by(actor),
    )


def _ready_made(explorer: Explorer, view: ReadyMade, marks: Mapping[str, ViewMark]) -> View:
    mark = marks.get(view.key, _UNMARKED)
    return View(
        explorer,
        view.key,
        view.name,
        view.address.params(),
        help=view.help,
        is_favourite=mark.is_favourite,
        is_default=mark.is_default,
    )


_UNMARKED = ViewMark()


def _meets(view: ReadyMade, find: str) -> bool:
    wanted = find.casefold()
    return wanted in view.name.casefold() or wanted in view.address.query.casefold()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
