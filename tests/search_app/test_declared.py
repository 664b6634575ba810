"""Facets declared for free attributes: fields like any other, counted alike by index and SQL, and true to the query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts_app.access import person
from search_app import declared
from search_app.index import Window, explore
from search_app.index.analyse import analyse
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.shapes import Page
from search_app.index.sql import SqlEngine
from search_app.language import edit
from search_app.models import CustomFacet
from search_app.suggest import suggest
from signals_app.fields import SIGNALS
from signals_app.models import Signal
from tests.signals_app.factories import SignalFactory

START = datetime(2026, 3, 1, tzinfo=UTC)
WEEK = Window(START, START + timedelta(days=7))
ENGINES = pytest.mark.parametrize("engine", [BitmapEngine.of, SqlEngine])
ODD = [
    *("linux", "Linux", "404", "404.0", "4e2", "true", "none", "", " a b", 'say "x"', "*", "-x", "é", "\U0001f600"),
    *(404, 404.0, 0, -1, 1.5, 1e-7, 2**53, 10**20, True, False, None),
    *({}, {"family": "x"}, [], ["linux", "mac"], [404, "404"], [["deep"]], [None, ""]),
]


def declare(path: str = "@os.family", kind: str = "text") -> None:
    CustomFacet.objects.create(surface="signals", path=path, label="System", group="Client", kind=kind)
    declared.look("signals")


def counts(analyst, text: str = "", engine=None, path: str = "@os.family") -> dict[str, int]:
    tree = SIGNALS.parse(text)
    found = explore(SIGNALS, person(analyst), tree, WEEK, [path], Page(), engine=engine)
    return {value.value: value.count for value in found.facets[path] if value.count}


@ENGINES
def test_a_declared_facet_is_counted(analyst, engine):
    declare()
    for family in ("linux", "linux", "mac", ["mac", "linux"], None):
        SignalFactory(first_seen=START, attributes={"os": {"family": family}})
    SignalFactory(first_seen=START, attributes={"os": "plan9"})
    assert counts(analyst, engine=engine) == {"linux": 3, "mac": 2, "none": 2}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(st.one_of(st.sampled_from(ODD), st.lists(st.sampled_from(ODD), max_size=3)), max_size=8))
def test_every_value_finds_as_many_rows_as_it_says_on_both_engines(analyst, documents):
    Signal.objects.all().delete()
    CustomFacet.objects.all().delete()
    declare()
    for document in documents:
        SignalFactory(first_seen=START, attributes={"os": {"family": document}})
    by_index, by_sql = counts(analyst, engine=BitmapEngine.of), counts(analyst, engine=SqlEngine)
    assert by_index == by_sql
    for value, count in by_index.items():
        tree = edit.only(SIGNALS.parse(""), "@os.family", value)
        for engine in (BitmapEngine.of, SqlEngine):
            found = explore(SIGNALS, person(analyst), tree, WEEK, ["@os.family"], Page(), engine=engine)
            assert found.total == count, (value, engine)


@pytest.mark.parametrize("text", ["@os.family:linux", "@os.family:(linux OR 404)", "-@os.family:l*", "@os.family:none"])
def test_a_query_means_the_same_whether_its_attribute_is_declared_or_not(analyst, text):
    for family in ODD:
        SignalFactory(first_seen=START, attributes={"os": {"family": family}})
    before = explore(SIGNALS, person(analyst), SIGNALS.parse(text), WEEK, [], Page(size=100)).pks
    declare()
    for engine in (BitmapEngine.of, SqlEngine):
        after = explore(SIGNALS, person(analyst), SIGNALS.parse(text), WEEK, [], Page(size=100), engine=engine).pks
        assert after == before


@pytest.mark.parametrize("text", ["@os.family:>400", "@os.family:[1 TO 404]", "@os.family:*", "-@os.family:*"])
def test_numbers_of_a_declared_facet_are_compared(analyst, text):
    for family in ODD:
        SignalFactory(first_seen=START, attributes={"os": {"family": family}})
    before = explore(SIGNALS, person(analyst), SIGNALS.parse(text), WEEK, [], Page(size=100)).pks
    declare(kind="number")
    after = explore(SIGNALS, person(analyst), SIGNALS.parse(text), WEEK, [], Page(size=100)).pks
    assert after == before


@ENGINES
def test_a_declared_facet_is_counted_beside_its_own_terms(analyst, engine):
    declare()
    for env, family in (("prod", "linux"), ("prod", "mac"), ("dev", "linux")):
        SignalFactory(first_seen=START, env=env, attributes={"os": {"family": family}})
    assert counts(analyst, "env:prod @os.family:mac", engine) == {"linux": 1, "mac": 1}


@ENGINES
def test_rows_are_grouped_by_a_declared_facet(analyst, engine):
    declare()
    for env, family in (("prod", 404), ("prod", "404"), ("dev", ["mac", "404"]), ("dev", None)):
        SignalFactory(first_seen=START, env=env, attributes={"os": {"family": family}})
    found = analyse(
        SIGNALS, person(analyst), SIGNALS.parse(""), WEEK, group_by=["@os.family"], over_time=True, engine=engine
    )
    assert {row.label: row.count for row in found.rows} == {"404": 3, "mac": 1, "None": 1}
    assert [sum(series.counts) for series in found.series] == [row.count for row in found.rows]
    found = analyse(
        SIGNALS, person(analyst), SIGNALS.parse(""), WEEK, group_by=["env"], unique="@os.family", over_time=False,
        engine=engine,
    )  # fmt: skip
    assert {row.label: row.count for row in found.rows} == {"dev": 2, "prod": 1}


def test_the_index_follows_a_declared_facet(analyst):
    declare()
    signal = SignalFactory(first_seen=START, attributes={"os": {"family": "linux"}})
    assert counts(analyst) == {"linux": 1}
    signal.attributes = {"os": {"family": "mac"}}
    signal.save()
    assert counts(analyst) == {"mac": 1}
    Signal.objects.filter(pk=signal.pk).update(attributes={"os": {"family": "bsd"}})
    assert counts(analyst) == {"bsd": 1}
    signal.delete()
    assert counts(analyst) == {}


def test_a_facet_is_there_once_it_is_declared_and_gone_once_it_is_not(analyst):
    signal = SignalFactory(first_seen=START, attributes={"os": {"family": "linux"}})
    assert explore(SIGNALS, person(analyst), SIGNALS.parse(""), WEEK, ["env"], Page()).total == 1
    declare()
    assert counts(analyst) == {"linux": 1}
    CustomFacet.objects.all().delete()
    declared.look("signals")
    assert "@os.family" not in [field.name for field in SIGNALS.table.facets]
    signal.touch() if hasattr(signal, "touch") else signal.save()
    assert explore(SIGNALS, person(analyst), SIGNALS.parse("@os.family:linux"), WEEK, ["env"], Page()).total == 1
    declare()
    assert counts(analyst) == {"linux": 1}


def test_paths_mind_case_declared_or_not(analyst):
    declare()
    SignalFactory(first_seen=START, attributes={"OS": {"family": "linux"}})
    assert explore(SIGNALS, person(analyst), SIGNALS.parse("@OS.family:linux"), WEEK, [], Page()).total == 1
    assert explore(SIGNALS, person(analyst), SIGNALS.parse("@os.family:linux"), WEEK, [], Page()).total == 0


def test_values_of_a_declared_facet_are_suggested(analyst):
    declare()
    SignalFactory(attributes={"os": {"family": "linux"}})
    texts = [option.text for option in suggest(SIGNALS, person(analyst), "@os.family:li", 13)]
    assert texts == ["linux"]
    assert "@os.family:" in [option.text for option in suggest(SIGNALS, person(analyst), "sys", 3)]
