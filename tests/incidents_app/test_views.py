"""The pages of incidents."""

import re
from datetime import UTC, datetime
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents_app import actions
from incidents_app.models import Impact, Incident, IncidentSignal, IncidentType, Note, Todo
from incidents_app.queries.overview import HEIGHT
from tests.incidents_app.factories import IncidentFactory, make_case
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "bulk-dialog"}
TABS = ("detail", "timeline", "signals", "remediation", "postmortem")


@pytest.fixture
def console(client, analyst):
    client.force_login(analyst)
    return client


def at(name: str, incident, *rest) -> str:
    return reverse(f"incidents:{name}", args=[incident.public_id, *rest])


def test_the_list_shows_what_there_is(console, analyst):
    incident = IncidentFactory(commander=analyst, signals=[SignalFactory(), SignalFactory()])
    answer = console.get("/incidents/")
    words = answer.content.decode()
    assert answer.status_code == 200
    assert incident.title in words
    assert 'data-label="Signals">2<' in words


def test_before_the_first_incident_the_list_says_how_one_begins(console):
    words = console.get("/incidents/").content.decode()
    assert "No incidents yet" in words and "it begins with Declare Incident" in words


def test_the_list_understands_the_query_language(console, analyst):
    IncidentFactory(title="Checkout", severity="SEV-1", commander=analyst)
    IncidentFactory(title="Login", severity="SEV-3", state="stable", stable_at=timezone.now())
    for query, found in {
        "severity:>=SEV-2": {"Checkout"},
        "state:stable": {"Login"},
        "commander:me": {"Checkout"},
        "commander:none": {"Login"},
        "check": {"Checkout"},
        "service:web-store": set(),
        "private:false": {"Checkout", "Login"},
        "-state:active": {"Login"},
    }.items():
        words = console.get("/incidents/", {"query": query}).content.decode()
        assert {title for title in ("Checkout", "Login") if f">{title}</a>" in words} == found, query


def test_a_service_of_an_incident_is_found_in_its_field(console):
    incident = IncidentFactory(fields={"services": {"type": "multiselect", "value": ["web-store", "login"]}})
    for query, found in {"service:web-store": True, "service:other": False, "service:*": True}.items():
        words = console.get("/incidents/", {"query": query}).content.decode()
        assert (f">{incident.title}</a>" in words) is found, query


def test_a_field_can_be_a_column_of_the_list_and_of_its_file(console):
    IncidentFactory(fields={"services": {"type": "multiselect", "value": ["web-store", "login"]}})
    url = "?cols=number,title,@services.value"
    assert ">web-store, login</td>" in console.get(f"/incidents/{url}").content.decode()
    told = b"".join(console.post(f"/incidents/export/{url}", {"format": "csv"})).decode()
    assert "web-store, login" in told


@pytest.mark.parametrize("view", ["active", "my-incidents", "sev-1-and-sev-2", "resolved"])
def test_ready_made_views_can_be_shown(console, view):
    assert console.get("/incidents/", {"view": view}).status_code == 200


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_an_address_and_escapes_what_people_wrote(console, acting, analyst, tab):
    bad = "<script>alert(1)</script>"
    incident = actions.declare(
        actor=acting(analyst),
        title=bad,
        summary=bad,
        signals={SignalFactory(title=bad).pk: None},
        tags=[bad],
        fields={"x": {"type": "textbox", "value": bad}},
    )
    actions.add_note(actor=acting(analyst), incident=incident, body=bad)
    actions.add_todo(actor=acting(analyst), incident=incident, content=bad, assignees=[analyst])
    actions.add_impact(actor=acting(analyst), incident=incident, description=bad, start_at=timezone.now())
    actions.add_attachment(actor=acting(analyst), incident=incident, title=bad, url="https://example.test")
    words = console.get(at(tab, incident)).content.decode()
    assert "alert(1)" in words
    assert "<script>alert" not in words


