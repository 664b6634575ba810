"""The people of the demo, with random passwords and keys that are written down once."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts_app import actions
from accounts_app.access import system
from accounts_app.keys import digests_of
from accounts_app.models import ApiKey, ApplicationKey, Role, Team, User
from accounts_app.permissions import ADMIN, READ_ONLY, STANDARD

PEOPLE = (
    # word in the credentials file, role, name, job title, local part of the address
    ("admin", ADMIN, "Amara Okafor", "Head of Security Engineering", "amara.okafor"),
    ("standard", STANDARD, "Jonas Lindqvist", "Application Security Engineer", "jonas.lindqvist"),
    ("read_only", READ_ONLY, "Mei Tanaka", "Service Owner, Web Store", "mei.tanaka"),
)
DOMAIN = "demo.example.com"  # reserved by RFC 2606: mail to it reaches nobody
TEAMS = (
    ("AppSec", "appsec", "Triages what the sensors find.", ("admin", "standard")),
    ("Platform", "platform", "Runs the services and the edge before them.", ("standard", "read_only")),
)
KEY_NAME = "Demo"


def make_people(url: str, path: Path) -> dict[str, Any]:
    """Make sure of the demo's people, teams and keys, and of the file at `path` (mode 0600) that tells their secrets.

    What the file says is kept, so that a second start changes no password; without a file, or with one that belongs
    to another database, new passwords and keys are made. `url` is where the demo is reached.
    Returns `{"url": …, "users": [{"role", "email", "password", "api_key", "application_key"}]}`.
    """
    kept = _read(path)
    if kept is not None:
        if kept["url"] != url:
            kept["url"] = url
            _write(path, kept)
        return kept
    with transaction.atomic():
        people = {word: _person(role, name, job, f"{local}@{DOMAIN}") for word, role, name, job, local in PEOPLE}
        credentials = {"url": url, "users": [_credentials(word, user) for word, user in people.items()]}
        for name, handle, description, members in TEAMS:
            _team(name, handle, description, [people[word] for word in members])
        # Inside the transaction: if the file cannot be written, no password changes unseen.
        _write(path, credentials)
    return credentials


def _read(path: Path) -> dict[str, Any] | None:
    """The file, if it is whole and its people and keys are those of this database."""
    try:
        credentials = json.loads(path.read_text())
        users = {user["role"]: user for user in credentials["users"]}
        whole = isinstance(credentials["url"], str) and set(users) == {word for word, *_ in PEOPLE}
        emails = [user["email"] for user in users.values()]
        api_keys = [digest for user in users.values() for digest in digests_of(user["api_key"])]
        application_keys = [digest for user in users.values() for digest in digests_of(user["application_key"])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    known = (
        User.objects.filter(email__in=emails).count() == len(PEOPLE)
        and ApiKey.objects.filter(digest__in=api_keys).count() == len(PEOPLE)
        and ApplicationKey.objects.filter(digest__in=application_keys).count() == len(PEOPLE)
    )
    return credentials if whole and known else None


def _write(path: Path, credentials: dict[str, Any]) -> None:
    """Replace the file in one step; nobody else can read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(credentials, indent=2) + "\n")
    draft.replace(path)


def _person(role: str, name: str, job_title: str, email: str) -> User:
    demo = system("demo")
    user = User.objects.filter(email=email).first() or actions.create_user(
        actor=demo, email=email, name=name, job_title=job_title, is_staff=role == ADMIN
    )
    user = actions.set_active(actor=demo, user=user, active=True)
    return actions.set_roles(actor=demo, user=user, roles=[Role.objects.get(group__name=role)])


def _credentials(word: str, user: User) -> dict[str, str]:
    demo = system("demo")
    password = secrets.token_urlsafe(15)
    actions.set_password(actor=demo, user=user, password=password)
    for old in ApplicationKey.objects.in_force().filter(owner=user, name=KEY_NAME):
        actions.revoke_application_key(actor=demo, key=old)
    key_name = f"{KEY_NAME} {user.label}"
    for old in ApiKey.objects.in_force().filter(name=key_name):
        actions.revoke_api_key(actor=demo, key=old)
    _, api_key = actions.make_api_key(actor=demo, name=key_name)
    _, application_key = actions.make_application_key(actor=demo, owner=user, name=KEY_NAME)
    return {
        "role": word,
        "email": user.email,
        "password": password,
        "api_key": api_key,
        "application_key": application_key,
    }


def _team(name: str, handle: str, description: str, members: list[User]) -> None:
    demo = system("demo")
    if not Team.objects.filter(handle=handle).exists():
        team = actions.create_team(actor=demo, name=name, handle=handle, description=description)
        actions.set_members(actor=demo, team=team, users=members)
