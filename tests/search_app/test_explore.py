"""`explore` against counting by hand, row by row."""

import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts_app.access import NOBODY, person
from accounts_app.models import Team
from core_app.errors import Invalid, NotFound
from search_app.index import MAX_FACET_VALUES, Page, Window, explore
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.sql import SqlEngine
from search_app.index.timeline import MAX_BUCKETS, bucket_seconds
from search_app.kinds import Choice
from search_app.language import QueryValueError, edit, to_text, value_text
from search_app.surfaces import register, surface
from search_app.to_match import matches
from search_app.to_q import compile_q
from signals_app.fields import FACETS, SIGNALS, facts
from signals_app.models import Assignment, DetectionRule, Entity, Severity, Signal, SignalEntity, TriageState
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory, SourceFactory, add_part

pytestmark = pytest.mark.django_db

ENGINES = {"sql": SqlEngine, "bitmaps": BitmapEngine.of}


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request, monkeypatch):
    """Every test is asked of both engines."""
    monkeypatch.setattr(sys.modules["search_app.index.explore"], "engine_of", lambda surface: ENGINES[request.param])
    return request.param


START = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = Window(START, START + timedelta(days=7))


@pytest.fixture
def rows(analyst, responder):
    """60 signals, some outside the week, many at the same moment, with every facet filled and empty."""
    chance = random.Random(7)
    teams = [
        None,
        Team.objects.create(name="App Sec", handle="appsec"),
        Team.objects.create(name="none", handle="none"),
    ]
    for number in range(60):
        state = chance.choice(TriageState.values)
        moment = START + timedelta(hours=chance.choice([-30, 0, 1, 24, 24, 24, 100, 167, 168]), microseconds=number % 2)
        signal = SignalFactory(
            severity=chance.choice(Severity.values),
            state=state,
            archive_reason="other" if state == "archived" else "",
            title=f"Signal {number % 4}",
            search_text=f"signal {number % 4}",
            rule=RuleFactory(
                key=f"rule-{number % 3}", name=f"Rule {number % 3}", tactic=["", "TA0001 Access"][number % 2]
            ),
            service=ServiceFactory(name=["web store", "api", "none"][number % 3]) if number % 4 else None,
            env=chance.choice(["prod", "", "none"]),
            source=SourceFactory(name=f"source-{number % 2}"),
            team=chance.choice(teams),
            count=chance.randrange(3),
            first_seen=moment,
            last_seen=moment + timedelta(hours=chance.randrange(3)),
        )
        for address in chance.sample(["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"], chance.randrange(4)):
            add_part(signal, Entity.Kind.IP, address, SignalEntity.Role.ATTACKER)
        people = chance.sample([analyst, responder], chance.randrange(3))
        Assignment.objects.bulk_create(
            Assignment(signal=signal, user=user, position=i) for i, user in enumerate(people)
        )
    Entity.objects.filter(value__in=["203.0.113.1", "203.0.113.2"]).update(country="FR")
    Entity.objects.filter(value="203.0.113.3").update(country="BR")
    return list(
        Signal.objects.select_related("rule", "source", "service", "team").prefetch_related(
            "tags", "parts__entity", "assignments__user"
        )
    )


def explored(user, text="", window=WEEK, facets=(), **page):
    return explore(SIGNALS, person(user), SIGNALS.parse(text), window, facets, Page(**page))


def by_hand(rows, user, tree, window=WEEK):
    actor = person(user)
    inside = [row for row in rows if window.start <= row.first_seen < window.end]
    return [row for row in inside if matches(tree, SIGNALS.table, facts(row), actor)]


QUERIES = [
    "",
    "severity:high",
    "status:(high OR low) -@workflow.triage.state:archived",
    "service:none",
    'service:"none" env:prod',
    "country:FR",
    "-country:FR",
    "country:(FR OR none) severity:>=low",
    "@workflow.triage.assignee:me",
    "@workflow.triage.assignee:none team:appsec",
    "(team:none OR team:appsec) signal",
    "env:prod OR service:api",
    'rule:"Rule 1" rule:"Rule 2"',
    "tactic:none source:source-1",
    "nothing-like-it",
]


def test_the_total_is_what_is_counted_by_hand(rows, analyst):
    for text in QUERIES:
        assert explored(analyst, text).total == len(by_hand(rows, analyst, SIGNALS.parse(text))), text


def test_every_facet_is_what_is_counted_by_hand_without_its_own_terms(rows, analyst):
    for text in QUERIES:
        tree = SIGNALS.parse(text)
        found = explored(analyst, text, facets=FACETS)
        for field in SIGNALS.table.facets:
            expected = Counter()
            for row in by_hand(rows, analyst, edit.without(tree, field.name)):
                # Every spelling is in the dict, the first is the facet's.
                values = field.values(facts(row))[:: len(field.places)]
                texts = {value if isinstance(field.kind, Choice) else value_text(value) for value in values}
                expected.update(texts or {"none"})
            named = edit.values_of(tree, field.name) - expected.keys()
            counts = {v.value: v.count for v in found.facets[field.name] if v.count and v.value not in named}
            assert counts == expected, (text, field.name)