@pytest.mark.parametrize(
    ("is_ticked", "ends", "words"),
    [
        (False, [], "No customer is known to be affected."),
        (True, [], "Customers are affected."),
        (True, [True, False], "Customers are affected."),
        (True, [True, True], "Customers were affected."),
        (False, [False], "Customers are affected."),
        (False, [True], "Customers were affected."),
    ],
)
def test_the_words_on_customers_fit_the_impacts(console, is_ticked, ends, words):
    incident, now = IncidentFactory(customer_impacted=is_ticked), timezone.now()
    for has_ended in ends:
        Impact.objects.create(incident=incident, description="Slow", start_at=now, end_at=now if has_ended else None)
    page = console.get(at("detail", incident)).content.decode()
    assert re.findall(r"Customers \w+ affected\.|No customer is known to be affected\.", page) == [words]


def test_a_moment_to_come_and_an_end_before_the_beginning_are_refused_in_plain_words(console):
    incident = IncidentFactory()
    future = console.post(at("note_add", incident), {"body": "x", "at": "2999-01-01T00:00"}).content.decode()
    assert "This time lies in the future." in future
    times = {"description": "Slow", "start_at": "2026-01-02T00:00", "end_at": "2026-01-01T00:00"}
    assert "The end must be after the beginning." in console.post(at("impact_add", incident), times).content.decode()


@pytest.mark.parametrize(("headers", "header"), [({}, "Location"), (HTMX, "HX-Redirect")])
def test_who_leaves_a_private_incident_is_led_to_the_list_and_told(console, analyst, admin, headers, header):
    incident = IncidentFactory(is_private=True, commander=admin, responders=[analyst])
    answer = console.post(at("responders", incident), {"responders": [str(admin.uuid)]}, headers=headers)
    assert answer[header] == "/incidents/"
    assert "you are no longer in it" in console.get("/incidents/").content.decode()
    assert list(incident.responders.all()) == [admin]


def test_who_can_no_longer_log_in_stays_until_they_are_taken_out(console, analyst, responder):
    incident = IncidentFactory(commander=responder, responders=[responder])
    todo = Todo.objects.create(incident=incident, content="Look")
    todo.assignees.set([responder])
    responder.is_active = False
    responder.save()
    edit_todo = at("todo_edit", incident, todo.uuid)
    for place in (at("responders", incident), at("commander", incident), edit_todo):
        page = console.get(place).content.decode()
        assert "Rob Responder (can no longer log in)" in page, place
        assert re.search(rf'value="{responder.uuid}"[^>]* (checked|selected)', page), place
    both = [str(responder.uuid), str(analyst.uuid)]
    assert console.post(at("responders", incident), {"responders": both}).status_code == 302
    assert set(incident.responders.all()) == {responder, analyst}
    words = {"content": "Look again", "assignees": both}
    assert console.post(edit_todo, words).status_code == 302
    assert set(todo.assignees.all()) == {responder, analyst}
    console.post(at("responders", incident), {"responders": both[1:]})
    assert list(incident.responders.all()) == [analyst]
    assert console.post(at("responders", incident), {"responders": both}).status_code == 422


def test_whether_it_is_private_is_asked_before_the_long_texts(console):
    words = console.get("/incidents/new/").content.decode()
    names = [words.index(f'name="{name}"') for name in ("commander", "is_private", "customer_impact_scope", "summary")]
    assert names == sorted(names)


def test_declaring_on_the_page_leads_to_the_incident(console, analyst, responder):
    token = re.search(r'name="token" value="([^"]+)"', console.get("/incidents/new/").content.decode())[1]
    data = {"title": "Attack", "severity": "SEV-2", "token": token, "commander": analyst.uuid}
    data |= {"responders": [responder.uuid], "customer_impacted": "on", "summary": "Something"}
    for _ in range(2):
        assert console.post("/incidents/new/", data)["Location"] == "/incidents/1/"
    incident = Incident.objects.get()
    assert (incident.commander, incident.customer_impacted, list(incident.responders.all())) == (
        analyst,
        True,
        [responder],
    )


def test_a_handle_gives_the_severity_that_nobody_chose(console, acting, admin):
    kind = IncidentType.objects.get(is_default=True)
    make = partial(actions.create_incident_handle, actor=acting(admin), type=kind)
    handle, bare = make(name="@incident-bad", severities=["SEV-1"]), make(name="@incident-any")
    page = console.get("/incidents/new/").content.decode()
    assert not re.search(r'<input[^>]*name="severity"[^>]*required', page)
    data = {"title": "Attack", "token": re.search(r'name="token" value="([^"]+)"', page)[1]}
    assert console.post("/incidents/new/", {**data, "handle": bare.uuid}, headers=HTMX).status_code == 422
    assert console.post("/incidents/new/", {**data, "handle": handle.uuid}).status_code == 302
    assert Incident.objects.get().severity == "SEV-1"


