"""Two people at the same moment: numbers without doubles, one incident from one form, no change lost."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from cases_app import actions as cases
from core_app.errors import Conflict, StaleVersion
from incidents_app import actions
from incidents_app.models import Incident
from tests.cases_app.factories import CaseFactory, ProjectFactory
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


def meanwhile(first, second):
    """Do the first, and before it commits begin the second. What the second answered, or the error that refused it."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            answer = pool.submit(lambda: at_once(second)[0])
            while not answer.done() and not _somebody_waits():
                pass
        return answer.result()


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()


# What refers to a kind of incidents or cases: how a kind is made, begun to be used, and deleted.
def incident_kind(actor):
    kind = actions.create_incident_type(actor=actor, name="Phishing")
    use = partial(actions.declare, actor=actor, title="Attack", type=kind)
    return kind, use, partial(actions.delete_incident_type, actor=actor, type=kind)


def case_kind(actor):
    kind = cases.create_case_type(actor=actor, name="Phishing")
    use = partial(cases.create_case, actor=actor, project=ProjectFactory(), title="Look", type=kind)
    return kind, use, partial(cases.delete_case_type, actor=actor, type=kind)


def kind_of_a_case_that_is_there(actor):
    kind = cases.create_case_type(actor=actor, name="Phishing")
    case = CaseFactory()
    use = partial(cases.edit_cases, actor=actor, seen={case.pk: None}, type=kind)
    return kind, use, partial(cases.delete_case_type, actor=actor, type=kind)


def kind_of_an_incident_that_is_there(actor):
    kind = actions.create_incident_type(actor=actor, name="Phishing")
    use = partial(actions.edit_incidents, actor=actor, seen={IncidentFactory().pk: None}, type=kind)
    return kind, use, partial(actions.delete_incident_type, actor=actor, type=kind)


KINDS = [incident_kind, kind_of_an_incident_that_is_there, case_kind, kind_of_a_case_that_is_there]


@pytest.mark.parametrize("make", KINDS)
def test_a_kind_that_somebody_begins_to_use_is_not_deleted(make, acting, admin):
    kind, use, delete = make(acting(admin))
    refused = meanwhile(use, delete)
    assert isinstance(refused, Conflict) and refused.status == 409
    kind.refresh_from_db()


@pytest.mark.parametrize("make", KINDS)
def test_a_kind_that_was_deleted_a_moment_ago_is_told(make, acting, admin):
    _, use, delete = make(acting(admin))
    refused = meanwhile(delete, use)
    assert isinstance(refused, Conflict)
    assert refused.message == "“Phishing” was deleted a moment ago: choose another one."


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
