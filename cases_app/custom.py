"""What cases of a type can say besides: values as they are kept, and as they are typed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from cases_app import limits
from cases_app.models import Case, CustomAttribute
from core_app.errors import Invalid

is_url = URLValidator(schemes=["http", "https"])  # a link to anything else could run in the page
Kind = CustomAttribute.Kind


def cleaned(attribute: CustomAttribute, value: Any) -> Any:
    """A value as it is kept: a text or a number, or a list of these where there may be several. Raises Invalid."""
    if not attribute.is_multi:
        return _one(attribute, value)
    if not isinstance(value, list) or not 0 < len(value) <= limits.MAX_VALUES:
        raise Invalid(f"“{attribute.key}” is a list of 1 to {limits.MAX_VALUES} values.", field="custom_attributes")
    return [_one(attribute, one) for one in value]


def _one(attribute: CustomAttribute, value: Any) -> str | float:
    if attribute.kind == Kind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise Invalid(f"“{attribute.key}” is a number.", field="custom_attributes")
        return float(value)
    text = limits.line(value, "custom_attributes", limits.MAX_VALUE)
    if not text:
        raise Invalid(f"“{attribute.key}” must say something.", field="custom_attributes")
    if attribute.kind == Kind.SELECT and attribute.options and text not in attribute.options:
        raise Invalid(f"“{text}” is none of {', '.join(attribute.options)}.", field="custom_attributes")
    if attribute.kind == Kind.URL:
        try:
            is_url(text)
        except ValidationError as problem:
            words = f"“{attribute.key}” begins with https:// or http:// and names a host."
            raise Invalid(words, field="custom_attributes") from problem
    return text


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all that are kept with a point
        return False


def merged(
    attributes: Iterable[CustomAttribute], before: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """`before` with these put in by key; None takes one away. Raises Invalid for a key that the type has not."""
    known = {attribute.key: attribute for attribute in attributes}
    found = dict(before)
    for key, value in given.items():
        if key not in known:
            raise Invalid(f"Cases of this type have no custom attribute “{key}”.", field="custom_attributes")
        if value is None:
            found.pop(key, None)
        else:
            found[key] = cleaned(known[key], value)
    return found


def shown(case: Case) -> list[tuple[CustomAttribute, list[Any]]]:
    """What the case says of each custom attribute of its type, as a list of values."""
    return [(one, _listed(case.custom_attributes.get(one.key))) for one in case.type.custom_attributes.all()]


def typed(attribute: CustomAttribute, text: str) -> Any:
    """The value that was typed, a line each where there may be several; None for none. Raises Invalid."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    values = [_number(attribute, line) if attribute.kind == Kind.NUMBER else line for line in lines]
    return cleaned(attribute, values if attribute.is_multi else values[0])


def _number(attribute: CustomAttribute, line: str) -> float:
    try:
        return float(line)
    except ValueError:
        raise Invalid(f"“{line[:60]}” is no number.", field="custom_attributes") from None


def written(attribute: CustomAttribute, value: Any) -> str:
    """The value as it is typed."""
    values = _listed(value)
    return "\n".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
