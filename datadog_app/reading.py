"""What a request holds: a body of JSON, and parameters in the address."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.serializers import Field, ListSerializer, Serializer

from core_app.errors import TooLarge
from core_app.parsers import check_json
from datadog_app.errors import Parameter, Refusals
from search_app.kinds import relative

LARGEST_BODY = 8 * 2**20  # bytes: far more than any edit of many needs
LONGEST = 4000  # characters of a parameter
ONCE = re.compile(r"\d{12,14}", re.ASCII)  # epoch milliseconds
# A plus in an address is a space unless it is written %2B, which is easily forgotten.
LOST_PLUS = re.compile(r"(?<=[0-9]) (?=\d\d:?\d\d$)", re.ASCII)


class AnyJson(BaseParser):
    """JSON, whatever the header calls it: curl sends forms unless it is told, and clients of JSON:API another type."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = unpacked(stream.read(LARGEST_BODY + 1), _encoding(parser_context))
        if len(body) > LARGEST_BODY:
            raise TooLarge(f"A body may hold {LARGEST_BODY // 2**20} MiB.")
        if not body.strip():
            return {}
        try:
            found = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):  # also bytes that are no UTF-8, and numbers longer than any
            raise ParseError("The body is not valid JSON.") from None
        check_json(found)
        return found


def _encoding(context: Any) -> str:
    return str(context["request"].headers.get("Content-Encoding", "")).strip().lower()


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it was before it was packed, cut off beyond LARGEST_BODY. Raises an APIException."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise UnsupportedMediaType(encoding, f"“{encoding}” is no encoding that is read here; use gzip or none.")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either of the two, by how it begins
    try:
        found = unpacker.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise ParseError(f"The body is not {encoding}, which Content-Encoding says it is.") from None
    if not unpacker.eof and len(found) <= LARGEST_BODY:
        raise ParseError(f"The body ends before its {encoding} does.")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def given(request: Request, serializer: type[Serializer], **context: Any) -> dict[str, Any]:
    """The body as the serializer reads it, without fields that it does not know. Raises ValidationError."""
    reader = serializer(context={"request": request, **context})
    reader.initial_data = without_nulls(reader, request.data)
    reader.is_valid(raise_exception=True)
    return reader.validated_data


def without_nulls(reader: Field, data: Any) -> Any:
    """The body without what is null where nothing need be sent, and where null says nothing of its own."""
    if isinstance(reader, ListSerializer) and isinstance(data, list):
        return [without_nulls(reader.child, one) for one in data]
    if not isinstance(reader, Serializer) or not isinstance(data, dict):
        return data
    kept = {}
    for name, value in data.items():
        field = reader.fields.get(name)
        if field is None or value is not None or field.required or field.allow_null:
            kept[name] = value if field is None else without_nulls(field, value)
    return kept


# --- parameters -------------------------------------------------------------------------------


def wrong(name: str, message: str) -> Refusals:
    """The refusal of a parameter."""
    return Refusals([((Parameter(name),), message)])


def text(request: Request, name: str, default: str = "") -> str:
    """A parameter as it was sent. Raises Refusals for one that is too long."""
    value = request.query_params.get(name, default)
    if len(value) > LONGEST:
        raise wrong(name, f"at most {LONGEST} characters.")
    return value


def number(request: Request, name: str, default: int, *, least: int = 0, most: int) -> int:
    """A whole number in its limits. Raises Refusals."""
    value = text(request, name)
    if not value:
        return default
    if not re.fullmatch(r"-?\d{1,18}", value, re.ASCII) or not least <= int(value) <= most:
        raise wrong(name, f"a whole number from {least} to {most} is expected.")
    return int(value)


def flag(request: Request, name: str) -> bool | None:
    """`true` or `false`; None when it is not there. Raises Refusals."""
    value = text(request, name).lower()
    if value not in ("", "true", "false"):
        raise wrong(name, "true or false is expected.")
    return None if not value else value == "true"


def choice(request: Request, name: str, choices: Sequence[str], default: str) -> str:
    """One of these. Raises Refusals."""
    value = text(request, name) or default
    if value not in choices:
        raise wrong(name, f"one of {', '.join(filter(None, choices))} is expected.")
    return value


def words(request: Request, name: str) -> list[str]:
    """Words with commas between them, or in a parameter each: the official clients do both. Raises Refusals."""
    together = ",".join(request.query_params.getlist(name))
    if len(together) > LONGEST:
        raise wrong(name, f"at most {LONGEST} characters.")
    return [word for word in together.split(",") if word]


def chosen(request: Request, name: str, choices: Sequence[str]) -> list[str]:
    """Some of these words, with commas between them. Raises Refusals."""
    found = words(request, name)
    for word in found:
        if word not in choices:
            raise wrong(name, f"“{word}” is none of {', '.join(choices)}.")
    return found


def moment(value: str, name: str, now: datetime) -> datetime:
    """A moment: ISO 8601 with or without a fraction and an offset, epoch milliseconds, or relative as `now-15m`.

    Raises Refusals.
    """
    try:
        if (at := relative(value, now)) is not None:
            return at
    except OverflowError:
        raise wrong(name, "that is out of all time.") from None
    value = value.upper()  # `t` and `z` are as good, says RFC 3339
    if "T" in value:
        value = LOST_PLUS.sub("+", value)
    try:
        if ONCE.fullmatch(value):
            return datetime.fromtimestamp(int(value) / 1000, tz=timezone.get_default_timezone())
        found = parse_datetime(value)
        if found is None:
            raise wrong(name, "a date-time as 2026-11-23T05:37:00Z is expected, or now-15m.")
        # A clock of no zone is taken to be of ours, UTC; years at the ends of time have no moment there.
        found = timezone.make_aware(found, timezone.get_default_timezone()) if timezone.is_naive(found) else found
        return found.astimezone(timezone.get_default_timezone())
    except (ValueError, OverflowError):
        raise wrong(name, "there is no such date-time.") from None


def uuid(value: Any) -> UUID | None:
    """The UUID that the text spells, or None."""
    try:
        return UUID(value) if isinstance(value, str) and len(value) <= 36 else None
    except ValueError:
        return None
