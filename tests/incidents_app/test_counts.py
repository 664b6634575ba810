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


@pytest.mark.parametrize("tab", ["", "timeline/", "signals/", "remediation/", "postmortem/"])
def test_a_tab_asks_as_much_for_more(client, acting, analyst, responder, tab):
    client.force_login(analyst)
    incident = actions.declare(actor=acting(analyst), title="Attack", commander=analyst, responders=[responder])
    more(acting(analyst), incident, [analyst, responder])
    counts = [asked(client, f"/incidents/{incident.public_id}/{tab}")]
    more(acting(analyst), incident, [analyst, responder])
    counts.append(asked(client, f"/incidents/{incident.public_id}/{tab}"))
    assert counts[0] == counts[1]
    assert counts[0] < 30


@pytest.mark.parametrize("url", [LIST, "/incidents/overview/", "/signals/", "/api/incidents/"])
def test_a_list_asks_as_much_for_more(client, acting, analyst, responder, url):
    client.force_login(analyst)
    incident = actions.declare(actor=acting(analyst), title="Attack")
    more(acting(analyst), incident, [analyst, responder])
    client.get(url)
    counts = [asked(client, url)]
    more(acting(analyst), incident, [analyst, responder])
    client.get(url)
    counts.append(asked(client, url))
    assert counts[0] == counts[1]


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


def asked(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