def test_a_facet_value_in_the_query_finds_as_many_as_it_says(rows, analyst):
    for text in QUERIES[::3]:
        tree = SIGNALS.parse(text)
        for name, values in explored(analyst, text, facets=FACETS).facets.items():
            for value in values:
                wanted = compile_q(edit.only(tree, name, value.value), SIGNALS.table, person(analyst))
                found = Signal.objects.filter(wanted, first_seen__gte=WEEK.start, first_seen__lt=WEEK.end)
                assert found.count() == value.count, (text, name, value)


def test_facets_have_labels_for_people(rows, analyst):
    found = explored(analyst, facets=FACETS).facets
    assert [value.label for value in found["severity"]] == ["Critical", "High", "Medium", "Low", "Info"]
    assert [value.label for value in found["@workflow.triage.state"]] == ["Open", "Under Review", "Archived"]
    assert {v.value: v.label for v in found["team"]} == {"appsec": "App Sec", '"none"': "none", "none": "None"}
    assert {v.label for v in found["@workflow.triage.assignee"]} == {"Ana Analyst", "Rob Responder", "None"}


@pytest.mark.parametrize(
    ("text", "name", "value", "label"),
    [
        ("service:(gone OR api)", "service", "gone", "gone"),
        ('-env:"g o"', "env", '"g o"', "g o"),
        ("service:w*", "service", "w*", "w*"),
        ("@workflow.triage.assignee:me", "@workflow.triage.assignee", "me", "me"),
        ('@workflow.triage.assignee:"Rob Responder"', "@workflow.triage.assignee", '"Rob Responder"', "Rob Responder"),
        ("team:none", "team", "none", "None"),
    ],
)
def test_what_the_query_names_is_in_its_facet_with_its_count(rows, analyst, text, name, value, label):
    found = explored(analyst, text, facets=[name]).facets[name]
    alone = explored(analyst, f"{name}:{value}")
    assert (value, label, alone.total) in [(v.value, v.label, v.count) for v in found]


def test_choices_are_named_by_their_words(analyst):
    tree = SIGNALS.parse('status:(HIGH OR low) @workflow.triage.state:"Under Review"')
    assert to_text(tree) == "severity:(high OR low) @workflow.triage.state:under_review"


def test_a_facet_shows_its_most_frequent_values_and_says_that_there_are_more(analyst):
    SignalFactory.create_batch(2, env="often", first_seen=START)
    for number in range(MAX_FACET_VALUES):
        SignalFactory(env=f"env-{number}", first_seen=START)
    found = explored(analyst, facets=["env", "service"])
    assert found.cut == {"env"}
    assert len(found.facets["env"]) == MAX_FACET_VALUES
    assert found.facets["env"][0].value == "often"


def test_of_values_that_are_names_the_most_frequent_are_shown_whatever_the_order_of_their_keys(analyst):
    """The last of them are as frequent as others that are not shown; rules may have one name, services may not."""
    services = [ServiceFactory(name=f"service-{number:03}") for number in reversed(range(MAX_FACET_VALUES + 20))]
    rules = [
        RuleFactory(key=f"rule-{number}", name=f"Rule {number // 2:03}")
        for number in reversed(range(2 * MAX_FACET_VALUES + 40))
    ]
    for place, service in enumerate(services):
        for rule in rules[2 * place : 2 * place + 2]:
            SignalFactory(service=service, rule=rule, first_seen=START)
    for service in services[::3]:
        SignalFactory(service=service, rule=rules[0], first_seen=START)
    found = explored(analyst, facets=["service", "@workflow.rule.name"]).facets
    often = sorted(service.name for service in services[::3])
    seldom = sorted(service.name for service in services if service.name not in often)
    assert [(one.value, one.count) for one in found["service"]] == [
        *((name, 3) for name in often),
        *((name, 2) for name in seldom[: MAX_FACET_VALUES - len(often)]),
    ]
    names = [(one.label, one.count) for one in found["@workflow.rule.name"]]
    assert names[0] == (rules[0].name, 2 + len(often))
    assert names[1:] == [(f"Rule {number:03}", 2) for number in range(MAX_FACET_VALUES - 1)]


