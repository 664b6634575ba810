"""What can be asked of cases."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases_app import actions
from cases_app.fields import CASES
from cases_app.models import Case, CaseSignal, CaseType
from cases_app.queries.rows import board, meeting
from search_app.language import QueryValueError
from tests.signals_app.factories import SignalFactory

from .factories import CaseFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(analyst, responder, acting):
    """Three cases, and one that is archived."""
    today = timezone.localdate()
    web, ops = ProjectFactory(key="WEB", name="The web"), ProjectFactory(key="OPS")
    first = CaseFactory(project=web, number=1, title="Login", priority="P1", assignee=analyst, created_by=responder)
    second = CaseFactory(
        project=web,
        number=12,
        title="Proxy",
        status="IN_PROGRESS",
        priority="P3",
        due_date=today - timedelta(days=1),
        type=CaseType.objects.create(name="Leak"),
        attributes={"team": ["blue", "red"]},
    )
    third = CaseFactory(project=ops, number=1, title="Keys", status="CLOSED", due_date=date(2030, 1, 31))
    archived = CaseFactory(project=ops, number=2, title="Old", archived_at=timezone.now())
    actions.edit_cases(actor=acting(analyst), seen={first.pk: None}, tags=["team:payments", "urgent"])
    signal = SignalFactory(public_id="AQAAATHIS")
    CaseSignal.objects.create(case=second, signal=signal)
    return {"WEB-1": first, "WEB-12": second, "OPS-1": third, "OPS-2": archived}


def found(acting, user, query):
    return sorted(case.key for case in meeting(acting(user), CASES.parse(query)).select_related("project"))


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["OPS-1", "WEB-1", "WEB-12"]),
        ("login", ["WEB-1"]),
        ("WEB-1", ["WEB-1", "WEB-12"]),
        ("key:WEB-1", ["WEB-1"]),
        ("key:web-12", ["WEB-12"]),
        ("key:web-*", ["WEB-1", "WEB-12"]),
        ("status:open", ["WEB-1"]),
        ('status:"In Progress"', ["WEB-12"]),
        ("-status:CLOSED", ["WEB-1", "WEB-12"]),
        ("priority:>=P3", ["WEB-1", "WEB-12"]),
        ("priority:>P3", ["WEB-1"]),
        ("priority:NOT_DEFINED", ["OPS-1"]),
        ("assignee:me", ["WEB-1"]),
        ("assignee:none", ["OPS-1", "WEB-12"]),
        ("assignee:ANALYST@example.test", ["WEB-1"]),
        ("creator:responder@example.test", ["WEB-1"]),
        ("project:web", ["WEB-1", "WEB-12"]),
        ('project:"The web"', ["WEB-1", "WEB-12"]),
        ("type:Leak", ["WEB-12"]),
        ("team:payments", ["WEB-1"]),
        ("tags:urgent", ["WEB-1"]),
        ("tags:none", ["OPS-1", "WEB-12"]),
        ("@team:blue", ["WEB-12"]),
        ("-@team:blue", ["OPS-1", "WEB-1"]),
        ("signal:AQAAATHIS", ["WEB-12"]),
        ("signal:none", ["OPS-1", "WEB-1"]),
        ("due:<now", ["WEB-12"]),
        ("due:now-1d", ["WEB-12"]),
        ("due:2030-01-31", ["OPS-1"]),
        ("due:>=2030-01-31", ["OPS-1"]),
        ("due:>2030-01-31", []),
        ("due:[2030-01-01 TO 2030-02-01]", ["OPS-1"]),
        ("due:none", ["WEB-1"]),
        ("created:>now-1d", ["OPS-1", "WEB-1", "WEB-12"]),
        ("closed:none", ["WEB-1", "WEB-12"]),
        ("archived:true", ["OPS-2"]),
        ("archived:(true OR false)", ["OPS-1", "OPS-2", "WEB-1", "WEB-12"]),
        ("login OR archived:true", ["OPS-2", "WEB-1"]),
    ],
)
def test_a_query_finds(acting, analyst, shelf, query, keys):
    assert found(acting, analyst, query) == keys


@pytest.mark.parametrize("query", ["priority:P9", "status:gone", "due:never", "archived:maybe", "title:>a"])
def test_a_value_that_cannot_be_is_refused(acting, analyst, shelf, query):
    with pytest.raises(QueryValueError):
        found(acting, analyst, query)


def test_a_day_is_that_of_whoever_asks(acting, analyst, shelf):
    Case.objects.filter(title="Login").update(due_date=date(2026, 3, 1))
    analyst.time_zone = "Pacific/Auckland"
    assert found(acting, analyst, "due:2026-03-01") == ["WEB-1"]


def test_whoever_may_not_see_cases_finds_none(acting, outsider, shelf):
    assert found(acting, outsider, "") == []


def test_the_board_has_the_most_urgent_first_and_costs_the_same_for_many(
    acting, analyst, shelf, django_assert_max_num_queries
):
    CaseFactory.create_batch(60, project=shelf["WEB-1"].project, title="Some")
    with django_assert_max_num_queries(10):
        lanes = board(acting(analyst), CASES.parse(""))
    assert [(lane.status.value, len(lane.cases), lane.total) for lane in lanes] == [
        ("OPEN", 50, 61),
        ("IN_PROGRESS", 1, 1),
        ("CLOSED", 1, 1),
    ]
    assert lanes[0].cases[0].key == "WEB-1"


@pytest.mark.parametrize(
    "path",
    [
        "help/",
        "suggest/?text=sta&at=3",
        "suggest/?text=assignee%3Aan&at=11",
        "views/",
        "facets/status/",
        "news/?seen=0",
    ],
)
def test_what_every_explorer_answers_is_answered_of_cases_too(client, analyst, shelf, path):
    client.force_login(analyst)
    assert client.get(f"/search/cases/{path}").status_code == 200
