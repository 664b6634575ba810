"""Refusals as Datadog's API writes them: a list of sentences, or a list of JSON:API error objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework.exceptions import APIException, ValidationError

from core_app.errors import DomainError, NotAuthenticated

Problem = tuple[Sequence[str | int], str]  # where in the body (an empty path: all of it), and what is wrong there


class Parameter(str):
    """The name of a part of the address, in the place of a path in the body."""

    __slots__ = ()


class Refusals(DomainError):
    """Several things are wrong at once; `problems` says each with its place in the body."""

    def __init__(self, problems: Sequence[Problem], status: int = 400) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems
        self.status = status


JSON_API = "application/vnd.api+json"


class Wording:
    """How a family of endpoints writes what it refuses."""

    content_type = "application/json"

    def write(self, status: int, problems: Sequence[Problem]) -> list[Any]:
        raise NotImplementedError


class Sentences(Wording):
    """`{"errors": ["data.attributes.state: this field is required."]}`: all of v1, and most of v2."""

    def write(self, status: int, problems: Sequence[Problem]) -> list[Any]:
        return [f"{'.'.join(map(str, path))}: {message}" if path else message for path, message in problems]


class Objects(Wording):
    """`{"errors": [{"status", "title", "detail", "source": {"pointer"}}]}`: JSON:API's own form.

    `absent_code` is what the family adds to an absent thing, `content_type` what it calls its errors.
    """

    def __init__(self, absent_code: str = "", content_type: str = Wording.content_type) -> None:
        self.absent_code = absent_code
        self.content_type = content_type

    def write(self, status: int, problems: Sequence[Problem]) -> list[Any]:
        return [self._one(status, path, message) for path, message in problems]

    def _one(self, status: int, path: Sequence[str | int], message: str) -> dict[str, Any]:
        if status == 404 and self.absent_code:
            return {"code": self.absent_code, "title": message, "status": "404"}
        found: dict[str, Any] = {"status": str(status), "title": HTTPStatus(status).phrase, "detail": message}
        if path:
            found["source"] = source(path)
        return found


def source(path: Sequence[str | int]) -> dict[str, str]:
    """Where a mistake is, as JSON:API has it: one word for the body, another for the address."""
    if isinstance(path[0], Parameter):
        return {"parameter": str(path[0])}
    return {"pointer": "/" + "/".join(map(str, path))}


SENTENCES, OBJECTS = Sentences(), Objects()


def problems_of(error: Exception) -> list[Problem]:
    """What an error says, each thing with its place in the body."""
    if isinstance(error, Refusals):
        return list(error.problems)
    if isinstance(error, ValidationError):
        return list(_flat(error.detail, ()))
    if isinstance(error, DomainError):
        return [((), error.message)]
    if isinstance(error, APIException):
        return [((), str(error.detail))]
    return [((), "Not found" if isinstance(error, Http404) else "Forbidden")]


def status_of(error: Exception) -> int | None:
    """The status of an error that we know; None for one that is a mistake of ours."""
    if isinstance(error, DomainError):
        return error.status
    if isinstance(error, APIException):
        return error.status_code
    return 404 if isinstance(error, Http404) else 403 if isinstance(error, PermissionDenied) else None


def answer_of(request: HttpRequest, error: DomainError) -> HttpResponse:
    """What was refused before or after the view that the request was for, in the words of that view."""
    match = request.resolver_match
    wording = getattr(getattr(match and match.func, "view_class", None), "wording", SENTENCES)
    told = {"errors": wording.write(error.status, [((), error.message)])}
    return JsonResponse(told, status=error.status, content_type=wording.content_type)


def is_stranger(error: Exception) -> bool:
    """Whether it was refused because nobody knows who asks."""
    return isinstance(error, NotAuthenticated) or status_of(error) == 401


def _flat(details: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(details, dict):
        for name, inner in details.items():
            yield from _flat(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(details, list):
        for place, inner in enumerate(details):
            # A list of serializers has one dict an element, an empty one where nothing is wrong.
            yield from _flat(inner, (*path, place) if isinstance(inner, dict) else path)
    else:
        yield path, str(details)
