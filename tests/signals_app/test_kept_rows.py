"""Rows are drawn once for the same values, and never show what was so before."""

import gc
import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts_app.models import Team, User
from cases_app.actions import add_signals
from config import quick
from signals_app.actions import assign, set_team
from signals_app.explorer import EXPLORER
from signals_app.models import DetectionRule, Entity, Service, Signal, SignalTag, Source
from signals_app.queries.rows import SignalRow
from tests.cases_app.factories import CaseFactory

from .factories import SignalFactory, add_part
from .test_list import cell

pytestmark = pytest.mark.django_db
LIST = "/signals/"
ALL = ",".join([*(column.name for column in EXPLORER.columns), "@http.x"])


@pytest.fixture
def reader(client, analyst):
    client.force_login(analyst)
    return client


def drawn() -> int:
    return quick._drawn.cache_info().misses


def test_a_row_is_drawn_once_for_the_same_values(reader):
    with time_machine.travel(datetime(2026, 5, 5, 12, tzinfo=UTC), tick=False):
        SignalFactory.create_batch(3)
        first, before = reader.get(LIST).content, drawn()
        again, after = reader.get(LIST).content, drawn()
        Signal.objects.filter(pk=Signal.objects.latest("pk").pk).update(title="Another")
        third = reader.get(LIST).content
    assert before == after and first.count(b'<tr class="row-') == again.count(b'<tr class="row-') == 3
    assert drawn() == after + 1
    assert b"Another" in third and b"Another" not in again


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        (lambda signal: signal.save_as(title="Renamed"), "title", "Renamed"),
        (lambda signal: signal.save_as(severity=0), "severity", "Info"),
        (lambda signal: signal.save_as(count=77), "count", "77"),
        (lambda signal: signal.save_as(env="staging"), "service", "staging"),
        (lambda signal: signal.save_as(host="db-9"), "host", "db-9"),
        (lambda signal: signal.save_as(state="under_review"), "state", "Under Review"),
        (lambda signal: signal.save_as(attributes={"http": {"x": "other"}}), "attribute", "other"),
        (lambda _: DetectionRule.objects.update(name="Renamed"), "rule", "Renamed"),
        (lambda _: DetectionRule.objects.update(tactic="TA9"), "tactic", "TA9"),
        (lambda _: Service.objects.update(name="renamed"), "service", "renamed"),
        (lambda _: Source.objects.update(name="renamed"), "source", "renamed"),
        (lambda _: Team.objects.update(name="Renamed"), "team", "Renamed"),
        (lambda _: User.objects.update(name="Renamed"), "assignees", "Renamed"),
        (lambda _: Entity.objects.update(country="NZ"), "entities", "NZ"),
        (lambda _: Entity.objects.filter(kind="user").update(value="eve"), "entities", "eve"),
        (lambda signal: add_part(signal, "ip", "203.0.113.9", "attacker"), "entities", "+1"),
        (lambda signal: signal.save_as(last_seen=signal.last_seen + timedelta(seconds=1)), "time cell-more", ""),
        (lambda _: SignalTag.objects.all().delete(), "tags", ""),
    ],
)  # fmt: skip
def test_what_has_changed_shows(reader, analyst, acting, change, column, words):
    row = SignalFactory(attackers=["203.0.113.1"], victims=["bob"], tags=["a:b"], attributes={"http": {"x": "one"}})
    actor = acting(analyst)
    assign(actor=actor, seen={row.pk: None}, users=[analyst])
    set_team(actor=actor, seen={row.pk: None}, team=Team.objects.create(name="Shop", handle="shop"))
    before = cell(reader.get(LIST, {"cols": ALL}), column)
    row.save_as = lambda **values: Signal.objects.filter(pk=row.pk).update(**values)
    change(row)
    after = cell(reader.get(LIST, {"cols": ALL}), column)
    assert before != after
    assert words in after


