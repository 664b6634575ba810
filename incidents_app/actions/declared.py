"""What an organisation declares about the incidents of a type: its own fields, and roles of responders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import change, held, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.actions.values import fitting
from incidents_app.models import (
    ImpactField,
    Incident,
    IncidentType,
    Responder,
    RoleHolder,
    UserDefinedField,
    UserDefinedRole,
)
from incidents_app.models.managers import SETTINGS, WRITE

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,59}")  # Source: Datadog's API
TAKEN = frozenset({"severity", "slug", "state"})  # what they may say is not an organisation's to decide
# What an incident has besides, and what its forms ask for: a field of that name would stand in its place.
OWN = TAKEN | {
    "commander", "created_by", "customer_impact_scope", "customer_impacted", "declared_at", "detected_at", "fields",
    "handle", "handles", "id", "is_private", "is_test", "modified_at", "modified_by", "public_id", "resolved_at",
    "responder", "responders", "seen_version", "signals", "stable_at", "tags", "title", "token", "type", "url", "uuid",
    "version",
}  # fmt: skip
MOST_FIELDS = 50  # of a type, as of an incident
MOST_ROLES = 50
FINEST = Decimal("0.000001")  # of an ordinal
HIGHEST = Decimal(10) ** 9
FIELD_WORDS = frozenset(
    {"display_name", "category", "collected", "default_value", "ordinal", "required", "valid_values", "tag_key"}
)
ROLE_WORDS = frozenset({"name", "description", "is_single"})

IMPACT_WORDS = frozenset({"display_name", "kind", "valid_values", "tag_key"})

Row = TypeVar("Row", UserDefinedField, ImpactField, UserDefinedRole)


# --- fields -----------------------------------------------------------------------------------


@transaction.atomic
def create_user_defined_field(
    *, actor: Actor, type: IncidentType, name: str, kind: str, **fields: Any
) -> UserDefinedField:
    """Declare a field of the incidents of a type; `fields` are of FIELD_WORDS, and `display_name` follows the name.

    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, SETTINGS)
    _known(fields, FIELD_WORDS)
    row = UserDefinedField(
        type=locked(IncidentType.objects.visible_to(actor), type.pk),
        name=_name(name, OWN),
        kind=checking.choice(kind, UserDefinedField.Kind, "kind"),
        created_by=actor.user,
        modified_by=actor.user,
    )
    _free(row, MOST_FIELDS)
    fields["display_name"] = fields.get("display_name") or row.name.replace("_", " ").capitalize()
    change(row, **_field(fields))
    _coherent(row)
    row.save()
    record(actor, "incidents.user_defined_field_created", row, name=row.name, kind=row.kind, type=str(row.type))
    return row


@transaction.atomic
def edit_user_defined_field(
    *, actor: Actor, field: UserDefinedField, seen_version: int | None = None, **fields: Any
) -> UserDefinedField:
    """Change what is given (of FIELD_WORDS). What incidents say already stays as it is.

    Raises NotAllowed, NotFound, StaleVersion or Invalid.
    """
    require(actor, SETTINGS)
    _known(fields, FIELD_WORDS)
    row = _locked(UserDefinedField, actor, field, seen_version)
    changes = change(row, **_field(fields))
    _coherent(row)
    return _saved(actor, row, changes, "incidents.user_defined_field_edited")


@transaction.atomic
def delete_user_defined_field(*, actor: Actor, field: UserDefinedField, seen_version: int | None = None) -> None:
    """Declare it no more: what incidents say in it stays, as in any field that nobody has declared.

    Raises NotAllowed, NotFound or StaleVersion.
    """
    require(actor, SETTINGS)
    row = _locked(UserDefinedField, actor, field, seen_version)
    record(actor, "incidents.user_defined_field_deleted", row, name=row.name, type=str(row.type))
    row.delete()


def _name(name: Any, taken: frozenset[str]) -> str:
    found = checking.text(name, "name", 60, required=True)
    if not NAME.fullmatch(found):
        raise Invalid("A “name” begins with a letter or digit, and has letters, digits, _ and . in it.", field="name")
    if found in taken:
        raise Invalid(f"“{found}” is a field that every incident has already: choose another “name”.", field="name")
    return found


def _free(row: Row, most: int) -> None:
    """The type's row is locked: nobody takes the name in between."""
    others = type(row).objects.filter(type=row.type)
    if others.exclude(pk=row.pk).filter(name=row.name).exists():
        raise Invalid(f"There is one with the “name” {row.name} for incidents of this type already.", field="name")
    if row.pk is None and others.count() >= most:
        raise Invalid(f"A type of incidents may have at most {most}.")