@pytest.mark.parametrize("hours", [1, 25, 168])
def test_the_timeline_is_what_is_counted_by_hand(rows, analyst, hours):
    window = Window(START + timedelta(minutes=7), START + timedelta(hours=hours, seconds=1))
    for text in QUERIES:
        found = explored(analyst, text, window=window)
        expected = Counter()
        for row in by_hand(rows, analyst, SIGNALS.parse(text), window):
            bar = max(number for number, bucket in enumerate(found.timeline) if bucket.start <= row.first_seen)
            expected[bar, Severity(row.severity).slug] += 1
        counts = {(bar, slug): n for bar, bucket in enumerate(found.timeline) for slug, n in bucket.counts.items()}
        assert counts == expected, text
        assert sum(counts.values()) == found.total


def test_bars_stand_side_by_side(analyst):
    window = Window(START + timedelta(minutes=7), START + timedelta(hours=100))
    found = explored(analyst, window=window)
    starts = [bucket.start for bucket in found.timeline]
    assert {(b - a).total_seconds() for a, b in pairwise(starts)} == {found.bucket_seconds}
    assert starts[0] <= window.start < starts[1]
    assert starts[-1] < window.end <= starts[-1] + timedelta(seconds=found.bucket_seconds)


@pytest.mark.parametrize("offset", [timedelta(microseconds=-1), timedelta(0), timedelta(microseconds=1)])
@pytest.mark.parametrize("fraction", [0, 400, 999_999])
def test_bars_have_exact_edges(analyst, offset, fraction):
    at = START + timedelta(hours=3) + offset
    SignalFactory(first_seen=at, severity=Severity.LOW)
    SignalFactory(first_seen=START + timedelta(minutes=59, seconds=59, microseconds=fraction), severity=Severity.HIGH)
    found = explored(analyst, window=Window(START, START + timedelta(hours=89)))
    assert found.bucket_seconds == 3600
    assert {bucket.start: bucket.counts for bucket in found.timeline if bucket.counts} == {
        START: {"high": 1},
        at.replace(minute=0, second=0, microsecond=0): {"low": 1},
    }


@pytest.mark.parametrize("seconds", [1, 40, 90, 3600, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400, 10 * 365 * 86_400])
def test_a_window_has_a_round_number_of_bars(seconds):
    size = bucket_seconds(Window(START, START + timedelta(seconds=seconds)))
    bars = seconds / size
    assert bars <= MAX_BUCKETS
    assert bars >= 29 or size == 1


def test_bars_of_days_begin_at_the_askers_midnight(analyst):
    analyst.time_zone = "Asia/Kolkata"
    found = explored(analyst, window=Window(START, START + timedelta(days=60)))
    assert found.bucket_seconds == 86_400
    assert {bucket.start.astimezone(ZoneInfo("Asia/Kolkata")).hour for bucket in found.timeline} == {0}
    assert found.timeline[0].start <= START < found.timeline[1].start


def name_of(thing):
    return thing.name if thing else ""


SORTS = {
    "time": lambda row: row.first_seen,
    "severity": lambda row: row.severity,
    "title": lambda row: row.title,
    "service": lambda row: name_of(row.service),
    "rule": lambda row: row.rule.name,
    "tactic": lambda row: row.rule.tactic,
    "technique": lambda row: row.rule.technique,
    "source": lambda row: row.source.name,
    "team": lambda row: name_of(row.team),
    "host": lambda row: row.host,
    "state": lambda row: TriageState.values.index(row.state),
    "count": lambda row: row.count,
    "last_seen": lambda row: row.last_seen,
}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_there_and_back_hold_every_row_once_in_order(rows, analyst, sort, descending):
    wanted = by_hand(rows, analyst, SIGNALS.parse(""))
    expected = [row.pk for row in sorted(wanted, key=lambda row: (SORTS[sort](row), row.pk), reverse=descending)]
    there, cursor = [], ""
    while True:
        page = explored(analyst, sort=sort, descending=descending, after=cursor, size=7)
        there.append(page.pks)
        assert bool(page.previous) == (len(there) > 1)
        if not page.next:
            break
        cursor = page.next
    assert [pk for pks in there for pk in pks] == expected
    back = [there[-1]]
    while page.previous:
        page = explored(analyst, sort=sort, descending=descending, after=page.previous, size=7)
        back.append(page.pks)
        assert page.next
    assert sorted(pk for pks in back for pk in pks) == sorted(expected)
    assert [pk for pks in reversed(back) for pk in pks] == expected


