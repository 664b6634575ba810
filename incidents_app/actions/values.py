"""What the fields of an incident may say where its organisation has declared them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core_app.errors import Invalid
from incidents_app.actions import checking
from incidents_app.models import DeclaredField, ImpactField, Incident, IncidentType, UserDefinedField
from incidents_app.moments import moment_in

Declared = Mapping[str, DeclaredField]
UNSAID = ("", "unknown")  # the latter is how a detection method says nothing
COLUMNS = UserDefinedField.COLUMNS


def declared_for(kind: IncidentType) -> dict[str, UserDefinedField]:
    """The fields that are declared for incidents of a type, by name."""
    return {row.name: row for row in UserDefinedField.objects.filter(type=kind)}


def declared_for_impacts(kind: IncidentType) -> dict[str, ImpactField]:
    """The fields that are declared for the impacts of incidents of a type, by name."""
    return {row.name: row for row in ImpactField.objects.filter(type=kind)}


def fitting(field: DeclaredField, value: Any) -> Any:
    """The value as a declared field keeps it: a text, a list of texts, or None for nothing. Raises Invalid."""
    if value in (None, "", []):
        return None
    if not field.is_list:
        return _one(field, value)
    if not isinstance(value, list) or len(value) > checking.MAX_VALUES:
        raise Invalid(f"“{field.name}” is a list of at most {checking.MAX_VALUES} texts.", field=place(field.name))
    return list(dict.fromkeys(_one(field, one) for one in value))


def _one(field: DeclaredField, value: Any) -> str:
    longest = checking.MAX_TAG if field.is_list else checking.MAX_TEXT
    if field.kind == field.Kind.NUMBER:
        return _number(field.name, value)
    found = checking.text(value, field.name, longest, required=field.is_list)
    if field.kind == field.Kind.DATETIME:
        return _moment(field.name, found)
    if field.choices and found not in field.choices:
        raise Invalid(f"“{field.name}” is one of {', '.join(field.choices)}.", field=place(field.name))
    return found


def _number(name: str, value: Any) -> str:
    try:
        found = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if len(str(value)) > checking.MAX_TAG or not checking.is_handy(found):
        raise Invalid(f"“{name}” is a number.", field=place(name))
    return format(found, "f")


def _moment(name: str, text: str) -> str:
    try:
        return moment_in(text).isoformat()
    except ValueError as problem:
        raise Invalid(f"“{name}” is a moment, such as 2026-01-31T12:00:00Z.", field=place(name)) from problem


def place(name: str) -> str:
    """What a refusal calls a field among `fields`, and a form its box."""
    return f"fields.{name}"


def properties(given: Any, before: Mapping[str, Any], declared: Declared) -> dict[str, Any]:
    """An incident's `fields`: `before` with the given put in by name, those that are declared as they are declared.

    None takes one away. Raises Invalid, also for a field that has to be filled in and would say nothing.
    """
    if not isinstance(given, Mapping):
        raise Invalid("“fields” maps names to fields.", field="fields")
    others = {name: one for name, one in given.items() if name not in declared}
    merged = checking.property_fields(others, before, declared)
    for name, one in given.items():
        if name not in declared:
            continue
        field = declared[name]
        if one is not None and not isinstance(one, Mapping):
            raise Invalid(f"The field “{name}” has a type and a value.", field=place(name))
        value = fitting(field, one.get("value") if one else None)
        if value is None:
            filled(field, value)
            merged.pop(name, None) if one is None else merged.update({name: {"type": field.wire_kind, "value": None}})
        else:
            merged[name] = {"type": field.wire_kind, "value": value}
    return merged


def filled(field: DeclaredField, value: Any) -> None:
    """Raises Invalid where a field that has to be filled in says nothing."""
    if field.required and not value:
        raise Invalid(f"“{field.name}” has to be filled in.", field=place(field.name))


def columns_fit(declared: Declared, kept: Mapping[str, Any]) -> None:
    """An incident's own texts, where they are declared and new. Raises Invalid."""
    for name in COLUMNS:
        if name in kept and name in declared:
            said = None if kept[name] in UNSAID else kept[name]
            fitting(declared[name], said)
            filled(declared[name], said)


def columns_said(declared: Declared, incident: Incident) -> None:
    """The own texts of a new incident, as far as they say something. Raises Invalid."""
    for name in COLUMNS:
        if name in declared and getattr(incident, name) not in UNSAID:
            fitting(declared[name], getattr(incident, name))


def still_fits(declared: Declared, fields: Mapping[str, Any], besides: Iterable[str]) -> dict[str, Any]:
    """The `fields` of an incident that becomes one of another type: what it says must fit there. Raises Invalid.

    `besides` are fields that get another value with it.
    """
    kept = declared.keys() - set(besides)
    there = {name: one for name, one in fields.items() if name in kept and (one or {}).get("value")}
    return properties(there, fields, declared)


def with_defaults(incident: Incident, declared: Mapping[str, UserDefinedField]) -> None:
    """Fill in a new incident what nobody said and a declared field has a default for."""
    for name, field in declared.items():
        if not field.default_value:
            continue
        if field.is_column:
            if getattr(incident, name) in UNSAID:
                setattr(incident, name, field.default_value)
        elif not (incident.fields.get(name) or {}).get("value"):
            value = fitting(field, [field.default_value] if field.is_list else field.default_value)
            incident.fields[name] = {"type": field.wire_kind, "value": value}
