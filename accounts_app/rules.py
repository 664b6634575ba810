"""What the actions about people, roles and keys have in common: the rules that none of them may forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q

from accounts_app.access import Actor
from accounts_app.models import User
from accounts_app.permissions import LABELS
from core_app.errors import Conflict, IllegalMove, Invalid, NotAllowed, NotFound

MANAGE = "user_access_manage"

Row = TypeVar("Row", bound=models.Model)


def locked(rows: models.QuerySet[Row], pk: int) -> Row:
    """The row as it is now, locked until the transaction ends. Raises NotFound."""
    row = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotFound("It is not there, or it is not yours to see.")
    return row


def held(row: Row, field: str) -> Row:
    """A row that another is going to refer to, as it is now: until the transaction ends nobody deletes it.

    Raises Conflict, naming the field, when somebody has deleted it just now.
    """
    rows = type(row)._default_manager.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise Conflict(f"“{row}” was deleted a moment ago: choose another one.", field=field)
    return found


def change(row: models.Model, **values: Any) -> dict[str, list[Any]]:
    """Set the values on the row. Returns `{"field": [before, after]}` for those that are new."""
    changes = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            changes[name] = [before, value]
    return changes


def check(row: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Raise Invalid, naming the first field at fault, unless the row keeps the rules of its model."""
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise Invalid(" ".join(dict.fromkeys(messages)), field="" if field == NON_FIELD_ERRORS else field) from problem


def check_reach(actor: Actor, permissions: Iterable[str], deed: str) -> None:
    """Nobody hands out, or takes over, what they do not have themselves.

    `deed` is the end of the sentence "You cannot …". Raises NotAllowed.
    """
    wanted = set(permissions)
    beyond = [name for name in LABELS if name in wanted and not actor.can(name)]
    if beyond:
        words = ", ".join(f"“{LABELS[name]}”" for name in beyond[:3]) + (" and more" if len(beyond) > 3 else "")
        raise NotAllowed(f"You cannot {deed}: that takes permissions you do not have ({words}).", permission=beyond[0])


def administrators() -> models.QuerySet[User]:
    """Those who can log in, open the admin panel and manage people there."""
    may = Q(is_superuser=True) | Q(groups__permissions__codename=MANAGE)
    return User.objects.filter(pk__in=User.objects.filter(may, is_active=True, is_staff=True).values("pk"))


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Refuse a change after which nobody could manage people. Belongs inside the change's transaction.

    The administrators are locked, so that two of them who remove each other at once do not both succeed.
    Raises IllegalMove.
    """
    had_one = bool(administrators().order_by("pk").select_for_update(of=("self",)))
    yield
    if had_one and not administrators().exists():
        raise IllegalMove("This is the last person who can manage people: give that to someone else first.")
