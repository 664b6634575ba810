"""Telling people that something is theirs to look at: a line under the bell, and a mail."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.core.mail import send_mass_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts_app.access import Actor
from accounts_app.models import Membership, Notification, Team, TeamTold, User
from core_app.models import Entry
from core_app.prepared import Prepared, Slot

MAX_TEXT = 300  # characters
TELLS_NOBODY = "This rule tells nobody: none of its targets is known here."
MAX_URL = Notification._meta.get_field("url").max_length


def notify(
    *,
    users: Iterable[User],
    entry: Entry,
    text: str,
    url: str,
    content: str = "",
    mailed: Container[int] | None = None,
) -> list[Notification]:
    """Tell these people of a ledger entry, each once, however often it is called. Returns what is new.

    The mail says `content`, or without it the text again; with `mailed` (primary keys) others of them get none.

    For the handler of a delivery, which has made sure that each of them may see the thing; `url` is its path here.
    One that is too long to keep loses its query string, and leads to the start page if that does not help: the news
    matter more than where exactly they lead.
    """
    told = set(Notification.objects.filter(entry=entry).values_list("user", flat=True))
    text = text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    url = url if len(url) <= MAX_URL else url.partition("?")[0]
    url = url if len(url) <= MAX_URL else "/"
    people = [user for user in dict.fromkeys(users) if _reads(user) and user.pk not in told]
    made = Notification.objects.bulk_create(Notification(user=user, entry=entry, text=text, url=url) for user in people)
    mails = [
        (" ".join(text.split())[:120], f"{content or text}\n\nIt is in Tocsin at {absolute(url)}\n", None, [u.email])
        for u in people
        if mailed is None or u.pk in mailed
    ]
    # After the commit: no lock may wait for a mail server. The line under the bell is there even if the mail is lost.
    transaction.on_commit(partial(send_mass_mail, mails, fail_silently=True), robust=True)
    return made


def absolute(path: str) -> str:
    """The whole address of one of our paths, for those who read it elsewhere."""
    return f"{settings.TOCSIN_URL}{path}"


@dataclass(frozen=True)
class Named:
    """People whom handles name, and the primary keys of those who get mail of it."""

    users: list[User]
    mailed: frozenset[int]


def named_by(handles: Iterable[str]) -> Named:
    """The people whom handles name: by e-mail address, or by the handle of a team that they are in, `@` or not.

    Who is named as a member alone gets mail as their teams have it: see `TeamTold`. Other handles, such as those of a
    chat, name nobody here.
    """
    names = {_name(handle) for handle in handles}
    teams = Team.objects.filter(handle__in=names | {_team(name) for name in names})
    quiet = {told.team_id for told in TeamTold.objects.filter(team__in=teams) if not told.mails}
    people = {user.pk: user for user in User.objects.filter(email__in=names, is_active=True)}
    mailed = set(people)
    for membership in Membership.objects.filter(team__in=teams, user__is_active=True).select_related("user"):
        people.setdefault(membership.user_id, membership.user)
        if membership.team_id not in quiet:
            mailed.add(membership.user_id)
    return Named([people[pk] for pk in sorted(people)], frozenset(mailed))


def known_handles(handles: Iterable[str]) -> set[str]:
    """Those of the handles that name somebody here who reads what is told. One question, however many there are."""
    names = {handle: _name(handle) for handle in handles}
    teams = {*names.values(), *map(_team, names.values())}
    reads = User.objects.filter(is_active=True, is_service_account=False)
    named = reads.filter(Q(email__in=names.values()) | Q(memberships__team__handle__in=teams))
    known = {word for pair in named.values_list("email", "memberships__team__handle") for word in pair}
    return {handle for handle, name in names.items() if name in known or _team(name) in known}


def _name(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def _team(name: str) -> str:
    """The handle of the team that a name means: the original puts a word before it."""
    return name.removeprefix("team-")


def _reads(user: User) -> bool:
    """Whether anybody looks at what is told here: programs have no bell and no mailbox."""
    return user.is_active and not user.is_service_account


_UNREAD = Prepared(
    lambda: Notification.objects.filter(user=Slot("user"), read_at=None).order_by().values_list("pk")[:1]
)


def unread(actor: Actor) -> int:
    """How many lines the person has not looked at, of those that they may see."""
    # Often there are none, and every page asks: whether there are any is much the cheaper question.
    if actor.user is None or not any(_UNREAD.rows(user=actor.user.pk)):
        return 0
    return Notification.objects.visible_to(actor).filter(read_at=None).count()


def mark_read(notifications: QuerySet[Notification]) -> int:
    """Say that these were looked at. Nobody's business but the person's: the ledger does not hear of it."""
    return notifications.filter(read_at=None).update(read_at=timezone.now())
