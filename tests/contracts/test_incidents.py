"""Incidents through the official client: the public scenarios of their groups, and what else there is to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from incidents_app import actions
from incidents_app.models import Attachment, Impact, Incident, Note, Todo

pytestmark = pytest.mark.filterwarnings("ignore:Using unstable operation")

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def api(machine):
    return machine(IncidentsApi)


@pytest.fixture
def incident(analyst, acting) -> Incident:
    return actions.declare(actor=acting(analyst), title="The shop is under attack", commander=analyst)


def commanded_by(user):
    data = v2.NullableRelationshipToUserData(id=str(user.uuid), type=v2.UsersType.USERS) if user else None
    return v2.NullableRelationshipToUser(data=data)


def choice(value: str):
    kind = v2.IncidentFieldAttributesSingleValueType.DROPDOWN
    return v2.IncidentFieldAttributesSingleValue(type=kind, value=value)


def creation(user, title="A test incident", **attributes):
    return v2.IncidentCreateRequest(
        data=v2.IncidentCreateData(
            type=v2.IncidentType.INCIDENTS,
            attributes=v2.IncidentCreateAttributes(title=title, **{"customer_impacted": False, **attributes}),
            relationships=v2.IncidentCreateRelationships(commander_user=commanded_by(user)),
        )
    )


def update(incident, relationships=None, **attributes):
    more = {"attributes": v2.IncidentUpdateAttributes(**attributes)} if attributes else {}
    if relationships:
        more["relationships"] = relationships
    return v2.IncidentUpdateRequest(
        data=v2.IncidentUpdateData(id=str(incident.uuid), type=v2.IncidentType.INCIDENTS, **more)
    )


# --- the incident itself ---


def test_create_answers_with_the_whole_incident(api, analyst):
    body = creation(
        analyst,
        customer_impacted=True,
        customer_impact_scope="Nobody can pay",
        fields={
            "severity": choice("SEV-2"),
            "state": choice("resolved"),
            "summary": v2.IncidentFieldAttributesSingleValue(
                type=v2.IncidentFieldAttributesSingleValueType.TEXTBOX, value="They came at night"
            ),
            "root_cause": v2.IncidentFieldAttributesSingleValue(
                type=v2.IncidentFieldAttributesSingleValueType.TEXTBOX, value="An open door"
            ),
            "services": v2.IncidentFieldAttributesMultipleValue(
                type=v2.IncidentFieldAttributesValueType.AUTOCOMPLETE, value=["web-store"]
            ),
        },
        initial_cells=[
            v2.IncidentTimelineCellMarkdownCreateAttributes(
                cell_type=v2.IncidentTimelineCellMarkdownContentType.MARKDOWN,
                content=v2.IncidentTimelineCellMarkdownCreateAttributesContent(content="**First** words"),
                important=False,
            )
        ],
    )
    data = api.create_incident(body).data
    assert data.relationships.commander_user.data.id == str(analyst.uuid)
    assert (data.attributes.title, str(data.attributes.severity), data.attributes.state) == (
        "A test incident",
        "SEV-2",
        "resolved",
    )
    assert data.attributes.fields["services"].value == ["web-store"]
    assert data.attributes.fields["slug"].value == "IR-1"
    row = Incident.objects.get(uuid=data.id)
    assert (row.summary, row.root_cause, row.fields.keys()) == ("They came at night", "An open door", {"services"})
    assert Note.objects.get(incident=row).body == "**First** words"


def test_create_without_a_commander(api):
    assert api.create_incident(creation(None)).data.relationships.commander_user.data is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"severity": choice("SEV-9")}, 400), ({"state": choice("gone")}, 400), ({"odd": choice("yes")}, 201)],
)
def test_create_takes_only_values_that_there_are(api, fields, status):
    try:
        api.create_incident(creation(None, fields=fields))
    except ApiException as refusal:
        assert (refusal.status, status) == (400, 400)
    else:
        assert status == 201


def test_create_asks_what_customers_feel(api):
    with pytest.raises(ApiException) as refusal:
        api.create_incident(creation(None, customer_impacted=True))
    assert (refusal.value.status, "customer_impact_scope" in refusal.value.body["errors"][0]) == (400, True)


def test_create_with_a_commander_who_is_not_there(api, analyst):
    body = creation(analyst)
    body.data.relationships.commander_user.data.id = NOBODY
    with pytest.raises(NotFoundException):
        api.create_incident(body)


def test_list_and_its_pages(api, analyst, acting):
    made = [actions.declare(actor=acting(analyst), title=f"No. {number}") for number in range(5)]
    answer = api.list_incidents(page_size=2, page_offset=1)
    assert [one.attributes.public_id for one in answer.data] == [4, 3]
    assert answer.meta.pagination.to_dict() == {"offset": 1, "next_offset": 3, "size": 2}
    every = api.list_incidents_with_pagination(page_size=2)
    assert [one.id for one in every] == [str(one.uuid) for one in reversed(made)]


def test_included_are_people_and_attachments(api, incident, analyst, acting):
    actions.add_attachment(actor=acting(analyst), incident=incident, title="Chat", url="https://chat.example.test/")
    wanted = [v2.IncidentRelatedObject.USERS, v2.IncidentRelatedObject.ATTACHMENTS]
    answer = api.get_incident(str(incident.uuid), include=wanted)
    assert [str(one.type) for one in answer.included] == ["users", "incident_attachments"]
    assert [one.id for one in answer.data.relationships.attachments.data] == [answer.included[1].id]
    assert len(api.list_incidents(include=wanted).included) == 2


def test_get_of_what_is_not_there(api):
    with pytest.raises(NotFoundException) as refusal:
        api.get_incident(NOBODY)
    assert refusal.value.body == {"errors": [f"incident {NOBODY} not found"]}
    with pytest.raises(ApiException) as refusal:
        api.get_incident("REPLACE.ME")
    assert refusal.value.status == 400


def test_update_changes_title_and_state(api, incident):
    answer = api.update_incident(
        str(incident.uuid), update(incident, title="Another title", fields={"state": choice("resolved")})
    )
    assert (answer.data.attributes.title, answer.data.attributes.state) == ("Another title", "resolved")
    assert answer.data.attributes.resolved is not None


def test_update_gives_and_takes_the_commander(api, incident, responder):
    relationships = v2.IncidentUpdateRelationships(commander_user=commanded_by(responder))
    answer = api.update_incident(str(incident.uuid), update(incident, relationships))
    assert answer.data.relationships.commander_user.data.id == str(responder.uuid)
    relationships = v2.IncidentUpdateRelationships(commander_user=commanded_by(None))
    answer = api.update_incident(str(incident.uuid), update(incident, relationships))
    assert answer.data.relationships.commander_user.data is None


def test_update_keeps_what_customers_felt_as_an_impact(api, incident):
    start = datetime(2026, 1, 2, 3, tzinfo=UTC)
    api.update_incident(
        str(incident.uuid), update(incident, customer_impact_start=start, customer_impact_scope="No shop")
    )
    end = start + timedelta(minutes=5)
    answer = api.update_incident(str(incident.uuid), update(incident, customer_impact_end=end))
    assert (answer.data.attributes.customer_impact_start, answer.data.attributes.customer_impact_end) == (start, end)
    assert answer.data.attributes.customer_impact_duration == 300
    assert Impact.objects.get().description == "No shop"


def test_update_with_nulls_changes_nothing(api, incident):
    body = update(incident, customer_impact_start=None, customer_impact_end=None, detected=None, title=incident.title)
    api.update_incident(str(incident.uuid), body)
    assert Incident.objects.get().version == 0


def test_delete_takes_it_out_of_sight(api, incident):
    api.delete_incident(str(incident.uuid))
    with pytest.raises(NotFoundException):
        api.get_incident(str(incident.uuid))


def test_import_keeps_the_moments(api, analyst):
    declared = datetime(2025, 1, 1, tzinfo=UTC)
    body = v2.IncidentImportRequest(
        data=v2.IncidentImportRequestData(
            type=v2.IncidentType.INCIDENTS,
            attributes=v2.IncidentImportRequestAttributes(
                title="Imported",
                declared=declared,
                resolved=declared + timedelta(hours=1),
                fields={"severity": v2.IncidentImportFieldAttributesSingleValue(value="SEV-5")},
                visibility=v2.IncidentImportVisibility.PRIVATE,
            ),
        )
    )
    answer = api.import_incident(body, include=[v2.IncidentImportRelatedObject.CREATED_BY_USER])
    attributes = answer.data.attributes
    assert (attributes.declared, attributes.resolved, attributes.visibility) == (
        declared,
        declared + timedelta(hours=1),
        "private",
    )
    assert (str(attributes.severity), attributes.state) == ("SEV-5", "resolved")
    assert [one.id for one in answer.included] == [str(analyst.uuid)]


def test_import_with_a_title_alone(api):
    body = v2.IncidentImportRequest(
        data=v2.IncidentImportRequestData(
            type=v2.IncidentType.INCIDENTS,
            attributes=v2.IncidentImportRequestAttributes(
                title="Old", visibility=v2.IncidentImportVisibility.ORGANIZATION
            ),
        )
    )
    assert api.import_incident(body).data.attributes.title == "Old"


# --- searching ---


def test_search_finds_and_counts(api, incident, analyst, acting):
    actions.declare(actor=acting(analyst), title="Quiet", severity="SEV-1", state="stable")
    attributes = api.search_incidents("state:(active OR stable OR resolved)").data.attributes
    assert (attributes.total, [one.data.attributes.public_id for one in attributes.incidents]) == (2, [2, 1])
    assert {one.name: one.count for one in attributes.facets.state} == {"active": 1, "stable": 1, "resolved": 0}
    assert {one.name: one.count for one in attributes.facets.severity}["SEV-1"] == 1
    assert [(one.uuid, one.count) for one in attributes.facets.commander] == [(str(analyst.uuid), 1)]
    assert [(one.handle, one.count) for one in attributes.facets.created_by] == [(analyst.email, 2)]


def test_search_narrows_sorts_and_includes(api, incident, analyst, acting):
    actions.declare(actor=acting(analyst), title="Quiet", severity="SEV-1")
    found = api.search_incidents("state:active AND severity:(SEV-2 OR SEV-1)", include=v2.IncidentRelatedObject.USERS)
    assert [one.data.attributes.title for one in found.data.attributes.incidents] == ["Quiet"]
    assert [str(one.type) for one in found.included] == ["users"]
    oldest_first = v2.IncidentSearchSortOrder.CREATED_ASCENDING
    found = api.search_incidents("state:active", sort=oldest_first, page_size=1)
    assert [one.data.attributes.public_id for one in found.data.attributes.incidents] == [1]


def test_search_goes_through_pages(api, analyst, acting):
    for number in range(3):
        actions.declare(actor=acting(analyst), title=f"No. {number}")
    found = api.search_incidents_with_pagination("state:(active OR stable OR resolved)", page_size=2)
    assert len(found) == 3


def test_search_tells_where_a_query_is_faulty(api):
    with pytest.raises(ApiException) as refusal:
        api.search_incidents("state:(active OR")
    assert refusal.value.status == 400


# --- to-dos ---


def todo(assignees, kind=v2.IncidentTodoCreateRequest, data=v2.IncidentTodoCreateData, **more):
    attributes = v2.IncidentTodoAttributes(
        assignees=v2.IncidentTodoAssigneeArray(assignees), content="Restore lost data.", **more
    )
    return kind(data=data(type=v2.IncidentTodoType.INCIDENT_TODOS, attributes=attributes))


def test_todos_come_and_go(api, incident, responder):
    chat = v2.IncidentTodoAnonymousAssignee(
        icon="https://a.example.test/i.png",
        id="U123",
        name="Test User",
        source=v2.IncidentTodoAnonymousAssigneeSource.SLACK,
    )
    made = api.create_incident_todo(str(incident.uuid), todo([f"@{responder.email}", "@nobody@example.test", chat]))
    assert len(made.data.attributes.assignees.value) == 3
    assert list(Todo.objects.get().assignees.all()) == [responder]
    assert [one.id for one in api.list_incident_todos(str(incident.uuid)).data] == [made.data.id]
    body = todo(
        ["@test.user@test.com"],
        v2.IncidentTodoPatchRequest,
        v2.IncidentTodoPatchData,
        completed="2023-03-06T22:00:00.000000+00:00",
        due_date="2023-07-10T05:00:00.000000+00:00",
    )
    changed = api.update_incident_todo(str(incident.uuid), made.data.id, body).data.attributes
    assert (changed.assignees.value, changed.completed) == (["@test.user@test.com"], "2023-03-06T22:00:00.000000+00:00")
    assert api.get_incident_todo(str(incident.uuid), made.data.id).data.attributes.content == "Restore lost data."
    api.delete_incident_todo(str(incident.uuid), made.data.id)
    with pytest.raises(NotFoundException) as refusal:
        api.get_incident_todo(str(incident.uuid), made.data.id)
    assert refusal.value.body == {"errors": ["todo not found"]}


# --- impacts ---


def impact(**attributes):
    start = datetime(2025, 9, 12, 13, 50, tzinfo=UTC)
    given = {"description": "Outage in the us-east-1 region", "start_at": start, **attributes}
    return v2.IncidentImpactCreateRequest(
        data=v2.IncidentImpactCreateData(
            type=v2.IncidentImpactType.INCIDENT_IMPACTS, attributes=v2.IncidentImpactCreateAttributes(**given)
        )
    )


def test_impacts_come_and_go(api, incident):
    fields = v2.IncidentImpactFieldsObject(customers_impacted="all", products_impacted=["shopping", "marketing"])
    made = api.create_incident_impact(
        str(incident.uuid),
        impact(fields=fields),
        include=[v2.IncidentImpactRelatedObject.CREATED_BY_USER, v2.IncidentImpactRelatedObject.INCIDENT],
    )
    assert made.data.relationships.incident.data.id == str(incident.uuid)
    assert made.data.attributes.fields["products_impacted"] == ["shopping", "marketing"]
    assert len(made.included) == 1
    assert [one.id for one in api.list_incident_impacts(str(incident.uuid)).data] == [made.data.id]
    patch = v2.IncidentImpactPatchRequest(
        data=v2.IncidentImpactPatchData(
            type=v2.IncidentImpactType.INCIDENT_IMPACTS,
            attributes=v2.IncidentImpactPatchAttributes(description="Worse"),
        )
    )
    assert api.patch_incident_impact(str(incident.uuid), made.data.id, patch).data.attributes.description == "Worse"
    api.delete_incident_impact(str(incident.uuid), made.data.id)
    assert api.list_incident_impacts(str(incident.uuid)).data == []


def test_impacts_of_what_is_not_there(api):
    with pytest.raises(NotFoundException) as refusal:
        api.create_incident_impact(NOBODY, impact())
    error = refusal.value.body["errors"][0]
    assert (error["title"], error["detail"]) == ("Generic Error", "incident not found")
    assert refusal.value.headers["Content-Type"] == "application/vnd.api+json"
    with pytest.raises(ApiException) as refusal:
        api.create_incident_impact("00000000-0000-0000-0000-000000000000", impact())
    assert refusal.value.status == 400
    with pytest.raises(NotFoundException):
        api.delete_incident_impact(NOBODY, NOBODY)


# --- attachments ---


def attachment(title: str):
    return v2.CreateAttachmentRequest(
        data=v2.CreateAttachmentRequestData(
            type=v2.IncidentAttachmentType.INCIDENT_ATTACHMENTS,
            attributes=v2.CreateAttachmentRequestDataAttributes(
                attachment=v2.CreateAttachmentRequestDataAttributesAttachment(
                    document_url="https://app.example.test/notebook/123", title=title
                ),
                attachment_type=v2.AttachmentDataAttributesAttachmentType.POSTMORTEM,
            ),
        )
    )


def patched(title: str):
    return v2.PatchAttachmentRequest(
        data=v2.PatchAttachmentRequestData(
            type=v2.IncidentAttachmentType.INCIDENT_ATTACHMENTS,
            attributes=v2.PatchAttachmentRequestDataAttributes(
                attachment=v2.PatchAttachmentRequestDataAttributesAttachment(title=title)
            ),
        )
    )


def test_attachments_come_and_go(api, incident):
    made = api.create_incident_attachment(str(incident.uuid), attachment("Postmortem"))
    assert made.data.attributes.attachment.title == "Postmortem"
    assert len(made.included) == 1
    changed = api.update_incident_attachment(str(incident.uuid), made.data.id, patched("Another"))
    assert changed.data.attributes.attachment.title == "Another"
    assert len(api.list_incident_attachments(str(incident.uuid)).data) == 1
    assert api.list_incident_attachments(str(incident.uuid), filter_attachment_type="link").data == []
    api.delete_incident_attachment(str(incident.uuid), made.data.id)
    assert not Attachment.objects.exists()


def test_attachments_of_what_is_not_there(api):
    for call in (
        lambda: api.delete_incident_attachment(NOBODY, NOBODY),
        lambda: api.update_incident_attachment(NOBODY, NOBODY, patched("Another")),
    ):
        with pytest.raises(NotFoundException) as refusal:
            call()
        assert refusal.value.body["errors"][0]["detail"] == "incident not found"
    with pytest.raises(ApiException) as refusal:
        api.list_incident_attachments("00000000-0000-0000-0000-000000000000")
    assert refusal.value.status == 400


# --- responders and integrations ---


def test_responders_come_and_go(api, incident, responder):
    body = v2.IncidentResponderRequest(
        data=v2.IncidentResponderDataRequest(
            type=v2.IncidentResponderType.INCIDENT_RESPONDERS,
            relationships=v2.IncidentResponderRelationshipsRequest(
                user=v2.IncidentResponderUserRelationship(
                    data=v2.IncidentResponderUserRelationshipData(id=responder.uuid, type="users")
                )
            ),
        )
    )
    made = api.create_incident_responder(str(incident.uuid), body)
    assert made.data.relationships.user.data.id == str(responder.uuid)
    assert [one.id for one in api.list_incident_responders(str(incident.uuid)).data] == [responder.uuid]
    assert api.get_incident_responder(str(incident.uuid), made.data.id).data.id == responder.uuid
    told = api.get_incident(str(incident.uuid)).data.relationships.responders.data
    assert [one.id for one in told] == [str(responder.uuid)]
    api.delete_incident_responder(str(incident.uuid), made.data.id)
    assert not incident.responders.exists()


def test_an_incident_has_no_integrations(api, incident):
    assert api.list_incident_integrations(str(incident.uuid)).data == []


# --- kinds ---


def kind_body(name="Security Breach", is_default=False):
    return v2.IncidentTypeCreateRequest(
        data=v2.IncidentTypeCreateData(
            type=v2.IncidentTypeType.INCIDENT_TYPES,
            attributes=v2.IncidentTypeAttributes(name=name, description="Any incident", is_default=is_default),
        )
    )


def test_types_may_have_one_name(api):
    made = [api.create_incident_type(kind_body("Security Incident")).data.id for _ in range(2)]
    names = [one.attributes.name for one in api.list_incident_types().data]
    assert names == ["Security Incident"] * 3  # with the default one
    for name in made:
        api.delete_incident_type(name)


def test_types_come_and_go(api):
    made = api.create_incident_type(kind_body())
    patch = v2.IncidentTypePatchRequest(
        data=v2.IncidentTypePatchData(
            id=made.data.id,
            type=v2.IncidentTypeType.INCIDENT_TYPES,
            attributes=v2.IncidentTypeUpdateAttributes(name="Another name"),
        )
    )
    assert api.update_incident_type(made.data.id, patch).data.attributes.name == "Another name"
    assert api.get_incident_type(made.data.id).data.attributes.prefix == "IR"
    assert [one.attributes.is_default for one in api.list_incident_types(include_deleted=True).data] == [True, False]
    body = creation(None, incident_type_uuid=made.data.id)
    assert api.create_incident(body).data.attributes.incident_type_uuid == made.data.id
    with pytest.raises(ApiException) as refusal:
        api.delete_incident_type(made.data.id)
    assert refusal.value.status == 409
    other = api.create_incident_type(kind_body("Drill"))
    api.delete_incident_type(other.data.id)
    with pytest.raises(NotFoundException):
        api.get_incident_type(other.data.id)


def test_another_default_type_is_refused(api):
    with pytest.raises(ApiException) as refusal:
        api.create_incident_type(kind_body(is_default=True))
    assert refusal.value.status == 400


# --- who may ---


def test_who_may_only_read_changes_nothing(machine_of, viewer, incident):
    api = machine_of(viewer)(IncidentsApi)
    assert len(api.list_incidents().data) == 1
    with pytest.raises(ForbiddenException) as refusal:
        api.delete_incident(str(incident.uuid))
    assert "incident_write" in refusal.value.body["errors"][0]
