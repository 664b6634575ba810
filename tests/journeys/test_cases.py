"""Work that begins with signals: cases, their board, and what people say to each other about them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts_app.access import person
from cases_app import actions
from cases_app.models import Case, Project
from core_app.delivery import deliver_due
from core_app.models import Entry
from signals_app.models import Signal
from tests.signals_app.factories import SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signals(transactional_db) -> list[Signal]:
    return [SignalFactory(title=f"Signal {number}") for number in range(5)]


@pytest.fixture
def security(transactional_db) -> Project:
    return Project.objects.get(key="SEC")


def made(user, project: Project, *titles: str) -> list[Case]:
    return [actions.create_case(actor=person(user), project=project, title=title) for title in titles]


def dialog(page: Page):
    return page.locator("#bulk-dialog")


def choose(page: Page, entry: str) -> None:
    page.get_by_role("button", name="Bulk Actions").click()
    page.get_by_role("button", name=entry, exact=True).click()


def lane(page: Page, name: str):
    return page.get_by_role("region", name=name)


def test_five_signals_become_a_case_which_is_talked_about_closed_and_its_signals_archived(
    visit, signals, analyst, responder
):
    page = visit(analyst)
    page.get_by_role("checkbox", name="Select this page").check()
    choose(page, "Create a case")
    dialog(page).get_by_label("Title").fill("Credential stuffing")
    dialog(page).get_by_label("Description").fill("Seen **five** times")
    dialog(page).get_by_label("Assignee").select_option(label="Rob Responder")
    dialog(page).get_by_role("button", name="Create Case").click()

    page.wait_for_url("**/cases/SEC-1/")
    expect(page.get_by_role("heading", name="Credential stuffing")).to_be_visible()
    expect(page.locator("#case-signals")).to_contain_text("Under Review")
    assert Entry.objects.filter(operation=Entry.objects.get(verb="cases.created").operation).count() >= 16

    page.get_by_label("Comment", exact=True).fill("@responder please look")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator("#case-activity")).to_contain_text("please look")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")

    page.get_by_role("button", name="Status: Open").click()
    page.locator("#case-status-menu").get_by_role("button", name="Closed").click()
    expect(page.locator("#case-activity")).to_contain_text("moved it from Open to Closed")
    page.get_by_role("button", name="Archive 5 signals").click()
    expect(page.locator("#case-head")).to_contain_text("5 of 5 signals archived")
    expect(page.locator("#case-signals")).to_contain_text("Archived")

    deliver_due()
    theirs = visit(responder)
    theirs.get_by_role("link", name="Notifications: 2 unread").click()
    expect(theirs.get_by_text("Ana Analyst mentioned you in SEC-1: Credential stuffing")).to_be_visible()


def test_one_more_signal_is_added_from_its_own_panel_and_its_row_says_so(visit, signals, security, analyst):
    made(analyst, security, "Credential stuffing", "Another case")
    page = visit(analyst)
    page.get_by_role("link", name="Signal 3", exact=True).click()
    page.get_by_role("button", name="Add to an existing case").click()
    dialog(page).get_by_label("Find a case").fill("stuffing")
    expect(dialog(page).get_by_role("radio")).to_have_count(1)
    dialog(page).get_by_role("radio", name="SEC-1 Credential stuffing").check()
    dialog(page).get_by_role("button", name="Add 1 signal").click()
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#notices")).to_contain_text("1 signal added to SEC-1")
    expect(page.locator("#signal-cases")).to_contain_text("SEC-1")
    expect(page.get_by_role("row").filter(has_text="Signal 3").get_by_role("link", name="SEC-1")).to_be_visible()


def test_cards_are_moved_by_hand_and_by_key(visit, security, analyst):
    made(analyst, security, "First", "Second")
    page = visit(analyst)
    page.goto("/cases/board/")
    page.locator(".case-card", has_text="First").drag_to(page.locator('[data-lane="IN_PROGRESS"]'))
    expect(lane(page, "In Progress")).to_contain_text("First")

    second = page.get_by_role("link", name="Second")
    second.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(lane(page, "In Progress")).to_contain_text("Second")
    expect(page.get_by_role("link", name="Second")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(lane(page, "Closed")).to_contain_text("Second")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("link", name="First")).to_be_focused()
    assert dict(Case.objects.values_list("title", "status")) == {"First": "IN_PROGRESS", "Second": "CLOSED"}


def test_whoever_moves_a_card_second_is_told_what_the_first_did(visit, security, analyst, responder):
    (case,) = made(analyst, security, "First")
    page = visit(analyst, expects=(409,))
    page.goto("/cases/board/")
    actions.set_status(actor=person(responder), seen={case.pk: None}, to="CLOSED")
    page.get_by_role("link", name="First").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("alert")).to_contain_text("Rob Responder moved it from Open to Closed")
    expect(lane(page, "Closed")).to_contain_text("First")


def test_two_people_at_one_case_lose_nothing(visit, security, analyst, responder):
    (case,) = made(analyst, security, "First")
    page = visit(analyst, expects=(409,))
    page.goto("/cases/SEC-1/", wait_until="networkidle")  # its parts ask, and share our connection
    actions.assign(actor=person(responder), seen={case.pk: None}, user=responder)
    page.get_by_role("button", name="Assignee: nobody").click()
    page.locator("#case-assignee-menu").get_by_role("button", name="Ana Analyst").click()
    expect(page.get_by_role("alert")).to_contain_text("Rob Responder assigned it to Rob Responder")
    actions.set_priority(actor=person(responder), seen={case.pk: None}, to="P1")  # that is about something else
    page.get_by_role("button", name="Assignee: Rob Responder").click()
    page.locator("#case-assignee-menu").get_by_role("button", name="Ana Analyst").click()
    expect(page.get_by_role("button", name="Assignee: Ana Analyst")).to_be_visible()
    expect(page.get_by_role("button", name="Priority: P1 Critical")).to_be_visible()


def test_the_list_is_narrowed_and_changed_many_at_once(visit, security, analyst):
    made(analyst, security, "First", "Second", "Third")
    page = visit(analyst)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Cases").click()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    page.get_by_role("checkbox", name="Select SEC-1").check()
    page.get_by_role("checkbox", name="Select SEC-2").check()
    choose(page, "Set priority")
    dialog(page).get_by_role("radio", name="P1 Critical").check()
    dialog(page).get_by_role("button", name="Set priority of 2 cases").click()
    expect(page.get_by_role("row").filter(has_text="P1 Critical")).to_have_count(2)
    page.get_by_label("Query", exact=True).fill("priority:P1 second")
    page.keyboard.press("Enter")
    expect(page.locator(".total")).to_contain_text("1 case")


def test_without_scripts_a_case_is_made_worked_and_moved(visit, security, analyst):
    page = visit(analyst, java_script_enabled=False)
    page.goto("/cases/new/")
    page.get_by_label("Title").fill("By hand")
    page.get_by_role("button", name="Create Case").click()
    page.get_by_role("button", name="Status: Open").click()
    page.locator("#case-status-menu").get_by_role("button", name="In Progress").click()
    expect(page.get_by_role("button", name="Status: In Progress")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("Begun")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator("#case-activity")).to_contain_text("Begun")
    page.goto("/cases/board/")
    page.locator(".case-card").hover()
    page.get_by_role("button", name="Move SEC-1 to Closed").click()
    expect(lane(page, "Closed")).to_contain_text("By hand")