def test_declaring_without_a_severity_keeps_what_was_typed(console):
    data = {"title": "Attack typed", "token": "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e"}
    answer = console.post("/incidents/new/", data, headers=HTMX)
    assert answer.status_code == 422
    assert 'value="Attack typed"' in answer.content.decode()


def test_a_selection_of_signals_prefills_the_title_and_goes_in(console):
    worst, other = SignalFactory(title="Worst", severity=5), SignalFactory(severity=1)
    rows = {"rows": f"{worst.pk}:0,{other.pk}:0"}
    words = console.post("/incidents/new/", rows, headers=HTMX).content.decode()
    assert 'value="Worst and 1 more"' in words
    assert "<html" not in words
    token = re.search(r'name="token" value="([^"]+)"', words)[1]
    data = {**rows, "title": "Attack", "severity": "SEV-1", "token": token}
    answer = console.post("/incidents/new/", data, headers=HTMX)
    assert answer["HX-Redirect"] == "/incidents/1/"
    incident = Incident.objects.get()
    assert incident.signals.count() == 2
    assert incident.fields["services"]["value"] == ["web-store"]


def test_an_existing_incident_is_found_and_takes_signals_in(console):
    signal = SignalFactory()
    incident, other = IncidentFactory(title="Checkout taken over"), IncidentFactory(title="Logins leak")
    rows = {"rows": f"{signal.pk}:0"}
    words = console.post("/incidents/add-signals/", {**rows, "q": "checkout"}, headers=HTMX).content.decode()
    assert incident.title in words
    assert other.title not in words
    assert console.post("/incidents/add-signals/", {**rows, "confirm": "on"}).status_code == 422
    data = {**rows, "confirm": "on", "incident": incident.public_id, "on_timeline": "on"}
    answer = console.post("/incidents/add-signals/", data, headers=HTMX)
    assert "now in" in answer.content.decode()
    assert IncidentSignal.objects.get().on_timeline
    assert console.post("/incidents/add-signals/", data)["Location"] == at("signals", incident)


def test_adding_nothing_is_refused(console):
    assert console.post("/incidents/add-signals/", {}).status_code == 400


