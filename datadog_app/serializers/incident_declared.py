"""What an organisation declares about its incidents, on the wire: fields of its own, and roles of responders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from datadog_app.serializers.fields import Flag, Identifier, Text, Whole, Word
from datadog_app.serializers.incident_settings import made_and_changed
from datadog_app.serializers.resources import Told, document, exact, related, to_one
from incidents_app.models import ImpactField, UserDefinedField, UserDefinedRole

FIELD, IMPACT_FIELD, ROLE = "user_defined_field", "impact_fields", "incident_user_defined_roles"
KINDS = dict(enumerate(UserDefinedField.Kind.values, start=1))
IMPACT_KINDS = {
    "text" if kind == UserDefinedField.Kind.TEXTBOX else kind: kind
    for kind in UserDefinedField.Kind.values
    if kind != UserDefinedField.Kind.AUTOCOMPLETE
}
NUMBERS = {kind: number for number, kind in KINDS.items()}

# --- what is sent -----------------------------------------------------------------------------


class ValidValueSerializer(serializers.Serializer):
    value = Text(max_length=200)
    display_name = Text(max_length=2000)
    description = Text(max_length=2000, required=False)
    short_description = Text(max_length=2000, required=False)


class FieldEditAttributesSerializer(serializers.Serializer):
    category = Word(choices=UserDefinedField.Category.values, required=False, allow_null=True)
    collected = Word(choices=UserDefinedField.Collected.values, required=False, allow_null=True)
    default_value = Text(max_length=2000, required=False, allow_null=True)
    display_name = Text(max_length=120, required=False)
    ordinal = Text(max_length=30, required=False, allow_null=True)
    valid_values = ValidValueSerializer(many=True, required=False, allow_null=True, max_length=100)

    def get_fields(self) -> dict[str, serializers.Field]:
        # Serializers have an attribute of this name themselves.
        return {**super().get_fields(), "required": Flag(required=False, allow_null=True)}


class FieldCreateAttributesSerializer(FieldEditAttributesSerializer):
    name = Text(max_length=60)
    type = Whole(min_value=1, max_value=len(KINDS))
    tag_key = Text(max_length=200, required=False, allow_null=True)


class ImpactFieldAttributesSerializer(serializers.Serializer):
    name = Text(max_length=60)
    display_name = Text(max_length=120)
    field_type = Word(choices=list(IMPACT_KINDS))
    field_choices = ValidValueSerializer(many=True, required=False, allow_null=True, max_length=100)
    tag_key = Text(max_length=200, required=False, allow_null=True)


class PolicySerializer(serializers.Serializer):
    is_single = Flag()


class RoleEditAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120, required=False)
    description = Text(max_length=2000, required=False, allow_null=True)
    policy = PolicySerializer(required=False)


class RoleCreateAttributesSerializer(RoleEditAttributesSerializer):
    name = Text(max_length=120)


class DeclaredRelationshipsSerializer(serializers.Serializer):
    incident_type = to_one("incident_types")


FieldCreate = document(
    "IncidentUserDefinedFieldCreate",
    FIELD,
    FieldCreateAttributesSerializer,
    relationships=DeclaredRelationshipsSerializer(),
)
FieldEdit = document(
    "IncidentUserDefinedFieldEdit", FIELD, FieldEditAttributesSerializer, id=Identifier(required=False)
)
ImpactFieldWritten = document(
    "IncidentImpactField",
    IMPACT_FIELD,
    ImpactFieldAttributesSerializer,
    relationships=DeclaredRelationshipsSerializer(),
)
RoleCreate = document(
    "IncidentUserDefinedRoleCreate",
    ROLE,
    RoleCreateAttributesSerializer,
    relationships=DeclaredRelationshipsSerializer(),
)
RoleEdit = document("IncidentUserDefinedRoleEdit", ROLE, RoleEditAttributesSerializer, optional=True, id=Identifier())


def field_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a field's actions: null is what it has without being told."""
    found = dict(asked)
    if "type" in found:
        found["kind"] = KINDS[found.pop("type")]
    if found.get("required", False) is None:
        found["required"] = False
    if found.get("display_name") == "":
        del found["display_name"]
    return found


def impact_field_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the actions of a field of impacts, besides its name; what is left out is none."""
    return {
        "kind": IMPACT_KINDS[asked["field_type"]],
        "display_name": asked["display_name"],
        "valid_values": asked.get("field_choices") or [],
        "tag_key": asked.get("tag_key"),
    }


def role_of(asked: dict[str, Any]) -> dict[str, Any]:
    found = {name: asked[name] for name in ("name", "description") if name in asked}
    return found | ({"is_single": asked["policy"]["is_single"]} if "policy" in asked else {})


# --- how it is told ---------------------------------------------------------------------------


def told_field(field: UserDefinedField) -> Told:
    return {
        **related(FIELD, field.uuid),
        "attributes": {
            "name": field.name,
            "display_name": field.display_name,
            "type": NUMBERS[field.kind],
            "category": field.category or None,
            "collected": field.collected or None,
            "default_value": field.default_value or None,
            "ordinal": told_ordinal(field.ordinal),
            "required": field.required,
            "reserved": False,
            "tag_key": field.tag_key or None,
            "valid_values": field.valid_values or None,
            "metadata": None,
            "created": exact(field.created_at),
            "modified": exact(field.modified_at),
            "deleted": None,
        },
        "relationships": made_and_changed(field),
    }


def told_impact_field(field: ImpactField) -> Told:
    kinds = {ours: theirs for theirs, ours in IMPACT_KINDS.items()}
    return {
        **related(IMPACT_FIELD, field.uuid),
        "attributes": {
            "name": field.name,
            "display_name": field.display_name,
            "field_type": kinds[field.kind],
            "field_choices": [
                {name: one[name] for name in ("value", "display_name", "description") if name in one}
                for one in field.valid_values
            ],
            "tag_key": field.tag_key or None,
        },
        "relationships": made_and_changed(field),
    }


def told_ordinal(ordinal: Decimal | None) -> str | None:
    """`1.5`, without the zeros that the column adds."""
    if ordinal is None:
        return None
    whole = format(ordinal, "f")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def told_role(role: UserDefinedRole) -> Told:
    return {
        **related(ROLE, role.uuid),
        "attributes": {
            "name": role.name,
            "description": role.description or None,
            "policy": {"is_single": role.is_single},
            "created": exact(role.created_at),
            "modified": exact(role.modified_at),
        },
        "relationships": made_and_changed(role),
    }
