"""What may be written into an incident: how long, how many, and by what names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from accounts_app.models import User
from core_app.errors import Invalid
from core_app.texts import UNWRITABLE
from incidents_app.models import Incident, IncidentType, Severity, State
from incidents_app.moments import EARLIEST, LATEST

MAX_TITLE = 300  # characters, as the column
MAX_TEXT = 20_000
MAX_SHORT = 2_000  # of a to-do or an impact
MAX_METHOD = 60
MAX_TAGS = 100
MAX_TAG = 200
MAX_PEOPLE = 100
MAX_FACTS = 10  # about somebody of a chat
MAX_SIGNALS = 5_000  # in one incident
MAX_FIELDS = 50
MAX_VALUES = 100
MAX_URL = 2_000
CLOCKS_DIFFER = timedelta(minutes=5)

FIELD_NAME = re.compile(r"[\w][\w .\-]{0,59}")
ONE_VALUE = frozenset({"dropdown", "textbox"})
MANY_VALUES = frozenset({"autocomplete", "metrictag", "multiselect", "textarray"})
DETECTION_METHODS = ("customer", "employee", "monitor", "other", "unknown")  # Source: Datadog's property fields

_LONG = {"customer_impact_scope": MAX_TEXT, "summary": MAX_TEXT, "root_cause": MAX_TEXT, "detection_method": MAX_METHOD}


def text(value: Any, field: str, most: int, *, required: bool = False) -> str:
    """The text without the blanks around it. Raises Invalid, naming the field."""
    if not isinstance(value, str):
        raise Invalid(f"“{field}” is a text.", field=field)
    words = value.strip()
    if UNWRITABLE.search(words):
        raise Invalid(f"“{field}” has a character in it that no text has.", field=field)
    if len(words) > most:
        raise Invalid(f"“{field}” may have at most {most:,} characters.", field=field)
    if required and not words:
        raise Invalid(f"“{field}” must say something.", field=field)
    return words


def choice(value: Any, choices: type[models.TextChoices], field: str) -> str:
    """The value, which must be one of these. Raises Invalid."""
    if value not in choices.values:
        raise Invalid(f"“{value}” is no {field}; it is one of {', '.join(choices.values)}.", field=field)
    return choices(value).value


def person(user: User | None, field: str) -> User | None:
    """Somebody who can still log in, or nobody. Raises Invalid."""
    if user is not None and not user.is_active:
        raise Invalid(f"{user.label} can no longer log in.", field=field)
    return user


def people(users: Iterable[User], field: str, *, already: Iterable[User] = ()) -> list[User]:
    """Each person once, in order. Who is there `already` may stay, also when they can no longer log in."""
    found = list(dict.fromkeys(users))
    if len(found) > MAX_PEOPLE:
        raise Invalid(f"At most {MAX_PEOPLE} people.", field=field)
    known = set(already)
    for user in found:
        if user not in known:
            person(user, field)
    return found


def outsiders(given: Iterable[Any], field: str) -> list[str | dict[str, str]]:
    """People who are nobody here: handles, and for somebody of a chat what it says of them. Raises Invalid."""
    found = list(given)
    if len(found) > MAX_PEOPLE:
        raise Invalid(f"At most {MAX_PEOPLE} people.", field=field)
    return [_outsider(one, field) for one in found]


def _outsider(given: Any, field: str) -> str | dict[str, str]:
    if not isinstance(given, Mapping):
        return text(given, field, MAX_SHORT, required=True)
    if len(given) > MAX_FACTS:
        raise Invalid(f"At most {MAX_FACTS} facts about a person.", field=field)
    return {str(name)[:MAX_TAG]: text(value, field, MAX_SHORT) for name, value in given.items()}


def tags(texts: Iterable[Any]) -> list[str]:
    """Each tag once, in alphabetical order. Raises Invalid."""
    found = sorted({text(one, "tags", MAX_TAG, required=True) for one in texts})
    if len(found) > MAX_TAGS:
        raise Invalid(f"An incident may have at most {MAX_TAGS} tags.", field="tags")
    return found


def moment(value: Any, field: str, *, required: bool = False) -> datetime | None:
    """A moment with its time zone, or None. Raises Invalid."""
    if value is None and not required:
        return None
    if not isinstance(value, datetime) or timezone.is_naive(value):
        raise Invalid(f"“{field}” is a moment with its time zone.", field=field)
    if not EARLIEST <= value <= LATEST:
        raise Invalid(f"“{field}” lies too far away: the years from 1900 can be meant.", field=field)
    return value


def is_handy(number: Decimal) -> bool:
    """Whether a number can be written out."""
    return number.is_finite() and abs(number.adjusted()) <= MAX_TAG


def past(value: Any, field: str) -> datetime:
    """A moment that has been. Raises Invalid for one to come."""
    found = moment(value, field, required=True)
    if found > timezone.now() + CLOCKS_DIFFER:
        raise Invalid("This time lies in the future.", field=field)
    return found


def property_fields(fields: Any, before: Mapping[str, Any], declared: Collection[str] = ()) -> dict[str, Any]:
    """What an organisation adds: `before` with these put in by name; None takes one away. Raises Invalid.

    Those that are `declared` do not count towards how many there may be: a type of incidents has only so many.
    """
    if not isinstance(fields, Mapping):
        raise Invalid("“fields” maps names to fields.", field="fields")
    merged = dict(before)
    for name, given in fields.items():
        if not isinstance(name, str) or not FIELD_NAME.fullmatch(name):
            raise Invalid("A field's name has at most 60 letters, digits, blanks, dots and dashes.", field="fields")
        if given is None:
            merged.pop(name, None)
        else:
            merged[name] = _property_field(name, given)
    if len(merged.keys() - set(declared)) > MAX_FIELDS and merged.keys() - before.keys():
        raise Invalid(f"An incident may have at most {MAX_FIELDS} fields.", field="fields")
    return merged


def _property_field(name: str, given: Any) -> dict[str, Any]:
    kind = given.get("type") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in ONE_VALUE | MANY_VALUES:
        kinds = ", ".join(sorted(ONE_VALUE | MANY_VALUES))
        raise Invalid(f"The field “{name}” has a type, one of {kinds}, and a value.", field="fields")
    value = given.get("value")
    if value is None:
        return {"type": kind, "value": None}
    if kind in ONE_VALUE:
        return {"type": kind, "value": text(value, name, MAX_TEXT)}
    if not isinstance(value, list) or len(value) > MAX_VALUES:
        raise Invalid(f"The value of the field “{name}” is a list of at most {MAX_VALUES} texts.", field="fields")
    return {"type": kind, "value": [text(one, name, MAX_TAG, required=True) for one in value]}


def cleaned(field: str, value: Any) -> Any:
    """One of an incident's own columns as it is kept. Raises Invalid."""
    match field:
        case "title":
            return text(value, field, MAX_TITLE, required=True)
        case "severity":
            return choice(value, Severity, field)
        case "state":
            return choice(value, State, field)
        case "commander":
            return person(value, field)
        case "type":
            return value  # the action has looked it up
        case "detected_at":
            return past(value, field)
        case "stable_at" | "resolved_at":
            return None if value is None else past(value, field)
        case "customer_impacted" | "is_private" | "is_test":
            if not isinstance(value, bool):
                raise Invalid(f"“{field}” is true or false.", field=field)
            return value
    return text(value, field, _LONG[field])


