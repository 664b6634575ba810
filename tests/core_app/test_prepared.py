"""Statements that are written once say what the query would have said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from core_app.models import Entry
from core_app.prepared import Prepared, PreparedInsert, PreparedUpdate, Slot, time_slot
from search_app.models import ValueChange
from tests.signals_app.factories import RuleFactory, SignalFactory

from signals_app.models import Signal  # isort: skip

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_query_with_the_values_of_python():
    signals = [SignalFactory(attributes={"http": {"n": n}}, title=f"Title {n % 2}") for n in range(3)]
    columns = ("pk", "first_seen", "attributes", "rule__uuid", "title")
    prepared = Prepared(lambda: Signal.objects.filter(title=Slot("title")).order_by("-pk").values_list(*columns))
    for title in ("Title 0", "Title 1", "no such"):
        expected = list(Signal.objects.filter(title=title).order_by("-pk").values_list(*columns))
        assert [tuple(row) for row in prepared.rows(title=title)] == expected
    assert len([*prepared.rows(title="Title 0")]) == 2
    assert signals[0].first_seen.tzinfo


def test_many_keys_and_moments_have_slots_too():
    signals = [SignalFactory(first_seen=datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2, 3)]
    prepared = Prepared(
        lambda: (
            Signal.objects.filter(pk__among=Slot("keys"), first_seen__gte=time_slot("since"))
            .order_by("pk")
            .values_list("pk")
        )
    )
    keys = [signal.pk for signal in signals]
    since = datetime(2026, 1, 2, tzinfo=UTC)
    assert [pk for (pk,) in prepared.rows(keys=keys, since=since)] == keys[1:]
    assert [pk for (pk,) in prepared.rows(keys=keys[:2], since=since + timedelta(seconds=1))] == []
    assert [*prepared.rows(keys=[], since=since)] == []
    assert [pk for (pk,) in prepared.rows(keys=(keys[1],), since=since)] == [keys[1]]


def test_a_shape_is_written_once_and_each_has_its_own():
    written = []

    def build(most: int):
        written.append(most)
        return Signal.objects.order_by("pk").values_list("pk")[:most]

    SignalFactory.create_batch(3)
    prepared = Prepared(build)
    assert [len([*prepared.rows(most)]) for most in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert written == [1, 2]


def test_what_is_given_is_no_part_of_the_statement():
    hostile = "x' OR 1=1; --%s"
    SignalFactory()
    prepared = Prepared(lambda: Signal.objects.filter(title=Slot("title")).values_list("pk"))
    with CaptureQueriesContext(connection) as queries:
        assert [*prepared.rows(title=hostile)] == []
    assert len(queries) == 1


def test_a_value_that_is_not_given_is_an_error():
    prepared = Prepared(lambda: Entry.objects.filter(verb=Slot("verb")).values_list("pk"))
    with pytest.raises(KeyError):
        prepared.rows(name="x")


class TestWriting:
    def test_an_update_gives_the_rows_what_django_would_give_them(self):
        mine, other = SignalFactory(), SignalFactory()
        rule = RuleFactory(key="other")
        given = PreparedUpdate(lambda model: model.objects.filter(pk__among=Slot("keys")))
        moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
        to = {"rule": rule, "attributes": {"a": [1, "x"]}, "state_changed_at": moment, "version": F("version") + 1}
        for times in (1, 2):
            assert given.run(Signal, keys=[mine.pk], to=to) == 1
            found = Signal.objects.get(pk=mine.pk)
            assert (found.rule, found.attributes, found.state_changed_at) == (rule, {"a": [1, "x"]}, moment)
            assert found.version == mine.version + times
        assert given.run(Signal, keys=[mine.pk], to={"state_changed_at": None, "title": "%s'"}) == 1
        assert Signal.objects.values_list("state_changed_at", "title").get(pk=mine.pk) == (None, "%s'")
        assert Signal.objects.get(pk=other.pk).title == other.title
        assert given.run(Signal, keys=[], to={"title": "x"}) == 0

    def test_a_row_is_inserted_as_django_would(self):
        fields = ("surface", "change_seq", "values", "rows", "at")
        moment = datetime(2026, 1, 2, tzinfo=UTC)
        values = ("signals", 7, {"state": "open"}, b"\x00\xff", moment)
        PreparedInsert(ValueChange, fields).run(**dict(zip(fields, values, strict=True)))
        *same, rows, at = ValueChange.objects.values_list("surface", "change_seq", "values", "rows", "at").get()
        assert (*same, bytes(rows), at) == values
