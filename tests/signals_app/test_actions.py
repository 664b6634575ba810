"""The triage actions: may I, same version, legal move, change, record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core_app.errors import IllegalMove, Invalid, NotAllowed, NotFound, StaleVersion
from core_app.models import Entry
from signals_app import actions
from signals_app.models import Assignment, Signal

from .factories import SignalFactory

pytestmark = pytest.mark.django_db


class TestSetState:
    def test_moves_counts_and_records(self, acting, analyst):
        signal = SignalFactory()
        moved = actions.set_state(actor=acting(analyst), seen={signal.pk: 0}, to="under_review").one_or_raise()
        signal.refresh_from_db()
        assert (moved.state, signal.state, signal.version) == ("under_review", "under_review", 1)
        assert signal.state_changed_by == analyst
        entry = Entry.objects.get()
        assert (entry.verb, entry.data) == ("signals.state_changed", {"state": ["open", "under_review"]})
        assert entry.actor_label == "Ana Analyst"

    def test_archives_with_reason_and_comment_and_reopening_clears_both(self, acting, analyst):
        signal = SignalFactory()
        actor = acting(analyst)
        actions.set_state(actor=actor, seen={signal.pk: 0}, to="archived", reason="remediated", comment="patched")
        signal.refresh_from_db()
        assert (signal.archive_reason, signal.archive_comment) == ("remediated", "patched")
        actions.set_state(actor=actor, seen={signal.pk: 1}, to="open")
        signal.refresh_from_db()
        assert (signal.state, signal.archive_reason, signal.archive_comment) == ("open", "", "")

    def test_refuses_a_stale_version_and_leaves_no_trace(self, acting, analyst):
        signal = SignalFactory(version=3)
        outcome = actions.set_state(actor=acting(analyst), seen={signal.pk: 2}, to="under_review")
        signal.refresh_from_db()
        assert isinstance(outcome.refused[signal.pk], StaleVersion)
        assert outcome.refused[signal.pk].data == {"version": 3}
        assert (signal.state, signal.version) == ("open", 3)
        assert not Entry.objects.exists()

    def test_naming_no_version_makes_no_claim(self, acting, analyst):
        signal = SignalFactory(version=3)
        outcome = actions.set_state(actor=acting(analyst), seen={signal.pk: None}, to="under_review")
        assert outcome.changed == [signal]

    def test_an_archived_signal_goes_only_back_to_open(self, acting, analyst):
        signal = SignalFactory(state="archived", archive_reason="other")
        outcome = actions.set_state(actor=acting(analyst), seen={signal.pk: 0}, to="under_review")
        assert isinstance(outcome.refused[signal.pk], IllegalMove)

    @pytest.mark.parametrize(("days", "allowed"), [(29, True), (31, False)])
    def test_reopening_is_possible_for_30_days_after_detection(self, acting, analyst, days, allowed):
        first_seen = timezone.now() - timedelta(days=days)
        signal = SignalFactory(state="archived", archive_reason="other", first_seen=first_seen)
        outcome = actions.set_state(actor=acting(analyst), seen={signal.pk: 0}, to="open")
        assert bool(outcome.changed) is allowed
        if not allowed:
            assert "within 30 days" in outcome.refused[signal.pk].message

    def test_archiving_needs_a_reason(self, acting, analyst):
        with pytest.raises(Invalid, match="needs a reason"):
            actions.set_state(actor=acting(analyst), seen={SignalFactory().pk: 0}, to="archived")

    def test_the_state_it_already_has_changes_nothing(self, acting, analyst):
        signal = SignalFactory()
        outcome = actions.set_state(actor=acting(analyst), seen={signal.pk: 0}, to="open")
        assert (outcome.changed, outcome.unchanged) == ([], [signal])
        assert not Entry.objects.exists()

    def test_one_bad_row_does_not_spoil_the_rest(self, acting, analyst):
        good, stale = SignalFactory(), SignalFactory(version=2)
        seen = {good.pk: 0, stale.pk: 0, 999_999: None}
        outcome = actions.set_state(actor=acting(analyst), seen=seen, to="under_review")
        assert outcome.changed == [good]
        assert {pk: type(problem) for pk, problem in outcome.refused.items()} == {
            stale.pk: StaleVersion,
            999_999: NotFound,
        }

    def test_three_hundred_cost_as_many_queries_as_one(self, acting, analyst, django_assert_max_num_queries):
        seen = {signal.pk: 0 for signal in SignalFactory.create_batch(300)}
        actor = acting(analyst)
        with django_assert_max_num_queries(11):
            assert len(actions.set_state(actor=actor, seen=seen, to="under_review").changed) == 300

    def test_needs_the_permission_and_names_it(self, acting, viewer):
        with pytest.raises(NotAllowed, match="security_monitoring_signals_write"):
            actions.set_state(actor=acting(viewer), seen={SignalFactory().pk: 0}, to="under_review")


class TestAssign:
    def test_the_order_is_kept_and_recorded(self, acting, analyst, responder):
        signal = SignalFactory()
        actions.assign(actor=acting(analyst), seen={signal.pk: 0}, users=[responder, analyst])
        assert [a.user for a in Assignment.objects.filter(signal=signal)] == [responder, analyst]
        before, after = Entry.objects.get(verb="signals.assigned").data["assignees"]
        assert (before, [person["name"] for person in after]) == ([], ["Rob Responder", "Ana Analyst"])
        assert Signal.objects.get().version == 1

    def test_nobody_removes_all(self, acting, analyst):
        signal = SignalFactory()
        actor = acting(analyst)
        actions.assign(actor=actor, seen={signal.pk: 0}, users=[analyst])
        actions.assign(actor=actor, seen={signal.pk: 1}, users=[])
        assert not Assignment.objects.exists()
        assert Entry.objects.latest("id").verb == "signals.unassigned"

    def test_a_person_who_left_cannot_be_assigned(self, acting, analyst, responder):
        responder.is_active = False
        with pytest.raises(Invalid, match="no longer log in"):
            actions.assign(actor=acting(analyst), seen={SignalFactory().pk: 0}, users=[responder])

    def test_needs_the_permission(self, acting, viewer):
        with pytest.raises(NotAllowed):
            actions.assign(actor=acting(viewer), seen={SignalFactory().pk: 0}, users=[])


class TestSetTeam:
    def test_routes_and_records(self, acting, responder):
        signal = SignalFactory()
        actions.set_team(actor=acting(responder), seen={signal.pk: 0}, team=responder.teams.get())
        team = responder.teams.get()
        assert Entry.objects.get().data == {"team": ["", "Responders"], "uuid": ["", str(team.uuid)]}
