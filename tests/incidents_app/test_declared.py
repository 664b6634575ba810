"""What an organisation declares about its incidents: fields that are asked for, shown and kept to, and roles."""

import pytest
from django.urls import reverse

from core_app.delivery import deliver_due
from core_app.errors import Conflict, Invalid, NotAllowed, StaleVersion
from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import ImpactField, Incident, RoleHolder, UserDefinedField, UserDefinedRole
from tests.incidents_app.factories import make_case
from tests.signals_app.factories import ServiceFactory, SignalFactory

pytestmark = pytest.mark.django_db

EU_OR_US = [{"value": "eu", "display_name": "Europe"}, {"value": "us", "display_name": "United States"}]


def field_of(incident, name):
    incident.refresh_from_db()
    return (incident.fields.get(name) or {}).get("value")


def page(browsing, incident, name="detail"):
    return browsing.get(reverse(f"incidents:{name}", args=[incident.public_id])).content.decode()


def edit(browsing, incident, **typed):
    incident.refresh_from_db()
    given = {
        "title": incident.title,
        "detection_method": incident.detection_method,
        "detected_at": incident.detected_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "seen_version": incident.version,
    }
    return browsing.post(reverse("incidents:edit", args=[incident.public_id]), given | typed)


# --- fields: what is kept ---


def test_a_value_is_of_the_kind_that_was_declared(declare_field, acting, analyst, incident):
    declare_field(valid_values=EU_OR_US)
    declare_field("hit", "multiselect", valid_values=EU_OR_US)
    declare_field("people", "number")
    declare_field("since", "datetime")
    declare_field("notes", "textbox")
    right = {"region": "eu", "hit": ["eu", "us", "eu"], "people": 12.5, "since": "2026-01-31 13:00:00+01:00"}
    fields = {name: {"value": value} for name, value in right.items()}
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, fields=fields).one_or_raise()
    incident.refresh_from_db()
    assert incident.fields == {
        "region": {"type": "dropdown", "value": "eu"},
        "hit": {"type": "multiselect", "value": ["eu", "us"]},
        "people": {"type": "textbox", "value": "12.5"},
        "since": {"type": "textbox", "value": "2026-01-31T12:00:00+00:00"},
    }
    for name, value in (
        ("region", "mars"),
        ("region", ["eu"]),
        ("region", 5),
        ("hit", "eu"),
        ("hit", ["eu", 5]),
        ("hit", ["x"] * 101),
        ("people", "NaN"),
        ("people", "1e9999"),
        ("people", True),
        ("since", "soon"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("notes", {"a": 1}),
        ("notes", "\x00"),
    ):
        with pytest.raises(Invalid):
            actions.edit_incidents(
                actor=acting(analyst), seen={incident.pk: None}, fields={name: {"value": value}}
            ).one_or_raise()
    assert field_of(incident, "region") == "eu"


def test_what_nobody_said_is_the_default_and_what_has_to_be_said_stays(declare_field, acting, analyst):
    declare_field(valid_values=EU_OR_US, default_value="us", required=True)
    declare_field("tags.hit", "textarray", default_value="all")
    declare_field("detection_method", default_value="monitor")
    actor = acting(analyst)
    incident = actions.declare(actor=actor, title="Attack")
    assert (field_of(incident, "region"), field_of(incident, "tags.hit")) == ("us", ["all"])
    assert incident.detection_method == "monitor"
    for nothing in (None, {"value": None}, {"value": ""}):
        with pytest.raises(Invalid, match="region"):
            actions.edit_incidents(actor=actor, seen={incident.pk: None}, fields={"region": nothing}).one_or_raise()


def test_an_incident_that_becomes_one_of_another_type_fits_there(declare_field, acting, analyst, incident):
    actor = acting(analyst)
    other = actions.create_incident_type(actor=actor, name="Outage")
    declare_field(type=other, valid_values=EU_OR_US)
    role = actions.create_user_defined_role(actor=actor, type=incident.type, name="Scribe")
    actions.set_role_holders(actor=actor, incident=incident, holders={role: [analyst]})
    fields = {"region": {"type": "textbox", "value": "mars"}}
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, fields=fields).one_or_raise()
    with pytest.raises(Invalid, match="region"):
        actions.edit_incidents(actor=actor, seen={incident.pk: None}, type=other).one_or_raise()
    right = {"region": {"value": "eu"}}
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, type=other, fields=right).one_or_raise()
    incident.refresh_from_db()
    assert incident.fields == {"region": {"type": "dropdown", "value": "eu"}}
    assert not RoleHolder.objects.exists()


