"""What the database was asked row by row is not asked again, and never kept beyond a change of the row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pyroaring import BitMap

from accounts_app.access import person
from search_app.index import Page, Window, explore
from search_app.index.bitmaps.asked import MOST, Asked
from search_app.language import Is, Value
from signals_app.actions import set_state
from signals_app.fields import SIGNALS
from signals_app.models import Signal
from tests.signals_app.factories import SignalFactory


def condition(number: int) -> Is:
    return Is(f"@a.n{number}", (Value.of("x"),))


ONE = condition(1)


class Database:
    """Rows that meet whatever is asked, and what was asked of it."""

    def __init__(self, *meeting: int) -> None:
        self.meeting = BitMap(meeting)
        self.asked: list[list[int]] = []

    def __call__(self, rows: BitMap) -> BitMap:
        self.asked.append(list(rows))
        return rows & self.meeting


def test_of_each_row_it_is_asked_once():
    asked, database = Asked(), Database(1, 3, 5)
    assert list(asked.rows(ONE, BitMap([1, 2, 3]), database)) == [1, 3]
    assert list(asked.rows(ONE, BitMap([2, 3]), database)) == [3]
    assert list(asked.rows(ONE, BitMap([3, 4, 5]), database)) == [3, 5]
    assert database.asked == [[1, 2, 3], [4, 5]]


def test_of_a_row_that_has_changed_it_is_asked_again():
    asked, database = Asked(), Database(1, 2)
    asked.rows(ONE, BitMap([1, 2]), database)
    database.meeting = BitMap([1])
    asked.forget(BitMap([2]))
    assert list(asked.rows(ONE, BitMap([1, 2]), database)) == [1]
    assert database.asked == [[1, 2], [2]]


def test_an_answer_that_a_change_has_overtaken_is_not_kept():
    asked, database = Asked(), Database(1, 2)

    def slow(rows: BitMap) -> BitMap:
        found = database(rows)
        database.meeting = BitMap([1])
        asked.forget(BitMap([2]))
        return found

    assert list(asked.rows(ONE, BitMap([1, 2]), slow)) == [1, 2]
    assert list(asked.rows(ONE, BitMap([1, 2]), database)) == [1]


def test_no_change_gets_lost_between_the_answer_and_its_keeping():
    """Whenever the lock is let go, a change comes: as another thread would have it."""
    asked, database = Asked(), Database(1, 2)

    class Meddled:
        def __init__(self, lock):
            self.lock, self.is_meddling = lock, False

        def __enter__(self):
            self.lock.acquire()

        def __exit__(self, *_):
            self.lock.release()
            if database.asked and not self.is_meddling:
                self.is_meddling = True
                database.meeting = BitMap([1])
                asked.forget(BitMap([2]))
                self.is_meddling = False

    asked._lock = Meddled(asked._lock)
    asked.rows(ONE, BitMap([1, 2]), database)
    assert list(asked.rows(ONE, BitMap([1, 2]), database)) == [1]


def test_what_failed_is_asked_again():
    asked, database = Asked(), Database(1)

    def failing(rows: BitMap) -> BitMap:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        asked.rows(ONE, BitMap([1]), failing)
    assert list(asked.rows(ONE, BitMap([1]), database)) == [1]


def test_the_conditions_that_were_asked_for_last_are_kept():
    asked, database = Asked(), Database(1)
    for number in range(MOST):
        asked.rows(condition(number), BitMap([1]), database)
    asked.rows(condition(0), BitMap([1]), database)
    asked.rows(condition(MOST), BitMap([1]), database)
    assert len(database.asked) == MOST + 1
    asked.rows(condition(0), BitMap([1]), database)
    assert len(database.asked) == MOST + 1
    asked.rows(condition(1), BitMap([1]), database)
    assert len(database.asked) == MOST + 2


# --- in the explorer


def found(user, text: str) -> set[int]:
    now = timezone.now()
    window = Window(now - timedelta(days=7), now + timedelta(days=1))
    return set(explore(SIGNALS, person(user), SIGNALS.parse(text), window, (), Page()).pks)


def statements(user, text: str) -> int:
    """How many statements of this answer look into the attributes or the message."""
    with CaptureQueriesContext(connection) as caught:
        found(user, text)
    table = '"signals_app_signal"'
    return sum(
        "WHERE" in one["sql"]
        and any(f'{table}."{name}"' in one["sql"].split("WHERE")[1] for name in ("attributes", "message"))
        for one in caught.captured_queries
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("text", ["@a.b:x", "message:*x*", "-@a.b:x", "@a.b:(x OR none)"])
def test_the_next_page_does_not_ask_for_it_again_until_something_changes(analyst, acting, text):
    one, other = (SignalFactory(attributes={"a": {"b": word}}, message=f"a {word}") for word in "xy")
    before = found(analyst, text)
    assert len(before) == 1
    assert statements(analyst, text) == 0
    assert statements(analyst, f"severity:high {text}") == 0
    set_state(actor=acting(analyst), seen={other.pk: None}, to="under_review")
    assert found(analyst, text) == before
    for signal, word in ((one, "y"), (other, "x")):
        Signal.objects.filter(pk=signal.pk).update(attributes={"a": {"b": word}})
        found(analyst, text)  # so that a change of the message alone has to be heard of
        Signal.objects.filter(pk=signal.pk).update(message=f"a {word}")
    assert found(analyst, text) == {one.pk, other.pk} - before
    third = SignalFactory(attributes={"a": {"b": "x"}}, message="x")
    assert (third.pk in found(analyst, text)) is not text.startswith("-")


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_inside_a_transaction_is_not_kept(analyst):
    SignalFactory(attributes={"a": {"b": "x"}})
    found(analyst, "severity:high")
    with transaction.atomic():
        assert statements(analyst, "@a.b:x") == 1
        assert statements(analyst, "@a.b:x") == 1
    assert statements(analyst, "@a.b:x") == 1
    assert statements(analyst, "@a.b:x") == 0
