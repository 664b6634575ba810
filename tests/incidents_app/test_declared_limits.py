"""What people declare, and then type, at the edges: it is refused by name, and never breaks a page."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core_app.errors import Conflict, Invalid
from core_app.models import Entry
from incidents_app import actions
from incidents_app.boxes import kept
from incidents_app.forms import DeclareForm, EditForm
from incidents_app.models import Incident, UserDefinedField, UserDefinedRole
from tests.incidents_app.test_declared import edit, field_of

pytestmark = pytest.mark.django_db


def say(acting, analyst, incident, **fields):
    fields = {name: {"type": "textbox", "value": value} for name, value in fields.items()}
    return actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, fields=fields).one_or_raise()


# --- numbers and moments ---


@pytest.mark.parametrize("typed", ["1e200000000", "-1e200000000", "0e200000000", "1e-200000000"])
def test_a_number_that_nobody_can_write_out_is_refused(browsing, declare_field, incident, typed):
    field = declare_field("people", "number")
    assert len(kept(field, Decimal(typed))) < 20  # written out it takes seconds, and 200 MB
    assert edit(browsing, incident, **{"fields.people": typed}).status_code in (400, 422)
    assert field_of(incident, "people") is None
    assert edit(browsing, incident, **{"fields.people": "1e3"}).status_code == 302
    assert field_of(incident, "people") == "1000"


MOMENTS = [("0001-01-01T00:00:00+00:00", "America/New_York"), ("9999-12-31T23:59:59+00:00", "Europe/Berlin")]


@pytest.mark.parametrize(("far", "zone"), MOMENTS)
def test_a_moment_without_a_clock_is_refused_and_an_old_one_breaks_no_page(
    browsing, declare_field, acting, analyst, incident, kind, far, zone
):
    analyst.time_zone = zone
    analyst.save()
    said = {"when": {"type": "textbox", "value": far}}
    say(acting, analyst, incident, when=far)  # before it is declared it is any text
    impact = actions.add_impact(
        actor=acting(analyst), incident=incident, description="Down", start_at=incident.detected_at, fields=said
    )
    declare_field("when", "datetime")
    actions.create_impact_field(actor=acting(analyst), type=kind, name="when", kind="datetime")
    for name in ("detail", "timeline", "edit", "postmortem"):
        address = reverse(f"incidents:{name}", args=[incident.public_id])
        assert browsing.get(address).status_code == 200
    assert browsing.get(reverse("incidents:impact_edit", args=[incident.public_id, impact.uuid])).status_code == 200
    with pytest.raises(Invalid):
        say(acting, analyst, incident, when=far)
    with pytest.raises(Invalid):
        actions.add_impact(
            actor=acting(analyst), incident=incident, description="Down", start_at=incident.detected_at, fields=said
        )


# --- names, places and lengths ---


def asked_for():
    """What the forms of an incident ask for, and what cannot be declared as one of its own texts."""
    names = {*DeclareForm.base_fields, *EditForm.base_fields, "seen_version"}
    return sorted(names - {"summary", "root_cause", "detection_method", "services", "teams"})


@pytest.mark.parametrize("name", [*asked_for(), "responder", "state"])
def test_what_an_incident_has_already_cannot_be_declared(declare_field, name):
    with pytest.raises(Invalid) as refused:
        declare_field(name)
    assert refused.value.data["field"] == "name"


def test_a_field_that_was_declared_in_place_of_an_own_one_breaks_no_form(browsing, declare_field, incident):
    for place, name in enumerate(asked_for()):
        row = declare_field(f"f{place}", valid_values=[{"value": "eu"}], collected="active")
        UserDefinedField.objects.filter(pk=row.pk).update(name=name)
    assert edit(browsing, incident, title="Attack!", **{"fields.title": "eu"}).status_code == 302
    assert field_of(incident, "title") == "eu"
    assert incident.title == "Attack!"
    given = {"token": uuid4(), "title": "Another", "severity": "SEV-2", "fields.token": "eu"}
    assert browsing.post(reverse("incidents:declare"), given).status_code == 302
    assert Incident.objects.get(title="Another").fields["token"]["value"] == "eu"


@pytest.mark.parametrize("ordinal", ["NaN", "sNaN", "Infinity", "-Infinity", "1e9999999999"])
def test_what_is_no_number_is_no_place(declare_field, ordinal):
    with pytest.raises(Invalid) as refused:
        declare_field(ordinal=ordinal)
    assert refused.value.data["field"] == "ordinal"


def test_an_own_text_is_declared_as_long_as_it_may_be(declare_field):
    long = "x" * 61  # as a detection method may not be
    for field, given in (
        ("default_value", {"field_kind": "textbox", "default_value": long}),
        ("valid_values", {"valid_values": [{"value": long}]}),
    ):
        with pytest.raises(Invalid) as refused:
            declare_field("detection_method", **given)
        assert refused.value.data["field"] == field
    declare_field("detection_method", "textbox", default_value=long[1:])


# --- how many ---


def test_an_incident_may_say_all_that_is_declared_and_as_much_besides(declare_field, acting, analyst):
    for place in range(50):
        declare_field(f"f{place}", "textbox", default_value="x")
    said = {"services": {"type": "multiselect", "value": ["web"]}}
    incident = actions.declare(actor=acting(analyst), title="Attack", fields=said)
    assert len(incident.fields) == 51
    say(acting, analyst, incident, f1="y", other="z")
    assert field_of(incident, "f1") == "y"
    with pytest.raises(Invalid):
        say(acting, analyst, incident, **{f"g{place}": "x" for place in range(49)})
    # What is declared no more does not make of an incident one that nobody can change.
    UserDefinedField.objects.exclude(name="f1").delete()
    say(acting, analyst, incident, f1="z", other="y")
    assert (field_of(incident, "f1"), field_of(incident, "other")) == ("z", "y")


# --- moments that were set right ---


def test_a_correction_that_was_corrected_is_taken_back_whole(acting, analyst):
    actor, hour = acting(analyst), timedelta(hours=1)
    incident = actions.declare(actor=actor, title="Attack", detected_at=timezone.now() - 9 * hour)
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, state="resolved").one_or_raise()
    incident.refresh_from_db()
    stable, over = incident.stable_at, incident.resolved_at
    override = actions.override_timestamp(actor=actor, incident=incident, kind="resolved", value=over - 3 * hour)
    for back in (1, 2):
        override = actions.edit_override(actor=actor, override=override, value=over - back * hour)
        incident.refresh_from_db()
        assert (incident.resolved_at, incident.stable_at) == (over - back * hour, over - back * hour)
    actions.delete_override(actor=actor, override=override)
    incident.refresh_from_db()
    assert (incident.resolved_at, incident.stable_at) == (over, stable)
    told = Entry.objects.filter(verb="incidents.timestamp_restored").get().data
    assert told["stable_at"] == [(over - 2 * hour).isoformat(), stable.isoformat()]


# --- what is settled about them ---


def test_a_page_of_settings_keeps_what_it_does_not_ask_for(browsing, declare_field):
    values = [
        {"value": "eu", "display_name": "Europe", "description": "All of it", "short_description": "All"},
        {"value": "x = y", "display_name": "x = y"},
        {"value": "x", "display_name": "two\nlines", "description": "Odd"},
    ]
    row = declare_field(valid_values=values)
    address = reverse("incidents:setting_edit", args=["fields", row.uuid])
    asked = browsing.get(address).context["form"]["valid_values"].value()
    lines = row.valid_values and browsing.get(address).context["form"].fields["valid_values"].prepare_value(asked)
    typed = {"display_name": "Where", "valid_values": lines, "seen_version": 0}
    assert browsing.post(address, typed).status_code == 302
    row.refresh_from_db()
    assert (row.display_name, row.valid_values) == ("Where", values)
    typed |= {"valid_values": "x = y = Both\neu\nus = America\nx = One", "seen_version": 1}
    assert browsing.post(address, typed).status_code == 302
    row.refresh_from_db()
    assert row.valid_values == [
        {"value": "x = y", "display_name": "Both"},
        values[0] | {"display_name": "eu"},
        {"value": "us", "display_name": "America"},
        {"value": "x", "display_name": "One", "description": "Odd"},
    ]


def test_a_role_that_was_deleted_meanwhile_is_refused(acting, analyst, incident, kind):
    actor = acting(analyst)
    role = actions.create_user_defined_role(actor=actor, type=kind, name="Scribe")
    seen = UserDefinedRole.objects.get()
    actions.edit_user_defined_role(actor=actor, role=role, is_single=True)
    with pytest.raises(Invalid, match="one responder"):  # as it is now, and not as it was looked at
        actions.set_role_holders(actor=actor, incident=incident, holders={seen: list(incident.responders.all())})
    actions.delete_user_defined_role(actor=actor, role=role)
    with pytest.raises(Conflict) as refused:
        actions.set_role_holders(actor=actor, incident=incident, holders={seen: [analyst]})
    assert refused.value.data["field"] == "roles"


def test_a_default_stands_in_its_box_as_any_other_value(browsing, analyst, declare_field):
    analyst.time_zone = "Europe/Berlin"
    analyst.save()
    declare_field("when", "datetime", collected="active", default_value="2026-01-31T12:00:00Z")
    declare_field("hit", "textarray", collected="active", default_value="all")
    declare_field("people", "number", collected="active", default_value="12")
    declare_field("also", "textarray", collected="active")
    address = reverse("incidents:declare")
    asked = browsing.get(address).text
    boxes = re.findall(r'<input[^>]* name="fields\.(\w+)"([^>]*)>', asked)
    values = {name: "".join(re.findall(r'value="([^"]*)"', rest)) for name, rest in boxes}
    assert values == {"when": "2026-01-31T13:00:00", "hit": "all", "people": "12", "also": ""}
    typed = {f"fields.{name}": value for name, value in values.items()}
    assert browsing.post(address, {**typed, "title": "x", "severity": "SEV-3", "token": uuid4()}).status_code == 302
    assert Incident.objects.get().fields["when"]["value"] == "2026-01-31T12:00:00+00:00"
