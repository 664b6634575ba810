"""More of everything costs the database no more questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents_app import actions
from incidents_app.queries import postmortem
from tests.incidents_app.factories import IncidentFactory
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

LIST = "/incidents/?cols=number,severity,title,incident_state,commander,duration,signals,time,responders,kind,tags"

LISTS = (LIST, "/incidents/overview/", "/signals/", "/api/incidents/")


def more(actor, incident, people):
    for number in range(4):
        signals = {SignalFactory().pk: None}
        actions.add_signals(actor=actor, incident=incident, signals=signals, on_timeline=True)
        note = actions.add_note(actor=actor, incident=incident, body=f"Note {number}")
        actions.edit_note(actor=actor, note=note, body=f"Note {number}, edited")
        actions.add_todo(actor=actor, incident=incident, content="To do", assignees=people)
        actions.add_impact(actor=actor, incident=incident, description="Slow", start_at=timezone.now())
        actions.add_attachment(actor=actor, incident=incident, title="Link", url="https://example.test/")
        another = IncidentFactory(commander=people[0], responders=people)
        actions.edit_incidents(actor=actor, seen={another.pk: None}, tags=[f"tag:{number}"])


# To make more of everything takes longer than to look at it: it is made once for all pages.


def test_a_tab_asks_as_much_for_more(client, acting, analyst, responder):
    client.force_login(analyst)
    incident = actions.declare(actor=acting(analyst), title="Attack", commander=analyst, responders=[responder])
    page = f"/incidents/{incident.public_id}/"
    tabs = [page, *(f"{page}{tab}/" for tab in ("timeline", "signals", "remediation", "postmortem"))]
    more(acting(analyst), incident, [analyst, responder])
    few = {tab: asked(client, tab) for tab in tabs}
    more(acting(analyst), incident, [analyst, responder])
    assert {tab: asked(client, tab) for tab in tabs} == few
    assert max(few.values()) < 30


def test_a_list_asks_as_much_for_more(client, acting, analyst, responder):
    client.force_login(analyst)
    incident = actions.declare(actor=acting(analyst), title="Attack")
    more(acting(analyst), incident, [analyst, responder])
    few = {url: asked_again(client, url) for url in LISTS}
    more(acting(analyst), incident, [analyst, responder])
    assert {url: asked_again(client, url) for url in LISTS} == few


def test_a_postmortem_asks_as_much_for_more(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    counts = []
    for _ in range(2):
        more(acting(analyst), incident, [analyst, responder])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            postmortem(acting(analyst), incident)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def asked_again(client, url: str) -> int:
    client.get(url)
    return asked(client, url)


def asked(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
