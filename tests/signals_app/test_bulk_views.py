"""Bulk actions in the browser: what is asked, what is begun, what is told, and to whom."""

import re
from html import unescape
from uuid import uuid4

import pytest

from accounts_app.models import User
from core_app.models import Entry
from search_app.bulk import operations, run, showing
from search_app.models import BulkOperation
from signals_app.models import Assignment, Signal

from .factories import SignalFactory

pytestmark = pytest.mark.django_db

DIALOG = {"HX-Request": "true", "HX-Target": "bulk-dialog"}
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def triager(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def signals():
    return [SignalFactory(title=f"Signal {number}") for number in range(3)]


def rows(*signals) -> str:
    return ",".join(f"{signal.pk}:{signal.version}" for signal in signals)


def words(response) -> str:
    return unescape(response.content.decode())


def hidden(response) -> dict[str, str]:
    """The hidden fields of the dialog's form."""
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode())
    }


def ask(client, action, selection, **headers):
    return client.post(f"/search/signals/bulk/{action}/", selection, headers=headers or DIALOG)


def do(client, action, selection, **settings):
    """Open the dialog and press its button."""
    return ask(client, action, {**hidden(ask(client, action, selection)), **settings})


def states() -> list[str]:
    return list(Signal.objects.order_by("pk").values_list("state", flat=True))


class TestDialog:
    def test_says_how_many_on_its_button_and_changes_nothing(self, triager, signals):
        response = ask(triager, "set_state", {"rows": rows(*signals)})
        assert "Set state of 3 signals" in words(response)
        assert states() == ["open"] * 3
        assert not BulkOperation.objects.exists()

    def test_all_matching_are_counted_anew(self, triager, signals):
        response = ask(triager, "set_state", {"matching": "on", "query": "severity:high"})
        assert "Set state of 3 signals" in words(response)
        assert "all signals matching “severity:high”" in words(response)

    def test_too_many_are_refused_before_they_are_read(
        self, triager, signals, monkeypatch, django_assert_max_num_queries
    ):
        monkeypatch.setattr(operations, "MOST_ROWS", 2)
        fields = hidden(ask(triager, "unassign", {"matching": "on"}))
        with django_assert_max_num_queries(100) as asked:
            response = ask(triager, "unassign", fields)
        assert response.status_code == 400 and "At most 2 rows" in words(response)
        assert not any('"signals_app_signal"."version"' in query["sql"] for query in asked.captured_queries)

    def test_offers_the_people_who_may_log_in(self, triager, signals, responder):
        User.objects.create_user("gone@example.test", name="Gone Gone", is_active=False)
        html = words(ask(triager, "assign", {"rows": rows(*signals)}))
        assert "Ana Analyst" in html and "Gone Gone" not in html

    def test_without_javascript_it_is_a_page(self, triager, signals):
        response = triager.post("/search/signals/bulk/unassign/", {"rows": rows(*signals)})
        assert "<html" in words(response)
        assert "Remove all assignments of 3 signals" in words(response)

    def test_hostile_queries_are_only_text(self, triager):
        SignalFactory(title=HOSTILE)
        html = ask(triager, "set_state", {"matching": "on", "query": '"<img src=x"'}).content.decode()
        assert "Set state of 1 signal" in html
        assert "&lt;img src=x" in html and "<img src=x" not in html
        assert "<img src=x" not in triager.get("/signals/").content.decode()

    def test_nothing_selected_has_no_button(self, triager):
        html = words(ask(triager, "set_state", {"rows": ""}))
        assert "nothing left that this could be done to" in html
        assert '<button type="submit"' not in html

    def test_what_is_no_row_is_a_refusal_and_no_error(self, triager):
        assert ask(triager, "set_state", {"rows": "x:y"}).status_code == 400

    def test_there_is_no_such_action(self, triager, signals):
        assert ask(triager, "explode", {"rows": rows(*signals)}).status_code == 404


