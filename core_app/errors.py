"""What can go wrong in a way that a person may do something about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

QUOTED = re.compile(r"“([\w.]+)”")


class DomainError(Exception):
    """A refusal with a sentence for the person, a code for the program and a status for HTTP.

    `core_app.http` draws it as a page, a fragment or JSON; views and API views do not catch it.
    `data` holds JSON-able facts that the drawing may use (the server's version, the field at fault).
    """

    code = "invalid"
    status = 400

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data

    def worded(self, labels: Mapping[str, str]) -> str:
        """The sentence for a page: fields that it quotes by the names of programs are called as the page calls them."""
        return QUOTED.sub(lambda found: f"“{labels.get(found[1], found[1])}”", self.message)


class Invalid(DomainError):
    """What was sent cannot be meant."""


class NotAuthenticated(DomainError):
    """Nobody we know: the key, token or password is missing or wrong."""

    code, status = "not_authenticated", 401


class NotAllowed(DomainError):
    """The actor lacks a permission; `data["permission"]` names it."""

    code, status = "not_allowed", 403


class NotFound(DomainError):
    """It is not there, or not the actor's to see: the two look the same from outside."""

    code, status = "not_found", 404


class StaleVersion(DomainError):
    """The caller looked at an older version; `data["version"]` is the server's."""

    code, status = "stale_version", 409


class IllegalMove(DomainError):
    """The state machine has no such step."""

    code, status = "illegal_move", 409


class Conflict(DomainError):
    """It cannot be done as things stand now."""

    code, status = "conflict", 409


class TooLarge(DomainError):
    """A body over its limit; `data["limit"]` is in bytes."""

    code, status = "too_large", 413


class Throttled(DomainError):
    """Too many requests; `data["retry_after"]` is in seconds."""

    code, status = "throttled", 429


class HasVersion(Protocol):
    version: int


def check_version(row: HasVersion, seen: int | None) -> None:
    """Refuse a change by someone who looked at an older version. None makes no claim.

    A number above the server's cannot have been seen and makes no claim either: the rule of the
    source document is "if server side version is higher, update will be rejected".
    """
    if seen is not None and row.version > seen:
        raise StaleVersion(
            "Someone changed this while you were reading it. Look at it again, then decide.", version=row.version
        )