def test_a_field_that_is_declared_no_more_leaves_what_was_said(declare_field, acting, analyst, incident):
    row = declare_field(valid_values=EU_OR_US)
    actor = acting(analyst)
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, fields={"region": {"value": "eu"}}).one_or_raise()
    actions.delete_user_defined_field(actor=actor, field=row)
    assert field_of(incident, "region") == "eu"
    fields = {"region": {"type": "textbox", "value": "mars"}}
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, fields=fields).one_or_raise()
    assert field_of(incident, "region") == "mars"


def test_declaring_is_for_those_who_settle_things_and_recorded(declare_field, acting, viewer, analyst, kind):
    row = declare_field(display_name="")
    assert row.display_name == "Region"
    for deed in (
        lambda: actions.create_user_defined_field(actor=acting(viewer), type=kind, name="x", kind="textbox"),
        lambda: actions.edit_user_defined_field(actor=acting(viewer), field=row, required=True),
        lambda: actions.delete_user_defined_field(actor=acting(viewer), field=row),
        lambda: actions.create_user_defined_role(actor=acting(viewer), type=kind, name="x"),
    ):
        with pytest.raises(NotAllowed):
            deed()
    with pytest.raises(Invalid):
        actions.edit_user_defined_field(actor=acting(analyst), field=row, kind="textbox")
    actions.edit_user_defined_field(actor=acting(analyst), field=row, ordinal="1.5", required=True)
    with pytest.raises(StaleVersion):
        actions.edit_user_defined_field(actor=acting(analyst), field=row, seen_version=0, required=False)
    actions.delete_user_defined_field(actor=acting(analyst), field=row)
    told = Entry.objects.filter(verb__contains="user_defined_field").order_by("pk")
    assert [one.verb.rpartition("_")[2] for one in told] == ["created", "edited", "deleted"]
    assert told[1].data["ordinal"] == [None, "1.500000"]


# --- fields: the pages ---


def test_a_field_is_declared_changed_and_taken_away_in_the_browser(browsing, kind):
    typed = {
        "type": kind.uuid,
        "name": "region",
        "kind": "dropdown",
        "valid_values": "eu = Europe\n\nus",
        "category": "what_happened",
    }
    new = reverse("incidents:setting_new", args=["fields"])
    assert browsing.post(new, typed | {"name": "with blank"}).status_code == 400
    assert browsing.post(new, typed).status_code == 302
    row = UserDefinedField.objects.get()
    assert row.valid_values == [EU_OR_US[0], {"value": "us", "display_name": "us"}]
    assert browsing.post(new, typed).status_code == 400
    assert "One of a list" in browsing.get(reverse("incidents:settings")).content.decode()
    address = reverse("incidents:setting_edit", args=["fields", row.uuid])
    assert "eu = Europe" in browsing.get(address).content.decode()
    changed = {"display_name": "Where", "valid_values": "eu", "required": "on", "seen_version": 0}
    assert browsing.post(address, changed | {"collected": "stable"}).status_code == 400
    assert browsing.post(address, changed).status_code == 302
    row.refresh_from_db()
    assert (row.display_name, row.required, row.kind, len(row.valid_values)) == ("Where", True, "dropdown", 1)
    assert browsing.post(reverse("incidents:setting_delete", args=["fields", row.uuid])).status_code == 302
    assert not UserDefinedField.objects.exists()


def test_declared_fields_are_shown_and_edited_with_the_incident(browsing, declare_field, incident):
    declare_field(valid_values=EU_OR_US, category="what_happened", display_name="Where it is")
    declare_field("hit", "multiselect", valid_values=EU_OR_US, category="why_it_happened")
    declare_field("people", "number", collected="active", display_name="How many")
    declare_field("since", "datetime")
    declare_field("words", "textarray")
    declare_field("notes", "textbox")
    assert "Still to be filled in: How many." in page(browsing, incident)
    asked = page(browsing, incident, "edit")
    assert "Where it is" in asked and "United States" in asked and 'name="fields.people"' in asked
    typed = {
        "fields.region": "us",
        "fields.hit": ["eu"],
        "fields.people": "12",
        "fields.since": "2026-01-31T12:00",
        "fields.words": "a, b",
        "fields.notes": "Long",
    }
    assert edit(browsing, incident, **typed).status_code == 302
    assert (field_of(incident, "region"), field_of(incident, "hit"), field_of(incident, "words")) == (
        "us",
        ["eu"],
        ["a", "b"],
    )
    told = page(browsing, incident)
    assert "United States" in told and "Europe" in told and "Still to be filled in" not in told
    assert "Jan" in told or "2026-01-31" in told
    refused = edit(browsing, incident, **typed | {"fields.region": "mars", "fields.people": "many"})
    assert refused.status_code == 422
    assert field_of(incident, "region") == "us"
    before = incident.version
    assert edit(browsing, incident, **typed).status_code == 302
    incident.refresh_from_db()
    assert incident.version == before  # nothing was changed