def test_the_second_of_two_editors_is_told_and_keeps_what_they_typed(console, acting, responder):
    incident = IncidentFactory(summary="Old summary")
    form = console.get(at("edit", incident)).content.decode()
    assert 'name="seen_version" value="0"' in form
    actions.edit_incidents(actor=acting(responder), seen={incident.pk: 0}, title="Their title", severity="SEV-1")
    incident_form = {
        "seen_version": 0,
        "title": incident.title,
        "summary": "My summary",
        "detection_method": "unknown",
        "detected_at": timezone.localtime(incident.detected_at).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    answer = console.post(at("edit", incident), incident_form, headers=HTMX)
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "Rob Responder" in words
    assert "changed the severity from SEV-2 to SEV-1" in words
    assert "My summary</textarea>" in words
    assert 'value="Their title"' in words
    assert 'name="seen_version" value="1"' in words
    answer = console.post(
        at("edit", incident), {**incident_form, "title": "Their title", "seen_version": 1}, headers=HTMX
    )
    assert answer["HX-Trigger-After-Settle"] == '{"incidents:changed": {}}'
    incident.refresh_from_db()
    assert (incident.title, incident.summary, incident.version) == ("Their title", "My summary", 2)


def test_editing_leaves_alone_what_was_left_alone(console):
    incident = IncidentFactory(detection_method="canary", root_cause="A\nB")
    before = incident.detected_at
    data = {
        "seen_version": 0,
        "title": "New",
        "root_cause": "A\r\nB",
        "detection_method": "canary",
        "services": "web-store, login",
        "detected_at": timezone.localtime(before).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    assert console.post(at("edit", incident), data).status_code == 302
    incident.refresh_from_db()
    assert (incident.title, incident.detected_at, incident.detection_method) == ("New", before, "canary")
    assert incident.fields["services"]["value"] == ["web-store", "login"]


def test_resolving_offers_to_archive_the_signals_in_one_operation(console):
    signals = [SignalFactory(), SignalFactory()]
    incident = IncidentFactory(signals=signals)
    answer = console.post(at("state", incident), {"state": "resolved", "seen_version": 0}, headers=HTMX)
    words = answer.content.decode()
    assert "2 signals of this incident are not archived" in words
    token = re.search(r'name="token" value="([^"]+)"', words)[1]
    data = {"token": token, "reason": "remediated", "comment": "done"}
    answer = console.post(at("archive_signals", incident), data, headers=HTMX)
    assert "2 signals are archived" in answer.content.decode()
    for signal in signals:
        signal.refresh_from_db()
        assert (signal.state, signal.archive_reason) == ("archived", "remediated")


def test_resolving_without_scripts_leads_to_the_same_question(console):
    incident = IncidentFactory(signals=[SignalFactory()])
    answer = console.post(at("state", incident), {"state": "resolved", "seen_version": 0})
    assert answer["Location"] == at("archive_signals", incident)


@pytest.mark.parametrize(("name", "field", "value"), [("state", "state", "stable"), ("severity", "severity", "SEV-1")])
def test_the_menus_change_and_refuse(console, name, field, value):
    incident = IncidentFactory(version=2)
    assert console.get(at(name, incident)).status_code == 200
    assert console.post(at(name, incident), {field: value, "seen_version": 1}, headers=HTMX).status_code == 409
    assert console.post(at(name, incident), {field: "no", "seen_version": 2}, headers=HTMX).status_code == 422
    assert console.post(at(name, incident), {field: value, "seen_version": 2}, headers=HTMX).status_code == 200
    incident.refresh_from_db()
    assert getattr(incident, field) == value


def test_people_are_assigned(console, responder, analyst):
    incident = IncidentFactory()
    console.post(at("commander", incident), {"commander": responder.uuid, "seen_version": 0})
    console.post(at("responders", incident), {"responders": [analyst.uuid, responder.uuid], "seen_version": 1})
    incident.refresh_from_db()
    assert (incident.commander, incident.responders.count()) == (responder, 2)
    assert console.post(at("commander", incident), {"commander": "nobody", "seen_version": 2}).status_code == 422


def test_work_is_written_changed_and_taken_away(console, analyst):
    incident = IncidentFactory()
    console.post(at("note_add", incident), {"body": "Seen"})
    console.post(
        at("todo_add", incident), {"content": "Rotate", "assignees": [analyst.uuid], "due_at": "2026-12-01T10:00"}
    )
    console.post(at("impact_add", incident), {"description": "Slow", "start_at": "2026-01-01T10:00"})
    console.post(at("link_add", incident), {"title": "Runbook", "url": "https://example.test", "kind": "link"})
    note, todo, impact = Note.objects.get(), Todo.objects.get(), Impact.objects.get()
    console.post(at("note_edit", incident, note.uuid), {"body": "Seen it", "seen_version": 0})
    console.post(at("todo_done", incident, todo.uuid), {"seen_version": 0})
    console.post(at("todo_edit", incident, todo.uuid), {"content": "Rotate it", "seen_version": 1})
    end = {"description": "Slow", "start_at": "2026-01-01T10:00", "end_at": "2026-01-01T11:00", "seen_version": 0}
    console.post(at("impact_edit", incident, impact.uuid), end)
    for row in (note, todo, impact):
        row.refresh_from_db()
    assert (note.body, todo.content, todo.assignees.count(), todo.due_at) == ("Seen it", "Rotate it", 0, None)
    assert todo.completed_at
    assert impact.end_at
    words = console.get(at("timeline", incident)).content.decode()
    assert "1 earlier version" in words
    console.post(at("todo_delete", incident, todo.uuid), {"confirm": "on", "seen_version": 2})
    console.post(at("note_delete", incident, note.uuid), {"confirm": "on", "seen_version": 1})
    assert not Todo.objects.exists()
    assert "Seen it" not in console.get(at("timeline", incident)).content.decode()


def test_a_todo_that_changed_meanwhile_keeps_what_was_typed(console, acting, responder):
    incident = IncidentFactory()
    todo = actions.add_todo(actor=acting(responder), incident=incident, content="First")
    actions.edit_todo(actor=acting(responder), todo=todo, content="Theirs")
    answer = console.post(at("todo_edit", incident, todo.uuid), {"content": "Mine", "seen_version": 0}, headers=HTMX)
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine</textarea>" in words
    assert 'name="seen_version" value="1"' in words


def test_the_note_of_another_cannot_be_changed(console, acting, responder):
    incident = IncidentFactory()
    note = actions.add_note(actor=acting(responder), incident=incident, body="Theirs")
    answer = console.post(at("note_edit", incident, note.uuid), {"body": "Mine", "seen_version": 0})
    assert answer.status_code == 403
    assert "Rob Responder" in answer.content.decode()


def test_the_timeline_is_filtered_and_turned_round(console, acting, analyst):
    incident = actions.declare(actor=acting(analyst), title="Attack", signals={SignalFactory().pk: None})
    actions.add_note(actor=acting(analyst), incident=incident, body="Seen")
    words = console.get(at("timeline", incident), {"kind": "note"}).content.decode()
    assert "item-note" in words
    assert "item-change" not in words
    words = console.get(at("timeline", incident), {"order": "desc"}).content.decode()
    assert words.index("item-note") < words.index("item-change")


def test_the_postmortem_is_downloaded_as_markdown(console):
    incident = IncidentFactory()
    answer = console.get(at("postmortem_file", incident))
    assert answer["Content-Disposition"] == f'attachment; filename="postmortem-{incident.public_id}.md"'
    assert answer.content.decode().startswith("# Postmortem")


def test_an_incident_is_deleted_once_it_is_confirmed(console):
    incident = IncidentFactory()
    assert console.post(at("delete", incident), {"seen_version": 0}).status_code == 422
    assert console.post(at("delete", incident), {"seen_version": 0, "confirm": "on"})["Location"] == "/incidents/"
    assert console.get(at("detail", incident)).status_code == 404


def test_a_case_to_link_is_found_by_its_key_or_title_also_a_closed_one(console):
    incident = IncidentFactory()
    probes, other = make_case("Somebody probes the store"), make_case("Rotate the keys")
    closed = make_case("Old probes", status="CLOSED", closed_at=timezone.now())
    for text, found in (("", {probes, other, closed}), ("PROBES", {probes, closed}), (other.key.lower(), {other})):
        words = console.post(at("case_link", incident), {"find": text}).content.decode()
        assert {case for case in (probes, other, closed) if str(case.uuid) in words} == found, text
    choices = console.post(
        at("case_link", incident), {"find": "nothing"}, headers={**HTMX, "HX-Target": "case-choices"}
    ).content.decode()
    assert "No case has these words in its key or title." in choices
    assert "<form" not in choices
    assert not incident.cases.exists()


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("", "Choose a case first."),
        ("SEC-1", "is not a valid UUID"),
        ("0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e", "There is no such case"),
    ],
)
def test_linking_no_case_is_refused_in_the_dialog(console, case, why):
    incident = IncidentFactory()
    answer = console.post(at("case_link", incident), {"case": case, "link": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_the_type_of_an_incident_is_changed_and_the_timeline_tells(console, acting, analyst):
    incident = IncidentFactory()
    assert 'name="type"' not in console.get(at("edit", incident)).content.decode()
    kind = actions.create_incident_type(actor=acting(analyst), name="Outage")
    assert f'value="{incident.type.uuid}" selected' in console.get(at("edit", incident)).content.decode()
    data = {
        "seen_version": 0,
        "title": incident.title,
        "type": kind.uuid,
        "detection_method": "unknown",
        "detected_at": timezone.localtime(incident.detected_at).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    old = incident.type.name
    assert console.post(at("edit", incident), {**data, "type": "nonsense"}).status_code == 422
    console.post(at("edit", incident), data)
    incident.refresh_from_db()
    assert incident.type == kind
    told = console.get(at("timeline", incident)).content.decode()
    assert "changed the type" in told
    assert f"<dt>The type</dt><dd>{old} → Outage</dd>" in told


def test_times_are_in_the_zone_of_who_reads_and_say_which(console, acting, analyst):
    analyst.time_zone = "Asia/Tokyo"
    analyst.save()
    incident = IncidentFactory(detected_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC))
    moment = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: 0}, detected_at=moment)
    overview = console.get(at("detail", incident)).content.decode()
    assert "Mar 2, 03:30:00</time>" in overview
    assert "in Asia/Tokyo" in overview
    assert "2026-03-02 05:00 JST → 2026-03-02 03:30 JST" in console.get(at("timeline", incident)).content.decode()
    assert "| Detected | 2026-03-02 03:30 JST |" in console.get(at("postmortem_file", incident)).content.decode()
    assert "In Asia/Tokyo." in console.get(at("edit", incident)).content.decode()


