"""Many keys as one parameter."""

from __future__ import annotations

import pytest

from signals_app.models import Signal, SignalTag
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def signals() -> list[Signal]:
    signals = [SignalFactory() for _ in range(3)]
    for signal in signals:
        SignalTag.objects.create(signal=signal, text=f"n:{signal.pk}")
    return signals


def test_rows_by_their_keys_and_by_their_foreign_keys(signals):
    first, _, last = (signal.pk for signal in signals)
    assert set(Signal.objects.filter(pk__among=[last, first]).values_list("pk", flat=True)) == {first, last}
    tags = SignalTag.objects.filter(signal__among=(key for key in (first, last)))
    assert set(tags.values_list("signal", flat=True)) == {first, last}
    assert SignalTag.objects.exclude(signal__among={first, last}).get().signal_id == signals[1].pk


def test_none_at_all(signals):
    assert not Signal.objects.filter(pk__among=[]).exists()


def test_more_keys_than_a_statement_takes_parameters(signals):
    keys = [*range(10**9, 10**9 + 300_000), signals[0].pk]
    assert Signal.objects.filter(pk__among=keys).get() == signals[0]
    assert Signal.objects.filter(pk__among=keys).update(host="h") == 1
