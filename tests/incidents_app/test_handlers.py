"""What follows from what happened: people hear that it is theirs."""

import pytest

from core_app.delivery import deliver_due
from incidents_app import actions

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


def test_of_an_incident_that_is_gone_nobody_hears(acting, analyst, responder):
    incident = actions.declare(actor=acting(analyst), title="Attack", commander=responder)
    actions.delete_incident(actor=acting(analyst), incident=incident)
    deliver_due()
    assert texts(responder) == []
