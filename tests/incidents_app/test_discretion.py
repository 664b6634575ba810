"""Whoever sees an incident, but no signals or no cases, reads that something was added, and not what it is called."""

import json

import pytest
from django.urls import reverse

from accounts_app import actions as accounts
from accounts_app.access import system
from cases_app import actions as cases
from incidents_app import actions
from incidents_app.explorer import EXPLORER
from incidents_app.queries import postmortem, timeline
from tests.conftest import make_person
from tests.incidents_app.factories import make_case
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

SIGNAL, CASE = "Implant on the payroll host", "Somebody sells our passwords"


@pytest.fixture
def narrow(db):
    """Makes a person whose one role has these permissions."""

    def make(*permissions):
        role = accounts.create_role(actor=system("tests"), name="Narrow", permissions=permissions)
        user = make_person("narrow@example.test", "Nora Narrow", None)
        user.groups.add(role.group)
        return user

    return make


@pytest.fixture
def incident(acting, analyst):
    actor = acting(analyst)
    one, two, three = (SignalFactory(title=SIGNAL) for _ in range(3))
    incident = actions.declare(actor=actor, title="Attack")
    actions.add_signals(actor=actor, incident=incident, signals={one.pk: None}, on_timeline=True)
    actions.add_signals(actor=actor, incident=incident, signals={two.pk: None, three.pk: None}, on_timeline=True)
    actions.remove_signals(actor=actor, incident=incident, signals={one.pk: None})
    case = make_case(CASE)
    actions.link_case(actor=actor, incident=incident, case=case)
    actions.unlink_case(actor=actor, incident=incident, case=case)
    actions.link_case(actor=actor, incident=incident, case=case)
    return incident


def everything(client, incident):
    """Whatever is told of the incident, anywhere."""
    pages = [reverse(f"incidents:{tab}", args=[incident.public_id]) for tab in ("detail", "timeline", "signals")]
    pages += [reverse(f"incidents:{tab}", args=[incident.public_id]) for tab in ("remediation", "postmortem")]
    pages += [reverse("incidents:postmortem_file", args=[incident.public_id])]
    pages += [f"/api/incidents/{incident.public_id}/{part}" for part in ("", "timeline/", "postmortem/", "signals/")]
    pages += [f"{EXPLORER.path}", "/incidents/overview/", "/notifications/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        yield page, b"".join(answer).decode() if answer.streaming else answer.content.decode()


@pytest.mark.parametrize(
    ("permissions", "hidden"),
    [
        (["incident_read"], [SIGNAL, CASE, "SEC-1"]),
        (["incident_read", "cases_read"], [SIGNAL]),
        (["incident_read", "security_monitoring_signals_read"], [CASE, "SEC-1"]),
    ],
)
def test_what_one_may_not_see_is_not_named_anywhere(client, narrow, incident, permissions, hidden):
    client.force_login(narrow(*permissions))
    for page, told in everything(client, incident):
        for name in hidden:
            assert name not in told, page


def test_that_something_was_added_is_told_all_the_same(acting, narrow, incident):
    actor = acting(narrow("incident_read"))
    told = [item for item in timeline(actor, incident) if item.verb != "incidents.declared"]
    assert [item.sentence for item in told] == [
        "added a signal",
        "added 2 signals",
        "took a signal out",
        "linked a case",
        "unlinked a case",
        "linked a case",
    ]
    assert not any(item.signals for item in told)
    assert "added 2 signals" in postmortem(actor, incident)


def test_whoever_may_see_them_reads_their_names(acting, analyst, incident):
    told = " ".join(item.sentence for item in timeline(acting(analyst), incident))
    assert f"added the signal “{SIGNAL}”" in told and f"linked the case SEC-1 “{CASE}”" in told
    assert f"took the signal “{SIGNAL}” out" in told and "unlinked the case SEC-1" in told


def test_a_draft_that_is_kept_names_what_everybody_may_see_who_sees_the_incident(client, acting, analyst, incident):
    """Whoever keeps it sees signals and cases; not everybody does who reads it then."""
    kept = actions.keep_postmortem(actor=acting(analyst), incident=incident).content
    client.force_login(analyst)
    asked = client.get(reverse("incidents:document_add", args=[incident.public_id])).context["form"]["content"].value()
    for draft in (kept, asked):
        assert "added 2 signals" in draft and "linked a case" in draft
        assert SIGNAL not in draft and CASE not in draft and "SEC-1" not in draft
    assert SIGNAL in postmortem(acting(analyst), incident)


def test_a_case_does_not_name_signals_either(client, acting, analyst, narrow):
    case, one, two = make_case(CASE), SignalFactory(title=SIGNAL), SignalFactory(title=SIGNAL)
    cases.add_signals(actor=acting(analyst), case=case, signals={one.pk: None})
    cases.add_signals(actor=acting(analyst), case=case, signals={two.pk: None})
    cases.remove_signals(actor=acting(analyst), case=case, signals={one.pk: None, two.pk: None})
    client.force_login(narrow("cases_read"))
    page = client.get("/cases/SEC-1/").content.decode()
    told = client.get("/api/cases/SEC-1/timeline/").json()
    assert SIGNAL not in page and SIGNAL not in json.dumps(told)
    assert [row["words"] for row in told] == ["added a signal", "added a signal", "removed 2 signals"]
    client.force_login(analyst)
    assert SIGNAL in client.get("/cases/SEC-1/").content.decode()
    assert SIGNAL in client.get("/api/cases/SEC-1/timeline/").content.decode()
