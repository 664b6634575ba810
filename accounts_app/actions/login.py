"""Who came in, who was turned away: written down for the administrator, told to nobody else."""

from __future__ import annotations

from django.db import transaction

from accounts_app.access import NOBODY, Actor
from accounts_app.models import ApplicationKey, User
from core_app.ledger import record


@transaction.atomic
def note_login(*, actor: Actor, user: User, ip: str) -> None:
    """A person logged in."""
    record(actor, "accounts.logged_in", user, ip=ip)


@transaction.atomic
def note_refusal(*, actor: Actor = NOBODY, email: str, ip: str, why: str) -> None:
    """Someone tried to log in as this address and was refused."""
    record(actor, "accounts.login_refused", _whoever(email), ip=ip, why=why)


@transaction.atomic
def note_lockout(*, actor: Actor = NOBODY, email: str, ip: str) -> None:
    """An address was tried too often and is locked for a while."""
    record(actor, "accounts.locked_out", _whoever(email), ip=ip)


@transaction.atomic
def note_key_refusal(*, actor: Actor = NOBODY, ip: str, locked: bool) -> None:
    """A machine came with keys that open nothing; `locked` when so often that it is not answered for a while."""
    verb = "accounts.keys_locked_out" if locked else "accounts.keys_refused"
    record(actor, verb, ApplicationKey(pk=0, name="unknown key"), ip=ip)


@transaction.atomic
def ask_for_password(*, actor: Actor = NOBODY, email: str, ip: str, origin: str) -> None:
    """Someone asks for a new password. The worker sends the mail if there is such a person: the answer and its time
    are the same either way. `origin` is where the link shall lead, such as `https://tocsin.example.org`."""
    record(actor, "accounts.password_asked", _whoever(email), ip=ip, origin=origin)


def _whoever(email: str) -> User:
    """The person with this address, or a stand-in (pk 0): both cost one query and make one entry."""
    return User.objects.filter(email=email.lower()).first() or User(pk=0, email=email)
