"""`analyse` against counting by hand, row by row."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from accounts_app.access import NOBODY, person
from core_app.errors import Invalid
from search_app.index import Window
from search_app.index.analyse import MAX_GROUPS, analyse, groupable_fields
from search_app.index.bitmaps import by_value
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.sql import SqlEngine
from search_app.kinds import Choice
from search_app.language import value_text
from signals_app.fields import SIGNALS, facts
from signals_app.models import DetectionRule, Entity, Signal, SignalEntity
from tests.search_app.test_explore import START, WEEK, by_hand, rows  # noqa: F401 (a fixture)
from tests.signals_app.factories import SignalFactory, add_part

pytestmark = pytest.mark.django_db

ENGINES = {"sql": SqlEngine, "bitmaps": BitmapEngine.of, "codes": BitmapEngine.of}
COUNTRY, ATTACKER = "@network.client.geoip.country.iso_code", "@network.client.ip"
GROUPS = [
    [],
    ["severity"],
    ["service"],
    [COUNTRY],
    ["@workflow.triage.assignee"],
    ["@workflow.rule.tactic"],
    ["tags"],
    ["severity", "env"],
    ["service", "@workflow.triage.assignee"],
    [COUNTRY, "@workflow.triage.assignee"],
    ["@workflow.triage.assignee", "@workflow.rule.name"],
]
UNIQUE = ["", ATTACKER, "service", COUNTRY, "title"]
QUERIES = ["", "severity:(high OR low) -env:none", "country:FR", "nothing-like-it"]


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request, monkeypatch):
    """Every test is asked of both engines, and of ours in both of its ways."""
    if request.param == "codes":
        monkeypatch.setattr(by_value, "is_quicker", lambda meetings, hits: False)
    return ENGINES[request.param]


@pytest.fixture
def analysed(engine, analyst):
    def ask(text="", window=WEEK, *, actor=person(analyst), over_time=True, **options):  # noqa: B008 (the fixture's)
        tree = SIGNALS.parse(text)
        return analyse(SIGNALS, actor, tree, window, over_time=over_time, engine=engine, **options)

    return ask


def texts(name, row):
    """The row's values of a field, as text of the language; every spelling is in the dict, the first is the field's."""
    field = SIGNALS.table[name]
    values = field.values(facts(row))[:: len(field.places)]
    return {value if isinstance(field.kind, Choice) else value_text(value) for value in values}


def counted(rows, group_by, unique):  # noqa: F811
    """The measure by group, one row after another."""
    members = {}
    for row in rows:
        for group in product(*(texts(name, row) or {"none"} for name in group_by)):
            members.setdefault(group, []).append(row)
    if not unique:
        return Counter({group: len(found) for group, found in members.items()})
    sets = {group: set().union(*(texts(unique, row) for row in found)) for group, found in members.items()}
    return Counter({group: len(values) for group, values in sets.items() if values})


def group_of(row):
    return tuple(value.value for value in row.values)


@pytest.mark.parametrize("unique", UNIQUE)
def test_groups_are_what_is_counted_by_hand(rows, analyst, analysed, unique):  # noqa: F811
    for text in QUERIES:
        matching = by_hand(rows, analyst, SIGNALS.parse(text))
        for group_by in GROUPS:
            found = analysed(text, group_by=group_by, unique=unique, limit=MAX_GROUPS)
            expected = counted(matching, group_by, unique)
            assert {group_of(row): row.count for row in found.rows} == expected, (text, group_by)
            assert found.total == counted(matching, [], unique)[()], text
            assert found.others == 0


@pytest.mark.parametrize("unique", UNIQUE[:2])
def test_series_are_what_is_counted_by_hand_in_each_bar(rows, analyst, analysed, unique):  # noqa: F811
    window = Window(START + timedelta(minutes=7), START + timedelta(hours=168, seconds=1))
    for text, group_by in product(QUERIES[:3], GROUPS):
        matching = by_hand(rows, analyst, SIGNALS.parse(text), window)
        found = analysed(text, window, group_by=group_by, unique=unique, limit=5)
        assert [one.values for one in found.series] == [row.values for row in found.rows]
        for bar, start in enumerate(found.bucket_starts):
            end = start + timedelta(seconds=found.bucket_seconds)
            expected = counted([row for row in matching if start <= row.first_seen < end], group_by, unique)
            counts = [one.counts[bar] for one in found.series]
            assert counts == [expected[group_of(one)] for one in found.series], (text, group_by)


@pytest.mark.parametrize("group_by", [["service"], ["@workflow.triage.assignee", "env"]], ids=" and ".join)
def test_the_largest_groups_are_shown_and_the_rest_is_counted(rows, analysed, group_by):  # noqa: F811
    everything = analysed(group_by=group_by, limit=MAX_GROUPS).rows
    assert [row.count for row in everything] == sorted((row.count for row in everything), reverse=True)
    some = analysed(group_by=group_by, limit=2)
    assert some.rows == everything[:2]
    assert some.others == len(everything) - 2
    assert len(some.series) == 2


def test_groups_of_one_size_stand_in_one_order_on_every_engine(analysed):
    for env in ["b", "", "B", "é", "a", "none"]:
        SignalFactory(env=env, first_seen=START)
    assert [group_of(row) for row in analysed(group_by=["env"]).rows] == [
        ("B",), ("a",), ("b",), ('"none"',), ("é",), ("none",)
    ]  # fmt: skip


def test_groups_have_labels_for_people(rows, analysed):  # noqa: F811
    found = analysed(group_by=["team", "severity"], limit=MAX_GROUPS)
    labels = {row.label for row in found.rows}
    assert {"App Sec", "none", "None"} == {label.split(" · ")[0] for label in labels}
    assert {"Critical", "High", "Medium", "Low", "Info"} == {label.split(" · ")[1] for label in labels}
    assert analysed(group_by=[]).rows[0].label == ""


def test_a_name_given_anew_is_a_group_at_once(rows, analysed):  # noqa: F811
    before = analysed(group_by=["@workflow.rule.name"]).rows
    DetectionRule.objects.update(name="One for all")
    (row,) = analysed(group_by=["@workflow.rule.name"]).rows
    assert (row.label, row.count) == ("One for all", sum(row.count for row in before))


def test_two_attackers_of_one_name_are_one_value(analysed):
    signal = SignalFactory(first_seen=START)
    for kind, name in [(Entity.Kind.IP, "x"), (Entity.Kind.USER, "x"), (Entity.Kind.USER, "")]:
        add_part(signal, kind, name, SignalEntity.Role.ATTACKER)
    (row,) = analysed(group_by=[ATTACKER], unique=ATTACKER).rows
    assert (group_of(row), row.count) == (("x",), 1)


def test_changed_and_new_rows_are_counted_as_they_are_now(rows, analyst, analysed):  # noqa: F811
    analysed(group_by=[])
    for signal in rows[:5]:
        signal.assignments.all().delete()
        signal.tags.all().delete()
    SignalFactory(first_seen=START)
    now = list(Signal.objects.all())
    for group_by in GROUPS:
        found = analysed(group_by=group_by, limit=MAX_GROUPS)
        assert {group_of(row): row.count for row in found.rows} == counted(
            by_hand(now, analyst, SIGNALS.parse("")), group_by, ""
        )


def test_without_time_there_are_no_series(rows, analysed):  # noqa: F811
    found = analysed(group_by=["severity"], over_time=False)
    assert found.series == []
    assert found.rows


def test_who_may_not_see_signals_gets_nothing(rows, analysed, outsider):  # noqa: F811
    for actor in (person(outsider), NOBODY):
        found = analysed(actor=actor, group_by=["severity", COUNTRY], unique=ATTACKER)
        assert (found.rows, found.total, found.series) == ([], 0, [])


@pytest.mark.parametrize(
    "options",
    [
        {"group_by": ["password"]},
        {"group_by": ["message"]},
        {"group_by": ["count"]},
        {"group_by": ["severity", "env", "service"]},
        {"group_by": [], "unique": "password"},
        {"group_by": [], "limit": 0},
        {"group_by": [], "limit": MAX_GROUPS + 1},
    ],
)
def test_what_cannot_be_grouped_is_refused(analysed, options):
    with pytest.raises(Invalid):
        analysed(**options)


def test_every_facet_can_be_grouped_by():
    assert {field.name for field in SIGNALS.table.facets} <= {field.name for field in groupable_fields(SIGNALS)}
