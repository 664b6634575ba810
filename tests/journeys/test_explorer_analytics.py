"""Charts in the place of the list, and the list of rules: with the mouse, without JavaScript, on a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from signals_app.models import Severity
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signals(transactional_db) -> None:
    """Three of auth and one of web-store, of two rules."""
    now = timezone.now()
    noisy, grave = RuleFactory(key="noisy", name="A noisy rule"), RuleFactory(key="grave", name="A grave rule")
    for hours in (1, 20, 40):
        SignalFactory(
            service=ServiceFactory(name="auth"),
            rule=noisy,
            severity=Severity.LOW,
            first_seen=now - timedelta(hours=hours),
        )
    SignalFactory(service=ServiceFactory(name="web-store"), rule=grave, severity=Severity.CRITICAL, first_seen=now)


def groups(page: Page):
    """The lines of the chart's table, without its head and foot."""
    return page.locator("table.groups tbody tr")


def ways(page: Page):
    return page.get_by_role("navigation", name="Visualise as")


def test_counts_by_facets_are_set_up_narrowed_and_listed(visit, signals, analyst):
    page = visit(analyst)
    ways(page).get_by_role("link", name="Top List").click()
    expect(groups(page)).to_have_count(2)

    page.get_by_label("by", exact=True).focus()
    page.get_by_label("by", exact=True).select_option("service")
    expect(groups(page).first).to_contain_text("auth")
    expect(page).to_have_url(re.compile("group=service"))
    expect(page.get_by_label("by", exact=True)).to_be_focused()

    ways(page).get_by_role("link", name="Timeseries").click()
    expect(page.get_by_role("img", name="Count of signals by Service")).to_be_visible()
    groups(page).nth(1).hover()
    expect(page.locator(".chart-tall path[data-dim]")).to_have_count(1)

    page.get_by_role("link", name="Exclude auth").click()
    expect(groups(page)).to_have_count(1)
    page.go_back()
    expect(groups(page)).to_have_count(2)
    groups(page).first.get_by_role("link", name="3").click()
    expect(page.locator(".signal-table tbody tr")).to_have_count(3)
    expect(page).to_have_url(re.compile("query=service%3Aauth"))


def test_a_part_of_the_chart_is_brushed_to_look_closer(visit, signals, analyst):
    page = visit(analyst)
    page.goto("/signals/?viz=timeseries&group=service&timeline=off")
    plot = page.get_by_role("img", name="Count of signals by Service").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] * 0.9, plot["y"] + 50)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] - 1, plot["y"] + 60, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"viz=timeseries.*start=\d+&end=\d+"))
    expect(ways(page).get_by_role("link", name="Timeseries")).to_have_attribute("aria-current", "true")


def test_rules_stand_for_their_signals_and_open_them(visit, signals, analyst):
    page = visit(analyst)
    page.get_by_role("switch", name="Aggregate by detection rule").click()
    expect(groups(page)).to_have_count(2)
    expect(groups(page).first).to_contain_text("A grave rule")

    page.get_by_role("columnheader", name="Signals", exact=True).get_by_role("link").click()
    expect(groups(page).first).to_contain_text("A noisy rule")
    groups(page).get_by_role("link", name="A noisy rule").click()
    expect(page.locator(".signal-table tbody tr")).to_have_count(3)
    page.get_by_role("link", name="All detection rules").click()
    expect(groups(page)).to_have_count(2)


@pytest.mark.parametrize("width", [390, 1440])
def test_without_javascript_the_settings_are_applied_by_a_button(visit, signals, viewer, width):
    page = visit(viewer, java_script_enabled=False, viewport={"width": width, "height": 844})
    ways(page).get_by_role("link", name="Table").click()
    page.get_by_label("by", exact=True).select_option("service")
    page.get_by_label("and", exact=True).select_option("severity")
    page.get_by_role("button", name="Apply").click()
    expect(groups(page).first).to_contain_text("Low")
    expect(groups(page)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
