"""What is done about people: made, edited, let in and out, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, given_to, require
from accounts_app.links import password_path
from accounts_app.models import Invitation, Role, User
from accounts_app.rules import MANAGE, change, check, check_reach, keeping_an_administrator, locked
from core_app.errors import Invalid, NotAllowed
from core_app.ledger import record

INVITE, PROGRAMS = "user_access_invite", "service_account_write"


def manages(actor: Actor, user: User) -> str:
    """The permission that editing this account takes: of a service account either of two is enough."""
    return PROGRAMS if user.is_service_account and actor.can(PROGRAMS) else MANAGE


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    email: str,
    name: str,
    job_title: str = "",
    time_zone: str = "UTC",
    roles: Collection[Role] = (),
    is_staff: bool = False,
    is_service_account: bool = False,
    password: str | None = None,
) -> User:
    """Make a person. Without a password they set one by the link of an invitation, of `make_password_link` or of the
    reset page. A service account is a program: it has keys and never a password.

    Raises NotAllowed (also for roles that may do more than the actor), or Invalid naming the field at fault.
    """
    require(actor, PROGRAMS if is_service_account else INVITE)
    if is_staff:
        require(actor, MANAGE)
    if is_service_account and (is_staff or password):
        raise Invalid("A service account has no password, and the admin panel is for people.", field="is_staff")
    user = User(
        email=email.strip().lower(),
        name=name,
        job_title=job_title,
        time_zone=time_zone,
        is_staff=is_staff,
        is_service_account=is_service_account,
    )
    user.set_password(password)
    check(user, exclude=["password"])
    user.save()
    verb = "accounts.service_account_created" if is_service_account else "accounts.user_created"
    record(actor, verb, user, email=user.email, name=name, is_staff=is_staff)
    if roles:
        _give_roles(actor, user, roles)
    return user


@transaction.atomic
def update_user(
    *,
    actor: Actor,
    user: User,
    email: str | None = None,
    name: str | None = None,
    job_title: str | None = None,
    time_zone: str | None = None,
    is_staff: bool | None = None,
) -> User:
    """Change what is given and leave the rest.

    Whoever can change an e-mail address can take the account over by a password reset: the address of a person
    who may do more than the actor is out of reach, also while their account is closed: it can be opened again.
    Raises NotAllowed, Invalid, or IllegalMove.
    """
    require(actor, manages(actor, user))
    if is_staff and user.is_service_account:
        raise Invalid("The admin panel is for people.", field="is_staff")
    given = {"email": email and email.strip().lower(), "name": name, "job_title": job_title, "time_zone": time_zone}
    given["is_staff"] = is_staff
    with keeping_an_administrator():
        row = locked(User.objects.visible_to(actor), user.pk)
        changes = change(row, **{field: value for field, value in given.items() if value is not None})
        if not changes:
            return row
        if "email" in changes:
            check_reach(actor, given_to(row), "change the e-mail address of this person")
            EmailAddress.objects.filter(user=row).delete()  # allauth's own copy would still let the old one in
        check(row, exclude=["password"])
        row.save(update_fields=changes)
        record(actor, "accounts.user_updated", row, **changes)
    return row


@transaction.atomic
def set_active(*, actor: Actor, user: User, active: bool) -> User:
    """Let a person in, or shut them out: their sessions and keys stop at once. Raises NotAllowed, IllegalMove."""
    require(actor, manages(actor, user))
    with keeping_an_administrator():
        row = locked(User.objects.visible_to(actor), user.pk)
        if changes := change(row, is_active=active):
            row.save(update_fields=changes)
            record(actor, "accounts.user_activated" if active else "accounts.user_deactivated", row)
    return row


@transaction.atomic
def set_roles(*, actor: Actor, user: User, roles: Collection[Role]) -> User:
    """Make these the roles of a person. Raises NotAllowed for a role that may do more than the actor, IllegalMove."""
    require(actor, MANAGE)
    with keeping_an_administrator():
        row = locked(User.objects.visible_to(actor), user.pk)
        _give_roles(actor, row, roles)
    return row


@transaction.atomic
def change_roles(*, actor: Actor, user: User, give: Collection[Role] = (), take: Collection[Role] = ()) -> User:
    """Give a person roles and take others, whoever else does so at the same time. Raises as `set_roles` does."""
    require(actor, MANAGE)
    row = locked(User.objects.visible_to(actor), user.pk)
    mine = set(Role.objects.filter(group__user=row).select_related("group"))
    return set_roles(actor=actor, user=row, roles=(mine | {*give}) - {*take})


def _give_roles(actor: Actor, user: User, roles: Collection[Role]) -> None:
    before = set(Role.objects.filter(group__user=user).select_related("group"))
    after = set(roles)
    for role in after - before:
        check_reach(actor, role.permission_names, f"give the role “{role}”")
    if before == after:
        return
    user.groups.set([role.group for role in after])
    record(actor, "accounts.roles_set", user, roles=[sorted(map(str, before)), sorted(map(str, after))])


@transaction.atomic
def invite(*, actor: Actor, users: Collection[User], origin: str) -> list[Invitation]:
    """Mail each of these people a link by which they set their first password. The worker sends the mails.

    `origin` is where the links shall lead, such as `https://tocsin.example.org`. Raises NotAllowed, also when a person
    may do more than the actor; Invalid for one who has been here already, may not log in, or is a program.
    """
    require(actor, INVITE)
    made = []
    for user in users:
        row = locked(User.objects.visible_to(actor), user.pk)
        check_reach(actor, given_to(row), "invite this person")
        if row.is_service_account or not row.is_active or row.last_login is not None:
            raise Invalid(f"{row.label} cannot be invited: that is for people who have yet to come.", field="user")
        ends = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        invitation = Invitation.objects.create(user=row, created_by=actor.user, expires_at=ends)
        record(actor, "accounts.user_invited", row, invitation=str(invitation.uuid), origin=origin)
        made.append(invitation)
    return made


@transaction.atomic
def withdraw_invitations(*, actor: Actor, user: User) -> None:
    """End what invitations a person has: no link that was mailed sets a password. Raises NotAllowed, Invalid."""
    require(actor, INVITE)
    row = locked(User.objects.visible_to(actor), user.pk)
    check_reach(actor, given_to(row), "withdraw the invitations of this person")
    if row.last_login is not None:
        raise Invalid(f"{row.label} has come already.", field="user")
    row.set_unusable_password()  # a new one each time: links are made of it
    row.save(update_fields=["password"])
    Invitation.objects.filter(user=row).delete()
    record(actor, "accounts.invitations_withdrawn", row)


@transaction.atomic
def make_password_link(*, actor: Actor, user: User) -> str:
    """A path (no host) by which a person can set a new password once, within the hour: for a house without mail.

    Raises NotAllowed, also when the person may do more than the actor.
    """
    require(actor, MANAGE)
    if user.is_service_account:
        raise Invalid("A service account has keys and no password.", field="user")
    check_reach(actor, given_to(user), "make a password link for this person")
    record(actor, "accounts.password_link_made", user)
    return password_path(user)


@transaction.atomic
def update_profile(*, actor: Actor, name: str, job_title: str, time_zone: str, theme: str) -> User:
    """Change what a person says of themselves: nothing here gives anybody a right. Raises NotAllowed, Invalid."""
    row = locked(User.objects.visible_to(actor), _oneself(actor).pk)
    if changes := change(row, name=name, job_title=job_title, time_zone=time_zone, theme=theme):
        check(row, exclude=["password"])
        row.save(update_fields=changes)
        record(actor, "accounts.profile_updated", row, **changes)
    return row


@transaction.atomic
def set_password(*, actor: Actor, user: User, password: str) -> User:
    """Give a person a new password, which ends their other sessions.

    People set only their own; the caller has proven who it is and checked the password. Raises NotAllowed.
    """
    if actor.kind != "system" and actor.user != user:
        raise NotAllowed("People choose their own passwords.")
    user.set_password(password)
    user.save(update_fields=["password"])
    record(actor, "accounts.password_changed", user)
    return user


def _oneself(actor: Actor) -> User:
    if actor.user is None:
        raise NotAllowed("Only a person has a profile.")
    return actor.user
