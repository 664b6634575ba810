"""What the index hears of writes: what is one record, what is forgotten, and that no order of commits matters."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts_app.models import Team
from search_app import changes
from search_app.changes import Tombstone, ValueChange, Void
from search_app.held import Each
from search_app.index.bitmaps import keeper as keepers
from search_app.index.bitmaps.keeper import Keeper
from search_app.tasks import forget_old_changes
from signals_app import actions
from signals_app.fields import SIGNALS
from signals_app.models import Assignment, Signal
from tests.conftest import home
from tests.processes import PYTHON, Process, eventually
from tests.search_app.crowd import CheckedKeeper, Writer, in_database, in_index, prepare
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, settings, monkeypatch):
    settings.TOCSIN_DATA_DIR = tmp_path
    monkeypatch.setattr(keepers, "PATIENCE", 30)
    return tmp_path


@pytest.fixture
def signals():
    return SignalFactory.create_batch(3)


def told(write):
    """The numbers of the rows that a write stamps, and the values it records."""
    before = dict(Signal.objects.values_list("pk", "change_seq"))
    ValueChange.objects.all().delete()
    write()
    after = dict(Signal.objects.values_list("pk", "change_seq"))
    return {pk for pk in after if after[pk] != before.get(pk)}, list(
        ValueChange.objects.values_list("values", flat=True)
    )


class TestUpdate:
    def test_with_a_constant_is_one_record(self, signals):
        stamped, records = told(lambda: Signal.objects.all().update(state="under_review", version=F("version") + 1))
        assert (stamped, records) == (set(), [{"state": "under_review"}])

    def test_with_another_row_is_a_record_of_its_key(self, signals):
        team = Team.objects.create(name="Blue", handle="blue")
        assert told(lambda: Signal.objects.all().update(team=team)) == (set(), [{"team": team.pk}])
        assert told(lambda: Signal.objects.all().update(team_id=None)) == (set(), [{"team": None}])

    def test_with_an_expression_stamps_the_rows(self, signals):
        pks = {signal.pk for signal in signals}
        assert told(lambda: Signal.objects.all().update(severity=F("severity") - 1)) == (pks, [])

    def test_of_a_time_or_a_number_stamps_the_rows(self, signals):
        one = signals[0]
        assert told(lambda: Signal.objects.filter(pk=one.pk).update(last_seen=timezone.now())) == ({one.pk}, [])
        assert told(lambda: Signal.objects.filter(pk=one.pk).update(count=9)) == ({one.pk}, [])

    def test_of_what_the_index_does_not_hold_tells_nothing(self, signals):
        told_of = told(lambda: Signal.objects.all().update(correlation_key="seen", updated_at=timezone.now()))
        assert told_of == (set(), [])

    def test_of_what_was_looked_up_numbers_the_rows(self, signals):
        one = signals[0]
        assert told(lambda: Signal.objects.filter(pk=one.pk).update(message="seen")) == ({one.pk}, [])

    def test_names_the_rows_it_met_and_no_other(self, signals):
        keeper = Keeper(SIGNALS)
        keeper.current()
        Signal.objects.filter(title=signals[1].title).update(state="under_review")
        assert in_index(keeper.current()) == in_database()


class TestGive:
    def test_assignees_of_many_are_one_record_and_no_update(self, signals, acting, analyst, responder):
        seen = {signal.pk: None for signal in signals}
        stamped, records = told(lambda: actions.assign(actor=acting(analyst), seen=seen, users=[responder, analyst]))
        assert (stamped, records) == (set(), [{"assignees": [responder.pk, analyst.pk]}])
        keeper = Keeper(SIGNALS)
        keeper.current()
        actions.assign(actor=acting(analyst), seen=seen, users=[])
        assert in_index(keeper.current()) == in_database()

    def test_a_number_that_is_raised_is_told_if_the_index_holds_it(self, signals):
        some = [signals[0].pk]
        assert told(lambda: Signal.objects.give(some, raised=["version"], state="under_review")) == (
            set(),
            [{"state": "under_review"}],
        )
        assert told(lambda: Signal.objects.give(some, raised=["count"], state="open")) == ({*some}, [])
        assert Signal.objects.values_list("count", "state").get(pk=some[0]) == (signals[0].count + 1, "open")

    def test_that_cannot_be_told_by_value_stamps_the_rows(self, signals, monkeypatch):
        monkeypatch.setitem(SIGNALS.held, "mails", Each(SIGNALS.held["assignees"].many, "user__email"))
        assert told(lambda: Assignment.objects.give([signals[0].pk], [])) == ({signals[0].pk}, [])


def _meanwhile(write, other):
    """Run `write` in a transaction of its own; once it waits for a lock of ours, `other`; then let the lock go."""
    writer = threading.Thread(target=lambda: (write(), connection.close()))
    with transaction.atomic():
        Signal.objects.earliest("pk").save()
        writer.start()
        other_thread = threading.Thread(
            target=lambda: (eventually(_somebody_waits, what="the wait"), other(), connection.close())
        )
        other_thread.start()
        other_thread.join(60)
    writer.join(60)
    assert not writer.is_alive()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite one writer follows another")
class TestWhatCameToMatchWhileAWriterWaited:
    """It is left, or the index hears of it: a row that changes without a number would be wrong for good."""

    def test_child_rows_are_not_deleted_behind_the_back_of_the_index(self, signals, analyst):
        first, late, _ = signals
        Assignment.objects.create(signal=first, user=analyst)
        keeper = Keeper(SIGNALS)
        keeper.current()

        def other():
            Assignment.objects.create(signal=late, user=analyst)
            keeper.current()

        _meanwhile(lambda: Assignment.objects.filter(user=analyst).delete(), other)
        assert list(Assignment.objects.values_list("signal", flat=True)) == [late.pk]
        assert in_index(keeper.current()) == in_database()


def _aged(hours):
    for kind in (Tombstone, ValueChange):
        kind.objects.update(at=timezone.now() - timedelta(hours=hours))


def _forget():
    """Forget what is old: on PostgreSQL as soon as the transactions have ended that run in tests beside this one."""

    def all_gone() -> bool:
        forget_old_changes()
        return not ValueChange.objects.exists()

    eventually(all_gone, seconds=90, what="the forgetting")


class TestForgetting:
    def test_what_is_a_day_old_goes_and_the_rest_stays(self, signals):
        signals[0].delete()
        Signal.objects.all().update(state="under_review")
        _aged(25)
        late = signals[1].pk
        signals[1].delete()
        _forget()
        assert list(Tombstone.objects.values_list("row", flat=True)) == [late]
        assert not ValueChange.objects.exists()

    def test_an_index_that_missed_it_is_built_anew(self, signals):
        keeper = Keeper(SIGNALS)
        keeper.current()
        signals[0].delete()
        Signal.objects.all().update(state="under_review")
        _aged(25)
        _forget()
        with changes.one_moment(), pytest.raises(Void):
            changes.read_news("signals", Signal, keeper._snapshot.stamp)
        assert in_index(keeper.current()) == in_database()

    def test_an_index_that_has_heard_of_it_goes_on(self, signals):
        keeper = Keeper(SIGNALS)
        signals[0].delete()
        gone = Tombstone.objects.get().change_seq
        # On PostgreSQL it has heard of what is older than the oldest transaction that runs, in a test beside this one.
        eventually(lambda: keeper.current().stamp.number > gone, seconds=90, what="hearing of it")
        _aged(25)
        forget_old_changes()
        signals[1].save()
        keeper._build = None  # there is nothing to build
        assert in_index(keeper.current()) == in_database()

    def test_a_file_that_missed_it_is_no_file(self, signals):
        Keeper(SIGNALS).current()
        Signal.objects.all().update(state="under_review")
        _aged(25)
        forget_old_changes()
        assert in_index(Keeper(SIGNALS).current()) == in_database()


@pytest.mark.parametrize("seed", range(3))
def test_an_index_that_looks_often_and_one_that_looks_seldom_are_both_right(seed):
    prepare(12)
    writer, often, seldom = Writer(seed), CheckedKeeper(SIGNALS), CheckedKeeper(SIGNALS)
    often.current(), seldom.current()
    for number in range(60):
        writer.act()
        often.current()
        if number % 12 == 0:
            seldom.current()
    assert in_index(often.current()) == in_index(seldom.current()) == in_database()
    assert often.checked > seldom.checked > 3


@pytest.mark.process
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_order_of_commits_from_several_processes_makes_an_index_wrong(request, tmp_path, database):
    env = home(request, tmp_path, database)

    def start(name: str, *arguments: str) -> Process:
        return Process([PYTHON, "manage.py", *arguments], log=tmp_path / name, env=env)

    def crowd(name: str, call: str) -> Process:
        return start(name, "shell", "--verbosity=0", "-c", f"from tests.search_app import crowd; print(crowd.{call})")

    with crowd("prepare", "prepare(30)") as prepared:
        assert prepared.ended(seconds=120) == 0, prepared.said
    stop = tmp_path / "stop"
    with crowd("read", f"read({str(stop)!r})") as reader:
        with (
            crowd("one", "write(1, 60)") as one,
            crowd("two", "write(2, 60)") as two,
            crowd("three", "write(3, 60)") as three,
        ):
            for writer in (one, two, three):
                assert writer.ended(seconds=120) == 0, writer.said
        stop.touch()
        assert reader.ended(seconds=60) == 0, reader.said
        assert int(reader.said.split()[-1]) > 10
