"""What follows from what happened: people hear that it is theirs."""

from uuid import uuid4

import numpy as np
import pytest

from accounts_app.models import Notification
from core_app.delivery import deliver_due
from core_app.models import Entry
from incidents_app import actions
from incidents_app.bulk import ASSIGN_COMMANDER
from incidents_app.queries import timeline
from search_app.bulk import operations
from search_app.bulk.frozen import Frozen
from tests.incidents_app.factories import IncidentFactory

pytestmark = pytest.mark.django_db


def texts(user) -> list[str]:
    return list(user.notifications.order_by("pk").values_list("text", flat=True))


def test_who_is_called_in_hears_of_it_and_who_calls_does_not(acting, analyst, responder, admin):
    incident = actions.declare(
        actor=acting(analyst), title="Attack", severity="SEV-2", commander=responder, responders=[analyst, admin]
    )
    deliver_due()
    assert texts(responder) == [f"You command incident #{incident.public_id}, SEV-2: Attack"]
    assert texts(admin) == [f"You are called into incident #{incident.public_id}, SEV-2: Attack"]
    assert texts(analyst) == []


def test_those_who_come_later_hear_of_it_and_those_who_were_there_do_not(acting, analyst, responder, admin):
    incident = actions.declare(actor=acting(analyst), title="Attack", responders=[responder])
    deliver_due()
    seen = {incident.pk: None}
    actions.edit_incidents(actor=acting(analyst), seen=seen, responders=[responder, admin], commander=admin)
    deliver_due()
    assert len(texts(responder)) == 1
    assert [text.split(" incident")[0] for text in texts(admin)] == ["You command", "You are called into"]


def test_who_is_to_do_something_hears_of_it_once(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    todo = actions.add_todo(actor=acting(analyst), incident=incident, content="Rotate", assignees=[responder])
    actions.edit_todo(actor=acting(analyst), todo=todo, content="Rotate the keys")
    deliver_due()
    assert texts(responder) == [f"“Rotate” is yours to do in incident #{incident.public_id}, Unknown: Attack"]
    assert responder.notifications.get().url == f"/incidents/{incident.public_id}/remediation/"


def test_whoever_a_note_names_hears_of_it_without_its_words(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    note = actions.add_note(actor=acting(analyst), incident=incident, body="@responder and @analyst, it is hunter2")
    deliver_due()
    assert texts(responder) == [f"Ana Analyst mentioned you in incident #{incident.public_id}, Unknown: Attack"]
    assert responder.notifications.get().url == f"/incidents/{incident.public_id}/timeline/#note-{note.uuid}"
    assert texts(analyst) == []


def test_an_edited_note_tells_only_those_it_did_not_name_before(acting, analyst, responder, admin):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    note = actions.add_note(actor=acting(analyst), incident=incident, body="@responder")
    actions.edit_note(actor=acting(analyst), note=note, body="@responder and @admin")
    deliver_due()
    assert [len(texts(user)) for user in (responder, admin)] == [1, 1]
    assert "incidents.mentioned" not in [item.verb for item in timeline(acting(analyst), incident)]


def test_a_note_tells_nobody_who_does_not_see_the_incident(acting, analyst, responder, outsider):
    incident = actions.declare(actor=acting(analyst), title="Attack", is_private=True)
    actions.add_note(actor=acting(analyst), incident=incident, body="@responder @outsider")
    deliver_due()
    assert texts(responder) == texts(outsider) == []
    assert not Entry.objects.filter(verb="incidents.mentioned").exists()


def test_a_note_that_was_taken_back_meanwhile_is_told_to_nobody(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    note = actions.add_note(actor=acting(analyst), incident=incident, body="@responder")
    actions.delete_note(actor=acting(analyst), note=note)
    deliver_due()
    assert texts(responder) == []


def test_of_an_incident_that_is_gone_nobody_hears(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack", commander=responder)
    actions.delete_incident(actor=acting(analyst), incident=incident)
    deliver_due()
    assert texts(responder) == []


def test_whoever_is_made_commander_of_many_at_once_is_told_once_of_those_they_see(client, acting, analyst, responder):
    incidents = [IncidentFactory(title=f"Given {number}") for number in range(2)]
    rows = Frozen.of(np.array([one.pk for one in incidents]), np.array([0, 0]))
    operations.begin(
        actor=acting(analyst),
        action=ASSIGN_COMMANDER,
        rows=rows,
        params={"user": str(responder.uuid)},
        words="x",
        selection="x",
        token=uuid4(),
    )
    deliver_due()
    line = Notification.objects.get(user=responder)
    assert line.text == "Ana Analyst made you the commander of 2 incidents"
    client.force_login(responder)
    page = client.get(line.url).content.decode()
    assert all(one.title in page for one in incidents)
