"""What people decide about incidents."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases_app.models import CaseSignal
from core_app.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import Incident, IncidentCase, IncidentSignal, IncidentType, Note, NoteRevision, Todo
from tests.incidents_app.factories import IncidentFactory, make_case
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


# --- declaring ---


def test_declaring_gives_a_number_and_writes_what_was_declared(acting, analyst, responder):
    incident = actions.declare(
        actor=acting(analyst),
        title="  Checkout taken over ",
        severity="SEV-2",
        commander=analyst,
        responders=[responder, responder],
        tags=["team:web", "team:web"],
        fields={"services": {"type": "multiselect", "value": ["web-store"]}},
    )
    incident.refresh_from_db()
    assert (incident.public_id, incident.title, incident.state) == (1, "Checkout taken over", "active")
    assert list(incident.responders.all()) == [responder]
    assert [tag.text for tag in incident.tags.all()] == ["team:web"]
    assert incident.search_text == "#1 checkout taken over"
    entry = Entry.objects.get()
    assert (entry.verb, entry.data["severity"], entry.data["commander"]["name"]) == (
        "incidents.declared",
        "SEV-2",
        "Ana Analyst",
    )


def test_numbers_follow_one_another_and_are_not_given_again(acting, analyst):
    first, second = (actions.declare(actor=acting(analyst), title=title) for title in "ab")
    actions.delete_incident(actor=acting(analyst), incident=second)
    third = actions.declare(actor=acting(analyst), title="c")
    assert [first.public_id, second.public_id, third.public_id] == [1, 2, 3]


def test_declaring_with_signals_puts_them_in_and_on_the_timeline(acting, analyst):
    signals = [SignalFactory(version=3), SignalFactory()]
    seen = {signals[0].pk: 3, signals[1].pk: None}
    incident = actions.declare(actor=acting(analyst), title="Attack", signals=seen)
    links = IncidentSignal.objects.filter(incident=incident)
    assert {link.signal_id: link.on_timeline for link in links} == dict.fromkeys(seen, True)
    signals[0].refresh_from_db()
    assert signals[0].version == 3
    assert verbs() == ["incidents.declared", "incidents.signal_added", "incidents.signal_added"]
    assert len(set(Entry.objects.exclude(operation=None).values_list("operation", flat=True))) == 1


def test_a_signal_that_changed_meanwhile_refuses_the_whole_declaration(acting, analyst):
    signal = SignalFactory(version=3)
    with pytest.raises(StaleVersion):
        actions.declare(actor=acting(analyst), title="Attack", signals={signal.pk: 2})
    assert not Incident.objects.exists()
    assert verbs() == []


def test_the_same_form_sent_twice_declares_once(acting, analyst):
    token = uuid4()
    made = {actions.declare(actor=acting(analyst), title="Attack", token=token).pk for _ in range(2)}
    assert len(made) == 1
    assert verbs() == ["incidents.declared"]


def test_the_form_of_somebody_else_or_of_what_was_deleted_declares_nothing(acting, analyst, responder):
    mine, gone = uuid4(), uuid4()
    actions.declare(actor=acting(analyst), title="Attack", token=mine)
    with pytest.raises(Conflict):
        actions.declare(actor=acting(responder), title="Attack", token=mine)
    deleted = actions.declare(actor=acting(analyst), title="Mistake", token=gone)
    actions.delete_incident(actor=acting(analyst), incident=deleted)
    with pytest.raises(Conflict):
        actions.declare(actor=acting(analyst), title="Mistake", token=gone)


def test_what_was_declared_elsewhere_keeps_its_moment(acting, analyst):
    at = timezone.now() - timedelta(days=3)
    incident = actions.declare(actor=acting(analyst), title="Old", declared_at=at, detected_at=at)
    assert incident.declared_at == at
    with pytest.raises(Invalid):
        actions.declare(actor=acting(analyst), title="To come", declared_at=timezone.now() + timedelta(days=1))


def test_who_may_only_read_declares_nothing(acting, viewer):
    with pytest.raises(NotAllowed):
        actions.declare(actor=acting(viewer), title="Attack")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "a" * 301},
        {"title": "a\x00b"},
        {"title": "a\ud800b"},
        {"title": 3},
        {"title": "a", "severity": "SEV-9"},
        {"title": "a", "severity": ["SEV-1"]},
        {"title": "a", "state": "over"},
        {"title": "a", "summary": "a" * 20_001},
        {"title": "a", "is_private": "yes"},
        {"title": "a", "tags": ["a" * 201]},
        {"title": "a", "tags": [str(number) for number in range(101)]},
        {"title": "a", "fields": {"services": "web-store"}},
        {"title": "a", "fields": {"services": {"type": "multiselect", "value": "web-store"}}},
        {"title": "a", "fields": {"services": {"type": "multiselect", "value": [3]}}},
        {"title": "a", "fields": {"services": {"type": ["multiselect"], "value": []}}},
        {"title": "a", "fields": {"a" * 61: {"type": "textbox", "value": ""}}},
        {"title": "a", "detected_at": timezone.now() + timedelta(days=1)},
        {"title": "a", "detected_at": datetime.min.replace(tzinfo=UTC)},
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(acting, analyst, wrong):
    with pytest.raises(Invalid):
        actions.declare(actor=acting(analyst), **wrong)


def test_somebody_who_can_no_longer_log_in_is_not_called_in(acting, analyst, responder):
    responder.is_active = False
    responder.save()
    with pytest.raises(Invalid, match="can no longer log in"):
        actions.declare(actor=acting(analyst), title="Attack", responders=[responder])


# --- changing ---


def edit(user, incident, acting, version=None, **fields):
    return actions.edit_incidents(actor=acting(user), seen={incident.pk: version}, **fields).one_or_raise()


def test_the_moments_follow_the_state(acting, analyst):
    incident = IncidentFactory()
    edit(analyst, incident, acting, state="stable")
    incident.refresh_from_db()
    assert incident.stable_at and not incident.resolved_at
    edit(analyst, incident, acting, state="resolved")
    incident.refresh_from_db()
    assert incident.resolved_at >= incident.stable_at
    edit(analyst, incident, acting, state="active")
    incident.refresh_from_db()
    assert (incident.stable_at, incident.resolved_at, incident.version) == (None, None, 3)
    assert verbs() == ["incidents.state_changed"] * 3


def test_an_incident_resolved_at_once_was_stable_then_at_the_latest(acting, analyst):
    incident = IncidentFactory()
    edit(analyst, incident, acting, state="resolved")
    incident.refresh_from_db()
    assert incident.stable_at is not None
    assert incident.resolved_at is not None


def test_moments_out_of_order_are_refused(acting, analyst):
    incident = IncidentFactory()
    before = incident.detected_at - timedelta(hours=1)
    with pytest.raises(Invalid, match="another order"):
        edit(analyst, incident, acting, state="stable", stable_at=before)
    with pytest.raises(Invalid, match="has no “resolved_at”"):
        edit(analyst, incident, acting, resolved_at=timezone.now())


def test_each_kind_of_change_is_told_of_by_its_verb_with_before_and_after(acting, analyst, responder):
    incident = IncidentFactory()
    edit(
        analyst,
        incident,
        acting,
        severity="SEV-1",
        commander=responder,
        responders=[analyst],
        title="Worse",
        root_cause="A hole",
        tags=["a"],
        fields={"teams": {"type": "multiselect", "value": ["web"]}},
    )
    told = {entry.verb: entry.data for entry in Entry.objects.all()}
    assert told["incidents.severity_changed"] == {"severity": ["SEV-2", "SEV-1"], "version": 1}
    assert told["incidents.commander_changed"]["commander"][1]["name"] == "Rob Responder"
    assert told["incidents.responders_changed"]["responders"][0] == []
    assert told["incidents.edited"].keys() == {"title", "root_cause", "tags", "fields", "version"}
    incident.refresh_from_db()
    assert (incident.version, incident.search_text) == (1, f"#{incident.public_id} worse")


def test_the_same_values_again_change_nothing(acting, analyst):
    incident = IncidentFactory()
    outcome = actions.edit_incidents(
        actor=acting(analyst), seen={incident.pk: 0}, title=incident.title, severity="SEV-2"
    )
    assert (outcome.changed, outcome.unchanged) == ([], [incident])
    assert verbs() == []


def test_fields_are_put_in_by_name_and_none_takes_one_away(acting, analyst):
    incident = IncidentFactory(fields={"a": {"type": "textbox", "value": "1"}, "b": {"type": "textbox", "value": "2"}})
    edit(analyst, incident, acting, fields={"a": None, "c": {"type": "textbox", "value": "3"}})
    incident.refresh_from_db()
    assert incident.fields.keys() == {"b", "c"}


def test_the_second_of_two_editors_is_refused(acting, analyst, responder):
    incident = IncidentFactory()
    edit(analyst, incident, acting, version=0, title="First")
    with pytest.raises(StaleVersion):
        edit(responder, incident, acting, version=0, title="Second")
    incident.refresh_from_db()
    assert incident.title == "First"


def test_many_incidents_change_as_one_and_each_is_answered_for(acting, analyst):
    rows = [IncidentFactory(), IncidentFactory(version=2)]
    seen = {rows[0].pk: 0, rows[1].pk: 1, 999: None}
    outcome = actions.edit_incidents(actor=acting(analyst), seen=seen, state="stable")
    assert outcome.changed == [rows[0]]
    assert {pk: type(problem) for pk, problem in outcome.refused.items()} == {rows[1].pk: StaleVersion, 999: NotFound}


def test_who_would_shut_themselves_out_of_a_private_incident_is_told(acting, analyst, admin):
    incident = IncidentFactory()
    with pytest.raises(Conflict, match="no longer see it"):
        edit(analyst, incident, acting, is_private=True)
    edit(analyst, incident, acting, is_private=True, responders=[analyst])
    incident.refresh_from_db()
    assert incident.is_private
    edit(admin, IncidentFactory(), acting, is_private=True)


def test_an_unknown_field_is_refused(acting, analyst):
    with pytest.raises(Invalid):
        edit(analyst, IncidentFactory(), acting, public_id=9)


def test_a_private_incident_is_not_there_for_who_is_not_in_it(acting, analyst, responder):
    incident = IncidentFactory(is_private=True, responders=[responder])
    for deed in (
        lambda actor: actions.edit_incidents(actor=actor, seen={incident.pk: None}, title="x").one_or_raise(),
        lambda actor: actions.delete_incident(actor=actor, incident=incident),
        lambda actor: actions.add_signals(actor=actor, incident=incident, signals={}),
        lambda actor: actions.remove_signals(actor=actor, incident=incident, signals={}),
        lambda actor: actions.add_note(actor=actor, incident=incident, body="x"),
        lambda actor: actions.add_todo(actor=actor, incident=incident, content="x"),
        lambda actor: actions.add_impact(actor=actor, incident=incident, description="x", start_at=timezone.now()),
        lambda actor: actions.add_attachment(actor=actor, incident=incident, title="x", url="https://example.test"),
        lambda actor: actions.link_case(actor=actor, incident=incident, case=make_case()),
    ):
        with pytest.raises(NotFound):
            deed(acting(analyst))
    actions.add_note(actor=acting(responder), incident=incident, body="x")


def test_a_deleted_incident_is_gone_for_everybody(acting, admin):
    incident = IncidentFactory(version=1)
    with pytest.raises(StaleVersion):
        actions.delete_incident(actor=acting(admin), incident=incident, seen_version=0)
    actions.delete_incident(actor=acting(admin), incident=incident, seen_version=1)
    assert not Incident.objects.visible_to(acting(admin)).exists()
    with pytest.raises(NotFound):
        actions.delete_incident(actor=acting(admin), incident=incident)


# --- signals ---


def test_a_signal_is_added_once_and_comes_onto_the_timeline_when_asked(acting, analyst):
    incident, signal = IncidentFactory(), SignalFactory()
    for on_timeline, changed in ((False, 1), (False, 0), (True, 1), (True, 0)):
        outcome = actions.add_signals(
            actor=acting(analyst), incident=incident, signals={signal.pk: 0}, on_timeline=on_timeline
        )
        assert len(outcome.changed) == changed
    assert IncidentSignal.objects.get().on_timeline


def test_a_signal_whose_version_is_higher_is_refused(acting, analyst):
    incident, signal = IncidentFactory(), SignalFactory(version=4)
    outcome = actions.add_signals(actor=acting(analyst), incident=incident, signals={signal.pk: 3, 999: None})
    assert {pk: type(problem) for pk, problem in outcome.refused.items()} == {signal.pk: StaleVersion, 999: NotFound}
    assert not IncidentSignal.objects.exists()


def test_a_signal_is_taken_out(acting, analyst):
    signal = SignalFactory()
    incident = IncidentFactory(signals=[signal])
    for changed in (1, 0):
        outcome = actions.remove_signals(actor=acting(analyst), incident=incident, signals={signal.pk: None})
        assert len(outcome.changed) == changed
    assert verbs() == ["incidents.signal_removed"]


def test_a_signal_gets_exactly_these_incidents_of_those_one_sees(acting, analyst, responder):
    signal = SignalFactory()
    leaves, stays, comes = IncidentFactory(signals=[signal]), IncidentFactory(signals=[signal]), IncidentFactory()
    hidden = IncidentFactory(is_private=True, responders=[responder], signals=[signal])
    actions.set_incidents(actor=acting(analyst), signal=signal, incidents=[stays, comes], seen_version=0)
    links = set(IncidentSignal.objects.values_list("incident", flat=True))
    assert links == {stays.pk, comes.pk, hidden.pk}
    assert leaves.pk not in links
    with pytest.raises(NotFound):
        actions.set_incidents(actor=acting(analyst), signal=signal, incidents=[hidden])


def test_linking_signals_takes_the_permission_of_the_source_document(acting, viewer):
    with pytest.raises(NotAllowed, match="security_monitoring_signals_write"):
        actions.add_signals(actor=acting(viewer), incident=IncidentFactory(), signals={})


# --- cases ---


def test_a_case_is_escalated_with_its_signals(acting, analyst):
    case, signals = make_case(), [SignalFactory(), SignalFactory()]
    CaseSignal.objects.bulk_create(CaseSignal(case=case, signal=signal) for signal in signals)
    incident = actions.escalate(actor=acting(analyst), case=case, severity="SEV-2", commander=analyst)
    assert (incident.title, incident.severity) == (case.title, "SEV-2")
    assert set(incident.signals.all()) == set(signals)
    assert IncidentCase.objects.get().case == case
    assert verbs()[-1] == "incidents.case_linked"


def test_a_case_is_linked_once_and_unlinked(acting, analyst):
    incident, case = IncidentFactory(), make_case()
    for _ in range(2):
        actions.link_case(actor=acting(analyst), incident=incident, case=case)
    for _ in range(2):
        actions.unlink_case(actor=acting(analyst), incident=incident, case=case)
    assert verbs() == ["incidents.case_linked", "incidents.case_unlinked"]


# --- notes ---


def test_a_note_keeps_what_it_said_before(acting, analyst):
    incident = IncidentFactory()
    note = actions.add_note(actor=acting(analyst), incident=incident, body="first")
    actions.edit_note(actor=acting(analyst), note=note, seen_version=0, body="second")
    note.refresh_from_db()
    assert (note.body, note.version, NoteRevision.objects.get().body) == ("second", 1, "first")
    assert verbs() == ["incidents.note_added", "incidents.note_edited"]


def test_a_note_is_changed_by_whoever_wrote_it(acting, analyst, responder, admin):
    note = actions.add_note(actor=acting(analyst), incident=IncidentFactory(), body="mine")
    for user in (responder, admin):
        with pytest.raises(NotAllowed, match="Ana Analyst"):
            actions.edit_note(actor=acting(user), note=note, body="theirs")
    with pytest.raises(NotAllowed):
        actions.delete_note(actor=acting(responder), note=note)


def test_a_note_taken_back_loses_its_text_for_good(acting, analyst, admin):
    note = actions.add_note(actor=acting(analyst), incident=IncidentFactory(), body="a password, by mistake")
    actions.edit_note(actor=acting(analyst), note=note, body="again")
    actions.delete_note(actor=acting(admin), note=note)
    note.refresh_from_db()
    assert note.body == ""
    assert not NoteRevision.objects.exists()
    assert "password" not in "".join(str(entry.data) for entry in Entry.objects.all())
    with pytest.raises(NotFound):
        actions.edit_note(actor=acting(analyst), note=note, body="back")


@pytest.mark.parametrize("body", ["", "  ", "a" * 20_001, "a\x00b"])
def test_a_note_says_something_and_not_too_much(acting, analyst, body):
    with pytest.raises(Invalid):
        actions.add_note(actor=acting(analyst), incident=IncidentFactory(), body=body)
    assert not Note.objects.exists()


def test_a_note_tells_of_the_past_and_not_of_the_future(acting, analyst):
    incident, day = IncidentFactory(), timedelta(days=1)
    note = actions.add_note(actor=acting(analyst), incident=incident, body="x", at=timezone.now() - day)
    assert note.at < note.created_at
    with pytest.raises(Invalid):
        actions.edit_note(actor=acting(analyst), note=note, at=timezone.now() + day)


# --- to-dos, impacts and links ---


def test_a_todo_may_be_for_people_who_are_nobody_here(acting, analyst):
    chat = {"id": "U1", "icon": "", "name": "sam", "source": "slack"}
    incident = IncidentFactory()
    todo = actions.add_todo(actor=acting(analyst), incident=incident, content="Ask", elsewhere=["@sam", chat])
    assert Todo.objects.get().elsewhere == ["@sam", chat]
    actions.edit_todo(actor=acting(analyst), todo=todo, elsewhere=[])
    assert Todo.objects.get().elsewhere == []
    with pytest.raises(Invalid):
        actions.edit_todo(actor=acting(analyst), todo=todo, elsewhere=[{"id": 1}])


def test_a_todo_is_written_down_done_and_opened_again(acting, analyst, responder):
    todo = actions.add_todo(
        actor=acting(analyst), incident=IncidentFactory(), content="Rotate the keys", assignees=[responder]
    )
    actions.edit_todo(actor=acting(responder), todo=todo, seen_version=0, completed_at=timezone.now())
    with pytest.raises(StaleVersion):
        actions.edit_todo(actor=acting(analyst), todo=todo, seen_version=0, content="Other")
    actions.edit_todo(actor=acting(analyst), todo=todo, completed_at=None)
    actions.edit_todo(actor=acting(analyst), todo=todo, assignees=[analyst], content="Rotate them")
    todo.refresh_from_db()
    assert (todo.content, list(todo.assignees.all()), todo.version) == ("Rotate them", [analyst], 3)
    actions.delete_todo(actor=acting(analyst), todo=todo, seen_version=3)
    assert not Todo.objects.exists()
    kinds = ["added", "done", "reopened", "edited", "deleted"]
    assert verbs() == [f"incidents.todo_{kind}" for kind in kinds]


def test_an_impact_ends_after_it_began(acting, analyst):
    incident, now = IncidentFactory(), timezone.now()
    impact = actions.add_impact(
        actor=acting(analyst), incident=incident, description="No checkout", start_at=now - timedelta(hours=1)
    )
    with pytest.raises(Invalid, match="must be after the beginning"):
        actions.edit_impact(actor=acting(analyst), impact=impact, end_at=now - timedelta(hours=2))
    actions.edit_impact(actor=acting(analyst), impact=impact, end_at=now)
    actions.delete_impact(actor=acting(analyst), impact=impact)
    told = ["impact_added", "edited", "impact_edited", "impact_deleted"]
    assert verbs() == [f"incidents.{verb}" for verb in told]


def test_an_impact_says_that_customers_are_affected(acting, analyst):
    incident = IncidentFactory()
    for _ in range(2):
        actions.add_impact(actor=acting(analyst), incident=incident, description="Slow", start_at=timezone.now())
    incident.refresh_from_db()
    assert (incident.customer_impacted, incident.version) == (True, 1)
    assert verbs() == ["incidents.impact_added", "incidents.edited", "incidents.impact_added"]
    assert Entry.objects.get(verb="incidents.edited").data["customer_impacted"] == [False, True]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.test/", "example.test", "https://", "a" * 2001])
def test_a_link_leads_to_the_web(acting, analyst, url):
    with pytest.raises(Invalid):
        actions.add_attachment(actor=acting(analyst), incident=IncidentFactory(), title="Runbook", url=url)


def test_a_link_is_added_changed_and_taken_away(acting, analyst):
    link = actions.add_attachment(
        actor=acting(analyst), incident=IncidentFactory(), title="Runbook", url="https://example.test/"
    )
    actions.edit_attachment(actor=acting(analyst), attachment=link, seen_version=0, kind="postmortem")
    actions.delete_attachment(actor=acting(analyst), attachment=link, seen_version=1)
    kinds = ["added", "edited", "deleted"]
    assert verbs() == [f"incidents.attachment_{kind}" for kind in kinds]


# --- kinds of incidents ---


def test_a_type_is_made_renamed_and_taken_away(acting, analyst):
    kind = actions.create_incident_type(actor=acting(analyst), name="Outage")
    actions.edit_incident_type(actor=acting(analyst), type=kind, name="Failure")
    actions.delete_incident_type(actor=acting(analyst), type=kind)
    assert verbs() == ["incidents.type_created", "incidents.type_edited", "incidents.type_deleted"]


def test_a_type_that_is_the_default_or_in_use_stays(acting, analyst):
    default = IncidentType.objects.get(is_default=True)
    used = actions.create_incident_type(actor=acting(analyst), name="Outage")
    IncidentFactory(type=used)
    for kind in (default, used):
        with pytest.raises(Conflict):
            actions.delete_incident_type(actor=acting(analyst), type=kind)


def test_an_incident_gets_another_type_of_those_that_there_are(acting, analyst):
    incident = IncidentFactory()
    old, kind = incident.type, actions.create_incident_type(actor=acting(analyst), name="Outage")
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: 0}, type=kind)
    incident.refresh_from_db()
    assert (incident.type, incident.version) == (kind, 1)
    entry = Entry.objects.order_by("pk").last()
    both = [{"uuid": str(one.uuid), "name": one.name} for one in (old, kind)]
    assert (entry.verb, entry.data["type"]) == ("incidents.edited", both)
    gone = actions.create_incident_type(actor=acting(analyst), name="Passing")
    actions.delete_incident_type(actor=acting(analyst), type=IncidentType.objects.get(pk=gone.pk))
    for given, refusal in ((gone, Conflict), ("Outage", Invalid), (None, Invalid)):
        with pytest.raises(refusal):
            actions.edit_incidents(actor=acting(analyst), seen={incident.pk: 1}, type=given)


def test_types_take_their_permission(acting, viewer):
    with pytest.raises(NotAllowed):
        actions.create_incident_type(actor=acting(viewer), name="Outage")
