"""What the index does not hold: looked up among few rows, and not for long."""

from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts_app.access import person
from search_app.index import Page, Window, explore
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.scope import Scope
from search_app.index.sql import SqlEngine
from search_app.language import QueryTooSlow, QueryValueError
from signals_app.fields import FACETS, SIGNALS
from signals_app.models import Severity
from tests.signals_app.factories import ServiceFactory, SignalFactory

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 16, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
# Never true of a row, which takes the database minutes to find out.
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT max(i) FROM n"
ENDLESS = f"0 = ({COUNT.format(1_000_000_000)})"


def explored(user, text, *, surface=SIGNALS, window=DAY, facets=(), engine=None):
    return explore(surface, person(user), SIGNALS.parse(text), window, facets, Page(), engine=engine)


@pytest.fixture
def slow(settings, monkeypatch):
    """A signal, a database that takes minutes over its message, and half a second that it may take."""
    settings.TOCSIN_QUERY_SECONDS = 0.5
    ever = Scope.rows_ever_meeting
    SignalFactory(first_seen=START, severity=Severity.HIGH, message="x" * 500, attributes={"a": [1, {"b": "c"}]})
    monkeypatch.setattr(Scope, "rows_ever_meeting", lambda scope, tree: ever(scope, tree).extra(where=[ENDLESS]))


@pytest.mark.parametrize("text", ["message:*x*", "@a.b:c", "severity:high (@a:1 OR -message:xx*)"])
def test_a_look_up_that_takes_too_long_ends_and_names_its_part_of_the_query(slow, analyst, text):
    start = monotonic()
    with pytest.raises(QueryTooSlow, match=r"took longer than 0\.5 s") as caught:
        explored(analyst, text)
    assert monotonic() - start < 20  # half a second and what a busy machine adds; the look-up takes longer
    assert caught.value.status == 422
    part = text[caught.value.start : caught.value.end]
    assert part in {"message:*x*", "@a.b:c", "@a:1", "message:xx*"}
    assert f"“{part}”" in caught.value.message


def test_the_explorer_says_so_at_the_query_and_keeps_it(slow, client, analyst):
    client.force_login(analyst)
    window = {"start": int(DAY.start.timestamp() * 1000), "end": int(DAY.end.timestamp() * 1000)}
    answer = client.get("/signals/", {"query": "severity:high message:*x*", **window})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "took longer than 0.5 s" in html
    assert "<mark>message:*x*</mark>" in html
    assert 'value="severity:high message:*x*"' in html


def test_after_a_look_up_that_took_too_long_the_next_statement_has_all_its_time(slow, analyst):
    with pytest.raises(QueryTooSlow):
        explored(analyst, "message:*x*")
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(3_000_000))
        assert cursor.fetchone() == (3_000_000,)
        if connection.vendor == "postgresql":
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


def test_after_a_look_up_in_time_no_limit_is_left_behind(analyst):
    SignalFactory(first_seen=START, message="some x")
    assert explored(analyst, "message:*x*").total == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


def test_all_look_ups_of_one_answer_share_the_time(slow, analyst):
    start = monotonic()
    with pytest.raises(QueryTooSlow):
        explored(analyst, " OR ".join(f"@a:<{number + 9}" for number in range(50)))
    assert monotonic() - start < 20  # half a second and what a busy machine adds; the look-up takes longer


@pytest.fixture
def rows():
    services = [ServiceFactory(name=name) for name in ("web", "api")]
    return [
        SignalFactory(
            first_seen=START + timedelta(hours=number % 30),
            severity=number % 5,
            service=services[number % 2],
            message=f"token-{number % 4}",
            attributes={"n": number % 3},
        )
        for number in range(60)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "@n:1",
        "@n:1 severity:high",
        "@n:1 severity:high service:web",
        "@n:(1 OR 2) severity:(high OR low) -service:web",
        "message:*1 @n:1 severity:high -severity:low",
        "(message:*1 OR severity:high) service:web",
        "-(message:*1 severity:high) -@n:2 service:none",
        "message:*1 OR @n:2",
        "severity:high severity:low @n:1",
    ],
)
def test_looking_up_few_rows_changes_no_answer(rows, analyst, text):
    by_index = explored(analyst, text, facets=FACETS, engine=BitmapEngine.of)
    assert by_index == explored(analyst, text, facets=FACETS, engine=SqlEngine)


def test_rows_that_the_index_rules_out_are_not_looked_up(rows, analyst):
    explored(analyst, "")
    with CaptureQueriesContext(connection) as captured:
        explored(analyst, "message:*1 service:none")
        explored(analyst, "message:*1 title:nowhere env:nowhere")
    assert not [query for query in captured if "LIKE" in query["sql"] or "GLOB" in query["sql"]]


def test_a_value_that_cannot_be_is_an_error_also_where_nothing_is_looked_up(rows, analyst):
    with pytest.raises(QueryValueError, match="is no number"):
        explored(analyst, "service:none env:nowhere @n:>x")


def test_a_message_quotes_no_more_than_a_line_of_the_query(slow, analyst):
    with pytest.raises(QueryTooSlow) as caught:
        explored(analyst, f"message:*{'x' * 400}*")
    assert len(caught.value.message) < 300
