"""What people declare, and then type, at the edges: it is refused by name, and never breaks a page."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from core_app.errors import Invalid
from incidents_app import actions
from incidents_app.boxes import kept
from incidents_app.forms import DeclareForm, EditForm
from incidents_app.models import Incident, UserDefinedField
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
