"""Whom a text calls with an @."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from accounts_app.access import Actor
from accounts_app.models import User

CALL = re.compile(r"(?<![\w@.+\-/])@(?=\w)")
WORD = re.compile(r"[\w.+@\-']+")
MOST_CALLS = 100  # that are looked at in one text
MOST_WORDS = 4  # of a name
MOST_TOLD = 20  # people that one text calls


def newly_mentioned(actor: Actor, text: str, *, before: str) -> list[User]:
    """Whom the actor's text calls and did not call `before` it was edited: people who can log in, but not the actor."""
    people = User.objects.filter(is_active=True)
    called = set(mentioned(text, people)) - set(mentioned(before, people)) - {actor.user}
    return sorted(called, key=lambda user: user.pk)[:MOST_TOLD]


def mentioned(text: str, people: Iterable[User]) -> list[User]:
    """The people whom the text names with an @ before, in the order of the text, each once.

    A person answers to their e-mail address, to what stands before its @, and to their name, with blanks in it or
    without. Where two answer to the same, both are meant. Case does not matter.
    """
    calls = [match.end() for match in CALL.finditer(text)][:MOST_CALLS]
    if not calls:
        return []
    spelled = defaultdict(list)
    for user in people:
        for spelling in spellings(user):
            spelled[spelling].append(user)
    found: dict[User, None] = {}
    for start in calls:
        found |= dict.fromkeys(_called(text[start : start + 300].casefold(), spelled))
    return list(found)


def spellings(user: User) -> set[str]:
    """All that a person answers to, casefolded."""
    email, name = user.email.casefold(), " ".join(user.name.casefold().split())
    return {email, email.partition("@")[0], name, name.replace(" ", "")} - {""}


def _called(text: str, spelled: dict[str, list[User]]) -> list[User]:
    """Whoever the text begins with, by the longest name that somebody answers to."""
    words: list[str] = []
    end = 0
    for match in WORD.finditer(text):
        if len(words) == MOST_WORDS or text[end : match.start()].strip(" "):
            break
        words.append(match.group())
        end = match.end()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        for spelling in (name, name.rstrip(".-'@+"), name.removesuffix("'s")):
            if spelling in spelled:
                return spelled[spelling]
    return []