class TestDoing:
    def test_sets_the_state_and_tells_the_lists(self, triager, signals):
        response = do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
        assert states() == ["under_review"] * 3
        assert "signals:changed" in response["HX-Trigger-After-Settle"]
        assert "3 changed" in words(response)

    def test_archives_with_reason_and_comment(self, triager, signals):
        do(triager, "set_state", {"rows": rows(*signals)}, state="archived", reason="remediated", comment="patched")
        kept = set(Signal.objects.values_list("state", "archive_reason", "archive_comment"))
        assert kept == {("archived", "remediated", "patched")}

    def test_archiving_without_a_reason_asks_again_and_keeps_what_was_written(self, triager, signals):
        response = do(triager, "set_state", {"rows": rows(*signals)}, state="archived", comment="my finding")
        assert response.status_code == 422
        assert "Say why it is archived." in words(response) and "my finding" in words(response)
        assert states() == ["open"] * 3

    def test_assigns_several_people_in_their_order(self, triager, signals, analyst, responder):
        do(triager, "assign", {"rows": rows(*signals)}, assignees=[responder.uuid, analyst.uuid])
        kept = Assignment.objects.filter(signal=signals[0]).order_by("position").values_list("user", flat=True)
        assert list(kept) == [responder.pk, analyst.pk]
        assert Assignment.objects.count() == 6

    def test_assigning_to_nobody_is_asked_again(self, triager, signals):
        assert do(triager, "assign", {"rows": rows(*signals)}).status_code == 422

    def test_removes_all_assignments(self, triager, signals, analyst):
        do(triager, "assign", {"rows": rows(*signals)}, assignees=[analyst.uuid])
        seen = ",".join(f"{signal.pk}:1" for signal in signals)
        do(triager, "unassign", {"rows": seen})
        assert not Assignment.objects.exists()

    def test_routes_to_a_team(self, triager, signals, responder):
        team = responder.teams.get()
        do(triager, "set_team", {"rows": rows(*signals)}, team=team.uuid)
        assert Signal.objects.filter(team=team).count() == 3

    def test_pressed_twice_it_is_done_once(self, triager, signals):
        fields = {**hidden(ask(triager, "set_state", {"matching": "on", "query": "@workflow.triage.state:open"}))}
        first, second = (ask(triager, "set_state", {**fields, "state": "under_review"}) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200)
        assert BulkOperation.objects.count() == 1
        assert Entry.objects.filter(verb="signals.state_changed").count() == 3

    def test_what_arrives_after_the_dialog_is_not_among_all_matching(self, triager, signals):
        fields = hidden(ask(triager, "set_state", {"matching": "on"}))
        SignalFactory(title="Too late")
        ask(triager, "set_state", {**fields, "state": "under_review"})
        assert states() == ["under_review"] * 3 + ["open"]

    def test_the_number_on_the_button_is_the_number_changed_or_one_is_asked_again(self, triager, signals, responder):
        fields = hidden(ask(triager, "set_state", {"matching": "on", "query": "@workflow.triage.state:open"}))
        Signal.objects.filter(pk=signals[0].pk).update(state="archived", archive_reason="other")
        response = ask(triager, "set_state", {**fields, "state": "under_review"})
        assert response.status_code == 409
        assert "There were 3 when you opened this, and now there are 2" in words(response)
        assert states() == ["archived", "open", "open"]
        again = ask(triager, "set_state", {**hidden(response), "state": "under_review"})
        assert "2 changed" in words(again)

    def test_a_reader_is_refused_and_told_the_permission(self, client, viewer, signals):
        client.force_login(viewer)
        response = ask(client, "set_state", {"rows": rows(*signals), "token": uuid4(), "expected": 3, "state": "open"})
        assert response.status_code == 403
        assert "security_monitoring_signals_write" in words(response)

    def test_without_javascript_one_is_led_to_the_report(self, triager, signals):
        fields = hidden(triager.post("/search/signals/bulk/set_state/", {"rows": rows(*signals)}))
        response = triager.post("/search/signals/bulk/set_state/", {**fields, "state": "under_review"})
        assert response.status_code == 302
        assert "Changed</dt><dd>3" in words(triager.get(response["Location"]))


class TestPage:
    def test_each_row_has_a_box_with_the_version_seen(self, triager, signals):
        html = words(triager.get("/signals/"))
        assert f'name="rows" value="{signals[0].pk}:0" aria-label="Select Signal 0"' in html

    def test_the_menu_has_the_entries_of_the_original(self, triager, signals):
        html = words(triager.get("/signals/"))
        assert all(
            label in html for label in ("Bulk Actions", "Set state", "Assign selection", "Remove all assignments")
        )

    def test_a_reader_sees_why_the_menu_does_nothing(self, client, viewer, signals):
        client.force_login(viewer)
        html = words(client.get("/signals/"))
        assert 'disabled aria-describedby="bulk-why-security_monitoring_signals_write"' in html

    def test_lists_elsewhere_have_no_boxes(self, triager, signals):
        assert "data-select-page" not in words(triager.get(f"/rules/{signals[0].rule.uuid}/"))


@pytest.fixture
def waiting(triager, signals, monkeypatch):
    """An operation that waits for the worker."""
    monkeypatch.setattr(operations, "AT_ONCE", 1)
    do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
    return BulkOperation.objects.get()