def test_every_order_of_the_surface_is_tried_here():
    assert set(SORTS) == {"time", *SIGNALS.sorts}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_rows_that_come_while_somebody_turns_pages_neither_repeat_nor_hide_one(analyst, sort, descending):
    """All have equal keys of every order, so that only the tie-break keeps them apart; some come and some go."""
    chance = random.Random(sort)
    shared = {
        "first_seen": START,
        "last_seen": START,
        "title": "Same",
        "search_text": "same",
        "rule": RuleFactory(key="same", name="Same", tactic="", technique=""),
        "source": SourceFactory(name="same"),
        "service": ServiceFactory(name="same"),
    }
    there = {signal.pk for signal in SignalFactory.create_batch(30, **shared)}
    stayed, seen, cursor = set(there), [], ""
    while True:
        page = explored(analyst, sort=sort, descending=descending, after=cursor, size=4)
        seen += page.pks
        if not page.next:
            break
        cursor = page.next
        SignalFactory.create_batch(2, **shared | {"severity": chance.choice(Severity.values)})
        gone = chance.choice(sorted(there))
        Signal.objects.filter(pk=gone).delete()
        there.discard(gone)
        stayed.discard(gone)
        if len(seen) > 200:
            pytest.fail("The pages do not end.")
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_new_rows_do_not_move_the_next_page(rows, analyst):
    first = explored(analyst, size=5)
    before = explored(analyst, size=5, after=first.next).pks
    SignalFactory.create_batch(3, first_seen=WEEK.end - timedelta(seconds=1))
    assert explored(analyst, size=5, after=first.next).pks == before


def test_a_page_whose_rows_are_gone_leads_back(rows, analyst):
    first = explored(analyst, size=10)
    Signal.objects.exclude(pk__in=first.pks).delete()
    beyond = explored(analyst, size=10, after=first.next)
    assert beyond.pks == []
    before = explored(analyst, size=10, after=beyond.previous)
    assert before.pks + explored(analyst, size=10, after=before.next).pks == first.pks


def test_a_cursor_that_was_changed_is_refused(rows, analyst):
    cursor = explored(analyst, size=5).next
    for broken in [cursor[:-1], "x" + cursor, cursor.swapcase(), "x", ":", "[]", "é", cursor * 2]:
        with pytest.raises(Invalid, match="Start again from the first page"):
            explored(analyst, size=5, after=broken)


def test_a_cursor_of_another_order_is_refused(rows, analyst):
    cursor = explored(analyst, size=5).next
    for page in [{"sort": "title"}, {"descending": False}]:
        with pytest.raises(Invalid, match="Start again from the first page"):
            explored(analyst, after=cursor, **page)


@pytest.mark.parametrize("page", [{"sort": "password"}, {"sort": "rule__key"}, {"size": 0}, {"size": 1001}])
def test_a_page_that_cannot_be_is_refused(analyst, page):
    with pytest.raises(Invalid):
        explored(analyst, **page)


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(Invalid):
        Window(START, START)


def test_a_value_that_cannot_be_is_refused(analyst):
    with pytest.raises(QueryValueError):
        explored(analyst, "severity:many")


def test_who_may_not_see_signals_gets_nothing(rows, outsider):
    for actor in (person(outsider), NOBODY):
        found = explore(SIGNALS, actor, SIGNALS.parse(""), WEEK, FACETS, Page())
        assert (found.total, found.pks, found.next) == (0, [], "")
        assert not any(bucket.counts for bucket in found.timeline)
        assert not any(value.count for values in found.facets.values() for value in values)


def statements_of(user, text):
    with CaptureQueriesContext(connection) as captured:
        explored(user, text, facets=FACETS)
    return len(captured)


@pytest.mark.parametrize("engine", ["sql"], indirect=True)
def test_costs_as_many_statements_for_one_row_as_for_many(rows, analyst):
    explored(analyst)  # what is the same for everybody is read once
    many = statements_of(analyst, "")
    Signal.objects.filter(pk__in=[row.pk for row in rows[1:]]).delete()
    assert statements_of(analyst, "") == many <= 15


@pytest.mark.parametrize("engine", ["sql"], indirect=True)
def test_a_narrowed_facet_costs_at_most_two_statements_more(rows, analyst):
    text = "severity:high country:(FR OR gone) @workflow.triage.assignee:me"
    assert statements_of(analyst, text) <= statements_of(analyst, "") + 3 * 2


@pytest.mark.parametrize("engine", ["bitmaps"], indirect=True)
@pytest.mark.parametrize("text", ["", "severity:high country:FR @workflow.triage.assignee:me"])
def test_the_index_asks_the_database_only_for_news_and_names(rows, analyst, text):
    explored(analyst, text, facets=FACETS)
    # On PostgreSQL a transaction reads its own rows anew each time: this test is one.
    assert statements_of(analyst, text) <= 24


def test_there_is_no_surface_of_an_unknown_name():
    with pytest.raises(NotFound):
        surface("passwords")


def test_a_name_is_given_to_one_surface_only():
    with pytest.raises(ValueError, match="Two surfaces"):
        register(SIGNALS)


def test_rules_that_no_signal_has_are_in_no_facet(analyst):
    RuleFactory(key="quiet", name="Quiet")
    assert DetectionRule.objects.count() == 1
    assert explored(analyst, facets=["@workflow.rule.name"]).facets == {"@workflow.rule.name": []}
