"""Fields and roles that an organisation declares for its incidents, through the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from incidents_app import actions
from incidents_app.models import ImpactField, IncidentType, UserDefinedField, UserDefinedRole

NOBODY = "00000000-0000-0000-0000-000000000001"
FIELD = v2.IncidentUserDefinedFieldType.USER_DEFINED_FIELD
ROLE = v2.IncidentUserDefinedRoleType.INCIDENT_USER_DEFINED_ROLES
CRITICAL = v2.IncidentUserDefinedFieldValidValue(
    description="A critical severity incident.",
    display_name="Critical",
    short_description="Critical",
    value="critical",
)


@pytest.fixture
def api(machine):
    return machine(IncidentsApi)


@pytest.fixture
def kind(db) -> IncidentType:
    return IncidentType.objects.get(is_default=True)


def status_of(call, *args, **kwargs) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    assert isinstance(refusal.value.body["errors"][0], dict | str)
    return refusal.value.status


def new_field(kind, **given):
    given = {"name": "region", "type": v2.IncidentUserDefinedFieldFieldType.DROPDOWN} | given
    data = v2.RelationshipToIncidentTypeData(id=str(kind), type=v2.IncidentTypeType.INCIDENT_TYPES)
    relation = v2.RelationshipToIncidentType(data=data)
    return v2.IncidentUserDefinedFieldCreateRequest(
        data=v2.IncidentUserDefinedFieldCreateData(
            attributes=v2.IncidentUserDefinedFieldAttributesCreateRequest(**given),
            relationships=v2.IncidentUserDefinedFieldCreateRelationships(incident_type=relation),
            type=FIELD,
        )
    )


def field_edit(uuid, /, **given):
    attributes = v2.IncidentUserDefinedFieldAttributesUpdateRequest(**given)
    data = v2.IncidentUserDefinedFieldUpdateData(attributes=attributes, id=str(uuid), type=FIELD)
    return v2.IncidentUserDefinedFieldUpdateRequest(data=data)


def choice(*values):
    return [v2.IncidentUserDefinedFieldValidValue(display_name=value.upper(), value=value) for value in values]


def test_fields_come_change_and_go(api, kind, analyst):
    published = {  # the example that the client comes with
        "category": v2.IncidentUserDefinedFieldCategory.WHAT_HAPPENED,
        "collected": v2.IncidentUserDefinedFieldCollected.ACTIVE,
        "default_value": "critical",
        "display_name": "Root Cause",
        "name": "root_cause",
        "ordinal": "1.5",
        "required": False,
        "tag_key": "datacenter",
        "type": v2.IncidentUserDefinedFieldFieldType.TEXTBOX,
        "valid_values": [CRITICAL],
    }
    made = api.create_incident_user_defined_field(new_field(kind.uuid, **published), include="created_by_user")
    (person,) = made.included
    assert person["id"] == str(analyst.uuid)
    told = made.data.attributes
    assert (told.name, told.display_name, told.type, told.ordinal) == ("root_cause", "Root Cause", 3, "1.5")
    assert told.valid_values[0].short_description == "Critical"
    second = api.create_incident_user_defined_field(new_field(kind.uuid)).data
    assert second.attributes.display_name == "Region"
    edit = field_edit(second.id, display_name="Where", ordinal="0.5", valid_values=choice("eu", "us"), required=True)
    changed = api.update_incident_user_defined_field(second.id, edit).data
    assert (changed.attributes.display_name, changed.attributes.required) == ("Where", True)
    listed = api.list_incident_user_defined_fields(filter_incident_type=str(kind.uuid), include="incident_type")
    assert [one.attributes.name for one in listed.data] == ["region", "root_cause"]
    assert (listed.meta.offset, listed.meta.size) == (0, 2)
    page = api.list_incident_user_defined_fields(page_size=1, page_number=1, include_deleted=True)
    assert [one.id for one in page.data] == [made.data.id]
    assert api.list_incident_user_defined_fields(filter_incident_type=NOBODY).data == []
    assert api.get_incident_user_defined_field(second.id).data.attributes.valid_values[1].display_name == "US"
    api.delete_incident_user_defined_field(second.id)
    assert status_of(api.get_incident_user_defined_field, second.id) == 404


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"name": "with blank"},
        {"name": "severity"},
        {"name": "taken"},
        {"ordinal": "first"},
        {"ordinal": "1e400"},
        {"default_value": "mars", "valid_values": choice("eu")},
        {"valid_values": choice("eu", "eu")},
        {"required": True, "collected": v2.IncidentUserDefinedFieldCollected.STABLE},
        {"type": v2.IncidentUserDefinedFieldFieldType.NUMBER, "default_value": "many"},
        {"name": "root_cause", "type": v2.IncidentUserDefinedFieldFieldType.MULTISELECT},
    ],
)
def test_fields_that_cannot_be(api, kind, given):
    api.create_incident_user_defined_field(new_field(kind.uuid, name="taken"))
    assert status_of(api.create_incident_user_defined_field, new_field(kind.uuid, **given)) == 400
    assert UserDefinedField.objects.count() == 1


def test_fields_of_nothing(api, kind):
    assert status_of(api.create_incident_user_defined_field, new_field(NOBODY)) == 404
    assert status_of(api.get_incident_user_defined_field, NOBODY) == 404
    assert status_of(api.get_incident_user_defined_field, "odd") == 400
    assert status_of(api.delete_incident_user_defined_field, NOBODY) == 404
    assert status_of(api.update_incident_user_defined_field, NOBODY, field_edit(NOBODY, display_name="x")) == 404
    assert status_of(api.list_incident_user_defined_fields, filter_incident_type="odd") == 400
    assert status_of(api.list_incident_user_defined_fields, include="everything") == 400
    made = api.create_incident_user_defined_field(new_field(kind.uuid)).data
    assert status_of(api.update_incident_user_defined_field, made.id, field_edit(NOBODY, display_name="x")) == 400


def incident_with(fields):
    attributes = v2.IncidentCreateAttributes(title="Attack", customer_impacted=False, fields=fields)
    data = v2.IncidentCreateData(attributes=attributes, type=v2.IncidentType.INCIDENTS)
    return v2.IncidentCreateRequest(data=data)


def edit_of(uuid, fields):
    attributes = v2.IncidentUpdateAttributes(fields=fields)
    return v2.IncidentUpdateRequest(
        data=v2.IncidentUpdateData(attributes=attributes, id=uuid, type=v2.IncidentType.INCIDENTS)
    )


def one(value):
    return v2.IncidentFieldAttributesSingleValue(type=v2.IncidentFieldAttributesSingleValueType.DROPDOWN, value=value)


def several(*values):
    kind = v2.IncidentFieldAttributesValueType.MULTISELECT
    return v2.IncidentFieldAttributesMultipleValue(type=kind, value=list(values))


def test_incidents_keep_to_what_is_declared(api, kind):
    fields = {
        "region": {"valid_values": choice("eu", "us"), "default_value": "eu"},
        "teams_hit": {"type": v2.IncidentUserDefinedFieldFieldType.MULTISELECT, "valid_values": choice("web", "db")},
        "people": {"type": v2.IncidentUserDefinedFieldFieldType.NUMBER},
        "since": {"type": v2.IncidentUserDefinedFieldFieldType.DATETIME, "required": True},
    }
    made = [
        api.create_incident_user_defined_field(new_field(kind.uuid, name=name, **given)).data.id
        for name, given in fields.items()
    ]
    incident = api.create_incident(incident_with({"teams_hit": several("web")})).data
    told = incident.attributes.fields
    assert (told["region"].value, told["teams_hit"].value, told["people"].value) == ("eu", ["web"], None)
    assert {one.id for one in incident.relationships.user_defined_fields.data} == set(made)
    right = {"region": one("us"), "people": one("12"), "since": one("2026-01-31T12:00:00Z")}
    told = api.update_incident(incident.id, edit_of(incident.id, right)).data.attributes.fields
    assert (told["region"].value, told["people"].value) == ("us", "12")
    assert told["since"].value == "2026-01-31T12:00:00+00:00"
    for wrong in (
        {"region": one("mars")},
        {"region": several("eu")},
        {"teams_hit": several("web", "moon")},
        {"teams_hit": one("web")},
        {"people": one("many")},
        {"since": one("yesterday")},
        {"since": one(None)},
    ):
        assert status_of(api.update_incident, incident.id, edit_of(incident.id, wrong)) == 400
        if "since" not in wrong:
            assert status_of(api.create_incident, incident_with(wrong)) == 400
    assert status_of(api.create_incident, incident_with({"since": one(None)})) == 400
    cleared = api.update_incident(incident.id, edit_of(incident.id, {"region": one(None)})).data
    assert cleared.attributes.fields["region"].value is None


def test_an_own_text_of_incidents_is_declared_like_any_field(api, kind):
    given = {"name": "detection_method", "valid_values": choice("pager", "customer")}
    api.create_incident_user_defined_field(new_field(kind.uuid, **given))
    incident = api.create_incident(incident_with({})).data
    assert incident.attributes.fields["detection_method"].value == "unknown"
    for word, ok in (("pager", True), ("oracle", False)):
        edit = edit_of(incident.id, {"detection_method": one(word)})
        if ok:
            assert api.update_incident(incident.id, edit).data.attributes.fields["detection_method"].value == word
        else:
            assert status_of(api.update_incident, incident.id, edit) == 400
    assert status_of(api.create_incident, incident_with({"detection_method": one("oracle")})) == 400


# --- fields of impacts ---


def impact_field(kind, name="products", field_type="multiselect", **given):
    data = v2.RelationshipToIncidentTypeData(id=str(kind), type=v2.IncidentTypeType.INCIDENT_TYPES)
    relation = v2.RelationshipToIncidentType(data=data)
    given = {"display_name": "Products"} | given
    return v2.IncidentImpactFieldRequest(
        data=v2.IncidentImpactFieldDataRequest(
            attributes=v2.IncidentImpactFieldDataAttributesRequest(
                name=name, field_type=v2.IncidentImpactFieldValueType(field_type), **given
            ),
            relationships=v2.IncidentImpactFieldRelationshipsRequest(incident_type=relation),
            type=v2.IncidentImpactFieldType.IMPACT_FIELDS,
        )
    )


def products(*values):
    return [v2.IncidentImpactFieldChoice(display_name=value.upper(), value=value) for value in values]


def impact(**fields):
    attributes = v2.IncidentImpactCreateAttributes(
        description="Down", start_at=datetime(2026, 1, 1, tzinfo=UTC), fields=v2.IncidentImpactFieldsObject(**fields)
    )
    data = v2.IncidentImpactCreateData(attributes=attributes, type=v2.IncidentImpactType.INCIDENT_IMPACTS)
    return v2.IncidentImpactCreateRequest(data=data)


def test_fields_of_impacts_come_change_and_go(api, kind, analyst, acting):
    made = api.create_incident_impact_field(impact_field(kind.uuid, field_choices=products("web", "app"))).data
    assert [one.display_name for one in made.attributes.field_choices] == ["WEB", "APP"]
    changed = api.update_incident_impact_field(
        made.id, impact_field(kind.uuid, field_type="text", display_name="What")
    ).data
    assert (str(changed.attributes.field_type), changed.attributes.display_name) == ("text", "What")
    listed = api.list_incident_impact_fields()
    assert [one.id for one in listed.data] == [made.id] and listed.included[0].id == str(analyst.uuid)
    api.update_incident_impact_field(made.id, impact_field(kind.uuid, field_choices=products("web", "app")))
    incident = str(actions.declare(actor=acting(analyst), title="Attack").uuid)
    told = api.create_incident_impact(incident, impact(products=["web"], note="x")).data
    assert told.attributes.fields["products"] == ["web"]
    assert status_of(api.create_incident_impact, incident, impact(products=["moon"])) == 400
    assert status_of(api.create_incident_impact, incident, impact(products="web")) == 400
    api.delete_incident_impact_field(made.id)
    assert api.list_incident_impact_fields().data == []
    api.create_incident_impact(incident, impact(products=["moon"]))


def test_fields_of_impacts_that_cannot_be(api, kind, acting, analyst):
    made = api.create_incident_impact_field(impact_field(kind.uuid)).data
    other = actions.create_incident_type(actor=acting(analyst), name="Outage").uuid
    assert status_of(api.create_incident_impact_field, impact_field(kind.uuid)) == 400
    assert status_of(api.create_incident_impact_field, impact_field(kind.uuid, name="a b")) == 400
    assert status_of(api.create_incident_impact_field, impact_field(NOBODY)) == 404
    assert status_of(api.update_incident_impact_field, made.id, impact_field(kind.uuid, name="other")) == 400
    assert status_of(api.update_incident_impact_field, made.id, impact_field(other)) == 400
    assert status_of(api.update_incident_impact_field, UUID(NOBODY), impact_field(kind.uuid)) == 404
    assert status_of(api.delete_incident_impact_field, UUID(NOBODY)) == 404
    assert ImpactField.objects.count() == 1


# --- roles ---


def new_role(kind, name="Tech Lead", single=True, **given):
    data = v2.IncidentUserDefinedRoleIncidentTypeRelationshipData(id=UUID(str(kind)), type="incident_types")
    relation = v2.IncidentUserDefinedRoleIncidentTypeRelationship(data=data)
    return v2.IncidentUserDefinedRoleRequest(
        data=v2.IncidentUserDefinedRoleDataRequest(
            attributes=v2.IncidentUserDefinedRoleDataAttributesRequest(
                name=name, policy=v2.IncidentUserDefinedRolePolicy(is_single=single), **given
            ),
            relationships=v2.IncidentUserDefinedRoleRelationshipsRequest(incident_type=relation),
            type=ROLE,
        )
    )


def role_edit(uuid, **given):
    attributes = v2.IncidentUserDefinedRolePatchDataAttributesRequest(**given)
    data = v2.IncidentUserDefinedRolePatchDataRequest(attributes=attributes, id=UUID(str(uuid)), type=ROLE)
    return v2.IncidentUserDefinedRolePatchRequest(data=data)


def test_roles_come_change_and_go(api, kind):
    made = api.create_incident_user_defined_role(new_role(kind.uuid, description="Leads."), include="incident_type")
    assert made.data.attributes.policy.is_single and made.data.attributes.description == "Leads."
    assert str(made.included[0].type) == "incident_types"
    edit = role_edit(made.data.id, name="Lead", policy=v2.IncidentUserDefinedRolePolicy(is_single=False))
    changed = api.update_incident_user_defined_role(made.data.id, edit).data
    assert (changed.attributes.name, changed.attributes.policy.is_single) == ("Lead", False)
    assert [one.id for one in api.list_incident_user_defined_roles(filter_incident_type=kind.uuid).data] == [changed.id]
    assert api.list_incident_user_defined_roles(filter_incident_type=UUID(NOBODY)).data == []
    assert api.get_incident_user_defined_role(changed.id).data.attributes.description == "Leads."
    api.delete_incident_user_defined_role(changed.id)
    assert status_of(api.get_incident_user_defined_role, changed.id) == 404


def test_roles_that_cannot_be(api, kind):
    made = api.create_incident_user_defined_role(new_role(kind.uuid)).data
    other = api.create_incident_user_defined_role(new_role(kind.uuid, name="Scribe")).data
    assert status_of(api.create_incident_user_defined_role, new_role(kind.uuid)) == 400
    assert status_of(api.create_incident_user_defined_role, new_role(kind.uuid, name="")) == 400
    assert status_of(api.create_incident_user_defined_role, new_role(NOBODY)) == 404
    assert status_of(api.update_incident_user_defined_role, other.id, role_edit(other.id, name="Tech Lead")) == 400
    assert status_of(api.update_incident_user_defined_role, other.id, role_edit(made.id, name="x")) == 400
    nobody = UUID(NOBODY)
    assert status_of(api.update_incident_user_defined_role, nobody, role_edit(nobody, name="x")) == 404
    assert status_of(api.delete_incident_user_defined_role, nobody) == 404
    assert status_of(api.delete_incident_user_defined_role, UUID(int=0)) == 400
    assert UserDefinedRole.objects.count() == 2


def test_a_responder_is_told_with_the_roles_they_hold(api, kind, acting, analyst):
    incident = actions.declare(actor=acting(analyst), title="Attack", responders=[analyst])
    role = actions.create_user_defined_role(actor=acting(analyst), type=kind, name="Scribe")
    actions.set_role_holders(actor=acting(analyst), incident=incident, holders={role: [analyst]})
    (responder,) = api.list_incident_responders(str(incident.uuid)).data
    assert len(responder.relationships.role_assignments.data) == 1


def test_who_may_not_change_settings_declares_nothing(machine_of, viewer, kind):
    api = machine_of(viewer)(IncidentsApi)
    assert api.list_incident_user_defined_fields().data == []
    assert api.list_incident_user_defined_roles().data == []
    assert status_of(api.create_incident_user_defined_field, new_field(kind.uuid)) == 403
    assert status_of(api.create_incident_user_defined_role, new_role(kind.uuid)) == 403
    assert api.list_incident_impact_fields().data == []
    assert status_of(api.create_incident_impact_field, impact_field(kind.uuid)) == 403
