"""JSON:API on both ways: the envelope of what is sent, and people and moments as incidents and cases tell them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from accounts_app.models import User
from datadog_app.serializers.fields import Identifier, Word, type_of

Told = dict[str, Any]


# --- what is sent -----------------------------------------------------------------------------


class Kind(Word):
    """The `type` of a resource, of which there is only one that is right."""

    default_error_messages = {"invalid_choice": 'got type "{input}" expected one of "{kind}"'}

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(choices=[kind], **kwargs)
        self.kind = kind

    def fail(self, key: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().fail(key, **kwargs, kind=self.kind)


class Among(Word):
    """One of a few words; a refusal says of what, and which they are."""

    default_error_messages = {"invalid_choice": "invalid {what} {input}. Must be one of {words}"}

    def __init__(self, what: str, choices: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=list(choices), **kwargs)
        self.what = what

    def fail(self, key: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().fail(key, **kwargs, what=self.what, words=", ".join(self.choices))


class AnyJsonField(serializers.JSONField):
    """Whatever it is: the action that gets it says whether it can be meant."""


class Anything(serializers.DictField):
    """An object of any keys and values."""

    child = AnyJsonField(allow_null=True)


@cache  # the API's description knows classes by their names
def reference(kind: str) -> type[Serializer]:
    """`{"id", "type"}` of a thing of one kind, by its UUID."""
    return type_of(f"{_camel(kind)}Reference", id=Identifier(), type=Kind(kind))


@cache
def relation(kind: str, *, nullable: bool) -> type[Serializer]:
    """`{"data": {"id", "type"}}`, where `nullable` with nobody in it."""
    inner = reference(kind)(allow_null=nullable)
    return type_of(f"{'Nullable' if nullable else ''}{_camel(kind)}Relation", data=inner)


def to_one(kind: str, *, nullable: bool = False, required: bool = True) -> Serializer:
    """A relationship to one thing, as a field."""
    return relation(kind, nullable=nullable)(required=required)


def document(
    name: str, kind: str, attributes: type[Serializer] | None = None, *, optional: bool = False, **beside: Any
) -> type[Serializer]:
    """`{"data": {"type", "attributes": {…}, …}}`; `beside` are further fields of `data`.

    Without `attributes` there need not be any; with `optional` they may be left out.
    """
    fields = {"type": Kind(kind), **beside}
    if attributes is not None:
        fields["attributes"] = attributes(required=not optional)
    return type_of(name, data=type_of(f"{name}Data", **fields)())


def _camel(kind: str) -> str:
    return "".join(word.title() for word in kind.split("_"))


# --- how it is told ---------------------------------------------------------------------------


def exact(at: datetime | None) -> str | None:
    """`2026-11-23T05:37:00.000000+00:00`, as incidents and cases are told."""
    return at.isoformat(timespec="microseconds") if at else None


def related(kind: str, uuid: Any) -> Told:
    """`{"id", "type"}`."""
    return {"id": str(uuid), "type": kind}


def person(user: User | None, kind: str = "users") -> Told:
    """A relationship to a person, or to nobody."""
    return {"data": related(kind, user.uuid) if user else None}


def profile(user: User) -> Told:
    """A person among what is `included`. We ask no other site for a picture."""
    about = {"uuid": str(user.uuid), "handle": user.email, "email": user.email, "name": user.label, "icon": ""}
    return {**related("users", user.uuid), "attributes": about}


def each_once(users: Iterable[User | None]) -> list[User]:
    """Everybody who is there, in order."""
    return list(dict.fromkeys(user for user in users if user is not None))
