"""One page at a time in each process, and nobody waits for what waits itself."""

from threading import Event, Thread

import pytest

from core_app import turns
from core_app.turns import aside, turn


class Other:
    """Somebody else who wants the turn, in a thread of their own."""

    def __init__(self) -> None:
        self.has_it, self.may_end = Event(), Event()
        self.thread = Thread(target=self._take, daemon=True)
        self.thread.start()

    def _take(self) -> None:
        with turn():
            self.has_it.set()
            self.may_end.wait(10)

    def end(self) -> None:
        self.may_end.set()
        self.thread.join(10)


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 10)


def test_the_next_comes_when_the_first_has_ended(patient):
    with turn():
        other = Other()
        assert not other.has_it.wait(0.05)
    assert other.has_it.wait(10)
    other.end()


def test_who_waits_for_something_else_lets_others_by_and_has_the_turn_again(patient):
    with turn():
        with aside():
            other = Other()
            assert other.has_it.wait(10)
            other.end()
        late = Other()
        assert not late.has_it.wait(0.05)
    assert late.has_it.wait(10)
    late.end()


def test_a_turn_inside_a_turn_is_the_same(patient):
    with turn(), turn():
        other = Other()
        assert not other.has_it.wait(0.05)
    assert other.has_it.wait(10)
    other.end()


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    with turn():
        other = Other()
        assert other.has_it.wait(10)
        other.end()
    with turn():  # whoever came without it has not given it away
        assert not turns._turn.acquire(blocking=False)


def test_an_error_gives_the_turn_back(patient):
    with pytest.raises(ZeroDivisionError), turn(), aside():
        raise ZeroDivisionError
    other = Other()
    assert other.has_it.wait(10)
    other.end()


def test_stepping_aside_without_a_turn_is_nothing():
    with aside():
        assert turns._turn.acquire(blocking=False)
        turns._turn.release()


def test_a_turn_that_ends_in_another_thread_is_given_back():
    begun = turn()
    begun.__enter__()
    ending = Thread(target=begun.__exit__, args=(None, None, None))
    ending.start()
    ending.join(10)
    assert turns._turn.acquire(blocking=False)
    turns._turn.release()
