"""The door for sensors: `POST /api/intake/<source>`."""

from __future__ import annotations

import zlib
from itertools import islice
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts_app.keys import matches, new_secret
from core_app.errors import Invalid, NotAllowed, NotAuthenticated, TooLarge
from signals_app import intake
from signals_app.models import Source
from signals_app.sources.reading import Unreadable

LARGEST_BODY = 10 * 2**20  # bytes, unpacked
MOST_ITEMS = 10_000
PIECE = 2**16
JSON_TYPES = ("application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "text/plain")
ENCODINGS = ("", "identity", "gzip")

NOBODY_HAS_THIS = new_secret().digest  # compared with when there is no such source: the answer takes as long


class SourceToken(BaseAuthentication):
    """A source's own token. The source is `request.auth`; nobody is logged in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Source]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        source = Source.objects.filter(name=request.parser_context["kwargs"]["source"]).first()
        fits = matches(token.strip(), source.token_digest if source else NOBODY_HAS_THIS)
        if source is None or scheme.lower() != "bearer" or not fits:
            raise NotAuthenticated("There is no such source, or this is not its token: send “Authorization: Bearer …”.")
        if not source.is_enabled:
            raise NotAllowed(f"The source {source.name} is switched off.")
        return AnonymousUser(), source

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SourceTokenScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of a source's token."""

    target_class = "signals_app.api.SourceToken"
    name = "sourceToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


@method_decorator(login_not_required, name="dispatch")
class IntakeView(APIView):
    """Takes items in. They are stored before the answer, and read afterwards."""

    authentication_classes = [SourceToken]
    permission_classes: list[Any] = []

    @extend_schema(
        operation_id="intake",
        summary="Send events of a source",
        description="One JSON object, an array of them, or one a line (NDJSON); gzip is accepted. Sending again is "
        "safe: what is known already counts as a duplicate.",
        parameters=[OpenApiParameter("source", str, OpenApiParameter.PATH, description="The source's name.")],
        request=dict.fromkeys(JSON_TYPES[:2], OpenApiTypes.OBJECT),
        responses={
            202: inline_serializer(
                "Taken",
                {
                    "taken": serializers.IntegerField(),
                    "duplicates": serializers.IntegerField(),
                    "refused": inline_serializer(
                        "RefusedLine",
                        {"line": serializers.IntegerField(), "why": serializers.CharField()},
                        many=True,
                    ),
                },
            )
        },
    )
    def post(self, request: Request, source: str) -> Response:
        """202 with what became of the lines; 400 when there was nothing that can be read."""
        body = read_body(request._request)
        try:
            lines = list(islice(intake.lines_of(body), MOST_ITEMS + 1))
        except Unreadable as problem:
            raise Invalid(str(problem)) from problem
        if len(lines) > MOST_ITEMS:
            raise TooLarge(f"Send at most {MOST_ITEMS:,} items at once.", items=MOST_ITEMS)
        taken = intake.take(request.auth, lines)
        answer = {
            "taken": taken.taken,
            "duplicates": taken.duplicates,
            "refused": [{"line": line, "why": why} for line, why in taken.refused],
        }
        if not taken.taken and not taken.duplicates:
            message = "None of the lines can be read." if taken.refused else "The body is empty: send JSON."
            raise Invalid(message, **answer)
        return Response(answer, status=202)


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked, never more of it in memory than is allowed. Raises UnsupportedMediaType or DomainError."""
    media = (request.content_type or "").lower()
    if media not in JSON_TYPES:
        raise UnsupportedMediaType(media, f"Send JSON as {' or '.join(JSON_TYPES[:2])}, not {media or 'unnamed'}.")
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise UnsupportedMediaType(encoding, f"“{encoding}” is no encoding that is read here; use gzip or none.")
    unpacker = Gunzip() if encoding == "gzip" else None
    body = bytearray()
    read = 0  # as sent: a stream of empty gzip members never grows when it is unpacked
    while piece := request.read(PIECE):
        read += len(piece)
        body += unpacker.feed(piece, LARGEST_BODY + 1 - len(body)) if unpacker else piece
        if max(read, len(body)) > LARGEST_BODY:
            raise TooLarge(f"A body may hold {LARGEST_BODY // 2**20} MiB, unpacked.", limit=LARGEST_BODY)
    if unpacker:
        unpacker.finish()
    return bytes(body)


class Gunzip:
    """Unpacks gzip piece by piece, each time at most so many bytes: a bomb is met before it goes off."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._fed = False

    def feed(self, piece: bytes, most: int) -> bytes:
        """At most `most` bytes of what is in this piece."""
        out = bytearray()
        while piece and len(out) < most:
            if self._member.eof:  # gzip files may be several in a row
                self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                out += self._member.decompress(piece, most - len(out))
            except zlib.error:
                raise Invalid("The body is not the gzip that its Content-Encoding says.") from None
            self._fed = True
            piece = self._member.unconsumed_tail or self._member.unused_data
        return bytes(out)

    def finish(self) -> None:
        """Raises Invalid when the stream broke off."""
        if self._fed and not self._member.eof:
            raise Invalid("The gzip in the body breaks off.")
