"""Views: made, changed, shared and deleted; and what each person says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import Team, User
from accounts_app.rules import change, check, locked
from core_app.errors import Invalid, NotAllowed, check_version
from core_app.ledger import record
from search_app.explorer.forms import ExplorerForm
from search_app.explorer.spec import Explorer, explorer
from search_app.models import SavedView, ViewMark
from search_app.models.saved_views import WRITE
from search_app.queries import find_view


@transaction.atomic
def create_view(
    *,
    actor: Actor,
    surface: str,
    name: str,
    configuration: Mapping[str, Any],
    teams: Collection[Team] = (),
    token: UUID | None = None,
) -> SavedView:
    """Save the state of an explorer under a name, and share it with teams.

    `configuration` holds the parameters of the explorer's address; what is not part of a view is left out.
    Whoever sends the same `token` again gets the view that was made the first time.
    Raises NotAllowed, NotFound for a surface that cannot be explored, or Invalid naming the field at fault.
    """
    shown = _explorer(actor, surface)
    owner = _oneself(actor)
    if token and (made := SavedView.objects.filter(owner=owner, token=token).first()):
        return made
    kept = _kept(shown, actor, configuration)
    view = SavedView(surface=surface, name=name.strip(), owner=owner, configuration=kept)
    view.token = token or view.token
    check(view)
    view.save()
    view.teams.set(teams)
    record(actor, "views.created", view, surface=surface, name=view.name, configuration=kept, teams=_handles(view))
    return view


@transaction.atomic
def update_view(
    *,
    actor: Actor,
    view: SavedView,
    seen_version: int | None = None,
    name: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    teams: Collection[Team] | None = None,
) -> SavedView:
    """Change what is given and leave the rest.

    Raises NotAllowed for anybody but the owner and administrators, NotFound, StaleVersion, or Invalid.
    """
    shown = _explorer(actor, view.surface)
    row = _own(actor, view)
    check_version(row, seen_version)
    given: dict[str, Any] = {} if name is None else {"name": name.strip()}
    if configuration is not None:
        given["configuration"] = _kept(shown, actor, configuration)
    changes = change(row, **given)
    before = _handles(row)
    if teams is not None:
        row.teams.set(teams)
    after = _handles(row)
    if not changes and before == after:
        return row
    check(row)
    row.version += 1
    row.save()
    if changes:
        record(actor, "views.updated", row, **changes)
    if before != after:
        record(actor, "views.shared", row, teams=[before, after])
    return row


@transaction.atomic
def delete_view(*, actor: Actor, view: SavedView, seen_version: int | None = None) -> None:
    """Take a view away from everyone who has it, for good. Raises as `update_view` does."""
    _explorer(actor, view.surface)
    row = _own(actor, view)
    check_version(row, seen_version)
    data = {"surface": row.surface, "configuration": row.configuration, "teams": _handles(row)}
    record(actor, "views.deleted", row, **data)
    ViewMark.objects.filter(surface=row.surface, key=str(row.uuid)).delete()
    row.delete()


@transaction.atomic
def set_favourite(*, actor: Actor, surface: str, key: str, on: bool) -> None:
    """Put a view among one's favourites, or take it from there. Raises NotAllowed or NotFound."""
    _mark(actor, surface, key, "views.favourite_set", is_favourite=on)


@transaction.atomic
def set_default(*, actor: Actor, surface: str, key: str, on: bool) -> None:
    """Make a view what one sees first in its explorer, or make it that no more. Raises NotAllowed or NotFound."""
    _mark(actor, surface, key, "views.default_set", is_default=on)


def _mark(actor: Actor, surface: str, key: str, verb: str, **marks: bool) -> None:
    """Say something of a view, and forget the mark that says nothing any more."""
    shown = explorer(surface)
    require(actor, shown.permission)
    person = _oneself(actor)
    view = find_view(actor, shown, key)
    mine = ViewMark.objects.filter(person=person, surface=surface)
    mark = mine.filter(key=view.key).first() or ViewMark(person=person, surface=surface, key=view.key)
    if not change(mark, **marks):
        return
    if marks.get("is_default"):
        mine.filter(is_favourite=False, is_default=True).delete()
        mine.update(is_default=False)
    if mark.is_favourite or mark.is_default:
        mark.save()
    else:
        mark.delete()
    record(actor, verb, person, surface=surface, view=view.key, name=view.name, **marks)


def _explorer(actor: Actor, surface: str) -> Explorer:
    """The explorer of the surface, for an actor who may save views and look at what it shows."""
    require(actor, WRITE)
    shown = explorer(surface)
    require(actor, shown.permission)
    return shown


def _own(actor: Actor, view: SavedView) -> SavedView:
    row = locked(SavedView.objects.visible_to(actor), view.pk)
    if not row.may_be_changed_by(actor):
        raise NotAllowed(f"Only {row.owner.label}, whose view this is, and administrators change it.")
    return row


def _oneself(actor: Actor) -> User:
    """The person, locked: what one person asks for twice at once is done one after the other."""
    if actor.user is None:
        raise NotAllowed("A view belongs to a person.")
    return locked(User.objects.all(), actor.user.pk)


def _kept(shown: Explorer, actor: Actor, configuration: Mapping[str, Any]) -> dict[str, str]:
    """What a view keeps of an explorer's address: not the page one is on, nor whether it stands still."""
    form = ExplorerForm(configuration, explorer=shown, actor=actor)
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        raise Invalid(f"{'' if field == '__all__' else f'{field}: '}{problems[0]}", field="configuration")
    return form.address.as_saved().params()


def _handles(view: SavedView) -> list[str]:
    return sorted(view.teams.values_list("handle", flat=True))