def test_who_does_a_todo_elsewhere_is_named(console, acting, analyst, responder):
    incident = IncidentFactory()
    elsewhere = ["@sam", {"id": "U1", "icon": "", "name": "<b>kim</b>", "source": "slack"}, {"id": "U2", "name": ""}]
    actions.add_todo(
        actor=acting(analyst), incident=incident, content="Ask", assignees=[responder], elsewhere=elsewhere
    )
    assert (
        "Rob Responder, @sam, &lt;b&gt;kim&lt;/b&gt;, U2" in console.get(at("remediation", incident)).content.decode()
    )
    assert "(Rob Responder, @sam, " in console.get(at("postmortem_file", incident)).content.decode()


def test_addresses_in_notes_are_links_and_those_of_attackers_are_none(console, acting, analyst):
    incident = IncidentFactory(signals=[SignalFactory(title="GET https://evil.example/x")])
    actions.add_note(actor=acting(analyst), incident=incident, body="See https://runbooks.example/1")
    draft = console.get(at("postmortem", incident)).content.decode()
    assert '<a href="https://runbooks.example/1" rel="noopener noreferrer nofollow">' in draft
    assert "https://evil.example/x" in draft
    assert 'href="https://evil.example' not in draft


def test_cases_are_linked_and_escalated(console):
    incident, case = IncidentFactory(), make_case()
    console.post(at("case_link", incident), {"case": case.uuid, "link": "1"})
    assert list(incident.cases.all()) == [case]
    console.post(reverse("incidents:case_unlink", args=[incident.public_id, case.key]))
    assert not incident.cases.exists()
    words = console.get(reverse("incidents:escalate", args=[case.key])).content.decode()
    assert f'value="{case.title}"' in words
    back = f'href="{reverse("cases:detail", args=[case.key])}"'
    assert words.count(f"{back} data-close-bulk>Cancel") == 1
    assert re.search(rf'Where you are"><a {back}>.*{case.key}</a></nav>', words)
    data = {"title": "Escalated", "severity": "SEV-2", "token": "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e"}
    console.post(reverse("incidents:escalate", args=[case.key]), data)
    assert list(Incident.objects.get(title="Escalated").cases.all()) == [case]
    assert "Escalated" in console.get(reverse("incidents:of_case", args=[case.key])).content.decode()


