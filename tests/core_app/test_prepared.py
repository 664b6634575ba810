"""Statements that are written once say what the query would have said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core_app.models import Entry
from core_app.prepared import Prepared, PreparedInsert, PreparedUpdate, Slot, time_slot
from search_app.models import ValueChange
from tests.signals_app.factories import RuleFactory, SignalFactory

from signals_app.models import DetectionRule, Signal  # isort: skip

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
        to = {"rule": rule, "attributes": {"a": [1, "x"]}, "state_changed_at": moment}
        for times in (1, 2):
            assert given.run(Signal, keys=[mine.pk], to=to, raised=["version"]) == 1
            found = Signal.objects.get(pk=mine.pk)
            assert (found.rule, found.attributes, found.state_changed_at) == (rule, {"a": [1, "x"]}, moment)
            assert found.version == mine.version + times
        assert given.run(Signal, keys=[mine.pk], to={"state_changed_at": None, "title": "%s'"}) == 1
        assert Signal.objects.values_list("state_changed_at", "title").get(pk=mine.pk) == (None, "%s'")
        assert Signal.objects.get(pk=other.pk).title == other.title
        assert given.run(Signal, keys=[], to={"title": "x"}) == 0
        assert Signal.objects.get(pk=mine.pk).version == mine.version + 2

    def test_each_model_and_each_choice_of_columns_has_its_own(self):
        signal, rule = SignalFactory(title="A"), RuleFactory(key="other")
        given = PreparedUpdate(lambda model: model.objects.filter(pk=Slot("key")))
        given.run(Signal, key=signal.pk, to={"env": "x"}, raised=["count"])
        given.run(Signal, key=signal.pk, to={"env": "y", "count": 7})
        given.run(Signal, key=signal.pk, to={"env": "z"})
        given.run(DetectionRule, key=rule.pk, to={"tactic": "y"})
        signal.refresh_from_db()
        rule.refresh_from_db()
        assert (signal.env, signal.count, signal.title, rule.tactic) == ("z", 7, "A", "y")

    def test_an_update_of_the_first_few_is_refused(self):
        SignalFactory.create_batch(3)
        with pytest.raises(TypeError):
            PreparedUpdate(lambda: Signal.objects.order_by("pk")[:1]).run(to={"title": "gone"})
        assert not Signal.objects.filter(title="gone").exists()

    def test_a_row_is_inserted_as_django_would(self):
        fields = ("surface", "change_seq", "values", "rows", "at")
        moment = datetime(2026, 1, 2, tzinfo=UTC)
        values = ("signals", 7, {"state": "open"}, b"\x00\xff", moment)
        PreparedInsert(ValueChange, fields).run(**dict(zip(fields, values, strict=True)))
        *same, rows, at = ValueChange.objects.values_list("surface", "change_seq", "values", "rows", "at").get()
        assert (*same, bytes(rows), at) == values

    def test_what_is_inserted_is_whole_and_no_more(self):
        insert = PreparedInsert(ValueChange, ("surface", "change_seq", "values", "rows", "at"))
        values = {"surface": "s", "change_seq": 1, "values": {}, "rows": b"", "at": datetime.now(UTC)}
        with pytest.raises(TypeError, match="more"):
            insert.run(**values, more=1)
        with pytest.raises(KeyError):
            insert.run(**{name: value for name, value in values.items() if name != "rows"})


def test_objects_are_made_of_columns_in_the_order_of_the_model():
    signal = SignalFactory(title="T", host="H")
    for columns in (("id", "title", "host"), ("id", "host", "title"), ("id", "rule")):
        prepared = Prepared(lambda columns=columns: Signal.objects.order_by().values_list(*columns))
        if columns == ("id", "title", "host"):
            found = next(prepared.objects(Signal, columns=columns))
            assert (found.pk, found.title, found.host) == (signal.pk, "T", "H")
            assert "message" in found.get_deferred_fields()
        else:
            with pytest.raises(ValueError, match="order of the columns"):
                prepared.objects(Signal, columns=columns)
