"""State and assignee as one decision."""

import pytest

from core_app.errors import IllegalMove, StaleVersion
from core_app.models import Entry
from signals_app import actions
from signals_app.models import Signal

from .factories import SignalFactory

pytestmark = pytest.mark.django_db


def test_both_are_made_under_one_operation(analyst, acting):
    signal = SignalFactory()
    outcome = actions.decide(actor=acting(analyst), seen={signal.pk: 0}, to="under_review", users=[analyst])
    assert [one.pk for one in outcome.changed] == [signal.pk]
    assert (Signal.objects.get().state, list(signal.assignees.all())) == ("under_review", [analyst])
    assert len(set(Entry.objects.filter(verb__startswith="signals.").values_list("operation", flat=True))) == 1


def test_what_one_refuses_the_other_does_not_do(analyst, acting):
    signal = SignalFactory(state="archived", archive_reason="other")
    outcome = actions.decide(actor=acting(analyst), seen={signal.pk: None}, to="under_review", users=[analyst])
    assert isinstance(outcome.refused[signal.pk], IllegalMove)
    assert not signal.assignees.exists()


def test_a_stale_version_refuses_both(analyst, acting):
    signal = SignalFactory(version=2)
    outcome = actions.decide(actor=acting(analyst), seen={signal.pk: 1}, to="under_review", users=[analyst])
    assert isinstance(outcome.refused[signal.pk], StaleVersion)
    assert (Signal.objects.get().state, signal.assignees.exists()) == ("open", False)


def test_what_is_not_said_stays(analyst, acting):
    signal = SignalFactory()
    actions.decide(actor=acting(analyst), seen={signal.pk: None}, users=[analyst])
    assert Signal.objects.get().state == "open"
    actions.decide(actor=acting(analyst), seen={signal.pk: None}, to="under_review")
    assert list(signal.assignees.all()) == [analyst]