def test_a_signal_shows_its_incidents_and_marks(console):
    signal = SignalFactory()
    incident = IncidentFactory(signals=[signal])
    words = console.get(reverse("incidents:of_signal", args=[signal.public_id]), headers=HTMX).content.decode()
    assert incident.title in words
    assert f'title="Incident #{incident.public_id}' in console.get("/signals/").content.decode()
    console.post(at("remove_signals", incident), {"signals": [signal.pk]})
    assert not incident.signals.exists()


def test_signals_are_found_by_their_incident(console):
    inside, outside = SignalFactory(title="Inside"), SignalFactory(title="Outside")
    incident = IncidentFactory(signals=[inside])
    for query, found in {
        f"@incident.id:{incident.public_id}": {"Inside"},
        "@incident.id:none": {"Outside"},
        "@incident.id:*": {"Inside"},
        f"-@incident.id:{incident.public_id}": {"Outside"},
    }.items():
        words = console.get("/signals/", {"query": query}).content.decode()
        assert {title for title in ("Inside", "Outside") if f">{title}</a>" in words} == found, query
    assert outside.pk


def test_the_overview_counts_open_incidents_and_times_to_resolve(console):
    now = timezone.now()
    IncidentFactory(severity="SEV-1")
    IncidentFactory(severity="SEV-1", is_test=True)
    hour = timezone.timedelta(hours=2)
    IncidentFactory(state="resolved", detected_at=now - hour, stable_at=now, resolved_at=now)
    answer = console.get("/incidents/overview/")
    context = answer.context
    assert context["open_total"] == 1
    assert context["months"][-1].mean == hour
    assert context["months"][-1].height == HEIGHT  # as high as the line for two hours
    assert [level.label for level in context["levels"]] == ["1 h", "2 h"]
    words = answer.content.decode()
    assert '<text x="2" y="0.00%" dy="11">2 h</text>' in words
    assert f'text-anchor="middle">{timezone.localtime():%b}</text>' in words


