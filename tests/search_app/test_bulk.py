"""Bulk operations: frozen at the click, settled in chunks, reported, cancelled, undone."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts_app.access import key_actor, person, system
from accounts_app.actions import make_application_key
from core_app.errors import Conflict, Invalid, NotAllowed, NotFound
from core_app.models import Entry
from search_app.bulk import bulk_action, operations, run
from search_app.bulk.frozen import CHANGED, MOST_REASONS, OTHER_REASONS, REFUSED, Frozen
from search_app.bulk.selection import selected
from search_app.models import BulkOperation
from signals_app import actions
from signals_app.explorer import EXPLORER
from signals_app.models import Assignment, Signal
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

SET_STATE = ("signals", "set_state")
REVIEW = {"to": "under_review", "reason": "", "comment": ""}


def ticked(*signals) -> Frozen:
    return Frozen.of(np.array([s.pk for s in signals]), np.array([s.version for s in signals]))


def begin(actor, rows, params=REVIEW, name="set_state", token=None) -> BulkOperation:
    return operations.begin(
        actor=actor,
        action=bulk_action("signals", name),
        rows=rows,
        params=params,
        words="Set state to Under Review",
        selection="some signals",
        token=token or uuid4(),
    )


@pytest.fixture
def actor(analyst):
    return person(analyst)


@pytest.fixture
def signals(db):
    return [SignalFactory(title=f"Signal {number}") for number in range(5)]


@pytest.fixture
def many(monkeypatch):
    """From two rows on it is the worker's."""
    monkeypatch.setattr(operations, "AT_ONCE", 1)


@pytest.fixture
def small_chunks(monkeypatch):
    """Two rows a chunk, whatever the clock says."""
    monkeypatch.setattr(run, "FIRST_CHUNK", 2)
    monkeypatch.setattr(run, "SMALLEST_CHUNK", 2)
    monkeypatch.setattr(run, "LARGEST_CHUNK", 2)


def states() -> list[str]:
    return list(Signal.objects.order_by("pk").values_list("state", flat=True))


