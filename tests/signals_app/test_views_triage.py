"""Triage in the browser: the menus, what they refuse, and what they say then."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.utils import timezone

from accounts_app.models import Team
from core_app.models import Entry
from search_app.explorer import page
from search_app.explorer.page import LISTED_AT
from search_app.index.bitmaps.keeper import forget_all
from signals_app import actions
from signals_app.models import Assignment, Signal

from .factories import SignalFactory

pytestmark = pytest.mark.django_db

MENU = {"HX-Request": "true", "HX-Target": "signal-menu"}


@pytest.fixture
def triager(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def signal():
    return SignalFactory(title="SQL injection")


def at(signal: Signal, part: str) -> str:
    return f"/signals/{signal.public_id}/{part}/"


def words(response) -> str:
    return unescape(response.content.decode())


class TestState:
    def test_a_move_is_made_and_announced(self, triager, signal):
        response = triager.post(at(signal, "state"), {"state": "under_review", "seen_version": 0}, headers=MENU)
        signal.refresh_from_db()
        assert (response.status_code, signal.state, signal.version) == (200, "under_review", 1)
        assert "signals:changed" in response["HX-Trigger-After-Settle"]
        assert "SQL injection</strong> is now Under Review" in words(response)

    def test_without_javascript_one_is_back_at_the_signal(self, triager, signal):
        response = triager.post(at(signal, "state"), {"state": "under_review", "seen_version": 0})
        assert response.status_code == 302
        assert response["Location"] == f"/signals/{signal.public_id}/"

    def test_archiving_asks_for_a_reason_first(self, triager, signal):
        response = triager.get(at(signal, "state"), {"state": "archived"}, headers=MENU)
        assert 'name="reason"' in words(response)
        refused = triager.post(at(signal, "state"), {"state": "archived", "seen_version": 0}, headers=MENU)
        assert refused.status_code == 422
        assert "Say why it is archived." in words(refused)
        signal.refresh_from_db()
        assert signal.state == "open"

    def test_archives_with_reason_and_comment(self, triager, signal):
        given = {"state": "archived", "seen_version": 0, "reason": "remediated", "comment": "<b>patched</b>"}
        triager.post(at(signal, "state"), given, headers=MENU)
        signal.refresh_from_db()
        assert (signal.archive_reason, signal.archive_comment) == ("remediated", "<b>patched</b>")
        assert b"&lt;b&gt;patched" in triager.get(f"/signals/{signal.public_id}/").content

    def test_moves_that_are_not_possible_are_disabled_with_the_reason(self, triager):
        old = timezone.now() - timedelta(days=31)
        signal = SignalFactory(state="archived", archive_reason="other", first_seen=old)
        html = words(triager.get(at(signal, "state"), headers=MENU))
        assert html.count("disabled aria-describedby") == 2
        assert "within 30 days" in html

    def test_reopening_after_30_days_is_refused_with_words(self, triager):
        old = timezone.now() - timedelta(days=31)
        signal = SignalFactory(state="archived", archive_reason="other", first_seen=old)
        response = triager.post(at(signal, "state"), {"state": "open", "seen_version": 0}, headers=MENU)
        signal.refresh_from_db()
        assert (response.status_code, signal.state) == (409, "archived")
        assert "within 30 days" in words(response)

    @pytest.mark.parametrize("given", [{}, {"state": "gone"}, {"state": "open", "seen_version": "x"}])
    def test_what_cannot_be_meant_changes_nothing(self, triager, signal, given):
        response = triager.post(at(signal, "state"), given or {"x": "y"}, headers=MENU)
        assert response.status_code == 422
        assert not Entry.objects.exists()


class TestListBeside:
    """The list beside which one was changed comes with the answer, as it is then."""

    LIST = {"HX-Request": "true", "HX-Target": "signals-results"}

    @pytest.fixture(autouse=True)
    def looked_at(self, triager, signal):
        triager.get("/signals/")

    def test_what_no_longer_meets_the_query_is_gone_from_list_and_counts(self, triager, signal):
        SignalFactory(title="Another one")
        here = "/signals/?query=%40workflow.triage.state%3Aopen"
        move = {"state": "under_review", "seen_version": 0}
        with time_machine.travel(timezone.now(), tick=False):
            response = triager.post(at(signal, "state"), move, headers={**MENU, LISTED_AT: here})
            asked_for = words(triager.get(here, headers=self.LIST))
        notice, beside = words(response).split('<div id="signals-results" hx-swap-oob="innerHTML">')
        assert "SQL injection</strong> is now Under Review" in notice
        assert ">SQL injection</a>" not in beside and ">Another one</a>" in beside
        assert "<strong>1</strong> signal" in beside
        assert "signals:listed" in response["HX-Trigger-After-Settle"]
        assert "signals:changed" not in response["HX-Trigger-After-Settle"]
        tokens = re.compile('name="csrfmiddlewaretoken" value="[^"]+"')
        assert tokens.sub("", beside).strip().removesuffix("</div>").strip() == tokens.sub("", asked_for).strip()

    @pytest.mark.parametrize("viz", ["?agg=rule&column=severity", "?viz=toplist&group=severity"])
    def test_whatever_stands_in_its_place_comes_too(self, triager, signal, viz):
        headers = {**MENU, LISTED_AT: f"/signals/{viz}"}
        response = triager.post(at(signal, "state"), {"state": "under_review", "seen_version": 0}, headers=headers)
        assert 'id="signals-results"' in words(response)

    def test_an_assignment_brings_it_beside_its_menu(self, triager, signal, analyst):
        given = {"assignees": analyst.uuid, "seen_version": 0}
        html = words(triager.post(at(signal, "assignees"), given, headers={**MENU, LISTED_AT: "/signals/"}))
        assert f"Assigned to {analyst.label}" in html.split('id="signals-results"')[1]

    @pytest.mark.parametrize(
        "here",
        ["/cases/", "/signals", "/signals/?query=%28", "/signals/?view=gone", "/signals/?after=nowhere",
         "/signals/?start=x", "/signals/?query=%40a.b%3Ac", "/signals/?query=message%3Ax",
         "/signals/?" + "a&" * 2000, "\x00", "//[x"],
    )  # fmt: skip
    def test_a_list_that_cannot_be_drawn_at_once_is_left_to_ask_for_itself(self, triager, signal, here):
        move = {"state": "under_review", "seen_version": 0}
        response = triager.post(at(signal, "state"), move, headers={**MENU, LISTED_AT: here})
        signal.refresh_from_db()
        assert (response.status_code, signal.state) == (200, "under_review")
        assert 'id="signals-results"' not in words(response)
        assert "signals:changed" in response["HX-Trigger-After-Settle"]

    def test_a_list_whose_drawing_fails_does_not_deny_the_change(self, triager, signal, monkeypatch):
        monkeypatch.setattr(page, "BESIDE", "no such template")
        move = {"state": "under_review", "seen_version": 0}
        response = triager.post(at(signal, "state"), move, headers={**MENU, LISTED_AT: "/signals/"})
        signal.refresh_from_db()
        assert (response.status_code, signal.state) == (200, "under_review")
        assert "signals:changed" in response["HX-Trigger-After-Settle"]

    def test_a_closed_index_is_not_waited_for(self, triager, signal):
        forget_all()
        move = {"state": "under_review", "seen_version": 0}
        response = triager.post(at(signal, "state"), move, headers={**MENU, LISTED_AT: "/signals/"})
        assert "signals:changed" in response["HX-Trigger-After-Settle"]


class TestStaleVersion:
    def test_tells_what_changed_meanwhile_and_changes_nothing(self, triager, signal, acting, responder):
        other = acting(responder)
        actions.assign(actor=other, seen={signal.pk: 0}, users=[responder])
        actions.set_state(actor=other, seen={signal.pk: 1}, to="archived", reason="false_positive")
        response = triager.post(at(signal, "state"), {"state": "under_review", "seen_version": 0}, headers=MENU)
        html = words(response)
        assert response.status_code == 409
        assert "Rob Responder</strong> assigned it to Rob Responder" in html
        assert "Rob Responder</strong> moved it from Open to Archived: False positive" in html
        assert 'name="seen_version" value="2"' in html
        signal.refresh_from_db()
        assert (signal.state, signal.version) == ("archived", 2)

    def test_tells_only_what_is_new_to_the_person(self, triager, signal, acting, responder):
        other = acting(responder)
        actions.set_state(actor=other, seen={signal.pk: 0}, to="under_review")
        actions.assign(actor=other, seen={signal.pk: 1}, users=[responder])
        html = words(triager.post(at(signal, "state"), {"state": "open", "seen_version": 1}, headers=MENU))
        assert "assigned it to" in html
        assert "moved it from" not in html


class TestAssign:
    def test_people_are_assigned_in_the_order_sent(self, triager, signal, analyst, responder):
        given = {"assignees": [responder.uuid, analyst.uuid], "seen_version": 0}
        response = triager.post(at(signal, "assignees"), given, headers=MENU)
        assert [a.user for a in Assignment.objects.filter(signal=signal)] == [responder, analyst]
        assert 'name="seen_version" value="1"' in words(response)

    def test_who_can_no_longer_log_in_stays_until_they_are_taken_out(self, triager, signal, analyst, responder, acting):
        actions.assign(actor=acting(analyst), seen={signal.pk: 0}, users=[responder])
        responder.is_active = False
        responder.save()
        assert "(can no longer log in)" in words(triager.get(at(signal, "assignees"), headers=MENU))
        given = {"assignees": [responder.uuid, analyst.uuid], "seen_version": 1}
        assert triager.post(at(signal, "assignees"), given, headers=MENU).status_code == 200
        assert [one.user for one in signal.assignments.order_by("position")] == [responder, analyst]
        triager.post(at(signal, "assignees"), {"assignees": [analyst.uuid], "seen_version": 2}, headers=MENU)
        given = {"assignees": [responder.uuid], "seen_version": 3}
        assert triager.post(at(signal, "assignees"), given, headers=MENU).status_code == 422

    def test_all_assignments_are_removed(self, triager, signal, analyst, acting):
        actions.assign(actor=acting(analyst), seen={signal.pk: 0}, users=[analyst])
        given = {"assignees": [analyst.uuid], "nobody": "1", "seen_version": 1}
        triager.post(at(signal, "assignees"), given, headers=MENU)
        assert not Assignment.objects.exists()

    def test_oneself_is_offered_first(self, triager, signal, analyst, admin):
        html = words(triager.get(at(signal, "assignees"), headers=MENU))
        assert html.index("Ana Analyst") < html.index("Ada Admin")

    def test_a_person_who_left_is_neither_offered_nor_taken(self, triager, signal, responder):
        responder.is_active = False
        responder.save()
        assert "Rob" not in words(triager.get(at(signal, "assignees"), headers=MENU))
        given = {"assignees": [responder.uuid], "seen_version": 0}
        assert triager.post(at(signal, "assignees"), given, headers=MENU).status_code == 422
        assert not Assignment.objects.exists()

    def test_what_is_no_person_is_refused(self, triager, signal):
        given = {"assignees": ["nobody-at-all"], "seen_version": 0}
        assert triager.post(at(signal, "assignees"), given, headers=MENU).status_code == 422


class TestTeam:
    def test_a_signal_is_routed_to_a_team_and_away_again(self, triager, signal):
        team = Team.objects.create(name="Blue", handle="blue")
        triager.post(at(signal, "team"), {"team": team.uuid, "seen_version": 0}, headers=MENU)
        signal.refresh_from_db()
        assert signal.team == team
        triager.post(at(signal, "team"), {"team": "", "seen_version": 1}, headers=MENU)
        signal.refresh_from_db()
        assert signal.team is None


class TestPermission:
    @pytest.mark.parametrize("part", ["state", "assignees", "team"])
    def test_a_reader_sees_why_and_finds_nothing_to_press(self, client, viewer, signal, part):
        client.force_login(viewer)
        html = words(client.get(at(signal, part), headers=MENU))
        assert "security_monitoring_signals_write" in html
        assert "<button" not in html

    @pytest.mark.parametrize(
        ("part", "given"),
        [("state", {"state": "under_review"}), ("assignees", {"nobody": "1"}), ("team", {"team": ""})],
    )
    def test_a_reader_who_tries_is_refused_by_name(self, client, viewer, signal, part, given):
        client.force_login(viewer)
        response = client.post(at(signal, part), {**given, "seen_version": 0}, headers=MENU)
        assert response.status_code == 403
        assert "security_monitoring_signals_write" in words(response)
        assert "<html" not in words(response)
        assert not Entry.objects.exists()

    def test_the_list_tells_a_reader_why_its_controls_do_nothing(self, client, viewer, signal):
        client.force_login(viewer)
        html = words(client.get("/signals/"))
        assert html.count('aria-disabled="true"') == 2
        assert 'class="why-not"' in html

    @pytest.mark.parametrize("part", ["state", "assignees", "team", "activity", "entities"])
    def test_whoever_may_not_see_signals_gets_404(self, client, outsider, signal, part):
        client.force_login(outsider)
        assert client.get(at(signal, part)).status_code == 404

    def test_a_change_needs_the_token_against_forged_requests(self, analyst, signal):
        from django.test import Client

        browser = Client(enforce_csrf_checks=True)
        browser.force_login(analyst)
        assert browser.post(at(signal, "state"), {"state": "under_review"}).status_code == 403
        signal.refresh_from_db()
        assert signal.state == "open"