def test_an_overview_of_nothing_resolved_draws_no_chart(console):
    assert '<svg class="chart' not in console.get("/incidents/overview/").content.decode()


@pytest.mark.parametrize(
    ("took", "highest"), [({"minutes": 45}, "60 min"), ({"hours": 30}, "30 h"), ({"days": 9, "hours": 1}, "10 d")]
)
def test_the_scale_of_the_overview_is_in_a_unit_that_fits(console, took, highest):
    now = timezone.now()
    IncidentFactory(state="resolved", detected_at=now - timezone.timedelta(**took), stable_at=now, resolved_at=now)
    assert console.get("/incidents/overview/").context["levels"][-1].label == highest


def test_who_may_only_read_sees_no_way_to_write(client, viewer):
    client.force_login(viewer)
    incident = IncidentFactory()
    for tab in TABS:
        words = client.get(at(tab, incident)).content.decode()
        assert "incident_write" in words
        assert at("edit", incident) not in words
    assert client.post(at("edit", incident), {"title": "x"}).status_code == 403


def test_bulk_actions_change_many_and_are_undone(console, analyst):
    rows = [IncidentFactory(), IncidentFactory()]
    named = ",".join(f"{row.pk}:0" for row in rows)
    for action, data in {
        "set_state": {"state": "resolved"},
        "set_severity": {"severity": "SEV-1"},
        "assign_commander": {"commander": analyst.uuid},
    }.items():
        versions = {row.pk: Incident.objects.get(pk=row.pk).version for row in rows}
        named = ",".join(f"{pk}:{version}" for pk, version in versions.items())
        url = f"/search/incidents/bulk/{action}/"
        words = console.post(url, {"rows": named}, headers=HTMX).content.decode()
        token = re.search(r'name="token" value="([^"]+)"', words)[1]
        before = list(Incident.objects.values("state", "severity", "commander", "resolved_at", "stable_at"))
        console.post(url, {"rows": named, "token": token, "expected": 2, **data})
        changed = list(Incident.objects.values("state", "severity", "commander", "resolved_at", "stable_at"))
        assert changed != before, action
        operation = re.search(r"/bulk/operations/([0-9a-f-]{36})/undo/", console.get("/incidents/").content.decode())[1]
        console.post(f"/search/incidents/bulk/operations/{operation}/undo/")
        assert list(Incident.objects.values("state", "severity", "commander", "resolved_at", "stable_at")) == before
        console.post(f"/search/incidents/bulk/operations/{operation}/dismiss/")


def test_where_there_are_several_types_one_is_chosen(console, acting, analyst):
    assert "The usual type" not in console.get("/incidents/new/").content.decode()
    kind = actions.create_incident_type(actor=acting(analyst), name="Outage")
    assert "The usual type" in console.get("/incidents/new/").content.decode()
    data = {"title": "Down", "severity": "SEV-1", "token": "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e", "type": kind.uuid}
    console.post("/incidents/new/", data)
    assert Incident.objects.get().type == kind


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "2147483648"])
def test_a_number_that_no_incident_has_is_not_found(console, number):
    assert console.get(f"/incidents/{number}/").status_code == 404
    assert console.get(f"/api/incidents/{number}/").status_code == 404
