"""The list as each person likes it: its columns, its window of time, what is new, what is taken away."""

from __future__ import annotations

import csv
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from signals_app.models import Signal
from tests.signals_app.factories import RuleFactory, SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signals(transactional_db) -> list[Signal]:
    now = timezone.now()
    return [
        SignalFactory(title=f"signal {n}", host=f"web-{n}", first_seen=now - timedelta(hours=n + 1)) for n in range(3)
    ]


def heads(page: Page):
    return page.locator("#signals-table th:not(.cell-check)")  # the boxes of a bulk action stand before


# Pages may scroll smoothly: it is so in the end.
BELOW_THE_HEADS = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const [row, head] = [box("tr.is-current"), box("th.cell-title")];
  return head.top >= 0 && row.top >= head.bottom - 1 && row.bottom <= innerHeight;
}"""


def titles(page: Page) -> list[str]:
    return page.locator("[data-open]").all_inner_texts()


def test_columns_are_chosen_moved_dragged_and_sorted(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("button", name="Options").click()
    menu = page.locator("#columns-menu")
    menu.get_by_role("checkbox", name="Entities").click()
    expect(page.get_by_role("columnheader", name="Entities")).to_have_count(0)
    menu.get_by_role("checkbox", name="Host").click()  # the menu has stayed open
    expect(page.get_by_role("columnheader", name="Host")).to_be_visible()
    expect(menu.get_by_role("checkbox", name="Host")).to_be_focused()
    menu.get_by_role("link", name="Move Host up").press("Enter")
    expect(heads(page).last).to_have_text("Creation Date")
    menu.locator("li[data-column=host]").drag_to(
        menu.locator("li[data-column=severity]"), target_position={"x": 9, "y": 2}
    )
    expect(heads(page).first).to_have_text("Host")
    menu.get_by_role("link", name="Move Severity up").press("Enter")  # it goes no further, so that arrow is gone
    expect(menu.get_by_role("link", name="Move Severity up")).to_have_count(0)
    expect(menu.locator("li[data-column=severity] a:focus")).to_have_count(1)
    menu.get_by_role("link", name="Move Severity down").press("Enter")
    expect(heads(page).first).to_have_text("Host")
    menu.get_by_label("Any attribute").fill("@http.status_code")
    menu.get_by_role("button", name="Add").click()
    expect(page.get_by_role("columnheader", name="@http.status_code")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Host").click()
    expect(page.get_by_role("columnheader", name="Host")).to_have_attribute("aria-sort", "descending")
    assert titles(page) == ["signal 2", "signal 1", "signal 0"]
    page.reload()
    expect(heads(page).first).to_have_text("Host")
    page.keyboard.press("j")
    page.keyboard.press("u")
    expect(
        page.get_by_role("row").filter(has_text="signal 2").get_by_role("button", name="Under Review")
    ).to_be_visible()

    page.get_by_role("button", name="Options").click()
    menu.get_by_role("link", name="Reset").click()
    expect(page.get_by_role("columnheader", name="Entities")).to_be_visible()


def test_what_is_new_is_said_and_shown_when_asked_for(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("link", name="signal 1").click()
    expect(page.get_by_role("complementary", name="Signal", exact=True).get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")  # the panel's parts ask, and share our connection
    SignalFactory(title="just come in")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # comes back to the tab
    news = page.get_by_role("link", name="1 new signal")
    expect(news).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    assert "just come in" not in titles(page)
    news.click()
    expect(page.get_by_role("row").filter(has_text="just come in")).to_have_count(1)
    expect(page.get_by_role("link", name="1 new signal")).to_have_count(0)
    expect(page.get_by_role("complementary", name="Signal", exact=True).get_by_role("heading", level=1)).to_be_visible()


def test_a_window_stands_still_goes_on_and_is_moved(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("link", name="Pause").click()
    expect(page).to_have_url(re.compile("paused=true"))
    SignalFactory(title="just come in")
    page.reload()
    assert "just come in" not in titles(page)
    page.get_by_role("link", name="Resume").click()
    expect(page.get_by_role("row").filter(has_text="just come in")).to_have_count(1)

    page.get_by_role("button", name=re.compile("^Time range")).click()
    page.get_by_label("Any other that ends now").fill("past 90 minutes")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("button", name="Time range: the past 90 minutes")).to_be_visible()
    assert titles(page) == ["just come in", "signal 0"]
    page.get_by_role("link", name="Earlier").click()
    expect(page.get_by_role("row").filter(has_text="signal 1")).to_have_count(1)
    page.get_by_role("link", name="Zoom out").click()
    expect(page.locator("[data-open]")).to_have_count(3)
    page.go_back()
    expect(page.locator("[data-open]")).to_have_count(1)


def test_heads_stay_in_sight_and_keys_go_to_rows_that_are_seen(visit, signals, analyst):
    SignalFactory.create_batch(30)
    page = visit(analyst)
    expect(page.locator("[data-open]")).to_have_count(33)
    for key, times in (("j", 30), ("k", 28)):
        for _ in range(times):
            page.keyboard.press(key)
        page.wait_for_function(BELOW_THE_HEADS)


def test_what_no_window_can_be_is_said_in_the_menu_and_the_list_stays(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("button", name=re.compile("^Time range")).click()
    span = page.get_by_label("Any other that ends now")
    for text in ("banana", "1.5h", "3"):
        span.fill(text)
        span.press("Enter")
        assert span.evaluate("element => element.validity.patternMismatch")
    for text in ("past 2 weeks", " 45 m ", "THE last 3 Hours", "week"):
        span.fill(text)
        assert span.evaluate("element => element.checkValidity()")
    page.get_by_label("From").fill("2026-01-02T00:00:00")
    page.get_by_label("To", exact=True).fill("2026-01-01T00:00:00")
    page.get_by_role("button", name="Apply").click()
    assert page.get_by_label("To", exact=True).evaluate("element => element.validity.rangeUnderflow")
    assert len(titles(page)) == 3
    expect(page).to_have_url(re.compile("/signals/$"))


def test_the_keyboard_chooses_a_stretch_of_the_timeline(visit, signals, analyst):
    page = visit(analyst)
    page.goto("/signals/?range=4h")
    plot = page.get_by_role("img", name="Signals over time, by severity")
    plot.focus()
    plot.press("ArrowRight")
    plot.press("Shift+ArrowRight")
    plot.press("Enter")
    expect(page).to_have_url(re.compile(r"start=\d+&end=\d+"))
    expect(page.locator("[data-open]")).to_have_count(2)
    assert titles(page) == ["signal 1", "signal 2"]


def test_the_list_is_taken_away_as_a_file(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"signals-\d{4}-\d\d-\d\d-\d{4}Z\.csv", download.value.suggested_filename)
    with download.value.path().open(newline="") as file:
        assert [row[1] for row in csv.reader(file)] == ["Title", "signal 0", "signal 1", "signal 2"]
    expect(page.get_by_role("button", name="CSV")).to_be_hidden()


def test_a_server_that_does_not_answer_is_no_stale_page(visit, signals, analyst):
    page = visit(analyst, expects=(500,))
    page.route("**/signals/?*column=title*", lambda route: route.fulfill(status=500), times=1)
    page.get_by_role("columnheader", name="Title").get_by_role("link").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("could not answer (500)")
    alert.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "descending")
    expect(alert).to_be_hidden()


def test_a_name_that_turns_the_direction_of_writing_turns_only_itself(visit, transactional_db, analyst):
    SignalFactory(title="\u202egpj.exe", rule=RuleFactory(name="\u202eevil"), count=7, first_seen=timezone.now())
    line = visit(analyst).locator(".title-line small")
    expect(line).to_contain_text("7 detections")
    name, count = line.evaluate(
        """(line) => ["evil", "7 detections"].map((words) => {
             const range = document.createRange();
             const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
             while (!texts.nextNode().data.includes(words));
             range.setStart(texts.currentNode, texts.currentNode.data.indexOf(words));
             range.setEnd(texts.currentNode, texts.currentNode.data.indexOf(words) + words.length);
             return range.getBoundingClientRect();
           })"""
    )
    assert name["right"] <= count["left"]


def test_on_a_phone_chosen_columns_are_lines_of_the_card(visit, signals, analyst):
    page = visit(analyst, viewport={"width": 390, "height": 844})
    page.goto("/signals/?cols=title,host,state,time,source")
    expect(page.get_by_role("row").filter(has_text="web-1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Options").click()
    expect(page.locator("#columns-menu").get_by_role("checkbox", name="Host")).to_be_visible()