class TestStrip:
    def test_shows_how_far_it_is_and_asks_again(self, triager, waiting):
        html = words(triager.get("/search/signals/bulk/"))
        assert "0 of 3" in html and 'hx-trigger="every 1s"' in html

    def test_survives_a_reload_of_the_explorer(self, triager, waiting):
        assert f"running={waiting.uuid}" in words(triager.get("/signals/"))

    def test_tells_the_lists_once_when_it_has_ended(self, triager, waiting):
        run.run_due()
        response = triager.get(f"/search/signals/bulk/?running={waiting.uuid}")
        assert "signals:changed" in response["HX-Trigger-After-Settle"]
        assert f'data-left="{rows(*Signal.objects.order_by("pk"))}"' in words(response)
        assert "every 1s" not in words(response)
        assert "HX-Trigger-After-Settle" not in triager.get("/search/signals/bulk/").headers

    def test_offers_undo_with_the_time_left(self, triager, waiting):
        run.run_due()
        html = words(triager.get("/search/signals/bulk/"))
        assert "60 min left" in html and ">Undo</button>" in html

    def test_undo_puts_them_back_and_is_not_offered_again(self, triager, signals):
        do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
        operation = BulkOperation.objects.get()
        response = triager.post(f"/search/signals/bulk/operations/{operation.uuid}/undo/", headers=DIALOG)
        assert states() == ["open"] * 3
        assert ">Undo</button>" not in words(response)

    def test_cancel_stops_it(self, triager, waiting):
        response = triager.post(f"/search/signals/bulk/operations/{waiting.uuid}/cancel/", headers=DIALOG)
        assert "Cancelled after 0 of 3" in words(response)

    def test_a_report_can_be_put_away(self, triager, signals):
        do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
        operation = BulkOperation.objects.get()
        response = triager.post(f"/search/signals/bulk/operations/{operation.uuid}/dismiss/", headers=DIALOG)
        assert "Set state" not in words(response)

    def test_of_many_reports_the_last_is_shown_and_the_earlier_are_folded(self, triager, signals):
        for state in ("under_review", "open", "under_review"):
            do(triager, "set_state", {"rows": rows(*Signal.objects.order_by("pk"))}, state=state)
        newest, *others = BulkOperation.objects.order_by("-pk")
        above, folded = words(triager.get("/search/signals/bulk/")).split("<details")
        assert str(newest.uuid) in above
        assert "2 earlier reports" in folded
        assert all(str(one.uuid) in folded and str(one.uuid) not in above for one in others)

    def test_what_runs_is_never_folded_nor_hidden_with_all_reports(self, triager, signals, waiting):
        for state in ("under_review", "open"):
            do(triager, "set_state", {"rows": rows(Signal.objects.first())}, state=state)
        above, folded = words(triager.get("/search/signals/bulk/")).split("<details")
        assert str(waiting.uuid) in above
        assert "1 earlier report<" in folded
        answer = words(triager.post("/search/signals/bulk/operations/dismiss/", headers=DIALOG))
        assert re.findall(r"operations/([0-9a-f-]{36})/cancel/", answer)[:1] == [str(waiting.uuid)]
        assert "earlier report" not in answer
        assert "Hide this report" not in answer
        assert triager.post("/search/signals/bulk/operations/dismiss/").url == "/signals/"

    def test_reports_beyond_those_that_are_listed_are_counted(self, triager, signals, monkeypatch):
        monkeypatch.setattr(showing, "SHOWN", 2)
        for state in ("under_review", "open", "under_review", "open"):
            do(triager, "set_state", {"rows": rows(*Signal.objects.order_by("pk"))}, state=state)
        answer = words(triager.get("/search/signals/bulk/"))
        assert "3 earlier reports" in answer
        assert "and 2 more of the last hour" in answer

    def test_hiding_all_reports_hides_ones_own_only(self, client, triager, signals, responder):
        do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
        client.force_login(responder)
        client.post("/search/signals/bulk/operations/dismiss/", headers=DIALOG)
        assert not BulkOperation.objects.get().is_dismissed

    def test_one_persons_operations_are_not_anothers(self, client, waiting, responder):
        client.force_login(responder)
        assert str(waiting.uuid) not in words(client.get("/signals/"))
        for part in ("", "cancel/", "undo/", "dismiss/"):
            method = client.post if part else client.get
            assert method(f"/search/signals/bulk/operations/{waiting.uuid}/{part}").status_code == 404

    def test_the_report_names_what_was_left_and_why(self, triager, signals, responder):
        Signal.objects.filter(pk=signals[1].pk).update(
            state="archived", archive_reason="other", version=0, title=HOSTILE
        )
        do(triager, "set_state", {"rows": rows(*signals)}, state="under_review")
        response = triager.get(f"/search/signals/bulk/operations/{BulkOperation.objects.get().uuid}/")
        html = response.content.decode()
        assert "cannot become Under Review" in html
        assert "onerror=alert(1)&gt;" in html and "<img src=x" not in html
