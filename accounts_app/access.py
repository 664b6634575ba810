"""Who acts, and whether they may: the one door that every write starts at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts_app.permissions import ADMINISTRATIVE, LABELS
from core_app.errors import NotAllowed

if TYPE_CHECKING:
    from accounts_app.models import AccessToken, ApplicationKey, User

ALL = frozenset(LABELS)


@dataclass(frozen=True)
class Actor:
    """Whoever does something: a person at a page, a person's key, or a part of the product itself.

    `permissions` are the codenames in force now, already narrowed by a key's scopes.
    `kind` is `person`, `key` or `system`; `id` is the person's primary key as text, or the system part's name.
    A key that has scopes `is_narrowed`: what takes no permission of its own is not for it either.
    """

    kind: str
    id: str
    label: str
    permissions: frozenset[str] = frozenset()
    user: User | None = field(default=None, compare=False)
    is_narrowed: bool = False

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def __str__(self) -> str:
        return self.label


NOBODY = Actor(kind="nobody", id="", label="nobody")


def system(part: str) -> Actor:
    """The product itself, doing what it was built or told to do: `system("intake")`."""
    return Actor(kind="system", id=part, label=f"Tocsin {part}", permissions=ALL)


def given_to(user: User) -> frozenset[str]:
    """The permissions that a person has been given, whether or not they may log in at the moment."""
    return ALL if user.is_superuser else frozenset(user.role_permissions())


def person(user: User) -> Actor:
    """A person with the permissions of their roles. A person who is not active may do nothing."""
    if not user.is_active:
        return NOBODY
    return Actor(kind="person", id=str(user.pk), label=user.label, permissions=given_to(user), user=user)


def key_actor(key: ApplicationKey | AccessToken) -> Actor:
    """A person's key or token: what its owner may do now, narrowed to the key's scopes (none means all of it)."""
    owner = person(key.owner)
    if owner is NOBODY:
        return NOBODY
    permissions = owner.permissions.intersection(key.scopes) if key.scopes else owner.permissions
    label = f"{owner.label} (key {key})"[:254]  # as long as the ledger's column
    is_narrowed = bool(key.scopes)
    return Actor("key", owner.id, label, permissions=permissions, user=owner.user, is_narrowed=is_narrowed)


def may_administer(actor: Actor) -> bool:
    """Whether the admin panel opens for them: someone let in there, with something to administer."""
    return actor.user is not None and actor.user.is_staff and not actor.permissions.isdisjoint(ADMINISTRATIVE)


def require(actor: Actor, permission: str) -> None:
    """Go on only if the actor has the permission; the refusal names it.

    Raises NotAllowed. A permission that does not exist is a mistake in our code: KeyError.
    """
    label = LABELS[permission]
    if not actor.can(permission):
        raise NotAllowed(
            f"You need the permission “{label}” ({permission}). Ask an administrator for a role that has it.",
            permission=permission,
        )