class TestBegin:
    def test_few_rows_are_changed_at_once(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        assert (operation.state, operation.changed, operation.position) == ("done", 5, 5)
        assert states() == ["under_review"] * 5

    def test_each_row_has_its_entry_and_the_operation_has_two(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        verbs = list(Entry.objects.filter(operation=operation.uuid).order_by("pk").values_list("verb", flat=True))
        assert verbs == ["bulk.started", *["signals.state_changed"] * 5, "bulk.finished"]

    def test_many_rows_wait_for_the_worker(self, actor, signals, many):
        operation = begin(actor, ticked(*signals))
        assert (operation.state, states()) == ("waiting", ["open"] * 5)
        assert run.run_due() is False
        operation.refresh_from_db()
        assert (operation.state, operation.changed) == ("done", 5)

    def test_the_worker_is_woken_after_the_commit(
        self, actor, signals, many, monkeypatch, django_capture_on_commit_callbacks
    ):
        woken = []
        monkeypatch.setattr(operations, "_nudges", [lambda: woken.append(True)])
        with django_capture_on_commit_callbacks(execute=True):
            begin(actor, ticked(*signals))
        assert woken == [True]

    def test_the_same_token_is_the_same_operation(self, actor, signals):
        token = uuid4()
        first, second = (begin(actor, ticked(*signals), token=token) for _ in range(2))
        assert first.pk == second.pk
        assert Entry.objects.filter(verb="signals.state_changed").count() == 5

    def test_one_persons_token_is_not_anothers(self, actor, responder, signals):
        token = uuid4()
        first = begin(actor, ticked(*signals[:2]), token=token)
        second = begin(person(responder), ticked(*signals[2:]), token=token)
        assert first.pk != second.pk

    def test_who_may_not_change_signals_begins_nothing(self, viewer, signals):
        with pytest.raises(NotAllowed):
            begin(person(viewer), ticked(*signals))
        assert not BulkOperation.objects.exists()

    def test_nothing_selected_is_nothing_to_do(self, actor):
        with pytest.raises(Invalid):
            begin(actor, ticked())


class TestReport:
    def test_words_of_any_length_are_kept_as_far_as_there_is_room(self, actor, signals):
        operation = operations.begin(
            actor=actor,
            action=bulk_action(*SET_STATE),
            rows=ticked(*signals),
            params=REVIEW,
            words=f"Assign to {', '.join(['Maximiliane Mustermann'] * 20)}",
            selection="some signals",
            token=uuid4(),
        )
        assert (operation.state, len(operation.words), operation.words[-1]) == ("done", 300, "…")
        assert operations.undo(actor=actor, operation=operation).changed == 5

    def test_tells_changed_unchanged_and_refused_apart(self, actor, signals):
        actions.set_state(actor=actor, seen={signals[0].pk: 0}, to="under_review")
        actions.set_state(actor=actor, seen={signals[1].pk: 0}, to="archived", reason="other")
        rows = Frozen.of(np.array([s.pk for s in signals]), np.array([1, 1, 0, 0, 0]))
        operation = begin(actor, rows)
        assert (operation.changed, operation.unchanged, operation.refused) == (3, 1, 1)
        assert operation.reasons == ["A signal that is Archived cannot become Under Review; from here it goes to Open."]

    def test_a_row_that_was_changed_meanwhile_is_left_and_named(self, actor, signals):
        rows = ticked(*signals)
        actions.set_state(actor=actor, seen={signals[2].pk: 0}, to="archived", reason="other")
        operation = begin(actor, rows)
        assert (operation.changed, operation.refused) == (4, 1)
        frozen = Frozen.unpack(operation)
        assert frozen.refused_keys(operation.reasons[0]).tolist() == [signals[2].pk]
        assert "Someone changed this" in operation.reasons[0]

    def test_rows_that_are_nobodys_to_see_are_refused(self, actor, signals):
        rows = Frozen.of(np.array([signals[0].pk, 10**9]), np.array([0, 0]))
        operation = begin(actor, rows)
        assert (operation.changed, operation.refused) == (1, 1)
        assert operation.reasons == ["There is no such signal, or it is not yours to see."]

    def test_reasons_leave_out_what_is_particular_to_one_row(self, actor):
        now = timezone.now()
        old = [
            SignalFactory(state="archived", archive_reason="other", first_seen=now - timedelta(days=days))
            for days in (40, 50, 60)
        ]
        operation = begin(actor, ticked(*old), {"to": "open", "reason": "", "comment": ""})
        assert (operation.refused, len(operation.reasons)) == (3, 1)
        assert Frozen.unpack(operation).refusals() == [(operation.reasons[0], 3)]

    def test_more_reasons_than_anybody_reads_are_folded_into_one(self):
        frozen = Frozen.of(np.arange(1, MOST_REASONS + 50), np.zeros(MOST_REASONS + 49))
        for number in range(len(frozen)):
            frozen.refuse(number, NotFound(f"Reason {number}"))
        assert len(frozen.reasons) == MOST_REASONS + 1
        assert frozen.reasons[-1] == OTHER_REASONS
        assert frozen.results.max() == REFUSED + MOST_REASONS

    def test_what_is_packed_comes_out_the_same(self, actor, signals):
        rows = ticked(*signals)
        operation = BulkOperation(reasons=[], **rows.packed())
        again = Frozen.unpack(operation)
        assert (again.keys.tolist(), again.versions.tolist()) == (rows.keys.tolist(), rows.versions.tolist())
        assert again.results.tolist() == [0] * 5


class TestRunning:
    def test_the_permissions_are_those_of_the_moment(self, actor, analyst, signals, many, small_chunks):
        operation = begin(actor, ticked(*signals))
        analyst.groups.clear()
        run.run_due()
        operation.refresh_from_db()
        assert (operation.state, operation.changed, operation.refused) == ("done", 0, 5)
        assert "security_monitoring_signals_write" in operation.reasons[0]

    def test_a_permission_lost_in_the_middle_stops_the_rest(
        self, actor, analyst, signals, many, small_chunks, monkeypatch
    ):
        operation = begin(actor, ticked(*signals))
        monkeypatch.setattr(run.time, "sleep", lambda seconds: analyst.groups.clear())
        run.run_due()
        operation.refresh_from_db()
        assert (operation.state, operation.changed, operation.refused) == ("done", 2, 3)
        assert states() == ["under_review"] * 2 + ["open"] * 3

    def test_somebody_who_may_no_longer_log_in_changes_nothing(self, actor, analyst, signals, many):
        begin(actor, ticked(*signals))
        analyst.is_active = False
        analyst.save()
        run.run_due()
        assert states() == ["open"] * 5

    def test_a_key_stays_within_its_scopes(self, actor, analyst, signals, many):
        key, _ = make_application_key(
            actor=actor,
            owner=analyst,
            name="bulk",
            scopes=["security_monitoring_signals_read", "security_monitoring_signals_write"],
        )
        operation = begin(key_actor(key), ticked(*signals))
        assert run.actor_of(operation).permissions == key_actor(key).permissions
        run.run_due()
        entry = Entry.objects.filter(verb="signals.state_changed").first()
        assert (entry.actor_kind, entry.actor_label) == ("key", key_actor(key).label)

    def test_the_product_itself_may_begin_one(self, signals, many):
        begin(system("workflows"), ticked(*signals))
        run.run_due()
        assert states() == ["under_review"] * 5

    def test_what_somebody_holds_is_left_to_them(self, actor, signals, many):
        operation = begin(actor, ticked(*signals))
        BulkOperation.objects.update(state="running", holder=uuid4(), lease_until=timezone.now() + run.LEASE)
        run.run_due()
        run.run(operation.pk)
        assert states() == ["open"] * 5

    def test_what_a_dead_worker_left_is_taken_up_where_it_stopped(self, actor, signals, many, small_chunks):
        operation = begin(actor, ticked(*signals))
        claimed = run._claim(operation.pk)
        run._chunk(claimed, Frozen.unpack(claimed), 2)  # and here it dies
        BulkOperation.objects.update(lease_until=timezone.now())
        run.run_due()
        operation.refresh_from_db()
        assert (operation.state, operation.changed) == ("done", 5)
        assert Entry.objects.filter(verb="signals.state_changed").count() == 5

    def test_who_comes_back_after_being_taken_for_dead_changes_nothing(self, actor, signals, many):
        operation = begin(actor, ticked(*signals))
        slow = run._claim(operation.pk)
        BulkOperation.objects.update(lease_until=timezone.now())
        run._claim(operation.pk)
        with pytest.raises(run.TakenOver):
            run._chunk(slow, Frozen.unpack(slow), 2)
        assert states() == ["open"] * 5

    def test_what_fails_again_and_again_is_given_up_in_the_open(self, actor, signals, many, monkeypatch):
        operation = begin(actor, ticked(*signals), params={"nonsense": 1})
        for _ in range(run.MOST_ATTEMPTS + 1):
            BulkOperation.objects.update(lease_until=timezone.now())
            run.run(operation.pk)
        operation.refresh_from_db()
        assert operation.state == "failed"
        assert "worker's log" in operation.error

    def test_chunks_go_in_the_order_of_keys(self, actor, signals, many, small_chunks, monkeypatch):
        order = []
        act = bulk_action(*SET_STATE).act
        action = bulk_action(*SET_STATE)
        monkeypatch.setattr(
            run,
            "bulk_action",
            lambda *of: type("", (), {"act": staticmethod(lambda **kw: order.extend(kw["seen"]) or act(**kw))}),
        )
        begin(actor, ticked(*signals))
        run.run_due()
        assert order == sorted(signal.pk for signal in signals)
        assert action.act is act


class TestCancel:
    def test_stops_between_two_chunks_and_keeps_what_is_done(self, actor, signals, many, small_chunks, monkeypatch):
        operation = begin(actor, ticked(*signals))
        monkeypatch.setattr(run.time, "sleep", lambda seconds: operations.cancel(actor=actor, operation=operation))
        run.run_due()
        operation.refresh_from_db()
        assert (operation.state, operation.changed, operation.position) == ("cancelled", 2, 2)
        assert states() == ["under_review"] * 2 + ["open"] * 3

    def test_what_waits_is_cancelled_at_once(self, actor, signals, many):
        operation = operations.cancel(actor=actor, operation=begin(actor, ticked(*signals)))
        assert operation.state == "cancelled"
        run.run_due()
        assert states() == ["open"] * 5

    def test_of_a_dead_worker_is_noticed_by_the_next(self, actor, signals, many):
        operation = begin(actor, ticked(*signals))
        run._claim(operation.pk)
        operations.cancel(actor=actor, operation=operation)
        BulkOperation.objects.update(lease_until=timezone.now())
        run.run_due()
        operation.refresh_from_db()
        assert (operation.state, operation.changed) == ("cancelled", 0)

    def test_of_what_is_finished_changes_nothing(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        assert operations.cancel(actor=actor, operation=operation).state == "done"
        assert not Entry.objects.filter(verb="bulk.cancelled").exists()


class TestUndo:
    def test_puts_every_row_back(self, actor, signals, small_chunks):
        operation = begin(actor, ticked(*signals))
        undone = operations.undo(actor=actor, operation=operation)
        assert (undone.state, undone.changed) == ("done", 5)
        assert states() == ["open"] * 5
        assert list(Signal.objects.values_list("version", flat=True)) == [2] * 5

    def test_puts_back_what_each_row_was(self, actor, signals, small_chunks):
        actions.set_state(actor=actor, seen={signals[0].pk: 0}, to="under_review")
        actions.set_state(actor=actor, seen={signals[1].pk: 0}, to="archived", reason="remediated", comment="patched")
        rows = Frozen.of(np.array([s.pk for s in signals]), np.array([1, 1, 0, 0, 0]))
        operation = begin(actor, rows, {"to": "open", "reason": "", "comment": ""})
        assert (operation.changed, operation.unchanged) == (2, 3)
        operations.undo(actor=actor, operation=operation)
        assert states() == ["under_review", "archived", "open", "open", "open"]
        archived = Signal.objects.get(pk=signals[1].pk)
        assert (archived.archive_reason, archived.archive_comment) == ("remediated", "patched")

    def test_leaves_what_somebody_has_touched_since_and_says_which(self, actor, signals, small_chunks):
        operation = begin(actor, ticked(*signals))
        actions.assign(actor=actor, seen={signals[3].pk: 1}, users=[actor.user])
        undone = operations.undo(actor=actor, operation=operation)
        assert (undone.changed, undone.refused) == (4, 1)
        assert Frozen.unpack(undone).refused_keys(undone.reasons[0]).tolist() == [signals[3].pk]
        assert states() == ["open", "open", "open", "under_review", "open"]

    def test_is_exempt_from_the_thirty_days_and_its_entry_says_so(self, actor):
        old = SignalFactory(first_seen=timezone.now() - timedelta(days=45))
        operation = begin(actor, ticked(old), {"to": "archived", "reason": "other", "comment": ""})
        operations.undo(actor=actor, operation=operation)
        assert states() == ["open"]
        assert Entry.objects.filter(verb="signals.state_changed").first().data["exempt"] is True

    def test_is_done_once(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        first, second = (operations.undo(actor=actor, operation=operation) for _ in range(2))
        assert first.pk == second.pk
        assert list(Signal.objects.values_list("version", flat=True)) == [2] * 5

    def test_is_possible_for_an_hour(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        operation.finished_at -= timedelta(minutes=61)
        with pytest.raises(Conflict):
            operations.undo(actor=actor, operation=operation)

    def test_of_what_runs_has_to_wait(self, actor, signals, many):
        with pytest.raises(Conflict):
            operations.undo(actor=actor, operation=begin(actor, ticked(*signals)))

    def test_of_a_cancelled_one_puts_back_what_was_done(self, actor, signals, many, small_chunks, monkeypatch):
        operation = begin(actor, ticked(*signals))
        with monkeypatch.context() as patch:
            patch.setattr(run.time, "sleep", lambda seconds: operations.cancel(actor=actor, operation=operation))
            run.run_due()
        operation.refresh_from_db()
        operations.undo(actor=actor, operation=operation)
        run.run_due()
        assert states() == ["open"] * 5

    def test_gives_back_assignees_in_their_order(self, actor, analyst, responder, signals, small_chunks):
        actions.assign(actor=actor, seen={signals[0].pk: 0}, users=[responder, analyst])
        rows = Frozen.of(np.array([s.pk for s in signals]), np.array([1, 0, 0, 0, 0]))
        operation = begin(actor, rows, {"users": [str(analyst.uuid)]}, name="assign")
        assert operation.changed == 5
        undone = operations.undo(actor=actor, operation=operation)
        assert undone.changed == 5
        kept = Assignment.objects.order_by("signal", "position").values_list("signal", "user")
        assert list(kept) == [(signals[0].pk, responder.pk), (signals[0].pk, analyst.pk)]

    def test_gives_back_what_a_removal_took(self, actor, analyst, signals, small_chunks):
        actions.assign(actor=actor, seen={s.pk: 0 for s in signals[:3]}, users=[analyst])
        rows = Frozen.of(np.array([s.pk for s in signals]), np.array([1, 1, 1, 0, 0]))
        operation = begin(actor, rows, {"users": []}, name="unassign")
        assert (operation.changed, operation.unchanged, Assignment.objects.count()) == (3, 2, 0)
        operations.undo(actor=actor, operation=operation)
        assert Assignment.objects.count() == 3

    def test_routes_back_to_the_team_or_to_none(self, actor, responder, signals, small_chunks):
        team = responder.teams.get()
        Signal.objects.filter(pk=signals[4].pk).update(team=team)
        rows = ticked(*signals)
        operation = begin(actor, rows, {"team": ""}, name="set_team")
        assert operation.changed == 1
        operations.undo(actor=actor, operation=operation)
        assert Signal.objects.get(team=team).pk == signals[4].pk


def query(**params) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(params)
    return data


class TestSelection:
    def test_ticked_rows_are_taken_with_the_versions_seen(self, actor, signals):
        found = selected(EXPLORER, actor, query(rows=f"{signals[1].pk}:4,{signals[0].pk}:2"))
        assert found.freeze().keys.tolist() == [signals[0].pk, signals[1].pk]
        assert found.freeze().versions.tolist() == [2, 4]
        assert found.words == "2 selected signals"

    def test_a_form_without_javascript_sends_each_row_apart(self, actor, signals):
        data = QueryDict(f"rows={signals[0].pk}:0&rows={signals[1].pk}:0")
        assert len(selected(EXPLORER, actor, data)) == 2

    def test_a_row_without_a_version_is_taken_as_it_is_at_the_click(self, actor, signals):
        actions.set_team(actor=actor, seen={signals[0].pk: None}, team=None)
        actions.set_state(actor=actor, seen={signals[0].pk: None}, to="under_review")
        rows = selected(EXPLORER, actor, query(rows=f"{signals[0].pk},{signals[1].pk}:0")).freeze()
        assert rows.seen(0, 2) == {signals[0].pk: 1, signals[1].pk: 0}

    @pytest.mark.parametrize("rows", ["x", "1:x", "-1:0", "1:-5", "9" * 30, "1:99999999999", "٣:0"])
    def test_what_is_no_row_is_refused(self, actor, rows):
        with pytest.raises(Invalid):
            selected(EXPLORER, actor, query(rows=rows))

    def test_all_matching_are_those_of_query_and_window(self, actor, signals):
        SignalFactory(title="Signal of old", first_seen=timezone.now() - timedelta(days=20))
        actions.set_state(actor=actor, seen={signals[0].pk: 0}, to="under_review")
        found = selected(EXPLORER, actor, query(matching="on", query="signal @workflow.triage.state:open"))
        assert found.freeze().keys.tolist() == [signal.pk for signal in signals[1:]]
        assert "matching “signal @workflow.triage.state:open”" in found.words

    def test_said_again_it_is_the_same_rows_whatever_arrives(self, actor, signals):
        first = selected(EXPLORER, actor, query(matching="on"))
        SignalFactory(first_seen=timezone.now() - timedelta(hours=1))
        again = selected(EXPLORER, actor, query(**dict(first.fields)))
        assert again.freeze().keys.tolist() == first.freeze().keys.tolist()
        assert len(selected(EXPLORER, actor, query(matching="on"))) == 6

    def test_all_matching_come_with_their_versions(self, actor, signals):
        actions.set_state(actor=actor, seen={signals[3].pk: 0}, to="under_review")
        assert selected(EXPLORER, actor, query(matching="on")).freeze().versions.tolist() == [0, 0, 0, 1, 0]

    def test_nothing_matches_what_one_may_not_see(self, outsider, signals):
        assert len(selected(EXPLORER, person(outsider), query(matching="on"))) == 0

    def test_the_rows_of_an_operation_are_as_it_left_them(self, actor, signals):
        operation = begin(actor, ticked(*signals))
        found = selected(EXPLORER, actor, query(operation=str(operation.uuid)))
        assert found.freeze().versions.tolist() == [1] * 5
        assert begin(actor, found.freeze(), {"to": "open", "reason": "", "comment": ""}).changed == 5

    def test_another_persons_operation_is_none(self, actor, responder, admin, signals):
        operation = begin(actor, ticked(*signals))
        for other in (responder, admin):
            with pytest.raises(NotFound):
                selected(EXPLORER, person(other), query(operation=str(operation.uuid)))

    def test_an_operation_that_runs_cannot_be_gone_on_with(self, actor, signals, many):
        operation = begin(actor, ticked(*signals))
        with pytest.raises(Conflict):
            selected(EXPLORER, actor, query(operation=str(operation.uuid)))

    def test_a_faulty_query_selects_nothing(self, actor, signals):
        with pytest.raises(Invalid):
            selected(EXPLORER, actor, query(matching="on", query="severity:(high OR"))


def test_one_sees_ones_own_operations_and_whoever_reads_the_ledger_sees_all(actor, responder, admin, signals):
    operation = begin(actor, ticked(*signals))
    assert list(BulkOperation.objects.visible_to(actor)) == [operation]
    assert list(BulkOperation.objects.visible_to(person(admin))) == [operation]
    assert not BulkOperation.objects.visible_to(person(responder))
    assert Frozen.unpack(operation).results.tolist() == [CHANGED] * 5
