"""What people do all day: look, decide, act. As each role, with the mouse, the keyboard, a phone, and no JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from signals_app.models import Severity, Signal
from tests.conftest import PASSWORD
from tests.signals_app.factories import ServiceFactory, SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WAITING = "@workflow.triage.state:open severity:(high OR critical)"


@pytest.fixture
def signals(transactional_db) -> list[Signal]:
    """Two that matter, one that does not, one that is done."""
    service = ServiceFactory(name="web-store", repository="https://git.example.test/web-store", on_call="#store-oncall")
    now = timezone.now()
    return [
        SignalFactory(
            title="Accounts taken on auth",
            severity=Severity.CRITICAL,
            service=service,
            attackers=["198.51.100.41", "198.51.100.42"],
            victims=["alice"],
            first_seen=now - timedelta(hours=1),
        ),
        SignalFactory(title="SQL injection on web-store", severity=Severity.HIGH, first_seen=now - timedelta(hours=2)),
        SignalFactory(title="A scanner came by", severity=Severity.LOW, first_seen=now - timedelta(hours=3)),
        SignalFactory(
            title="Long over",
            severity=Severity.HIGH,
            state="archived",
            archive_reason="other",
            first_seen=now - timedelta(days=45),
        ),
    ]


def search(page: Page, query: str) -> None:
    page.get_by_role("combobox", name="Query").fill(query)
    page.get_by_role("button", name="Search").click()


def row(page: Page, title: str):
    return page.get_by_role("row").filter(has_text=title)


def panel(page: Page):
    return page.get_by_role("complementary", name="Signal", exact=True)


def menu(page: Page):
    return page.locator("#signal-menu")


@pytest.mark.parametrize("who", ["analyst", "admin"])
def test_those_who_may_triage_take_a_signal_to_its_end_and_back(visit, signals, request, who):
    user = request.getfixturevalue(who)
    page = visit(user, types=True)

    search(page, WAITING)
    expect(row(page, "A scanner came by")).to_have_count(0)
    expect(page).to_have_url(re.compile("query=%40workflow.triage.state%3Aopen"))

    page.get_by_role("link", name="Accounts taken on auth").click()
    signal = panel(page)
    expect(signal.get_by_role("heading", name="What Happened")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/signals/{signals[0].public_id}/"))

    signal.get_by_role("button", name="Assign").click()
    menu(page).get_by_role("checkbox", name=user.name).check()
    expect(signal.get_by_role("button", name=f"Assigned to {user.name}")).to_be_visible()
    page.keyboard.press("Escape")

    signal.get_by_role("button", name="Open", exact=True).click()
    menu(page).get_by_role("button", name="Under Review").click()
    expect(signal.get_by_role("button", name="Under Review")).to_be_visible()
    expect(row(page, "Accounts taken on auth")).to_have_count(0)  # the list is of open ones

    signal.get_by_role("button", name="Under Review").click()
    menu(page).get_by_role("button", name="Archived").click()
    menu(page).get_by_label("Reason").select_option("Remediated")
    menu(page).get_by_label("Comment").fill("Sessions ended, passwords reset.")
    menu(page).get_by_role("button", name="Archive").click()
    expect(signal.get_by_text("Sessions ended, passwords reset.").first).to_be_visible()
    expect(signal.get_by_text("moved it from Under Review to Archived: Remediated")).to_be_visible()

    page.get_by_role("link", name="Close").click()
    search(page, "")
    expect(row(page, "A scanner came by")).to_have_count(1)
    page.get_by_role("group", name="Signal State").get_by_role("checkbox", name="Archived").click()
    expect(page).to_have_url(re.compile("query=.*archived"))  # the new list is there
    page.get_by_role("link", name="Accounts taken on auth").click()
    signal.get_by_role("button", name="Archived").click()
    menu(page).get_by_role("button", name="Open").click()
    expect(signal.get_by_role("button", name="Open", exact=True)).to_be_visible()

    signals[0].refresh_from_db()
    assert (signals[0].state, signals[0].version) == ("open", 4)
    assert list(signals[0].assignees.all()) == [user]


def test_who_asks_again_before_the_answer_has_come_gets_the_second(visit, signals, analyst):
    page = visit(analyst)
    held = []
    page.route(re.compile("query=nothing"), lambda route: held.append(route))  # the first answer never comes
    with page.expect_request(re.compile("query=nothing")):
        search(page, "nothing")
    with page.expect_event("requestfailed", lambda request: "query=nothing" in request.url):
        search(page, WAITING)
    expect(row(page, "Accounts taken on auth")).to_have_count(1)
    expect(row(page, "A scanner came by")).to_have_count(0)
    expect(page).to_have_url(re.compile("query=%40workflow.triage.state%3Aopen"))
    assert len(held) == 1


def begin_review(page: Page, title: str) -> None:
    row(page, title).get_by_role("button", name="Open", exact=True).click()
    menu(page).get_by_role("button", name="Under Review").click()


def test_a_click_is_answered_with_the_list(visit, signals, analyst):
    page = visit(analyst)
    search(page, WAITING)
    expect(row(page, "A scanner came by")).to_have_count(0)
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    begin_review(page, "SQL injection on web-store")
    expect(page.get_by_text("SQL injection on web-store is now Under Review")).to_be_visible()
    expect(row(page, "SQL injection on web-store")).to_have_count(0)
    expect(row(page, "Accounts taken on auth")).to_have_count(1)
    with page.expect_request(re.compile("/activity/")):  # what the panel asks for comes after what the list would
        page.get_by_role("link", name="Accounts taken on auth").click()
        panel(page).get_by_role("button", name="Open", exact=True).click()
        menu(page).get_by_role("button", name="Under Review").click()
    expect(row(page, "Accounts taken on auth")).to_have_count(0)
    assert not [url for method, url in asked if method == "GET" and "/signals/?" in url]


def test_changes_in_quick_succession_are_all_made_and_shown(visit, signals, analyst):
    page = visit(analyst)
    held = []
    page.route(re.compile("/state/$"), lambda route: held.append(route))
    for title in ("Accounts taken on auth", "SQL injection on web-store", "A scanner came by"):
        page.keyboard.press("j")
        expect(row(page, title)).to_have_class(re.compile("is-current"))
        with page.expect_request(re.compile("/state/$")):
            page.keyboard.press("u")
    for route in reversed(held):  # one after the other: the threads of this server share a connection to the database
        with page.expect_response(route.request.url):
            route.continue_()
    expect(page.locator("tbody .state-button", has_text="Under Review")).to_have_count(3)
    expect(page.get_by_text("is now Under Review")).to_have_count(3)


def test_who_goes_on_before_a_click_is_answered_stays_there(visit, signals, analyst):
    page = visit(analyst)
    search(page, WAITING)
    expect(row(page, "A scanner came by")).to_have_count(0)
    held = []
    page.route(re.compile("/state/$"), lambda it: held.append(it) if it.request.method == "POST" else it.continue_())
    with page.expect_request(lambda request: request.method == "POST"):
        begin_review(page, "SQL injection on web-store")
    page.keyboard.press("Escape")
    search(page, "scanner")
    expect(row(page, "A scanner came by")).to_have_count(1)
    with page.expect_response(re.compile(r"/signals/\?query=scanner")):  # asked anew: what it counts may have changed
        held[0].continue_()
    expect(page.get_by_text("SQL injection on web-store is now Under Review")).to_be_visible()
    expect(row(page, "A scanner came by")).to_have_count(1)
    expect(row(page, "Accounts taken on auth")).to_have_count(0)
    expect(page).to_have_url(re.compile("query=scanner"))


def test_a_reader_looks_and_is_told_why_not_more(visit, signals, viewer):
    page = visit(viewer)
    search(page, WAITING)
    expect(page.get_by_text("security_monitoring_signals_write").first).to_be_visible()
    page.get_by_role("link", name="Accounts taken on auth").click()
    expect(panel(page).get_by_role("heading", name="Next Steps")).to_be_visible()
    state = panel(page).get_by_role("button", name="Open", exact=True)
    expect(state).to_be_disabled()
    state.press("Enter")
    expect(menu(page).get_by_text("security_monitoring_signals_write")).to_be_visible()
    expect(menu(page).get_by_role("button")).to_have_count(0)


def test_an_archived_signal_cannot_be_reopened_after_30_days(visit, signals, analyst):
    page = visit(analyst)
    page.goto("/signals/?range=90d")
    row(page, "Long over").get_by_role("button", name="Archived").click()
    expect(menu(page).get_by_role("button", name="Open")).to_be_disabled()
    expect(menu(page).get_by_text("only within 30 days").first).to_be_visible()


def test_two_people_at_one_signal_learn_of_each_other(visit, signals, analyst, responder):
    slow, quick = visit(analyst, expects=(409,)), visit(responder)
    slow.get_by_role("row").filter(has_text="Accounts taken").get_by_role("button", name="Open").click()
    quick.get_by_role("row").filter(has_text="Accounts taken").get_by_role("button", name="Open").click()
    menu(quick).get_by_role("button", name="Under Review").click()
    expect(row(quick, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()

    menu(slow).get_by_role("button", name="Under Review").click()
    expect(menu(slow).get_by_role("alert")).to_contain_text("Rob Responder moved it from Open to Under Review")
    menu(slow).get_by_role("button", name="Open").click()
    expect(row(slow, "Accounts taken").get_by_role("button", name="Open")).to_be_visible()


def test_who_comes_second_sees_what_the_first_did_and_goes_on(visit, signals, analyst, responder):
    slow, quick = visit(analyst, expects=(409,)), visit(responder)
    begin_review(quick, "Accounts taken on auth")
    expect(row(quick, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()
    slow.keyboard.press("j")
    slow.keyboard.press("u")
    expect(menu(slow).get_by_role("alert")).to_contain_text("Rob Responder moved it from Open to Under Review")
    expect(row(slow, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()
    slow.keyboard.press("Escape")
    slow.keyboard.press("u")
    expect(slow.get_by_text("Accounts taken on auth was already Under Review")).to_be_visible()


def test_a_menu_that_knows_more_than_its_row_brings_the_row_up_to_date(visit, signals, analyst, responder):
    slow, quick = visit(analyst), visit(responder)
    begin_review(quick, "Accounts taken on auth")
    expect(row(quick, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()
    row(slow, "Accounts taken").get_by_role("button", name="Open", exact=True).click()
    expect(row(slow, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()
    expect(menu(slow).get_by_role("button", name="Archived")).to_be_visible()


def test_the_help_tells_of_the_keys_that_do_something_here(visit, signals, analyst):
    page = visit(analyst)
    page.goto(page.get_by_role("link", name="Accounts taken on auth").get_attribute("href"))
    page.keyboard.press("?")
    help_on_keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_on_keys.get_by_text("Archive, with a reason")).to_be_visible()
    expect(help_on_keys.get_by_text("Next and previous")).to_be_hidden()
    expect(help_on_keys.get_by_text("Write a query")).to_be_hidden()


def test_the_keyboard_does_it_all(visit, signals, analyst):
    page = visit(analyst)
    page.keyboard.press("?")
    help_on_keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_on_keys.get_by_text("Next and previous signal")).to_be_visible()
    page.keyboard.press("Escape")

    page.keyboard.press("j")
    page.keyboard.press("u")
    expect(row(page, "Accounts taken").get_by_role("button", name="Under Review")).to_be_visible()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", name="Accounts taken on auth")).to_be_visible()
    page.keyboard.press("j")
    expect(panel(page).get_by_role("heading", name="SQL injection on web-store")).to_be_visible()
    page.keyboard.press("e")
    expect(menu(page).get_by_label("Reason")).to_be_focused()
    page.keyboard.type("False")  # the select takes the first reason that begins so
    page.keyboard.press("Tab")
    page.keyboard.type("Our own test")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("button", name="Archived")).to_be_visible()
    page.keyboard.press("a")
    expect(menu(page).get_by_role("checkbox", name="Ana Analyst")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu(page)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(panel(page).get_by_role("heading", name="SQL injection on web-store")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Query")).to_be_focused()


def test_back_and_reload_show_what_the_address_says(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("group", name="Severity").get_by_role("checkbox", name="Critical").click()
    expect(row(page, "A scanner came by")).to_have_count(0)
    page.get_by_role("link", name="Accounts taken on auth").click()
    expect(panel(page).get_by_role("heading", name="What Happened")).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name="Accounts taken on auth")).to_be_visible()
    page.get_by_role("link", name="Signals Explorer").click()
    expect(page.get_by_role("combobox", name="Query")).to_have_value("severity:critical")
    page.go_back()
    expect(page.get_by_role("heading", name="Accounts taken on auth")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(page.get_by_role("heading", name="Signals Explorer")).to_be_visible()
    expect(row(page, "A scanner came by")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(row(page, "A scanner came by")).to_have_count(1)


def test_who_is_logged_out_meanwhile_is_told_and_goes_on_where_they_were(visit, signals, analyst):
    page = visit(analyst, expects=(401,))
    page.get_by_role("link", name="Accounts taken on auth").click()
    signal = panel(page)
    signal.get_by_role("button", name="Assign").wait_for()
    page.context.clear_cookies(name="tocsin_session")
    signal.get_by_role("button", name="Assign").click()
    alert = page.locator("#request-problem")
    expect(alert).to_contain_text("You are logged out.")
    expect(page.get_by_label("E-mail")).to_have_count(0)
    with page.expect_popup() as other:
        alert.get_by_role("link", name="Log in in another tab").click()
    other.value.get_by_label("E-mail").fill(analyst.email)
    other.value.get_by_label("Password", exact=True).fill(PASSWORD)
    other.value.get_by_role("button", name="Log in").click()
    other.value.get_by_role("heading", name="Signals Explorer").wait_for()
    alert.get_by_role("button", name="Retry").click()
    menu(page).get_by_role("checkbox", name=analyst.name).check()
    expect(signal.get_by_role("button", name=f"Assigned to {analyst.name}")).to_be_visible()
    expect(alert).to_be_hidden()


def test_a_faulty_query_is_explained_in_place(visit, signals, analyst):
    page = visit(analyst, expects=(400,))
    search(page, "severity:(high OR")
    expect(page.get_by_role("alert")).to_contain_text("Column 16")
    expect(page.get_by_role("link", name="Services")).to_be_visible()
    expect(page.get_by_role("combobox", name="Query")).to_have_value("severity:(high OR")
    search(page, "severity:high")
    expect(row(page, "SQL injection on web-store")).to_have_count(1)


def test_a_card_over_the_service_says_who_to_call(visit, signals, analyst):
    page = visit(analyst)
    row(page, "Accounts taken").get_by_role("link", name="web-store").hover()
    card = page.locator("#hovercard")
    expect(card).to_contain_text("#store-oncall")
    card.get_by_role("link", name="Service page").click()
    expect(page.get_by_role("heading", name="web-store", exact=True)).to_be_visible()


def test_the_list_of_addresses_leads_to_what_is_known_of_one(visit, signals, analyst):
    page = visit(analyst)
    row(page, "Accounts taken").get_by_text("198.51.100.41").hover()
    page.locator("#hovercard").get_by_role("link", name="198.51.100.42").click()
    expect(page.get_by_role("heading", name="Threat Intelligence")).to_be_visible()
    expect(page.get_by_role("heading", name="Security Activity")).to_be_visible()


def test_a_stretch_of_the_timeline_becomes_the_window(visit, signals, analyst):
    page = visit(analyst)
    box = page.get_by_role("img", name="Signals over time, by severity").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.1, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"start=\d+&end=\d+"))
    expect(page.get_by_role("heading", name="No signals match")).to_be_visible()


def test_the_time_range_is_chosen_from_its_menu(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("button", name="Time range: the past 7 days").click()
    page.get_by_role("link", name="Past 90 days").click()
    expect(row(page, "Long over")).to_have_count(1)
    page.get_by_role("button", name="Time range: the past 90 days").click()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"start=\d+&end=\d+"))
    expect(row(page, "Long over")).to_have_count(1)


def test_a_suggestion_is_taken_with_the_keyboard(visit, signals, analyst):
    page = visit(analyst)
    query = page.get_by_role("combobox", name="Query")
    query.press_sequentially("sever")
    expect(page.get_by_role("option")).to_have_text([re.compile("^severity")])
    query.press("ArrowDown")
    query.press("Enter")
    expect(query).to_have_value("severity:")


def test_a_suggestion_that_is_behind_the_typing_replaces_the_whole_word(visit, signals, analyst):
    page = visit(analyst)
    query = page.get_by_role("combobox", name="Query")
    query.press_sequentially("source:x sev")
    expect(page.get_by_role("option")).to_have_text([re.compile("^severity")])
    page.route("**/suggest/**", lambda route: None)  # no answer from here on
    query.press_sequentially("er")
    query.press("ArrowDown")
    query.press("Enter")
    expect(query).to_have_value("source:x severity:")


def test_what_was_chosen_stays_chosen_in_newer_suggestions(visit, signals, analyst):
    page = visit(analyst)
    query = page.get_by_role("combobox", name="Query")
    query.press_sequentially("s")
    expect(page.get_by_role("option", name=re.compile("severity"))).to_be_visible()
    while page.locator("[role=option][aria-selected=true][data-insert='severity:']").count() == 0:
        query.press("ArrowDown")
    with page.expect_response(re.compile("text=sev")):
        query.press_sequentially("ev")
    expect(page.get_by_role("option")).to_have_count(1)
    query.press("Enter")
    expect(query).to_have_value("severity:")


def test_keys_close_the_suggestions_before_they_leave_the_query(visit, signals, analyst):
    page = visit(analyst)
    query, suggestions = page.get_by_role("combobox", name="Query"), page.get_by_role("listbox")
    query.press_sequentially("sev")
    expect(suggestions).to_be_visible()
    query.press("Escape")
    expect(suggestions).to_be_hidden()
    expect(query).to_be_focused()
    query.press("Escape")
    expect(query).not_to_be_focused()
    query.press("ArrowDown")
    expect(suggestions).to_be_visible()
    query.press("Tab")
    expect(suggestions).to_be_hidden()
    expect(query).to_have_value("sev")
    expect(query).not_to_be_focused()


def test_what_can_follow_a_value_is_suggested_at_once(visit, signals, analyst):
    page = visit(analyst)
    query, suggestions = page.get_by_role("combobox", name="Query"), page.get_by_role("listbox")
    query.press_sequentially("severity:hi")
    expect(suggestions.get_by_role("option", name="high")).to_be_visible()
    query.press("ArrowDown")
    query.press("Enter")
    expect(query).to_have_value("severity:high ")
    expect(suggestions.get_by_role("option", name="AND")).to_be_visible()
    query.press("Enter")  # nothing is chosen: the query is asked
    expect(row(page, "A scanner came by")).to_have_count(0)
    expect(row(page, "SQL injection on web-store")).to_have_count(1)


def test_suggestions_that_come_after_escape_stay_closed(visit, signals, analyst):
    page = visit(analyst)
    page.route("**/suggest/**", lambda route: None)  # never answered
    query = page.get_by_role("combobox", name="Query")
    with page.expect_request("**/suggest/**"):
        query.press_sequentially("sever")
    with page.expect_event("requestfailed"):  # taken back
        query.press("Escape")
    expect(query).to_have_attribute("aria-expanded", "false")


def test_on_a_phone_everything_is_within_the_screen(visit, signals, analyst):
    page = visit(analyst, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("group", name="Severity").get_by_role("checkbox", name="Critical").click()
    expect(row(page, "A scanner came by")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Accounts taken on auth").click()
    expect(panel(page).get_by_role("heading", name="What Happened")).to_be_visible()
    panel(page).get_by_role("button", name="Open", exact=True).click()
    menu(page).get_by_role("button", name="Under Review").click()
    expect(panel(page).get_by_role("button", name="Under Review")).to_be_visible()


def test_without_javascript_it_is_forms_and_links(visit, signals, analyst):
    page = visit(analyst, java_script_enabled=False)
    search(page, WAITING)
    page.get_by_role("link", name="Accounts taken on auth").click()
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("button", name="Archived").click()
    page.get_by_label("Reason").select_option("Other")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Archived")).to_be_visible()
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("checkbox", name="Ana Analyst").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_role("button", name="Assigned to Ana Analyst")).to_be_visible()
