"""Rows are drawn once for the same values, and never show what was so before."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts_app.models import Team, User
from cases_app.actions import add_signals
from config import quick
from signals_app.actions import assign, set_team
from signals_app.explorer import EXPLORER
from signals_app.models import DetectionRule, Entity, Service, Signal, SignalTag, Source
from tests.cases_app.factories import CaseFactory

from .factories import SignalFactory
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
        (lambda _: SignalTag.objects.all().delete(), "tags", ""),
    ],
)  # fmt: skip
def test_what_has_changed_shows(reader, analyst, acting, change, column, words):
    row = SignalFactory(attackers=["203.0.113.1"], tags=["a:b"], attributes={"http": {"x": "one"}})
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


def test_everybody_reads_it_by_their_own_clock_and_rights(client, analyst, viewer):
    SignalFactory(first_seen=timezone.now() - timedelta(hours=2))
    User.objects.filter(pk=analyst.pk).update(time_zone="Asia/Tokyo")
    seen = {}
    for person in (analyst, viewer):
        client.force_login(person)
        page = client.get(LIST)
        seen[person.pk] = cell(page, "time"), b'class="state-button"' in page.content, b"aria-disabled" in page.content
    assert seen[analyst.pk][0] != seen[viewer.pk][0]
    assert seen[analyst.pk][1:] == (True, False)
    assert seen[viewer.pk][1:] == (True, True)