def _field(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    for name, most in (("display_name", 120), ("default_value", 2000), ("tag_key", 200)):
        if name in kept:
            kept[name] = checking.text(kept[name] or "", name, most, required=name == "display_name")
    for name, choices in (("category", UserDefinedField.Category), ("collected", UserDefinedField.Collected)):
        if name in kept:
            kept[name] = checking.choice(kept[name], choices, name) if kept[name] else ""
    if "kind" in kept:
        kept["kind"] = checking.choice(kept["kind"], UserDefinedField.Kind, "kind")
    if "required" in kept and not isinstance(kept["required"], bool):
        raise Invalid("“required” is true or false.", field="required")
    if "ordinal" in kept:
        kept["ordinal"] = _ordinal(kept["ordinal"])
    if "valid_values" in kept:
        kept["valid_values"] = _valid_values(kept["valid_values"] or [])
    return kept


def _ordinal(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        found = Decimal(str(value)).quantize(FINEST)
    except (InvalidOperation, ValueError):
        found = None
    if found is None or not found.is_finite() or abs(found) >= HIGHEST:
        raise Invalid("“ordinal” is a decimal number, such as 1.5.", field="ordinal")
    return found


def _valid_values(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or len(given) > checking.MAX_VALUES:
        raise Invalid(f"“valid_values” is a list of at most {checking.MAX_VALUES}.", field="valid_values")
    found = []
    for one in given:
        if not isinstance(one, Mapping):
            raise Invalid("Each of “valid_values” has a value and a display_name.", field="valid_values")
        value = checking.text(one.get("value"), "valid_values", checking.MAX_TAG, required=True)
        kept = {"value": value, "display_name": value}
        for name in ("display_name", "description", "short_description"):
            if one.get(name):
                kept[name] = checking.text(one[name], "valid_values", checking.MAX_SHORT)
        found.append(kept)
    if len({one["value"] for one in found}) < len(found):
        raise Invalid("Each of “valid_values” stands there once.", field="valid_values")
    return found


def _coherent(row: UserDefinedField) -> None:
    """What its parts say together. Raises Invalid."""
    if row.required and row.collected:
        raise Invalid(
            "A field that has to be filled in is always asked for: leave “collected” empty.", field="collected"
        )
    if row.is_column and row.kind not in (row.Kind.TEXTBOX, row.Kind.DROPDOWN):
        raise Invalid(f"“{row.name}” is one text: its kind is textbox or dropdown.", field="kind")
    for value in row.choices if row.is_column else ():
        try:
            checking.cleaned(row.name, value)
        except Invalid as problem:
            raise Invalid(f"“valid_values” do not fit: {problem.message}", field="valid_values") from problem
    if row.default_value:
        try:
            fitting(row, [row.default_value] if row.is_list else row.default_value)
            if row.is_column:
                checking.cleaned(row.name, row.default_value)
        except Invalid as problem:
            raise Invalid(f"The “default_value” does not fit: {problem.message}", field="default_value") from problem


# --- fields of impacts ------------------------------------------------------------------------


@transaction.atomic
def create_impact_field(*, actor: Actor, type: IncidentType, name: str, kind: str, **fields: Any) -> ImpactField:
    """Declare a field of the impacts of incidents of a type; `fields` are of IMPACT_WORDS.

    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, SETTINGS)
    _known(fields, IMPACT_WORDS)
    kept = locked(IncidentType.objects.visible_to(actor), type.pk)
    row = ImpactField(type=kept, name=_name(name, TAKEN), created_by=actor.user, modified_by=actor.user)
    _free(row, MOST_FIELDS)
    fields["display_name"] = fields.get("display_name") or row.name.replace("_", " ").capitalize()
    change(row, **_field({"kind": kind, **fields}))
    row.save()
    record(actor, "incidents.impact_field_created", row, name=row.name, kind=row.kind, type=str(row.type))
    return row


@transaction.atomic
def edit_impact_field(
    *, actor: Actor, field: ImpactField, seen_version: int | None = None, **fields: Any
) -> ImpactField:
    """Change what is given (of IMPACT_WORDS). What impacts say already stays as it is.

    Raises NotAllowed, NotFound, StaleVersion or Invalid.
    """
    require(actor, SETTINGS)
    _known(fields, IMPACT_WORDS)
    row = _locked(ImpactField, actor, field, seen_version)
    return _saved(actor, row, change(row, **_field(fields)), "incidents.impact_field_edited")


@transaction.atomic
def delete_impact_field(*, actor: Actor, field: ImpactField, seen_version: int | None = None) -> None:
    """Declare it no more: what impacts say in it stays. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = _locked(ImpactField, actor, field, seen_version)
    record(actor, "incidents.impact_field_deleted", row, name=row.name, type=str(row.type))
    row.delete()


# --- roles ------------------------------------------------------------------------------------


@transaction.atomic
def create_user_defined_role(
    *, actor: Actor, type: IncidentType, name: str, description: str = "", is_single: bool = False
) -> UserDefinedRole:
    """Make a role for responders of incidents of a type. Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    kind = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = _role({"name": name, "description": description, "is_single": is_single})
    row = UserDefinedRole(type=kind, created_by=actor.user, modified_by=actor.user, **given)
    _free(row, MOST_ROLES)
    row.save()
    record(actor, "incidents.user_defined_role_created", row, name=row.name, type=str(kind))
    return row


@transaction.atomic
def edit_user_defined_role(
    *, actor: Actor, role: UserDefinedRole, seen_version: int | None = None, **fields: Any
) -> UserDefinedRole:
    """Change what is given (of ROLE_WORDS). Who holds it goes on, also where it was made a single one.

    Raises NotAllowed, NotFound, StaleVersion or Invalid.
    """
    require(actor, SETTINGS)
    _known(fields, ROLE_WORDS)
    # The type first, as when one is made: it is what keeps two from taking one name.
    locked(IncidentType.objects.visible_to(actor), role.type_id)
    row = _locked(UserDefinedRole, actor, role, seen_version)
    changes = change(row, **_role(fields))
    _free(row, MOST_ROLES)
    return _saved(actor, row, changes, "incidents.user_defined_role_edited")


@transaction.atomic
def delete_user_defined_role(*, actor: Actor, role: UserDefinedRole, seen_version: int | None = None) -> None:
    """Take a role away, also from those who hold it. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = _locked(UserDefinedRole, actor, role, seen_version)
    record(actor, "incidents.user_defined_role_deleted", row, name=row.name, type=str(row.type))
    row.delete()


def _role(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    if "name" in kept:
        kept["name"] = checking.text(kept["name"], "name", 120, required=True)
    if "description" in kept:
        kept["description"] = checking.text(kept["description"] or "", "description", checking.MAX_SHORT)
    if "is_single" in kept and not isinstance(kept["is_single"], bool):
        raise Invalid("“is_single” is true or false.", field="is_single")
    return kept


@transaction.atomic
def set_role_holders(
    *,
    actor: Actor,
    incident: Incident,
    holders: Mapping[UserDefinedRole, Iterable[User]],
    seen_version: int | None = None,
) -> Incident:
    """Say who holds these roles of an incident: of each the whole list, of its responders.

    Raises NotAllowed, NotFound, StaleVersion, Invalid, or Conflict for a role that was deleted meanwhile.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    check_version(row, seen_version)
    there = {link.user: link for link in Responder.objects.filter(incident=row).select_related("user")}
    changes = {}
    for given, users in sorted(holders.items(), key=lambda pair: pair[0].pk):
        role = held(given, "roles")  # as it is now, and nobody deletes it until this is done
        wanted = checking.people(users, "roles", already=there)
        _may_hold(row, role, wanted, there)
        links = RoleHolder.objects.filter(role=role, responder__incident=row).select_related("responder__user")
        before = [link.responder.user for link in links]
        if set(before) == set(wanted):
            continue
        links.exclude(responder__user__in=wanted).delete()
        RoleHolder.objects.bulk_create(
            RoleHolder(role=role, responder=there[user], added_by=actor.user) for user in wanted if user not in before
        )
        changes[role.name] = [checking.named(before), checking.named(wanted)]
    if changes:
        row.version += 1
        row.modified_by = actor.user
        row.save()
        record(actor, "incidents.roles_changed", row, roles=changes, version=row.version)
    return row


def _may_hold(incident: Incident, role: UserDefinedRole, wanted: list[User], there: Mapping[User, Responder]) -> None:
    if role.type_id != incident.type_id:
        raise Invalid(f"“{role}” is a role of incidents of another type.", field="roles")
    if role.is_single and len(wanted) > 1:
        raise Invalid(f"“{role}” is held by one responder at a time.", field="roles")
    for user in wanted:
        if user not in there:
            raise Invalid(f"{user.label} is no responder of this incident: call them in first.", field="roles")


# --- both -------------------------------------------------------------------------------------


def _known(fields: Mapping[str, Any], names: frozenset[str]) -> None:
    for name in fields.keys() - names:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)


def _locked(model: type[Row], actor: Actor, row: Row, seen_version: int | None) -> Row:
    found = locked(model.objects.visible_to(actor).select_related("type"), row.pk)
    check_version(found, seen_version)
    return found


def _saved(actor: Actor, row: Row, changes: Mapping[str, list[Any]], verb: str) -> Row:
    if changes:
        row.version += 1
        row.modified_by = actor.user
        row.save()
        told = {name: [_plain(one) for one in pair] for name, pair in changes.items()}
        record(actor, verb, row, **({"name": row.name} | told))
    return row


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