def test_the_edit_form_keeps_what_can_be_chosen_no_more(browsing, declare_field, acting, analyst, incident):
    row = declare_field(valid_values=EU_OR_US)
    actor = acting(analyst)
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, fields={"region": {"value": "us"}}).one_or_raise()
    actions.edit_user_defined_field(actor=actor, field=row, valid_values=EU_OR_US[:1])
    assert edit(browsing, incident, **{"fields.region": "us", "title": "Attack!"}).status_code == 302
    assert field_of(incident, "region") == "us"


def test_the_edit_form_that_was_overtaken_keeps_what_was_typed(browsing, declare_field, acting, analyst, incident):
    declare_field()
    declare_field("notes", "textbox")
    seen = incident.version
    fields = {"region": {"value": "theirs"}}
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, fields=fields).one_or_raise()
    again = edit(browsing, incident, **{"fields.notes": "mine", "seen_version": seen})
    assert again.status_code == 409
    assert "mine" in again.content.decode() and "theirs" in again.content.decode()


def test_an_own_text_is_asked_for_as_it_is_declared(browsing, declare_field, incident):
    declare_field("root_cause", "textbox", display_name="Why", required=True)
    declare_field("detection_method", valid_values=EU_OR_US, display_name="Who saw it")
    assert "Still to be filled in: Why." in page(browsing, incident)
    assert edit(browsing, incident).status_code == 422
    assert edit(browsing, incident, root_cause="A bug", detection_method="eu").status_code == 302
    incident.refresh_from_db()
    assert (incident.root_cause, incident.detection_method) == ("A bug", "eu")


def declared(browsing, **typed):
    address = reverse("incidents:declare")
    token = browsing.get(address).context["form"]["token"].value()
    return browsing.post(address, {"token": token, "title": "Attack", "severity": "SEV-2"} | typed)


def test_whoever_declares_is_asked_for_what_has_to_be_filled_in(browsing, declare_field, acting, analyst):
    declare_field(valid_values=EU_OR_US, required=True)
    declare_field("people", "number", collected="active", default_value="1")
    declare_field("later", "textbox", collected="stable")
    asked = browsing.get(reverse("incidents:declare")).content.decode()
    assert 'name="fields.region"' in asked and 'name="fields.people"' in asked and "fields.later" not in asked
    assert declared(browsing).status_code == 422
    assert not Incident.objects.exists()
    assert declared(browsing, **{"fields.region": "eu", "fields.people": "3"}).status_code == 302
    incident = Incident.objects.get()
    assert (field_of(incident, "region"), field_of(incident, "people")) == ("eu", "3")
    other = actions.create_incident_type(actor=acting(analyst), name="Outage")
    declare_field("code", "textbox", type=other, required=True)
    assert "fields.code" in declared(browsing, type=other.uuid).content.decode()
    assert declared(browsing, type=other.uuid, **{"fields.code": "x"}).status_code == 302


def test_services_of_signals_fit_what_is_declared(browsing, declare_field):
    declare_field("services", "dropdown", valid_values=[{"value": "web"}])
    signals = [SignalFactory(service=ServiceFactory(name=name)) for name in ("mail", "web")]
    rows = [f"{signal.pk}:{signal.version}" for signal in signals]
    assert declared(browsing, rows=rows).status_code == 302
    assert Incident.objects.get().fields["services"] == {"type": "dropdown", "value": "web"}
    case = make_case()
    address = reverse("incidents:escalate", args=[case.key])
    token = browsing.get(address).context["form"]["token"].value()
    assert browsing.post(address, {"token": token, "title": "Attack", "severity": "SEV-2"}).status_code == 302


# --- fields of impacts ---


def test_fields_of_impacts_are_declared_asked_for_and_shown(browsing, kind, incident):
    typed = {"type": kind.uuid, "name": "products", "kind": "multiselect", "valid_values": "web = The shop\napp"}
    assert browsing.post(reverse("incidents:setting_new", args=["impacts"]), typed).status_code == 302
    address = reverse("incidents:impact_add", args=[incident.public_id])
    assert "The shop" in browsing.get(address).content.decode()
    said = {"description": "Down", "start_at": "2026-01-01T00:00", "fields.products": ["web"]}
    assert browsing.post(address, said | {"fields.products": ["moon"]}).status_code == 422
    assert browsing.post(address, said).status_code == 302
    assert "The shop" in page(browsing, incident)
    row = incident.impacts.get()
    change = reverse("incidents:impact_edit", args=[incident.public_id, row.uuid])
    assert browsing.post(change, said | {"fields.products": ["app"], "seen_version": row.version}).status_code == 302
    row.refresh_from_db()
    assert row.fields == {"products": {"type": "multiselect", "value": ["app"]}}
    assert browsing.post(change, said | {"fields.products": ["app"], "seen_version": row.version}).status_code == 302
    row.refresh_from_db()
    assert row.version == 1  # nothing was changed
    field = ImpactField.objects.get()
    edit_url = reverse("incidents:setting_edit", args=["impacts", field.uuid])
    assert browsing.post(edit_url, {"display_name": "What", "kind": "textbox", "seen_version": 0}).status_code == 302
    assert "What" in page(browsing, incident)
    assert browsing.post(reverse("incidents:setting_delete", args=["impacts", field.uuid])).status_code == 302
    assert "Products" in page(browsing, incident)


