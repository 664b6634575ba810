"""Fields that take their own JSON type and no other, and the envelope that v2 puts around everything.

DRF's own would read `"5"` as a number and `1` as text; the original refuses both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.serializers import Serializer

INT64 = 2**63 - 1
LONGEST_ECHO = 100  # characters of a wrong word that its refusal repeats
LAST_MOMENT = 253_402_300_799_000  # the end of the year 9999, in milliseconds


class Text(serializers.CharField):
    """Text, as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "max_length": 1000, "allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number of 64 bits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -INT64, "max_value": INT64, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=type(data).__name__)
        return data


class Word(serializers.ChoiceField):
    """One of a few words; a refusal says which they are."""

    default_error_messages = {"invalid_choice": "“{input}” is not one of {words}."}

    def fail(self, key: str, **kwargs: Any) -> None:  # type: ignore[override]
        said = str(kwargs.pop("input", ""))
        shown = said if len(said) <= LONGEST_ECHO else f"{said[:LONGEST_ECHO]}…"
        super().fail(key, **{"input": shown, "words": ", ".join(map(str, self.choices)), **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=type(data).__name__)
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A moment in ISO 8601, with `Z`, an offset or neither, which is UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid", format="ISO 8601")
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid", format="ISO 8601")


class Milliseconds(Whole):
    """A moment as milliseconds since 1970."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=LAST_MOMENT, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> datetime | None:
        found = super().run_validation(data)
        return datetime.fromtimestamp(found / 1000, tz=UTC) if isinstance(found, int) else found


class Identifier(serializers.UUIDField):
    """A UUID as text."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or len(data) > 36:
            self.fail("invalid", value="")
        return super().to_internal_value(data)


class Texts(serializers.ListField):
    """A list of short texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=200), **{"max_length": 200, **kwargs})


def envelope(name: str, attributes: type[Serializer], *, type: str, strict: bool = True) -> type[Serializer]:
    """`{"data": {"type", "id", "attributes": {…}}}`; read as what is in `attributes`, with `id` beside it.

    A `type` that is sent must be the right one; with `strict` it must be sent.
    """
    data = type_of(
        f"{name}Data",
        attributes=attributes(),
        type=Word(choices=[type], required=strict),
        id=serializers.JSONField(required=False, allow_null=True),
    )
    return type_of(name, data=data())


def type_of(name: str, **fields: serializers.Field) -> type[Serializer]:
    """A serializer class of these fields, by which name the API's description calls it."""
    return serializers.SerializerMetaclass(f"{name}Serializer", (Serializer,), {**fields, "__module__": __name__})


class Related(Serializer):
    """`{"id", "type"}` of another thing."""

    id = Text(max_length=100, allow_blank=False)
    type = Text(max_length=60, required=False)


class ToMany(Serializer):
    """A list of other things."""

    data = Related(many=True)
