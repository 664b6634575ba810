"""The index of a process: never older than the last commit, whoever wrote; opened from its file; rebuilt when void."""

import shutil
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from search_app import changes
from search_app.changes import ChangeCounter
from search_app.index.bitmaps import keeper as keepers
from search_app.index.bitmaps.keeper import Keeper
from signals_app.actions import set_state
from signals_app.fields import SIGNALS
from signals_app.models import Signal
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, settings, monkeypatch):
    settings.TOCSIN_DATA_DIR = tmp_path
    monkeypatch.setattr(keepers, "PATIENCE", 30)
    return tmp_path


def states(keeper):
    """Every living signal's state, by the index."""
    snapshot = keeper.current()
    column = snapshot.columns["state"]
    return {int(snapshot.pks[row]): column.dictionary.values[column.codes[row]] for row in snapshot.alive()}


def in_database():
    return dict(Signal.objects.values_list("pk", "state"))


def test_what_one_wrote_is_in_the_next_answer_of_each_process(acting, analyst):
    one, other = Keeper(SIGNALS), Keeper(SIGNALS)  # as two processes have them
    first = SignalFactory()
    assert states(one) == states(other) == in_database()
    late = SignalFactory(first_seen=timezone.now() - timedelta(days=9))
    set_state(actor=acting(analyst), seen={first.pk: None}, to="under_review")
    assert states(one) == states(other) == in_database()
    late.delete()
    assert states(one) == states(other) == in_database() == {first.pk: "under_review"}


def test_values_given_to_many_at_once_reach_every_process():
    keeper = Keeper(SIGNALS)
    signals = SignalFactory.create_batch(5)
    states(keeper)
    pks = [signal.pk for signal in signals[1:4]]
    super(type(Signal.objects.all()), Signal.objects.filter(pk__in=pks)).update(
        state="under_review", change_seq=signals[0].change_seq
    )
    changes.record_values("signals", pks, {"state": "under_review"})
    assert states(keeper) == in_database()


def test_a_restart_opens_the_file_and_catches_up(folder, django_assert_max_num_queries):
    SignalFactory.create_batch(3)
    states(Keeper(SIGNALS))
    assert (folder / "index-signals").exists()
    SignalFactory()
    restarted = Keeper(SIGNALS)
    restarted._build = None  # there is nothing to build
    assert states(restarted) == in_database()


def test_a_damaged_file_is_built_anew(folder):
    SignalFactory.create_batch(3)
    states(Keeper(SIGNALS))
    content = bytearray((folder / "index-signals").read_bytes())
    content[len(content) // 2] ^= 255
    (folder / "index-signals").write_bytes(content)
    assert states(Keeper(SIGNALS)) == in_database()


def test_the_file_of_another_database_is_not_used(folder):
    SignalFactory.create_batch(3)
    states(Keeper(SIGNALS))
    kept = folder / "kept"
    shutil.copy(folder / "index-signals", kept)
    Signal.objects.all().delete()
    changes.renew_epoch("signals")
    shutil.copy(kept, folder / "index-signals")
    assert states(Keeper(SIGNALS)) == {}


def test_an_index_that_is_ahead_of_its_database_is_void():
    signal = SignalFactory()
    keeper = Keeper(SIGNALS)
    assert states(keeper) == {signal.pk: "open"}
    if changes.connection.vendor != "sqlite":
        pytest.skip("transaction ids of a running PostgreSQL do not go back")
    ChangeCounter.objects.update(value=0)
    Signal.objects.filter(pk=signal.pk).update(state="under_review", change_seq=0)
    changes.renew_epoch("signals")
    assert states(keeper) == {signal.pk: "under_review"}


def test_a_tidied_index_says_the_same(monkeypatch):
    monkeypatch.setattr(keepers, "LATE_ROWS", 2)
    keeper = Keeper(SIGNALS)
    states(keeper)
    SignalFactory.create_batch(6)
    Signal.objects.first().delete()
    assert states(keeper) == in_database()
    if tidying := keeper._compacting:
        tidying.join(30)
    assert keeper.current().late == 0
    assert states(keeper) == in_database()


def test_while_it_is_built_the_site_is_ready_and_pages_say_so_and_ask_again(client, analyst, monkeypatch):
    SignalFactory.create_batch(3)
    client.force_login(analyst)
    go_on = threading.Event()
    build = Keeper._build
    monkeypatch.setattr(keepers, "PATIENCE", 0)
    monkeypatch.setattr(Keeper, "_build", lambda keeper: go_on.wait(30) and build(keeper))
    answer = client.get("/signals/")
    assert (answer.status_code, answer["Retry-After"], answer["Refresh"]) == (503, "2", "2")
    assert "Building the index." in answer.content.decode()
    assert client.get("/readyz").json()["parts"]["index"] == "building"
    opening = keepers.keeper(SIGNALS)._opening
    go_on.set()
    opening.join(30)
    assert client.get("/readyz").json()["parts"]["index"] == "ok"
    assert client.get("/signals/").status_code == 200
