"""How often each page asks the database: as often as it did, and for many rows as often as for few.

`TOCSIN_COUNT_AGAIN=1 pytest tests/test_query_counts.py` writes the baseline anew, for whoever has looked at the
difference and can say why it has to be.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts_app.access import person
from cases_app import actions as cases
from cases_app.models import Project
from incidents_app import actions as incidents
from tests.signals_app.factories import SignalFactory
from tests.test_architecture import ADDRESSES, house, stay_in  # noqa: F401 - a fixture

BASELINE = Path(__file__).with_name("query_counts.json")
LISTS = (
    "/signals/",
    "/signals/?agg=rule",
    "/cases/",
    "/cases/board/",
    "/incidents/",
    "/incidents/overview/",
    "/services/",
    "/rules/",
    "/api/cases/",
    "/api/incidents/",
)

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="counted on one database only")


def asked(client, path: str) -> int | None:
    """How many statements the page takes that has been looked at before; None for an address that is no page."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        if response.streaming:
            b"".join(response)
    return len(queries) if response.status_code == 200 else None


def test_no_page_asks_the_database_more_often_than_it_did(client, house, admin):  # noqa: F811
    counts = {}
    for address in ADDRESSES:
        if not address.name.startswith("admin:"):
            stay_in(client, admin)
            if (count := asked(client, house(address))) is not None:
                counts[f"{address.name} {address.route}"] = count
    if os.environ.get("TOCSIN_COUNT_AGAIN") == "1":
        BASELINE.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    assert counts == json.loads(BASELINE.read_text())


@pytest.fixture
def more(admin):
    """Makes so many more of everything that lists show."""
    actor = person(admin)

    def make(number: int) -> None:
        for _ in range(number):
            signal = SignalFactory(attackers=["203.0.113.5"], victims=["alice"], tags=["a:b"])
            seen = {signal.pk: None}
            project = Project.objects.get(key="SEC")
            case = cases.create_case(actor=actor, project=project, title="x", assignee=admin, tags=["t"], signals=seen)
            cases.comment(actor=actor, case=case, body="said")
            told = {"title": "y", "severity": "SEV-2", "commander": admin, "responders": [admin], "tags": ["t"]}
            incident = incidents.declare(actor=actor, signals=seen, **told)
            incidents.link_case(actor=actor, incident=incident, case=case)

    return make


def test_many_rows_cost_as_many_questions_as_few(client, admin, more):
    """All lists together: to make the rows takes longer than to look at them."""
    client.force_login(admin)
    more(2)
    few = {path: asked(client, path) for path in LISTS}
    more(9)
    assert None not in few.values()
    assert {path: asked(client, path) for path in LISTS} == few
