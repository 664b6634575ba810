"""Five hundred at once: select, act, watch, undo."""

from __future__ import annotations

import re
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from search_app.bulk import run
from search_app.models import BulkOperation
from signals_app.models import Assignment, Signal
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory, SourceFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def few(transactional_db) -> list[Signal]:
    return [SignalFactory(title=f"Signal {number}") for number in range(6)]


@pytest.fixture
def five_hundred(transactional_db) -> None:
    rule, source, service = RuleFactory(), SourceFactory(), ServiceFactory()
    signals = SignalFactory.build_batch(500, rule=rule, source=source, service=service)
    for signal in signals:
        signal.first_seen = signal.last_seen = timezone.now()
    Signal.objects.bulk_create(signals)


def bar(page: Page):
    return page.get_by_role("form", name="Selection")


def dialog(page: Page):
    return page.locator("#bulk-dialog")


def strip(page: Page):
    return page.get_by_role("region", name="Bulk operations")


def tick(page: Page, *titles: str) -> None:
    for title in titles:
        page.get_by_role("checkbox", name=f"Select {title}", exact=True).check()


def choose(page: Page, entry: str) -> None:
    page.get_by_role("button", name="Bulk Actions").click()
    page.get_by_role("button", name=entry, exact=True).click()


def test_five_hundred_are_put_under_review_watched_and_put_back(visit, five_hundred, analyst):
    page = visit(analyst)
    page.get_by_role("checkbox", name="Select this page").check()
    expect(bar(page)).to_contain_text("50 selected")
    page.get_by_role("button", name="All 500 matching this query").click()
    expect(bar(page)).to_contain_text("500 selected")

    choose(page, "Set state")
    dialog(page).get_by_role("radio", name="Under Review").check()
    dialog(page).get_by_role("button", name="Set state of 500 signals").click()
    expect(dialog(page)).to_be_hidden()
    expect(strip(page)).to_contain_text("0 of 500")

    page.reload()
    expect(strip(page).get_by_role("progressbar")).to_be_visible()
    run.run(BulkOperation.objects.get().pk, until=time.monotonic())  # the worker's first chunk
    expect(strip(page)).to_contain_text("100 of 500")
    run.run_due()
    expect(strip(page)).to_contain_text("500 changed")
    expect(page.get_by_role("row").filter(has=page.get_by_role("button", name="Under Review"))).to_have_count(50)
    assert set(Signal.objects.values_list("state", "version")) == {("under_review", 1)}

    expect(bar(page)).to_contain_text("500 selected")  # for a second deed
    strip(page).get_by_role("button", name="Undo").click()
    expect(strip(page)).to_contain_text("Undo: Set state to Under Review")
    run.run_due()
    expect(page.get_by_role("row").filter(has=page.get_by_role("button", name="Open"))).to_have_count(50)
    assert set(Signal.objects.values_list("state", "version")) == {("open", 2)}


def test_some_are_assigned_and_all_assignments_are_removed_without_selecting_anew(visit, few, analyst, responder):
    page = visit(analyst)
    tick(page, "Signal 1", "Signal 3", "Signal 5")
    expect(bar(page)).to_contain_text("3 selected")
    choose(page, "Assign selection")
    dialog(page).get_by_role("checkbox", name="Ana Analyst").check()
    dialog(page).get_by_role("checkbox", name="Rob Responder").check()
    dialog(page).get_by_role("button", name="Assign 3 signals").click()
    expect(strip(page)).to_contain_text("3 changed")
    expect(page.get_by_role("button", name="Assigned to Ana Analyst, Rob Responder")).to_have_count(3)

    expect(bar(page)).to_contain_text("3 selected")
    choose(page, "Remove all assignments")
    dialog(page).get_by_role("button", name="Remove all assignments of 3 signals").click()
    expect(page.get_by_role("button", name=re.compile("^Assigned to"))).to_have_count(0)
    assert not Assignment.objects.exists()
    assert set(Signal.objects.values_list("version", flat=True)) == {0, 2}


def test_what_somebody_else_has_changed_meanwhile_is_left_and_named(visit, few, analyst):
    page = visit(analyst)
    tick(page, "Signal 0", "Signal 1")
    Signal.objects.filter(title="Signal 1").update(version=1)
    choose(page, "Set state")
    dialog(page).get_by_role("radio", name="Archived").check()
    dialog(page).get_by_role("combobox", name="Reason").select_option("False positive")
    dialog(page).get_by_role("button", name="Set state of 2 signals").click()
    strip(page).get_by_role("link", name="1 left as they were").click()
    expect(page.get_by_role("heading", name=re.compile("Someone changed this"))).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Signal 1")


def test_by_keyboard_by_range_and_across_a_change_of_order(visit, few, analyst):
    page = visit(analyst)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("2 selected")
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("1 selected")
    page.get_by_role("checkbox", name="Select Signal 4", exact=True).click()
    page.get_by_role("checkbox", name="Select Signal 1", exact=True).click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("5 selected")
    page.get_by_role("link", name="Title", exact=True).click()
    expect(page).to_have_url(re.compile("column=title"))
    expect(bar(page)).to_contain_text("5 selected")
    expect(page.get_by_role("checkbox", name="Select Signal 1", exact=True)).to_be_checked()
    bar(page).get_by_role("button", name="Clear").click()
    expect(bar(page)).to_be_hidden()
    expect(page.get_by_role("checkbox", name="Select Signal 1", exact=True)).not_to_be_checked()


def test_a_reader_is_told_why_not(visit, few, viewer):
    page = visit(viewer)
    tick(page, "Signal 1")
    page.get_by_role("button", name="Bulk Actions").click()
    expect(page.get_by_role("button", name="Set state", exact=True)).to_be_disabled()
    expect(page.locator("#bulk-menu")).to_contain_text("security_monitoring_signals_write")


def test_without_javascript_ticked_rows_are_posted(visit, few, analyst):
    page = visit(analyst, java_script_enabled=False)
    tick(page, "Signal 1", "Signal 2")
    choose(page, "Set state")
    page.get_by_role("radio", name="Under Review").check()
    page.get_by_role("button", name="Set state of 2 signals").click()
    expect(page.get_by_role("main")).to_contain_text("2 changed")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Undo: Set state to Under Review")).to_be_visible()
    assert set(Signal.objects.values_list("state", flat=True)) == {"open"}


def test_earlier_reports_are_folded_stay_unfolded_and_go_away_together(visit, few, analyst):
    page = visit(analyst)
    tick(page, "Signal 1")
    for state in ("Under Review", "Open", "Under Review"):
        choose(page, "Set state")
        dialog(page).get_by_role("radio", name=state).check()
        dialog(page).get_by_role("button", name="Set state of 1 signal").click()
        expect(strip(page).get_by_role("link", name=f"Set state to {state}")).to_have_count(1)
        # The list comes anew, and takes a menu that is open with it.
        expect(page.get_by_role("row").filter(has_text="Signal 1")).to_contain_text(state)
    expect(strip(page).get_by_role("button", name="Undo")).to_have_count(1)
    strip(page).get_by_text("2 earlier reports").click()
    expect(strip(page).get_by_role("button", name="Hide this report")).to_have_count(3)
    strip(page).get_by_role("button", name="Hide this report").last.click()
    expect(strip(page).get_by_text("1 earlier report")).to_be_visible()
    expect(strip(page).get_by_role("button", name="Hide this report")).to_have_count(2)
    strip(page).get_by_role("button", name="Hide all reports").click()
    expect(strip(page).get_by_role("button")).to_have_count(0)
    page.reload()
    expect(strip(page).get_by_role("button")).to_have_count(0)
