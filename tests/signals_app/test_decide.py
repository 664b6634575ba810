"""State and assignee as one decision."""

import pytest

from core_app.errors import IllegalMove, Invalid, NotAllowed, StaleVersion
from core_app.models import Entry
from signals_app import actions, words
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


def test_with_nothing_to_do_it_still_refuses_what_is_stale(analyst, acting):
    fresh, stale = SignalFactory(), SignalFactory(version=2)
    outcome = actions.decide(actor=acting(analyst), seen={fresh.pk: 0, stale.pk: 1})
    assert [one.pk for one in outcome.unchanged] == [fresh.pk]
    assert isinstance(outcome.refused[stale.pk], StaleVersion)


def test_what_is_archived_already_is_given_another_reason(analyst, acting):
    archived = SignalFactory(state="archived", archive_reason="other", archive_comment="later")
    wanted = {"to": "archived", "reason": "remediated", "renewed": {"reason": "remediated"}}
    outcome = actions.decide(actor=acting(analyst), seen={archived.pk: 0}, users=[analyst], **wanted)
    assert [one.pk for one in outcome.changed] == [archived.pk]
    now = Signal.objects.get()
    assert (now.archive_reason, now.archive_comment, now.version) == ("remediated", "later", 2)
    entry = Entry.objects.get(verb="signals.reason_set")
    assert entry.data == {"reason": "remediated", "comment": "later", "was": {"reason": "other", "comment": "later"}}
    assert words.sentence(entry, acting(analyst)).endswith(": Remediated")


def test_only_what_is_archived_has_a_reason(analyst, acting):
    signal = SignalFactory()
    outcome = actions.set_reason(actor=acting(analyst), seen={signal.pk: None}, reason="other", comment="no")
    assert (len(outcome.unchanged), Signal.objects.get().archive_reason) == (1, "")


@pytest.mark.parametrize("asked", [{"reason": "none"}, {"comment": "x" * 5001}])
def test_a_reason_is_one_that_is_known(asked, analyst, acting):
    with pytest.raises(Invalid):
        actions.set_reason(actor=acting(analyst), seen={}, **asked)


def test_who_may_not_triage_gives_no_reason(viewer, acting):
    with pytest.raises(NotAllowed):
        actions.set_reason(actor=acting(viewer), seen={}, reason="other")
