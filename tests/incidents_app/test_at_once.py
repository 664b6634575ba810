"""Two people at the same moment: numbers without doubles, one incident from one form, no change lost."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, connections

from core_app.errors import StaleVersion
from incidents_app import actions
from incidents_app.models import Incident
from tests.incidents_app.factories import IncidentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two_writers(transactional_db):
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite one writer follows another")


def at_once(*deeds):
    """Do all of these in threads of their own; what each answered, or the error that refused it."""

    def run(deed):
        try:
            return deed()
        except Exception as problem:  # whatever it is, the test looks at it
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_numbers_are_given_once(acting, analyst):
    actor = acting(analyst)
    made = at_once(*[lambda: actions.declare(actor=actor, title="Attack")] * 8)
    assert sorted(incident.public_id for incident in made) == list(range(1, 9))
    assert connection.vendor == "postgresql"


def test_a_form_that_is_sent_twice_at_once_declares_once(acting, analyst):
    actor, token = acting(analyst), uuid4()
    made = at_once(*[lambda: actions.declare(actor=actor, title="Attack", token=token)] * 4)
    assert len({incident.pk for incident in made}) == 1
    assert Incident.objects.count() == 1


def test_of_two_editors_one_wins_and_the_other_is_told(acting, analyst):
    actor, incident = acting(analyst), IncidentFactory()

    def edit(title):
        seen = {incident.pk: 0}
        return lambda: actions.edit_incidents(actor=actor, seen=seen, title=title).one_or_raise()

    answers = at_once(edit("one"), edit("two"))
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [StaleVersion]
    incident.refresh_from_db()
    assert incident.version == 1