# --- roles ---


@pytest.fixture
def role(acting, analyst, kind):
    return actions.create_user_defined_role(
        actor=acting(analyst), type=kind, name="Tech Lead", description="Leads.", is_single=True
    )


def test_responders_hold_roles_and_are_told(acting, analyst, responder, incident, role, kind):
    actor = acting(analyst)
    scribe = actions.create_user_defined_role(actor=actor, type=kind, name="Scribe")
    holders = {role: [responder], scribe: [analyst, responder]}
    actions.set_role_holders(actor=actor, incident=incident, holders=holders)
    assert RoleHolder.objects.count() == 3
    deliver_due()
    assert "You are Scribe and Tech Lead of incident" in "".join(
        responder.notifications.values_list("text", flat=True)
    ) or "You are Tech Lead and Scribe of incident" in "".join(responder.notifications.values_list("text", flat=True))
    actions.set_role_holders(actor=actor, incident=incident, holders=holders)
    assert Entry.objects.filter(verb="incidents.roles_changed").count() == 1
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, responders=[analyst]).one_or_raise()
    assert [link.responder.user for link in RoleHolder.objects.all()] == [analyst]


def test_roles_that_cannot_be_held(acting, analyst, responder, viewer, admin, incident, role):
    actor = acting(analyst)
    elsewhere = actions.create_user_defined_role(
        actor=actor, type=actions.create_incident_type(actor=actor, name="Outage"), name="Scribe"
    )
    for holders in ({role: [admin]}, {role: [analyst, responder]}, {elsewhere: [analyst]}):
        with pytest.raises(Invalid):
            actions.set_role_holders(actor=actor, incident=incident, holders=holders)
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, title="Attack!").one_or_raise()
    with pytest.raises(StaleVersion):
        actions.set_role_holders(actor=actor, incident=incident, holders={role: [analyst]}, seen_version=0)
    with pytest.raises(NotAllowed):
        actions.set_role_holders(actor=acting(viewer), incident=incident, holders={role: [analyst]})
    assert not RoleHolder.objects.exists()


def test_roles_are_made_and_given_in_the_browser(browsing, acting, analyst, responder, incident, kind):
    typed = {"type": kind.uuid, "name": "Tech Lead", "is_single": "on"}
    assert browsing.post(reverse("incidents:setting_new", args=["roles"]), typed).status_code == 302
    role = UserDefinedRole.objects.get()
    address = reverse("incidents:roles", args=[incident.public_id])
    assert "Tech Lead" in browsing.get(address).content.decode()
    name = f"role.{role.uuid}"
    assert browsing.post(address, {name: responder.uuid, "seen_version": incident.version}).status_code == 302
    assert [link.responder.user for link in RoleHolder.objects.all()] == [responder]
    assert "Assign roles" in page(browsing, incident) and "Tech Lead" in page(browsing, incident)
    assert "made Rob Responder Tech Lead" in page(browsing, incident, "timeline")
    assert browsing.post(address, {name: "", "seen_version": 0}).status_code == 409
    edit_url = reverse("incidents:setting_edit", args=["roles", role.uuid])
    assert browsing.post(edit_url, {"name": "Lead", "seen_version": 0}).status_code == 302
    assert browsing.post(address, {name: [analyst.uuid, responder.uuid]}).status_code == 302
    assert RoleHolder.objects.count() == 2
    actions.delete_user_defined_role(actor=acting(analyst), role=role)
    assert not RoleHolder.objects.exists()
    assert "no roles" in browsing.get(address).content.decode()


def test_a_type_goes_with_what_is_declared_for_it(acting, analyst, declare_field, kind):
    actor = acting(analyst)
    other = actions.create_incident_type(actor=actor, name="Outage")
    declare_field(type=other)
    actions.create_user_defined_role(actor=actor, type=other, name="Scribe")
    actions.delete_incident_type(actor=actor, type=other)
    assert not UserDefinedField.objects.exists() and not UserDefinedRole.objects.exists()
    with pytest.raises(Conflict):
        actions.delete_incident_type(actor=actor, type=kind)