def test_a_link_to_a_case_shows(reader, analyst, acting):
    signal = SignalFactory()
    assert b'class="mark"' not in reader.get(LIST).content
    case = CaseFactory()
    add_signals(actor=acting(analyst), case=case, signals={signal.pk: None})
    assert case.key in cell(reader.get(LIST), "title")


def test_the_clock_goes_on(reader):
    with time_machine.travel(datetime(2026, 5, 5, 12, tzinfo=UTC), tick=False) as clock:
        SignalFactory(first_seen=timezone.now() - timedelta(minutes=3))
        assert "3m ago" in cell(reader.get(LIST), "time")
        clock.shift(60)
        assert "4m ago" in cell(reader.get(LIST), "time")


def test_a_year_later_the_year_is_told(reader, analyst):
    with time_machine.travel(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), tick=False) as clock:
        reader.force_login(analyst)  # sessions end after half a day
        SignalFactory(first_seen=timezone.now() - timedelta(days=40))
        window = {"range": "90d"}
        assert "2026" not in cell(reader.get(LIST, window), "time")
        clock.shift(120)
        assert "2026" in cell(reader.get(LIST, window), "time")


def test_everybody_reads_it_by_their_own_clock(client, analyst, responder):
    SignalFactory(first_seen=timezone.now() - timedelta(hours=2))
    User.objects.filter(pk=analyst.pk).update(time_zone="Asia/Tokyo")
    seen = set()
    for person in (analyst, responder):
        client.force_login(person)
        seen.add(cell(client.get(LIST), "time"))
    assert len(seen) == 2


def test_everybody_is_offered_what_they_may_do(client, analyst, viewer):
    SignalFactory()
    offered = []
    for person in (analyst, viewer):
        client.force_login(person)
        page = client.get(LIST)
        offered.append((b'class="state-button"' in page.content, b"aria-disabled" in page.content))
    assert offered == [(True, False), (True, True)]


def test_the_same_rows_in_other_columns_and_under_another_query(reader):
    SignalFactory(attributes={"a": 1, "b": 2}, host="web-1")
    links = {}
    for cols in ("@a,title,@b", "@b,title,@a", "title,host"):
        for query in ("", "env:prod"):
            page = reader.get(LIST, {"cols": cols, "query": query}).content.decode()
            row = page[page.index('<tr class="row-') : page.index("</tr>", page.index('<tr class="row-'))]
            labels = [name for name in ("@a", "@b", "Host") if f'data-label="{name}"' in row]
            assert sorted(labels, key=row.index) == sorted(labels, key=cols.replace("host", "Host").index)
            links[cols, query] = "query=env" in row
            if "@a" in cols:
                texts = re.findall(r'data-label="@(\w)">(\d)<', row)
                assert texts == [("a", "1"), ("b", "2")][:: 1 if cols.startswith("@a") else -1]
    assert links == {(cols, query): bool(query) for cols, query in links}


def test_all_that_a_row_holds_counts_when_rows_are_compared():
    now = timezone.now()
    row = SignalRow(1, "id", 0, "t", 1, "open", "", "", "", "", 1, now, now, now)
    same = replace(row)
    assert (row == same, hash(row) == hash(same)) == (True, True)
    assert [one.name for one in fields(row) if replace(row, **{one.name: object()}) == row] == []


def test_no_document_is_kept_with_a_row(reader):
    SignalFactory(attributes={"a": "x", "long": "y" * 10_000})
    quick._drawn.cache_clear()
    gc.collect()
    assert b">x<" in reader.get(LIST, {"cols": "title,@a"}).content
    kept = [one for one in gc.get_objects() if type(one) is SignalRow]
    assert [one.attributes for one in kept] == [None]


def test_attributes_that_are_nothing_have_no_text(reader):
    signal = SignalFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signals_app_signal SET attributes = 'null' WHERE id = %s", [signal.pk])
    assert cell(reader.get(LIST, {"cols": "title,@a"}), "attribute") == ""
