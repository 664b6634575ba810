"""The story of an incident, its times and the draft of its postmortem."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents_app import actions
from incidents_app.queries import changes_since, lately, postmortem, timeline, times_of
from tests.incidents_app.factories import IncidentFactory
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db


def test_the_timeline_is_what_happened_in_order(acting, analyst):
    actor = acting(analyst)
    signals = {SignalFactory().pk: None, SignalFactory().pk: None}
    incident = actions.declare(actor=actor, title="Attack", severity="SEV-2", signals=signals)
    actions.add_signals(actor=actor, incident=incident, signals={SignalFactory().pk: None})
    actions.add_note(actor=actor, incident=incident, body="It began before", at=timezone.now() - timedelta(days=1))
    actions.add_todo(actor=actor, incident=incident, content="Rotate the keys")
    items = timeline(actor, incident)
    assert [(item.kind, item.sentence) for item in items] == [
        ("note", ""),
        ("change", "declared it SEV-2"),
        ("signal", "added 2 signals"),
        ("todo", "wrote down what is to be done: “Rotate the keys”"),
    ]
    assert timeline(actor, incident, newest_first=True)[-1].kind == "note"
    assert [item.kind for item in timeline(actor, incident, kinds=["signal"])] == ["signal"]


def test_the_timeline_tells_what_changed_and_of_a_beginning_nothing(acting, analyst, responder):
    actor, two = acting(analyst), [analyst, responder]
    incident = actions.declare(actor=actor, title="Attack", responders=two)
    actions.add_todo(actor=actor, incident=incident, content="Rotate the keys", assignees=two)
    seen = {incident.pk: None}
    fields = {"severity_of_shop": {"type": "textbox", "value": "bad"}}
    actions.edit_incidents(actor=actor, seen=seen, commander=analyst, responders=[analyst], fields=fields)
    told = {item.verb: item.changes for item in timeline(actor, incident)}
    assert told["incidents.declared"] == told["incidents.todo_added"] == ()
    assert told["incidents.commander_changed"] == (("commander", "nothing", "Ana Analyst"),)
    assert told["incidents.responders_changed"] == (("responders", "Ana Analyst, Rob Responder", "Ana Analyst"),)
    assert told["incidents.edited"] == (("the fields", "nothing", "severity_of_shop: bad"),)


def test_the_timeline_of_a_private_incident_is_empty_for_an_outsider(acting, analyst, responder):
    incident = actions.declare(actor=acting(responder), title="Secret", is_private=True)
    assert timeline(acting(responder), incident)
    assert timeline(acting(analyst), incident) == []
    assert postmortem(acting(analyst), incident) == ""


def test_times_run_from_the_first_impact_to_the_end(acting, analyst):
    actor, hour = acting(analyst), timedelta(hours=1)
    began = timezone.now() - 4 * hour
    incident = actions.declare(actor=actor, title="Attack", detected_at=began + hour)
    actions.add_impact(actor=actor, incident=incident, description="Slow", start_at=began)
    moments = {"stable_at": began + 2 * hour, "resolved_at": began + 4 * hour}
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, state="resolved", **moments)
    incident.refresh_from_db()
    times = times_of(incident)
    assert (times.to_detect, times.to_stabilise, times.to_resolve) == (hour, hour, 3 * hour)


def test_what_changed_since_a_version_is_told_oldest_first(acting, analyst):
    incident = IncidentFactory()
    for title in ("one", "two", "three"):
        actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, title=title)
    actions.add_note(actor=acting(analyst), incident=incident, body="moves no version")
    assert [entry.data["title"][1] for entry in changes_since(incident, 1)] == ["two", "three"]


def test_an_incident_is_found_by_number_and_by_title(acting, analyst):
    checkout, login = IncidentFactory(title="Checkout taken over"), IncidentFactory(title="Logins leak")
    assert list(lately(acting(analyst), f"#{login.public_id}")) == [login]
    assert list(lately(acting(analyst), "OVER check")) == [checkout]


def test_what_is_not_over_is_offered_first(acting, analyst):
    now, day = timezone.now(), timedelta(days=1)
    long_over, over = (IncidentFactory(state="resolved", resolved_at=now - days * day) for days in (9, 1))
    old, new = (IncidentFactory(declared_at=now - days * day) for days in (8, 2))
    assert list(lately(acting(analyst))) == [new, old, over, long_over]


def test_the_postmortem_names_fields_as_the_page_does(acting, analyst):
    incident = IncidentFactory(
        detection_method="unknown", fields={"services": {"type": "multiselect", "value": ["web-store"]}}
    )
    draft = postmortem(acting(analyst), incident)
    assert "| Detection method | Unknown |" in draft
    assert "| Services | web-store |" in draft


def test_the_postmortem_tells_it_all_and_lets_no_title_act(acting, analyst):
    actor = acting(analyst)
    signal = SignalFactory(title="[click](https://evil.test) <img src=x>")
    incident = actions.declare(
        actor=actor, title="Attack", summary="Somebody came in.", signals={signal.pk: None}, commander=analyst
    )
    actions.add_note(actor=actor, incident=incident, body="They used\n\n- a hole")
    actions.add_todo(actor=actor, incident=incident, content="Close it", completed_at=timezone.now())
    draft = postmortem(actor, incident)
    assert draft.startswith(f"# Postmortem: #{incident.public_id} Attack\n")
    assert "Somebody came in." in draft
    assert "  > - a hole" in draft
    assert "- [x] Close it" in draft
    assert "| Commander | Ana Analyst |" in draft
    assert "](https" not in draft
    assert "<img" not in draft.replace("\\<img", "")
