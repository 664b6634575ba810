"""A private incident is not there for whoever is not in it: not by any address, and not by any number."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts_app.access import person
from core_app.delivery import deliver_due
from core_app.ledger import visible_entries
from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import Incident
from tests.incidents_app.factories import IncidentFactory, make_case
from tests.signals_app.factories import SignalFactory
from tests.test_architecture import ADDRESSES

pytestmark = pytest.mark.django_db

SECRET = "Zw1tscherl"
OF_ONE = [address for address in ADDRESSES if address.route.startswith(("incidents/%(", "api/incidents/%("))]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def secret(responder, acting):
    """A private incident of the responder, with something of everything in it."""
    actor = acting(responder)
    signal = SignalFactory(title="Seen by all")
    incident = actions.declare(
        actor=actor,
        title=f"{SECRET} taken over",
        summary=SECRET,
        severity="SEV-1",
        is_private=True,
        tags=[SECRET],
        detection_method=SECRET,
        fields={"services": {"type": "multiselect", "value": [SECRET]}},
        signals={signal.pk: None},
        commander=responder,
        responders=[responder],
    )
    incident.parts = {
        "note": actions.add_note(actor=actor, incident=incident, body=SECRET),
        "todo": actions.add_todo(actor=actor, incident=incident, content=SECRET),
        "impact": actions.add_impact(actor=actor, incident=incident, description=SECRET, start_at=timezone.now()),
        "link": actions.add_attachment(actor=actor, incident=incident, title=SECRET, url="https://example.test"),
    }
    metadata = {"channels": [{"channel_id": "C1", "channel_name": SECRET, "redirect_url": "https://example.test/"}]}
    incident.parts["integration"] = actions.add_integration(actor=actor, incident=incident, kind=1, metadata=metadata)
    incident.parts["document"] = actions.keep_postmortem(
        actor=actor, incident=incident, title=SECRET, content=f"# {SECRET}"
    )
    incident.parts["attachment"] = incident.parts["link"]
    incident.signal, incident.case = signal, make_case()
    actions.link_case(actor=actor, incident=incident, case=incident.case)
    return incident


def path(address, incident) -> str:
    name = address.name.rpartition(":")[2]
    part = next((part for kind, part in incident.parts.items() if name.startswith(kind)), None)
    values = {
        "public_id": incident.public_id,
        "uuid": part.uuid if part else None,
        "key": incident.case.key,
        "signal_id": incident.signal.public_id,
    }
    return "/" + address.route % values


def test_there_are_addresses_of_one_incident_to_walk():
    assert len(OF_ONE) > 30


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_every_address_of_it_is_nothing_to_whoever_is_not_in_it(client, secret, analyst, method, headers):
    client.force_login(analyst)
    before = Entry.objects.count()
    answers = {}
    for address in OF_ONE:
        answer = getattr(client, method)(path(address, secret), headers=headers)
        if answer.status_code not in (404, 405) or SECRET in answer.content.decode():
            answers[address.name] = answer.status_code
    assert answers == {}
    assert Entry.objects.count() == before


def test_every_address_of_it_is_there_for_those_in_it_and_administrators(client, secret, responder, admin):
    for user in (responder, admin):
        client.force_login(user)
        missing = {a.name for a in OF_ONE if client.get(path(a, secret)).status_code not in (200, 302, 405)}
        assert missing == set()


def test_no_page_counts_or_names_it(client, secret, analyst, responder):
    listing = "/incidents/?range=90d"
    pages = {
        "the list": listing,
        "found by its title": f"{listing}&query={SECRET}",
        "found by its number": f"{listing}&query=id:{secret.public_id}",
        "every facet": "/search/incidents/facets/severity/",
        "another facet": "/search/incidents/facets/detection_method/",
        "people": "/search/incidents/facets/responder/",
        "a chart": f"{listing}&viz=toplist&group=severity",
        "suggestions": "/search/incidents/suggest/?query=detection_method:&cursor=17",
        "suggested tags": "/search/incidents/suggest/?query=tags:&cursor=5",
        "the overview": "/incidents/overview/",
        "signals of it": f"/signals/?range=90d&query=@incident.id:{secret.public_id}",
        "signals in incidents": "/signals/?range=90d&query=@incident.id:*",
        "the signal": reverse("signals:detail", args=[secret.signal.public_id]),
        "its section": reverse("incidents:of_signal", args=[secret.signal.public_id]),
        "its activity": reverse("signals:activity", args=[secret.signal.public_id]),
        "the case's section": reverse("incidents:of_case", args=[secret.case.key]),
        "the case": reverse("cases:detail", args=[secret.case.key]),
        "the API": "/api/incidents/",
        "the API, asked": f"/api/incidents/?q={SECRET}",
    }
    told = {}
    for user in (analyst, responder):
        client.force_login(user)
        for name, url in pages.items():
            answer = client.get(url, headers=HTMX if "facets/" in url else {})
            assert answer.status_code == 200, (name, answer.status_code)
            told[user, name] = answer.content.decode()
    leaks = {name for name in pages if re.search(rf"{SECRET}|#1 |/incidents/1/", _clean(told[analyst, name]))}
    assert leaks == set()
    assert SECRET in told[responder, "the list"]
    assert SECRET in told[responder, "its section"]
    assert SECRET in told[responder, "another facet"]
    for name in ("the list", "found by its title", "found by its number"):
        assert "<strong>0</strong> incidents" in told[analyst, name]
    for name in ("signals of it", "signals in incidents"):
        assert "<strong>0</strong> signals" in told[analyst, name]
        assert "<strong>1</strong> signal" in told[responder, name]


def _clean(words: str) -> str:
    """The page without what the person asked for themselves, which it repeats."""
    words = re.sub(r"query=[^\s\"<&]*", "", words)
    return re.sub(r"(value|data-scope|data-query)=\"[^\"]*\"|<textarea[^>]*>.*?</textarea>", "", words, flags=re.S)


def test_who_does_not_see_it_sees_its_signal_as_one_in_no_incident(client, secret, analyst, responder):
    for user, found in ((analyst, 1), (responder, 0)):
        client.force_login(user)
        words = client.get("/signals/?range=90d&query=@incident.id:none").content.decode()
        assert f"<strong>{found}</strong> signal" in words


def test_the_export_of_signals_does_not_tell_of_it(client, secret, analyst):
    client.force_login(analyst)
    for kind in ("csv", "ndjson"):
        url = f"/signals/export/?range=90d&query=@incident.id:{secret.public_id}"
        answer = client.post(url, {"format": kind})
        assert "Seen by all" not in b"".join(answer).decode()
        answer = client.post("/signals/export/?range=90d", {"format": kind})
        assert SECRET not in b"".join(answer).decode()


def test_the_export_of_incidents_has_what_one_sees(client, secret, analyst, responder):
    IncidentFactory(title="=cmd|' /C calc'!A0", responders=[analyst])
    for user, is_inside in ((analyst, False), (responder, True)):
        client.force_login(user)
        for kind in ("csv", "ndjson"):
            answer = client.post("/incidents/export/?range=90d", {"format": kind})
            told = b"".join(answer).decode()
            assert (SECRET in told) is is_inside
            assert "cmd" in told
        chosen = {"selection": "on", "rows": f"{secret.pk}:0", "format": "ndjson"}
        told = b"".join(client.post("/incidents/export/", chosen)).decode()
        assert (SECRET in told) is is_inside
    assert "'=cmd" in b"".join(client.post("/incidents/export/?range=90d", {"format": "csv"})).decode()
    assert Entry.objects.filter(verb="incidents.exported").count() == 7


def test_the_ledger_hides_its_entries_also_when_it_is_deleted(secret, acting, analyst, responder, admin):
    about = {"target_type": "incidents_app.incident", "target_id": str(secret.pk)}
    assert not visible_entries(acting(analyst)).filter(**about).exists()
    for user in (responder, admin):
        assert visible_entries(acting(user)).filter(**about).count() == Entry.objects.filter(**about).count()
    actions.delete_incident(actor=acting(responder), incident=secret)
    assert not visible_entries(acting(analyst)).filter(**about).exists()
    assert visible_entries(acting(admin)).filter(**about, verb="incidents.deleted").exists()


def test_no_entry_about_something_else_tells_of_it(secret):
    others = Entry.objects.exclude(target_type="incidents_app.incident")
    assert [str(entry) for entry in others if SECRET in str(entry.data) or "incident" in entry.verb] == []


def test_nobody_is_told_of_what_they_may_not_see(secret, acting, responder, analyst):
    from incidents_app import handlers

    actions.add_todo(actor=acting(responder), incident=secret, content="Yours", assignees=[analyst])
    for entry in Entry.objects.filter(verb="incidents.todo_added"):
        handlers.tell_who_is_to_do_it(entry)
    assert not analyst.notifications.exists()


def bell(client) -> tuple[str, str]:
    """What the page of notifications says, and what the bell counts."""
    words = client.get("/notifications/").content.decode()
    return words, re.search(r'aria-label="Notifications(?:: (\d+) unread)?"', words)[1]


def test_who_is_no_longer_in_it_reads_nothing_of_it_under_the_bell(client, secret, acting, responder, analyst):
    seen = {secret.pk: None}
    actions.edit_incidents(actor=acting(responder), seen=seen, responders=[analyst])
    deliver_due()
    client.force_login(analyst)
    words, count = bell(client)
    assert (SECRET in words, count) == (True, "1")
    actions.edit_incidents(actor=acting(responder), seen=seen, responders=[])
    words, count = bell(client)
    assert (SECRET in words, count) == (False, None)
    line = analyst.notifications.get()
    assert client.post(f"/notifications/{line.pk}/").status_code == 404
    client.post("/notifications/read/")
    line.refresh_from_db()
    assert line.read_at is None


def test_what_was_told_of_one_that_became_private_is_gone_from_under_the_bell(client, acting, responder, analyst):
    actor = acting(responder)
    incident = actions.declare(actor=actor, title=SECRET)
    actions.add_todo(actor=actor, incident=incident, content="Rotate", assignees=[analyst])
    deliver_due()
    client.force_login(analyst)
    words, count = bell(client)
    assert (SECRET in words, count) == (True, "1")
    actions.edit_incidents(actor=actor, seen={incident.pk: None}, is_private=True)
    words, count = bell(client)
    assert (SECRET in words, count) == (False, None)


def test_a_selection_of_incidents_takes_no_hidden_one(client, secret, analyst):
    client.force_login(analyst)
    token = "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e"
    data = {"rows": f"{secret.pk}:0", "token": token, "expected": 1, "severity": "SEV-5"}
    client.post("/search/incidents/bulk/set_severity/", data)
    secret.refresh_from_db()
    assert secret.severity == "SEV-1"


def test_signals_cannot_be_added_to_it_by_its_number(client, secret, analyst):
    client.force_login(analyst)
    rows = {"rows": f"{SignalFactory().pk}:0", "confirm": "on", "incident": secret.public_id}
    assert client.post("/incidents/add-signals/", rows).status_code == 404
    found = client.post("/incidents/add-signals/", {"rows": rows["rows"], "q": SECRET}).content.decode()
    assert "taken over" not in found


def test_its_number_is_simply_the_next_that_nobody_has(acting, secret, analyst):
    assert actions.declare(actor=acting(analyst), title="Mine").public_id == secret.public_id + 1


def test_who_leaves_it_sees_it_no_more(secret, acting, responder, admin):
    actions.edit_incidents(actor=acting(admin), seen={secret.pk: None}, commander=admin, responders=[])
    Incident.objects.filter(pk=secret.pk).update(created_by=admin)
    assert not Incident.objects.visible_to(person(responder)).exists()


def test_one_that_is_not_private_is_seen_by_all(acting, analyst):
    IncidentFactory()
    assert Incident.objects.visible_to(acting(analyst)).count() == 1