def keep_time(incident: Incident, given: Mapping[str, Any]) -> None:
    """Set when the incident got where it is, unless that is among what is `given`.

    Raises Invalid for moments in the wrong order, or of a state that it is not in.
    """
    now = timezone.now()
    if incident.state == State.ACTIVE:
        _gone(incident, "stable_at", given)
    elif incident.stable_at is None:
        incident.stable_at = incident.resolved_at if given.get("resolved_at") else now
    if incident.state != State.RESOLVED:
        _gone(incident, "resolved_at", given)
    elif incident.resolved_at is None:
        incident.resolved_at = now
    order = [incident.detected_at, incident.stable_at, incident.resolved_at]
    moments = [one for one in order if one is not None]
    if moments != sorted(moments):
        raise Invalid("It is detected first, then stable, then resolved: these moments are in another order.")


def _gone(incident: Incident, name: str, given: Mapping[str, Any]) -> None:
    if given.get(name) is not None:
        raise Invalid(f"An incident that is {incident.state} has no “{name}”.", field=name)
    setattr(incident, name, None)


def named(users: Iterable[User]) -> list[dict[str, str]]:
    """People as the ledger keeps them."""
    return [{"uuid": str(user.uuid), "name": user.label} for user in users]


def plain(value: Any) -> Any:
    """A value as the ledger keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, User):
        return named([value])[0]
    if isinstance(value, IncidentType):
        return {"uuid": str(value.uuid), "name": value.name}
    return value
