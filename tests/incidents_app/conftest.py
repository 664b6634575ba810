"""What the tests of declared fields begin with."""

import pytest

from incidents_app import actions
from incidents_app.models import IncidentType


@pytest.fixture
def kind():
    return IncidentType.objects.get(is_default=True)


@pytest.fixture
def declare_field(acting, analyst, kind):
    def make(name="region", field_kind="dropdown", **given):
        given = {"type": kind} | given
        return actions.create_user_defined_field(actor=acting(analyst), name=name, kind=field_kind, **given)

    return make


@pytest.fixture
def incident(acting, analyst, responder):
    return actions.declare(actor=acting(analyst), title="Attack", responders=[analyst, responder])


@pytest.fixture
def browsing(client, analyst):
    client.force_login(analyst)
    return client
